package web

import (
	"context"
	"net/http"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/gin-gonic/gin"
)

// Handler answers one request or says why not. It writes nothing before it is
// sure; the error it returns becomes the answer in one place.
type Handler func(*gin.Context) error

// Route is one registered route, for tests and for the access matrix.
type Route struct {
	Method string
	Path   string
	Verb   Verb
}

// RouteOption changes what a route allows.
type RouteOption func(*rules)

type rules struct {
	body     int64
	timeout  time.Duration
	throttle []*throttle
	label    func(name string) Words // of typed fields; may be nil
	again    bool                    // asks for the password unless it was given a moment ago
}

const defaultBody = 1 << 20

// Body lets a route take bodies of up to n bytes instead of 1 MiB.
func Body(n int64) RouteOption { return func(r *rules) { r.body = n } }

// Timeout gives a route's requests another time to finish.
func Timeout(d time.Duration) RouteOption { return func(r *rules) { r.timeout = d } }

// GET registers a page or read; HEAD comes with it.
func (k *Kit) GET(g gin.IRouter, path string, verb Verb, h Handler, options ...RouteOption) {
	k.add(g, Route{http.MethodGet, path, verb}, h, options)
}

// POST registers an act.
func (k *Kit) POST(g gin.IRouter, path string, verb Verb, h Handler, options ...RouteOption) {
	k.add(g, Route{http.MethodPost, path, verb}, h, options)
}

// PUT registers a replacement.
func (k *Kit) PUT(g gin.IRouter, path string, verb Verb, h Handler, options ...RouteOption) {
	k.add(g, Route{http.MethodPut, path, verb}, h, options)
}

// PATCH registers a change of a part.
func (k *Kit) PATCH(g gin.IRouter, path string, verb Verb, h Handler, options ...RouteOption) {
	k.add(g, Route{http.MethodPatch, path, verb}, h, options)
}

// DELETE registers a removal.
func (k *Kit) DELETE(g gin.IRouter, path string, verb Verb, h Handler, options ...RouteOption) {
	k.add(g, Route{http.MethodDelete, path, verb}, h, options)
}

// Routes lists every route with its verb, in the order of registration.
func (k *Kit) Routes() []Route { return append([]Route(nil), k.routes...) }

func (k *Kit) add(g gin.IRouter, route Route, h Handler, options []RouteOption) {
	path, verb := route.Path, route.Verb
	if verb == "" {
		panic("web: the route " + route.Method + " " + path + " has no verb")
	}
	r := rules{body: defaultBody, timeout: k.o.Timeout}
	for _, o := range options {
		o(&r)
	}
	if group, ok := g.(*gin.RouterGroup); ok {
		route.Path = joinPath(group.BasePath(), path)
	}
	for _, t := range r.throttle {
		if t.name == "" {
			t.name = route.Method + " " + route.Path
		}
	}
	k.routes = append(k.routes, route)
	k.rules[route.Method+" "+route.Path] = &r
	run := k.plain(func(c *gin.Context) error { return k.guarded(c, verb, &r, h) })
	g.Handle(route.Method, path, run)
	if route.Method == http.MethodGet {
		g.Handle(http.MethodHead, path, run)
	}
}

func joinPath(base, path string) string {
	if base == "/" || base == "" {
		return path
	}
	return base + path
}

// plainParams says whether the parts of an address are texts at all: nothing has a
// name that no database takes.
func plainParams(params gin.Params) bool {
	for _, p := range params {
		if !utf8.ValidString(p.Value) || strings.ContainsFunc(p.Value, unicode.IsControl) {
			return false
		}
	}
	return true
}

// guarded runs a handler within the rules of its route.
func (k *Kit) guarded(c *gin.Context, verb Verb, r *rules, h Handler) error {
	ctx, cancel := context.WithTimeout(c.Request.Context(), r.timeout)
	defer cancel()
	c.Request = c.Request.WithContext(ctx)
	if c.Request.Body != nil {
		c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, r.body)
	}
	for _, t := range r.throttle {
		if err := t.take(c, k.o.RateFactor, k.o.Meter); err != nil {
			return err
		}
	}
	if verb != Public {
		if err := k.o.Authoriser.Can(ctx, verb); err != nil {
			return err
		}
	}
	if !plainParams(c.Params) {
		return errNoPage
	}
	if r.again {
		if ok, err := k.attended(c); err != nil || !ok {
			return err
		}
	}
	if c.Request.Method == http.MethodGet && k.o.InTurn != nil {
		ctx, done := k.o.InTurn(ctx)
		defer done()
		c.Request = c.Request.WithContext(ctx)
	}
	return h(c)
}

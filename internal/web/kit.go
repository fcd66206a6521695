// Package web is the kit that every page and machine interface stands on: the
// router, the one place where errors become answers, languages, templates,
// forms, flash notices, security headers, limits and metrics. Pages live in its
// sub-packages.
package web

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"minqing/internal/actor"
	"minqing/internal/i18n"
	"minqing/internal/tracing"
)

// Sessions knows who is behind a request. Wrap is net/http middleware that
// loads the session before and stores it after; Visitor reads it from the
// context that Wrap made. Nobody signed in is an anonymous actor, no error.
type Sessions interface {
	Wrap(next http.Handler) http.Handler
	Visitor(ctx context.Context) (a actor.Actor, displayName string, err error)
}

// Authoriser answers whether the context's actor may use a verb at all; which
// rows it covers is asked in SQL.
type Authoriser interface {
	Can(ctx context.Context, verb Verb) error
}

// Options is what the kit is made from. Files, Bundle, Sessions and Authoriser
// are required; everything else has a usable zero value.
type Options struct {
	Files      fs.FS // templates/ and static/dist/
	Bundle     *i18n.Bundle
	Sessions   Sessions
	Authoriser Authoriser

	Now     func() time.Time
	Zone    *time.Location                  // of the root unit; UTC when nil
	ROC     bool                            // years of the Republic in Chinese dates
	Default i18n.Lang                       // for readers who ask for none
	City    func(context.Context) i18n.Text // shown beside the product's name; may be nil
	Demo    bool                            // a banner says that data and accounts are made up
	BaseURL string                          // https:// makes cookies Secure and sends HSTS

	CookieKey      []byte   // signs flash notices; random when empty
	TrustedProxies []string // addresses or networks that may name the client
	TrustedOrigins []string // other origins that may send forms here
	TileHosts      []string // origins of map tiles, for the CSP
	Proof          bool     // every page is rendered twice and compared, for tests
	RateFactor     float64  // multiplies every limit; 0 turns them off
	Meter          Meter    // counts for limits on all servers together; each counts alone when nil
	Timeout        time.Duration
	Reload         fs.FS // development: templates are read anew for each page
	Log            *slog.Logger

	Tracer *tracing.Tracer // of requests; nil: none are traced

	Nav    func(context.Context) []Link // areas that this actor may enter
	Footer []Link
	Acting func(ctx context.Context, path string) *Acting // nil where it does not matter; may be nil
	Checks []Check                                        // what /readyz asks

	// InTurn keeps a place among those who read from the database for a request that
	// reads, from its first read until done; may be nil.
	InTurn func(context.Context) (_ context.Context, done func())

	// Classify gives an error without a kind one, where a lower layer knows the
	// cause: a database that is down is Unavailable, not Internal. May be nil.
	Classify func(error) error
}

// Kit is the web server less the pages.
type Kit struct {
	o       Options
	engine  *gin.Engine
	views   *Views
	assets  *Assets
	metrics *metrics
	origin  *http.CrossOriginProtection
	headers http.Header
	secure  bool
	routes  []Route
	rules   map[string]*rules // by method and route pattern
	first   []func(context.Context)
}

// First says what the first page would wait for, so that a start can have it
// ready: a template, and what else f reads. f says nothing of what went wrong;
// who asks for a page is told.
func (k *Kit) First(template string, f func(context.Context)) {
	k.first = append(k.first, func(ctx context.Context) {
		_, _ = k.views.set(k.o.Default, template)
		f(ctx)
	})
}

// Warm makes ready what First named.
func (k *Kit) Warm(ctx context.Context) {
	for _, f := range k.first {
		f(ctx)
	}
}

// New makes the kit; templates are made when they are first shown.
func New(o Options) (*Kit, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	k := &Kit{o: o, rules: map[string]*rules{}, metrics: newMetrics(), origin: http.NewCrossOriginProtection(), secure: strings.HasPrefix(o.BaseURL, "https://")}
	var err error
	if k.assets, err = NewAssets(o.Files); err != nil {
		return nil, err
	}
	k.views = newViews(o, k.assets)
	for _, origin := range o.TrustedOrigins {
		if err := k.origin.AddTrustedOrigin(origin); err != nil {
			return nil, fmt.Errorf("trusted origin: %w", err)
		}
	}
	k.headers = securityHeaders(o, k.secure)
	return k, k.newEngine()
}

func (o *Options) complete() error {
	if o.Files == nil || o.Bundle == nil || o.Sessions == nil || o.Authoriser == nil {
		return errors.New("the web kit needs files, messages, sessions and an authoriser")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Default == "" {
		o.Default = i18n.ZhHant
	}
	if o.Timeout == 0 {
		o.Timeout = 30 * time.Second
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if len(o.CookieKey) == 0 {
		o.CookieKey = make([]byte, 32)
		_, _ = rand.Read(o.CookieKey) // never fails
	}
	for _, p := range o.TrustedProxies {
		_, asNet := netip.ParsePrefix(p)
		_, asAddr := netip.ParseAddr(p)
		if asNet != nil && asAddr != nil {
			return fmt.Errorf("trusted proxy %q is neither an address nor a network", p)
		}
	}
	return nil
}

func (k *Kit) newEngine() error {
	gin.SetMode(gin.ReleaseMode)
	e := gin.New()
	e.ContextWithFallback = true
	e.HandleMethodNotAllowed = true
	e.RedirectTrailingSlash = true
	if err := e.SetTrustedProxies(k.o.TrustedProxies); err != nil {
		return fmt.Errorf("trusted proxies: %w", err)
	}
	e.Use(k.begin)
	e.NoRoute(k.plain(func(*gin.Context) error { return errNoPage }))
	e.NoMethod(k.plain(func(*gin.Context) error { return errNoMethod }))
	k.engine = e
	return nil
}

// Engine is the router, for groups and for machine interfaces that bring their
// own handlers.
func (k *Kit) Engine() *gin.Engine { return k.engine }

// Group starts a group of routes below a path.
func (k *Kit) Group(prefix string, middleware ...gin.HandlerFunc) *gin.RouterGroup {
	return k.engine.Group(prefix, middleware...)
}

// Handler is the whole server: static files and probes need no session.
func (k *Kit) Handler() http.Handler {
	pages := k.o.Sessions.Wrap(k.engine)
	health, ready := Healthy(), Ready(k.o.Checks)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch path := r.URL.Path; {
		case strings.HasPrefix(path, "/static/"):
			k.secured(w, k.assets).ServeHTTP(w, r)
		case path == "/favicon.ico":
			k.secured(w, http.RedirectHandler(k.assets.base+"favicon.svg", http.StatusMovedPermanently)).ServeHTTP(w, r)
		case path == "/healthz":
			k.secured(w, health).ServeHTTP(w, r)
		case path == "/readyz":
			k.secured(w, ready).ServeHTTP(w, r)
		case k.o.Tracer != nil:
			r, end := k.o.Tracer.Request(r)
			defer end()
			pages.ServeHTTP(w, r)
		default:
			pages.ServeHTTP(w, r)
		}
	})
}

// secured gives an answer that is no page the headers of one. What files vary by
// is their own.
func (k *Kit) secured(w http.ResponseWriter, h http.Handler) http.Handler {
	for name, values := range k.headers {
		if name != "Vary" {
			w.Header()[name] = values
		}
	}
	return h
}

// NewServer puts time-outs around a handler. The write time-out is long enough
// for exports; each request has its own shorter one in its context.
func NewServer(h http.Handler) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       2 * time.Minute,
		WriteTimeout:      10 * time.Minute,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
		ConnContext:       knowing,
	}
}

package web

import (
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
)

// begin stands before every page: headers, who and in which language, a check
// that forms come from our own pages, then a log line and metrics.
func (k *Kit) begin(c *gin.Context) {
	began := time.Now()
	h := c.Writer.Header()
	for name, values := range k.headers {
		h[name] = values
	}
	// Deferred, so that an aborted answer leaves its line and its count too.
	defer func() { k.finish(c, time.Since(began)) }()
	if err := k.meet(c); err != nil {
		k.fail(c, err)
		c.Abort()
		return
	}
	h["Cache-Control"] = noStore
	if err := k.origin.Check(c.Request); err != nil {
		k.fail(c, errCrossSite.Because(err))
		c.Abort()
		return
	}
	c.Next()
}

// Pages are never kept by caches: many are personal, and shared computers in
// libraries are among our readers' machines.
var noStore = []string{"no-store"}

// plain adapts a handler: the one place where errors and panics become answers.
func (k *Kit) plain(h Handler) gin.HandlerFunc {
	return func(c *gin.Context) {
		defer k.recover(c)
		if err := h(c); err != nil {
			k.fail(c, err)
		}
	}
}

// recover turns a panic into a 500. The stack goes to the log; the value may
// hold what someone typed, so that only its type does.
func (k *Kit) recover(c *gin.Context) {
	v := recover()
	if v == nil {
		return
	}
	if v == http.ErrAbortHandler { // the value itself, as net/http compares it
		panic(v)
	}
	err := fmt.Errorf("panic with %T", v)
	if e, ok := v.(error); ok {
		err = fmt.Errorf("panic: %w", e)
	}
	k.o.Log.Error("panic", "request", RequestID(c), "route", c.FullPath(), "type", fmt.Sprintf("%T", v), "stack", string(debug.Stack()))
	if c.Writer.Written() {
		panic(http.ErrAbortHandler) // half an answer must not look like a whole one
	}
	k.fail(c, err)
}

func (k *Kit) finish(c *gin.Context, took time.Duration) {
	route := c.FullPath()
	if route == "" {
		route = "none"
	}
	status := c.Writer.Status()
	k.metrics.count(c.Request.Method, route, status, took)
	if k.o.Tracer != nil {
		k.o.Tracer.Answered(c.Request, route, status, RequestID(c))
	}
	if !k.o.Log.Enabled(c.Request.Context(), slog.LevelInfo) {
		return
	}
	a := visitor(c).actor
	k.o.Log.LogAttrs(c.Request.Context(), slog.LevelInfo, "request",
		slog.String("method", c.Request.Method), slog.String("route", route), slog.Int("status", status),
		slog.Float64("ms", float64(took.Microseconds())/1000), slog.Int("bytes", max(c.Writer.Size(), 0)),
		slog.String("request", a.RequestID), slog.String("account", a.AccountID))
}

// securityHeaders are the same for every page, so they are made once. Scripts
// and styles come from our own files only; nothing inline, no eval.
func securityHeaders(o Options, secure bool) http.Header {
	images := strings.TrimSpace("'self' data: " + strings.Join(o.TileHosts, " "))
	policy := []string{
		"default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src " + images,
		"font-src 'self'", "connect-src 'self'", "form-action 'self'", "manifest-src 'self'",
		"frame-ancestors 'none'", "base-uri 'none'", "object-src 'none'",
	}
	h := http.Header{
		"Content-Security-Policy":    {strings.Join(policy, "; ")},
		"X-Content-Type-Options":     {"nosniff"},
		"X-Frame-Options":            {"DENY"},
		"Referrer-Policy":            {"same-origin"},
		"Cross-Origin-Opener-Policy": {"same-origin"},
		"Permissions-Policy":         {"geolocation=(self), camera=(), microphone=(), payment=(), usb=()"},
		"Vary":                       {"Accept-Language, Cookie"},
	}
	if secure {
		h["Strict-Transport-Security"] = []string{"max-age=31536000; includeSubDomains"}
	}
	return h
}

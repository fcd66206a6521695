// Package tracing tells a collector how long requests, statements and jobs took
// and what belonged together: OpenTelemetry's spans, sent as OTLP. What people
// wrote, who they are and what they asked for is in no span; send.go holds the
// list of what may leave.
package tracing

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// Tracer makes spans. A nil Tracer makes none and costs nothing.
type Tracer struct {
	provider *sdk.TracerProvider
	spans    trace.Tracer
}

// Open makes a tracer that sends to "http://HOST:4318", the base address of a
// collector. Nothing waits for the collector: what it cannot take is dropped.
// OTEL_TRACES_SAMPLER says how much is traced; all of it when that is empty.
func Open(endpoint, version string, log *slog.Logger) (*Tracer, error) {
	to, err := newSender(endpoint, log)
	if err != nil {
		return nil, err
	}
	p := sdk.NewTracerProvider(sdk.WithBatcher(to, sdk.WithExportTimeout(sendPatience)),
		sdk.WithResource(resource.NewSchemaless(attribute.String("service.name", "minqing"), attribute.String("service.version", version))))
	return &Tracer{p, p.Tracer("minqing")}, nil
}

// Provider is for libraries that make spans of their own.
func (t *Tracer) Provider() trace.TracerProvider { return t.provider }

// Close sends what waits, unless the collector is too slow for that.
func (t *Tracer) Close() {
	if t == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	_ = t.provider.Shutdown(ctx) // the sender has said what went wrong
}

// Flush sends what waits.
func (t *Tracer) Flush(ctx context.Context) error { return t.provider.ForceFlush(ctx) }

// Inside says whether a context belongs to a span. What belongs to none, such as
// the queue's looks for work, is not traced.
func Inside(ctx context.Context) bool { return trace.SpanContextFromContext(ctx).IsValid() }

// ID is the trace of a context; empty without one.
func ID(ctx context.Context) string {
	if c := trace.SpanContextFromContext(ctx); c.IsValid() {
		return c.TraceID().String()
	}
	return ""
}

// Request begins the span of a request, in the trace that its traceparent names
// (https://www.w3.org/TR/trace-context/). Answered gives it its name.
func (t *Tracer) Request(r *http.Request) (*http.Request, func()) {
	ctx := propagation.TraceContext{}.Extract(r.Context(), propagation.HeaderCarrier(r.Header))
	ctx, span := t.spans.Start(ctx, "request", trace.WithSpanKind(trace.SpanKindServer))
	return r.WithContext(ctx), func() { span.End() }
}

var methods = []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions}

// Answered names the request's span by its route's pattern: addresses hold what
// people look for.
func (t *Tracer) Answered(r *http.Request, route string, status int, request string) {
	span := trace.SpanFromContext(r.Context())
	if !span.IsRecording() {
		return
	}
	method := r.Method
	if !slices.Contains(methods, method) {
		method = "_OTHER"
	}
	span.SetName(method + " " + route)
	span.SetAttributes(attribute.String("http.request.method", method), attribute.String("http.route", route),
		attribute.Int("http.response.status_code", status), attribute.String("minqing.request", request))
	if status >= http.StatusInternalServerError {
		span.SetStatus(codes.Error, "")
	}
}

// Job begins the span of one try of a job.
func (t *Tracer) Job(ctx context.Context, kind string, id int64, attempt int) (context.Context, func(error)) {
	if t == nil {
		return ctx, func(error) {}
	}
	ctx, span := t.spans.Start(ctx, "job "+kind, trace.WithSpanKind(trace.SpanKindConsumer), trace.WithNewRoot(), trace.WithAttributes(
		attribute.String("minqing.job.kind", kind), attribute.Int64("minqing.job.id", id), attribute.Int("minqing.job.attempt", attempt)))
	return ctx, func(err error) { end(span, err) }
}

// Statement begins the span of a statement, whose text comes without values.
func (t *Tracer) Statement(ctx context.Context, system, text string) (context.Context, func(error)) {
	if t == nil || !Inside(ctx) {
		return ctx, func(error) {}
	}
	ctx, span := t.spans.Start(ctx, "sql", trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(
		attribute.String(attrSystem, system), attribute.String(attrText, text)))
	return ctx, func(err error) { end(span, err) }
}

// Names of what is told of statements.
const (
	attrSystem = "db.system.name"
	attrText   = "db.query.text"
	attrError  = "error.type"
)

func end(span trace.Span, err error) {
	if err != nil {
		span.SetStatus(codes.Error, "")
		span.SetAttributes(attribute.String(attrError, Kind(err)))
	}
	span.End()
}

// Kind names an error without its words, which may repeat what somebody typed:
// SQL's code for it, or the type of what lies at its bottom.
func Kind(err error) string {
	var coded interface{ SQLState() string }
	if errors.As(err, &coded) {
		return coded.SQLState()
	}
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return strings.TrimPrefix(fmt.Sprintf("%T", err), "*")
		}
		err = next
	}
}

// Log adds the trace to every line of a request or job.
func Log(h slog.Handler) slog.Handler { return logged{h} }

type logged struct{ slog.Handler }

func (l logged) Handle(ctx context.Context, r slog.Record) error {
	if id := ID(ctx); id != "" {
		r.AddAttrs(slog.String("trace", id))
	}
	return l.Handler.Handle(ctx, r)
}

func (l logged) WithAttrs(a []slog.Attr) slog.Handler { return logged{l.Handler.WithAttrs(a)} }

func (l logged) WithGroup(name string) slog.Handler { return logged{l.Handler.WithGroup(name)} }

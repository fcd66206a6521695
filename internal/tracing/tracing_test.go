package tracing_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"minqing/internal/tracing"
	"minqing/internal/tracing/tracetest"
)

func open(t *testing.T, endpoint string, log io.Writer) *tracing.Tracer {
	t.Helper()
	tr, err := tracing.Open(endpoint, "v1", slog.New(slog.NewJSONHandler(log, nil)))
	require.NoError(t, err)
	t.Cleanup(tr.Close)
	return tr
}

const parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

func asked(method string) *http.Request {
	r := httptest.NewRequest(method, "/track?case_no=somebody", nil)
	r.Header.Set("Traceparent", parent)
	r.Header.Set("Tracestate", "vendor=somebody")
	r.Header.Set("Baggage", "who=somebody")
	return r
}

func TestASpanHoldsTimesPlaceAndListedAttributesOnly(t *testing.T) {
	c := tracetest.New(t)
	tr := open(t, c.URL+"/", io.Discard)
	r, end := tr.Request(asked(http.MethodGet))
	require.Equal(t, "4bf92f3577b34da6a3ce929d0e0e4736", tracing.ID(r.Context()))
	_, ended := tr.Statement(r.Context(), "sqlite", "SELECT *\n FROM cases WHERE name = 'somebody''s' AND id = $1")
	ended(fmt.Errorf("read somebody: %w", &pgconn.PgError{Code: "22P02", Message: "somebody"}))
	stray := trace.SpanFromContext(r.Context()) // as a library might
	stray.SetAttributes(attribute.String("url.path", "/somebody"))
	stray.RecordError(errors.New("somebody"))
	stray.SetStatus(codes.Error, "somebody")
	tr.Answered(r, "/track", 503, "abc")
	end()
	r, end = tr.Request(asked("SOMEBODY"))
	tr.Answered(r, "none", 405, "def")
	end()
	require.NoError(t, tr.Flush(t.Context()))

	spans := c.Spans()
	require.Len(t, spans, 3)
	statement, request, odd := spans[0], spans[1], spans[2]
	require.Equal(t, "GET /track", request.Name)
	require.Equal(t, "4bf92f3577b34da6a3ce929d0e0e4736", request.Trace)
	require.Equal(t, "00f067aa0ba902b7", request.Parent)
	require.Equal(t, "SPAN_KIND_SERVER", request.Kind.String())
	require.Equal(t, "STATUS_CODE_ERROR", request.Status.Code.String())
	require.Equal(t, map[string]string{"http.request.method": "GET", "http.route": "/track", "http.response.status_code": "503",
		"minqing.request": "abc"}, request.Said)
	require.Equal(t, map[string]string{"service.name": "minqing", "service.version": "v1"}, request.Resource)
	require.Equal(t, request.ID, statement.Parent)
	require.Equal(t, request.Trace, statement.Trace)
	require.Equal(t, "SELECT", statement.Name)
	require.Equal(t, map[string]string{"db.system.name": "sqlite", "db.query.text": "SELECT * FROM cases WHERE name = ? AND id = $1", "error.type": "22P02"}, statement.Said)
	require.LessOrEqual(t, request.StartTimeUnixNano, statement.StartTimeUnixNano)
	require.LessOrEqual(t, statement.EndTimeUnixNano, request.EndTimeUnixNano)
	require.Equal(t, "_OTHER none", odd.Name)
	require.NotContains(t, strings.ToLower(string(c.Bodies())), "somebody")
	require.Equal(t, "/v1/traces", c.Requests()[0].URL.Path)
}

func TestAJobHasATraceOfItsOwn(t *testing.T) {
	c := tracetest.New(t)
	tr := open(t, strings.Replace(c.URL, "://", "://user:pass@", 1)+"/v1/traces", io.Discard)
	r, end := tr.Request(asked(http.MethodGet))
	ctx, ended := tr.Job(r.Context(), "files.sweep", 7, 2)
	require.NotEqual(t, tracing.ID(r.Context()), tracing.ID(ctx))
	_, s := tr.Statement(ctx, "sqlite", "DELETE FROM files")
	s(nil)
	ended(errors.New("somebody"))
	end()
	require.NoError(t, tr.Flush(t.Context()))
	spans := c.Spans()
	require.Len(t, spans, 3)
	require.Equal(t, "DELETE", spans[0].Name)
	require.Equal(t, spans[1].ID, spans[0].Parent)
	require.Equal(t, "job files.sweep", spans[1].Name)
	require.Empty(t, spans[1].Parent)
	require.Equal(t, map[string]string{"minqing.job.kind": "files.sweep", "minqing.job.id": "7", "minqing.job.attempt": "2",
		"error.type": "errors.errorString"}, spans[1].Said)
	user, password, _ := c.Requests()[0].BasicAuth()
	require.Equal(t, "user pass", user+" "+password)
}

func TestWhatBelongsToNothingIsNotTraced(t *testing.T) {
	c := tracetest.New(t)
	tr := open(t, c.URL, io.Discard)
	_, end := tr.Statement(t.Context(), "sqlite", "SELECT 1")
	end(nil)
	require.NoError(t, tr.Flush(t.Context()))
	require.Empty(t, c.Requests())

	var none *tracing.Tracer
	ctx, ended := none.Job(t.Context(), "files.sweep", 1, 1)
	ended(nil)
	_, ended = none.Statement(ctx, "sqlite", "SELECT 1")
	ended(nil)
	require.Empty(t, tracing.ID(ctx))
	none.Close()
}

func TestADeadCollectorIsToldOfOnce(t *testing.T) {
	c := tracetest.New(t)
	var log bytes.Buffer
	tr := open(t, c.URL, &log)
	once := func() {
		_, end := tr.Request(asked(http.MethodGet))
		end()
		require.NoError(t, tr.Flush(t.Context()))
	}
	c.Fail(http.StatusServiceUnavailable)
	once()
	once()
	require.Equal(t, 1, strings.Count(log.String(), "traces cannot be sent"), log.String())
	c.Fail(http.StatusOK)
	once()
	require.Equal(t, 1, strings.Count(log.String(), "traces are sent again"))
	require.Len(t, c.Spans(), 1, "what could not be sent was dropped")
	c.Close()
	once()
	require.Equal(t, 2, strings.Count(log.String(), "traces cannot be sent"))
	_, err := tracing.Open("nonsense", "v1", nil)
	require.Error(t, err)
}

func TestALineOfTheLogNamesItsTrace(t *testing.T) {
	var log bytes.Buffer
	l := slog.New(tracing.Log(slog.NewJSONHandler(&log, nil))).With("part", "test")
	l.InfoContext(context.Background(), "alone")
	require.NotContains(t, log.String(), "trace")
	tr := open(t, tracetest.New(t).URL, io.Discard)
	r, end := tr.Request(asked(http.MethodGet))
	defer end()
	l.InfoContext(r.Context(), "inside")
	require.Contains(t, log.String(), `"trace":"4bf92f3577b34da6a3ce929d0e0e4736"`)
}

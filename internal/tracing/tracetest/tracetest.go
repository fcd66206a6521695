// Package tracetest is a collector of traces for tests, which reads OTLP by the
// protocol's own definition.
package tracetest

import (
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"sync"
	"testing"

	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/protojson"
)

// Collector keeps what it gets.
type Collector struct {
	*httptest.Server

	mu     sync.Mutex
	status int
	came   []*http.Request
	bodies []byte
	spans  []Span
}

// Span is one span with its ids as texts and its attributes by name.
type Span struct {
	*tracepb.Span
	Trace, ID, Parent string
	Said              map[string]string
	Resource          map[string]string
}

// New starts a collector.
func New(t testing.TB) *Collector {
	c := &Collector{status: http.StatusOK}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		var data tracepb.TracesData // as ExportTraceServiceRequest, which is the same message for the wire
		if err := protojson.Unmarshal(body, &data); err != nil {
			t.Errorf("not OTLP: %v: %s", err, body)
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		c.came, c.bodies = append(c.came, r), append(c.bodies, body...)
		if c.status == http.StatusOK {
			c.keep(&data)
		}
		w.WriteHeader(c.status)
	}))
	t.Cleanup(c.Server.Close)
	return c
}

func (c *Collector) keep(data *tracepb.TracesData) {
	for _, of := range data.ResourceSpans {
		resource := map[string]string{}
		for _, a := range of.Resource.Attributes {
			resource[a.Key] = a.Value.GetStringValue()
		}
		for _, in := range of.ScopeSpans {
			for _, s := range in.Spans {
				said := map[string]string{}
				for _, a := range s.Attributes {
					said[a.Key] = a.Value.GetStringValue()
					if n, ok := a.Value.Value.(*commonpb.AnyValue_IntValue); ok {
						said[a.Key] = strconv.FormatInt(n.IntValue, 10)
					}
				}
				c.spans = append(c.spans, Span{s, id(s.TraceId), id(s.SpanId), id(s.ParentSpanId), said, resource})
			}
		}
	}
}

// id is an id as it was written: OTLP wants hexadecimal where the JSON of
// protocol buffers reads base64.
func id(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

// Fail makes the collector answer with a status.
func (c *Collector) Fail(status int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.status = status
}

// Spans gives what came.
func (c *Collector) Spans() []Span {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.spans)
}

// Requests gives the requests that came, and Bodies all that they held.
func (c *Collector) Requests() []*http.Request {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.came)
}

// Bodies is every byte that came.
func (c *Collector) Bodies() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.bodies)
}

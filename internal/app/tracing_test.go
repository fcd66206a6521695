package app_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/app"
	"minqing/internal/db"
	"minqing/internal/tracing/tracetest"
)

func TestATraceLeadsFromTheProxyToTheDatabase(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		c := tracetest.New(t)
		h := open(t, d, true, "MINQING_OTEL_ENDPOINT="+c.URL)
		stop := h.serve(t, app.ServeOptions{Web: true, Workers: true})
		const theirs = "4bf92f3577b34da6a3ce929d0e0e4736"
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, h.url+"/matters?q="+url.QueryEscape("Quillfeather"), nil)
		require.NoError(t, err)
		r.Header.Set("Traceparent", "00-"+theirs+"-00f067aa0ba902b7-01")
		b := visit(t, h.url)
		b.took(http.DefaultClient.Do(r))
		require.Equal(t, 200, b.status)
		caseNo, code := file(visit(t, h.url))
		require.Eventually(t, func() bool { return count(t, d, "deliveries WHERE kind = 'case_received' AND status = 'sent'") > 0 }, 20*time.Second, 20*time.Millisecond)
		require.NoError(t, stop())
		require.NoError(t, h.Tracer.Flush(t.Context()))

		of := map[string][]tracetest.Span{} // by name
		byID := map[string]tracetest.Span{}
		for _, s := range c.Spans() {
			of[s.Name] = append(of[s.Name], s)
			byID[s.ID] = s
		}
		require.Len(t, of["GET /matters"], 1)
		request := of["GET /matters"][0]
		require.Equal(t, theirs, request.Trace)
		require.Equal(t, "00f067aa0ba902b7", request.Parent)
		require.Equal(t, "200", request.Said["http.response.status_code"])
		require.NotEmpty(t, of["POST /file/:matter/:step"])
		for _, name := range []string{"SELECT", "INSERT"} {
			require.NotEmpty(t, of[name], name)
			for _, s := range of[name] {
				require.Contains(t, byID, s.Parent, "a statement has a request or a job above it: %v", s.Said)
				require.Equal(t, byID[s.Parent].Trace, s.Trace)
				require.NotEmpty(t, s.Said["db.system.name"])
			}
		}
		jobs := 0
		for name, spans := range of {
			if strings.HasPrefix(name, "job ") {
				jobs++
				require.Empty(t, spans[0].Parent)
				require.Equal(t, strings.TrimPrefix(name, "job "), spans[0].Said["minqing.job.kind"])
			}
		}
		require.Positive(t, jobs)
		for _, word := range []string{"Quillfeather", caseNo, code, requester, phone, trouble} {
			require.NotContains(t, string(c.Bodies()), word)
		}
		require.NotRegexp(t, regexp.MustCompile(`[\p{Han}]`), string(c.Bodies()), "no words of people")

		line := ""
		for l := range strings.Lines(h.log.String()) {
			if strings.Contains(l, `"route":"/matters"`) {
				line = l
			}
		}
		var said struct{ Trace, Request string }
		require.NoError(t, json.Unmarshal([]byte(line), &said))
		require.Equal(t, theirs, said.Trace)
		require.Equal(t, request.Said["minqing.request"], said.Request)
	})
}

func TestADeadCollectorHarmsNobody(t *testing.T) {
	dead := tracetest.New(t)
	dead.Close()
	h := open(t, oneCity(t), true, "MINQING_OTEL_ENDPOINT="+dead.URL)
	h.serve(t, app.ServeOptions{Web: true, Workers: true})
	file(visit(t, h.url))
	require.NoError(t, h.Tracer.Flush(t.Context()))
	require.Equal(t, 1, strings.Count(h.log.String(), "traces cannot be sent"))
	h.quietLog(t)
}

func TestWithoutACollectorTheLogIsAsEver(t *testing.T) {
	h := open(t, oneCity(t), true)
	h.serve(t, app.ServeOptions{Web: true})
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, h.url+"/matters", nil)
	require.NoError(t, err)
	r.Header.Set("Traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
	visit(t, h.url).took(http.DefaultClient.Do(r))
	require.NotContains(t, h.log.String(), "4bf92f")
	require.Nil(t, h.Tracer)
}

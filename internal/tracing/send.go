package tracing

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdk "go.opentelemetry.io/otel/sdk/trace"
)

// allowed is everything that may be told of a span besides its times, its name
// and where it belongs: no words of an error, no address, no value.
var allowed = map[attribute.Key]bool{
	"http.request.method": true, "http.route": true, "http.response.status_code": true, "minqing.request": true,
	"minqing.job.kind": true, "minqing.job.id": true, "minqing.job.attempt": true,
	attrSystem: true, attrText: true, attrError: true,
}

// sendPatience is how long the collector may take for a batch.
const sendPatience = 10 * time.Second

// sender speaks OTLP over HTTP in JSON. The library for it brings grpc into the
// program; see docs/decisions/traces.md.
type sender struct {
	to     string
	user   *url.Userinfo
	client *http.Client
	log    *slog.Logger
	failed atomic.Bool
}

func newSender(endpoint string, log *slog.Logger) (*sender, error) {
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" {
		return nil, errors.New("the collector's address is malformed; want http://HOST:4318")
	}
	s := &sender{user: u.User, log: log, client: &http.Client{Timeout: sendPatience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	u.User = nil
	if !strings.HasSuffix(u.Path, "/v1/traces") {
		u = u.JoinPath("v1", "traces")
	}
	s.to = u.String()
	return s, nil
}

// ExportSpans never fails: what cannot be sent is dropped, and the log says once
// that it is so, and once that it is over.
func (s *sender) ExportSpans(ctx context.Context, spans []sdk.ReadOnlySpan) error {
	err := s.send(ctx, spans)
	if was := s.failed.Swap(err != nil); err != nil && !was {
		s.log.Warn("traces cannot be sent and are dropped", "collector", s.to, "error", err.Error())
	} else if err == nil && was {
		s.log.Info("traces are sent again", "collector", s.to)
	}
	return nil
}

// Shutdown has nothing to end.
func (s *sender) Shutdown(context.Context) error { return nil }

func (s *sender) send(ctx context.Context, spans []sdk.ReadOnlySpan) error {
	body := []byte(`{"resourceSpans":[]}`)
	var err error
	if len(spans) > 0 {
		body, err = json.Marshal(message(spans))
	}
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.to, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	if password, has := s.user.Password(); has {
		req.SetBasicAuth(s.user.Username(), password)
	}
	res, err := s.client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, 64<<10)) // so that the connection can be used again
	if res.StatusCode/100 != 2 {
		return fmt.Errorf("it answers %s", res.Status)
	}
	return nil
}

// Check sends a message without spans, for the doctor.
func Check(ctx context.Context, endpoint string) error {
	s, err := newSender(endpoint, nil)
	if err != nil {
		return err
	}
	return s.send(ctx, nil)
}

// The message, as https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
// wants it: ids in hexadecimal, numbers of 64 bits as texts, kinds as numbers.
type (
	resourceSpans struct {
		Resource   resourceOf   `json:"resource"`
		ScopeSpans []scopeSpans `json:"scopeSpans"`
	}
	resourceOf struct {
		Attributes []attr `json:"attributes"`
	}
	scopeSpans struct {
		Scope scope  `json:"scope"`
		Spans []span `json:"spans"`
	}
	scope struct {
		Name string `json:"name"`
	}
	span struct {
		TraceID      string `json:"traceId"`
		SpanID       string `json:"spanId"`
		ParentSpanID string `json:"parentSpanId,omitempty"`
		Name         string `json:"name"`
		Kind         int    `json:"kind"`
		Start        string `json:"startTimeUnixNano"`
		End          string `json:"endTimeUnixNano"`
		Attributes   []attr `json:"attributes"`
		Status       status `json:"status"`
	}
	status struct {
		Code int `json:"code,omitempty"`
	}
	attr struct {
		Key   string         `json:"key"`
		Value map[string]any `json:"value"`
	}
)

func message(spans []sdk.ReadOnlySpan) map[string]any {
	of := resourceSpans{ScopeSpans: []scopeSpans{{Scope: scope{"minqing"}}}}
	for i, s := range spans {
		if i == 0 {
			for _, kv := range s.Resource().Attributes() {
				of.Resource.Attributes = append(of.Resource.Attributes, told(kv))
			}
		}
		of.ScopeSpans[0].Spans = append(of.ScopeSpans[0].Spans, spanOf(s))
	}
	return map[string]any{"resourceSpans": []resourceSpans{of}}
}

func spanOf(s sdk.ReadOnlySpan) span {
	out := span{TraceID: s.SpanContext().TraceID().String(), SpanID: s.SpanContext().SpanID().String(), Name: s.Name(), Kind: int(s.SpanKind()),
		Start: nanos(s.StartTime()), End: nanos(s.EndTime()), Attributes: []attr{}}
	if p := s.Parent(); p.SpanID().IsValid() {
		out.ParentSpanID = p.SpanID().String()
	}
	if s.Status().Code == codes.Error {
		out.Status.Code = 2
	}
	for _, kv := range s.Attributes() {
		if !allowed[kv.Key] {
			continue
		}
		if kv.Key == attrText {
			text := bare(kv.Value.AsString())
			kv = attribute.String(attrText, text)
			out.Name, _, _ = strings.Cut(text, " ")
		}
		out.Attributes = append(out.Attributes, told(kv))
	}
	return out
}

func told(kv attribute.KeyValue) attr {
	a := attr{string(kv.Key), map[string]any{"stringValue": kv.Value.String()}}
	if kv.Value.Type() == attribute.INT64 {
		a.Value = map[string]any{"intValue": strconv.FormatInt(kv.Value.AsInt64(), 10)}
	}
	return a
}

func nanos(t time.Time) string { return strconv.FormatInt(t.UnixNano(), 10) }

// longest is how much of a statement is told, in bytes.
const longest = 2000

var literal = regexp.MustCompile(`'(?:[^']|'')*'`)

// bare is a statement without values. Ours are bound and stand elsewhere; should
// one ever be written into a statement as a text, it goes here.
func bare(text string) string {
	text = literal.ReplaceAllString(strings.Join(strings.Fields(text), " "), "?")
	if len(text) > longest {
		text = strings.ToValidUTF8(text[:longest], "") + "…"
	}
	return text
}

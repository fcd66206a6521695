package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"

	"minqing/internal/web"
)

const (
	metaVerb    = "minqing.verb"
	metaOptions = "minqing.options"
)

// mount puts operations on the kit, so that they are listed, guarded, limited
// and answered like pages.
type mount struct{ kit *web.Kit }

// ServeHTTP is the kit's router; huma asks for it and never calls it.
func (m mount) ServeHTTP(w http.ResponseWriter, r *http.Request) { m.kit.Engine().ServeHTTP(w, r) }

// Handle registers one operation. An operation without a verb does not start.
func (m mount) Handle(op *huma.Operation, run func(huma.Context)) {
	verb, _ := op.Metadata[metaVerb].(web.Verb)
	options, _ := op.Metadata[metaOptions].([]web.RouteOption)
	path := strings.NewReplacer("{", ":", "}", "").Replace(op.Path)
	h := func(c *gin.Context) error {
		r := &request{humaContext: humagin.NewContext(op, c)}
		run(r)
		if r.failed == nil {
			return nil
		}
		c.Writer.Header().Del("Content-Type") // the kit answers, in its own type
		return classed(r.failed)
	}
	if op.Method == http.MethodPost {
		m.kit.POST(m.kit.Engine(), path, verb, h, options...)
		return
	}
	m.kit.GET(m.kit.Engine(), path, verb, h, options...)
}

// unmounted describes and never answers.
type unmounted struct{}

// ServeHTTP is never reached.
func (unmounted) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	w.WriteHeader(http.StatusNotFound)
}

// Handle forgets the operation: its description is elsewhere.
func (unmounted) Handle(*huma.Operation, func(huma.Context)) {}

// request is one call. Its failure is kept for the kit, which turns every error
// of the product into an answer in one place; what huma would say is dropped.
type request struct {
	humaContext
	failed  error
	reading error // why the body could not be read
}

// humaContext gives the embedded interface another name than its method.
type humaContext interface{ huma.Context }

type requestKey struct{}

func requestOf(ctx context.Context) *request {
	if r, ok := ctx.Value(requestKey{}).(*request); ok {
		return r
	}
	return &request{}
}

// Context leads back to the request, for the call that failed.
func (r *request) Context() context.Context {
	return context.WithValue(r.humaContext.Context(), requestKey{}, r)
}

// SetStatus waits while the call has failed.
func (r *request) SetStatus(code int) {
	if r.failed == nil {
		r.humaContext.SetStatus(code)
	}
}

// BodyWriter swallows what huma says of a failure.
func (r *request) BodyWriter() io.Writer {
	if r.failed != nil {
		return io.Discard
	}
	return r.humaContext.BodyWriter()
}

// BodyReader remembers why reading failed.
func (r *request) BodyReader() io.Reader {
	body := r.humaContext.BodyReader()
	if body == nil {
		return nil
	}
	return noting{body, r}
}

// SetReadDeadline leaves time-outs to the server.
func (r *request) SetReadDeadline(time.Time) error { return nil }

type noting struct {
	io.Reader
	r *request
}

// Read passes on.
func (n noting) Read(p []byte) (int, error) {
	count, err := n.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		n.r.reading = err
	}
	return count, err
}

// note takes huma's own errors, which say what is wrong with the input.
func note(ctx huma.Context, _ string, v any) (any, error) {
	if m, ok := v.(*huma.ErrorModel); ok {
		if r, ok := ctx.(*request); ok && r.failed == nil {
			r.failed = faultOf(m, r.reading)
		}
	}
	return v, nil
}

// format reads strictly and writes plainly.
var format = huma.Format{Marshal: huma.DefaultJSONFormat.Marshal, Unmarshal: unmarshal}

// unmarshal reads one JSON value in UTF-8. What is null counts as left out. Its
// errors are message keys, since huma keeps their text only.
func unmarshal(data []byte, v any) error {
	if !utf8.Valid(data) {
		return errors.New(keyEncoding)
	}
	d := json.NewDecoder(bytes.NewReader(data))
	if err := d.Decode(v); err != nil {
		return fmt.Errorf("%s: %w", keyMalformed, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New(keyMalformed)
	}
	if anything, ok := v.(*any); ok {
		tidy, clean := withoutNull(*anything)
		if !clean {
			return errors.New(keyEncoding)
		}
		*anything = tidy
	}
	return nil
}

// withoutNull drops null members and says whether no text holds a NUL, which
// PostgreSQL cannot keep.
func withoutNull(v any) (any, bool) {
	clean := true
	switch v := v.(type) {
	case string:
		return v, !strings.ContainsRune(v, 0)
	case []any:
		for i := range v {
			one, ok := withoutNull(v[i])
			v[i], clean = one, clean && ok
		}
	case map[string]any:
		for name, one := range v {
			if one == nil {
				delete(v, name)
				continue
			}
			one, ok := withoutNull(one)
			v[name], clean = one, clean && ok && !strings.ContainsRune(name, 0)
		}
	}
	return v, clean
}

package web

import (
	"errors"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/gin-gonic/gin"
	"github.com/go-playground/form/v4"

	"minqing/internal/calendar"
	"minqing/internal/fault"
)

const formMemory = 32 << 20 // uploads stay in memory: on disk they would lie in the clear

var decoder = newDecoder()

func newDecoder() *form.Decoder {
	d := form.NewDecoder()
	d.SetTagName("form")
	d.SetMaxArraySize(200)
	d.RegisterCustomTypeFunc(func(values []string) (any, error) {
		if values[0] == "" {
			return calendar.Date(0), nil
		}
		return calendar.ParseDate(values[0])
	}, calendar.Date(0))
	return d
}

// Decode reads the request's form into the struct behind into, by `form` tags.
// Values are trimmed (passwords are not) and line ends made alike. What is not
// UTF-8, or not of the field's type, is an Invalid error that names the field;
// the other fields are filled all the same, so that nothing typed is lost.
func Decode(c *gin.Context, into any) error {
	if err := parse(c.Request); err != nil {
		return err
	}
	values, bad := clean(c.Request.PostForm)
	return decode(into, values, bad)
}

// Typed are the values of the request's form by name, made fit to be stored, for forms
// whose fields are known only when they are read. What is not UTF-8 is an Invalid
// error that names the field; the values come all the same.
func Typed(c *gin.Context) (url.Values, error) {
	if err := parse(c.Request); err != nil {
		return nil, err
	}
	values, bad := clean(c.Request.PostForm)
	if len(bad) > 0 {
		return values, fault.InvalidInput(bad...)
	}
	return values, nil
}

// DecodeQuery is Decode for the query of a GET form: filters and searches.
func DecodeQuery(c *gin.Context, into any) error {
	query, err := url.ParseQuery(c.Request.URL.RawQuery)
	if err != nil {
		return fault.New(fault.Invalid, "fault.malformed").Because(err)
	}
	values, bad := clean(query)
	return decode(into, values, bad)
}

func parse(r *http.Request) error {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	var err error
	if kind == "multipart/form-data" {
		err = r.ParseMultipartForm(formMemory)
		if err == nil {
			r.PostForm = r.MultipartForm.Value
		}
	} else {
		err = r.ParseForm()
	}
	if err == nil {
		return nil
	}
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return err
	}
	return fault.New(fault.Invalid, "fault.malformed").Because(err)
}

func decode(into any, values url.Values, bad []fault.Field) error {
	err := decoder.Decode(into, values)
	problems, isForm := errors.AsType[form.DecodeErrors](err)
	if err != nil && !isForm {
		return fault.New(fault.Invalid, "fault.malformed").Because(err)
	}
	for name := range problems {
		bad = append(bad, fault.Field{Name: name, Key: "fault.field.invalid"})
	}
	if len(bad) > 0 {
		return fault.InvalidInput(bad...)
	}
	return nil
}

var nameable = regexp.MustCompile(`^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+|\[[A-Za-z0-9_-]*\])*$`)

// clean makes values fit to be stored, and names those that were not text.
func clean(in url.Values) (out url.Values, bad []fault.Field) {
	out = make(url.Values, len(in))
	for name, values := range in {
		if !nameable.MatchString(name) { // no field of ours; the decoder panics on a lone bracket
			continue
		}
		kept := make([]string, 0, len(values))
		for _, v := range values {
			if !readable(v) {
				bad = append(bad, fault.Field{Name: name, Key: "fault.field.encoding"})
				v = strings.Map(keepReadable, strings.ToValidUTF8(v, "\uFFFD"))
			}
			if !strings.Contains(name, "password") {
				v = strings.TrimSpace(strings.ReplaceAll(strings.ReplaceAll(v, "\r\n", "\n"), "\r", "\n"))
			}
			kept = append(kept, v)
		}
		out[name] = kept
	}
	return out, bad
}

func readable(s string) bool {
	if !utf8.ValidString(s) {
		return false
	}
	return strings.IndexFunc(s, func(r rune) bool { return keepReadable(r) < 0 }) < 0
}

// keepReadable drops control characters other than tab and line ends; a NUL
// would also break PostgreSQL.
func keepReadable(r rune) rune {
	if (r < 0x20 && r != '\n' && r != '\r' && r != '\t') || r == 0x7F {
		return -1
	}
	return r
}

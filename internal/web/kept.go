package web

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/gin-gonic/gin"
)

// Keeps names the fields of a route's form that people type, so that they know
// them again when the form could not be taken; zero Words is no such field. Such a
// form is read whole even when a text is far too long, so that the answer names the
// field and gives the text back.
func Keeps(label func(name string) Words) RouteOption {
	return func(r *rules) {
		r.label = label
		r.body = max(r.body, typedBody)
	}
}

const typedBody = 8 << 20

// kept is a form that could not be taken because of us: everything that was
// sent, to be sent again from the page that says so.
type kept struct {
	To     string // the address that it was sent to
	Typed  []keptField
	Hidden []keptPair
	Files  bool // some came along; a browser does not let us give them back
}

type keptField struct {
	Field
	Long bool
}

type keptPair struct{ Name, Value string }

// longLine is from how many characters on a text is shown in several lines.
const longLine = 60

// openers are names of fields that hold a password, code or key, besides those
// that say password.
var openers = []string{"current", "code", "query_code", "credential", "token"}

// keep gives back the form of a request that fails by no fault of the sender.
// Nil when there is none, when it came from another site, whose words nobody
// shall send as their own, or when it holds what opens an account or a case.
func (k *Kit) keep(c *gin.Context, status int) *kept {
	again := status == http.StatusServiceUnavailable || status == http.StatusInternalServerError || status == http.StatusTooManyRequests
	rules := k.rules[c.Request.Method+" "+c.FullPath()]
	if !again || rules == nil || c.Request.Method != http.MethodPost || c.Request.Body == nil || k.origin.Check(c.Request) != nil {
		return nil
	}
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, rules.body)
	if parse(c.Request) != nil {
		return nil
	}
	values, _ := clean(c.Request.PostForm)
	out := &kept{To: c.Request.URL.RequestURI(), Files: c.Request.MultipartForm != nil && len(c.Request.MultipartForm.File) > 0}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if strings.Contains(name, "password") || slices.Contains(openers, name) {
			return nil
		}
		for _, v := range values[name] {
			out.add(name, v, rules.label)
		}
	}
	if len(out.Typed)+len(out.Hidden) == 0 {
		return nil
	}
	return out
}

func (o *kept) add(name, value string, label func(string) Words) {
	long := strings.Contains(value, "\n") || utf8.RuneCountInString(value) > longLine
	words := Words{}
	if label != nil {
		words = label(name)
	}
	if words.IsZero() && long {
		words = Say("fault.kept.text")
	}
	if words.IsZero() || value == "" {
		o.Hidden = append(o.Hidden, keptPair{name, value})
		return
	}
	o.Typed = append(o.Typed, keptField{Field{Name: name, Label: words, Value: value, Rows: 8, Width: "full"}, long})
}

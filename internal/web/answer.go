package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"minqing/internal/actor"
	"minqing/internal/fault"
	"minqing/internal/i18n"
)

var (
	errNoPage   = fault.New(fault.NotFound, "fault.no_page")
	errNoMethod = errors.New("method not allowed")

	errCrossSite = fault.New(fault.Forbidden, "fault.cross_site")
)

var statuses = map[fault.Kind]int{
	fault.Internal:        http.StatusInternalServerError,
	fault.Invalid:         http.StatusUnprocessableEntity,
	fault.NotFound:        http.StatusNotFound,
	fault.Forbidden:       http.StatusForbidden,
	fault.Unauthenticated: http.StatusUnauthorized,
	fault.Conflict:        http.StatusConflict,
	fault.Throttled:       http.StatusTooManyRequests,
	fault.Unavailable:     http.StatusServiceUnavailable,
}

// Status is the answer's status for an error and the error as it may be told:
// what nobody classified is Internal and keeps its cause to itself.
func Status(err error) (int, *fault.Error) {
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return http.StatusRequestEntityTooLarge, fault.New(fault.Invalid, "fault.too_large")
	}
	if errors.Is(err, errNoMethod) {
		return http.StatusMethodNotAllowed, fault.New(fault.Invalid, "fault.no_method")
	}
	if e, ok := fault.As(err); ok && e.Kind != fault.Internal {
		return statuses[e.Kind], e
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return http.StatusServiceUnavailable, fault.New(fault.Unavailable, "fault.slow")
	}
	return http.StatusInternalServerError, fault.New(fault.Internal, "fault.internal")
}

// fail answers with an error, once, and logs what we or our surroundings broke.
func (k *Kit) fail(c *gin.Context, err error) {
	status, e := Status(err)
	if status == http.StatusInternalServerError && k.o.Classify != nil {
		err = k.o.Classify(err)
		status, e = Status(err)
	}
	gone := errors.Is(err, context.Canceled) && c.Request.Context().Err() != nil
	if status >= http.StatusInternalServerError && !gone {
		k.o.Log.ErrorContext(c.Request.Context(), "request failed", "error", err.Error(), "request", RequestID(c), "route", c.FullPath())
	}
	if c.Writer.Written() {
		return
	}
	if seconds, ok := e.Args["RetryAfter"].(int); ok {
		c.Header("Retry-After", fmt.Sprint(seconds))
	}
	if e.Kind == fault.Unavailable && c.Writer.Header().Get("Retry-After") == "" {
		c.Header("Retry-After", "30")
	}
	switch {
	case WantsJSON(c):
		if status == http.StatusUnauthorized { // RFC 9110, section 15.5.2: a 401 names the way in
			c.Header("WWW-Authenticate", "Bearer")
		}
		k.problem(c, status, e)
	case e.Kind == fault.Unauthenticated:
		toSignIn(c)
	default:
		k.errorPage(c, status, e)
	}
}

// WantsJSON says whether the caller is a program: by address or by what it accepts.
func WantsJSON(c *gin.Context) bool {
	path := c.Request.URL.Path
	if strings.HasPrefix(path, "/api/") || strings.HasPrefix(path, "/open311/") {
		return true
	}
	accept := c.GetHeader("Accept")
	return strings.Contains(accept, "json") && !strings.Contains(accept, "text/html")
}

// toSignIn sends the reader to sign in and back to this page afterwards.
func toSignIn(c *gin.Context) {
	target := "/sign-in?next=" + url.QueryEscape(c.Request.URL.RequestURI())
	if !safe(c.Request.Method) {
		target = "/sign-in?next=" + url.QueryEscape(c.Request.URL.Path)
	}
	if c.GetHeader("HX-Request") == "true" {
		c.Header("HX-Redirect", target)
		c.Status(http.StatusUnauthorized)
		return
	}
	c.Redirect(http.StatusSeeOther, target)
}

// SafeNext gives back a ?next= address if it stays on this site, else "/".
func SafeNext(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(u.Path, "/") ||
		strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n\t") {
		return "/"
	}
	return next
}

// Problem is an RFC 9457 problem document.
type Problem struct {
	Type    string         `json:"type"`
	Title   string         `json:"title"`
	Status  int            `json:"status"`
	Detail  string         `json:"detail,omitempty"`
	Code    string         `json:"code"`
	Request string         `json:"request_id"`
	Errors  []FieldProblem `json:"errors,omitempty"`

	// Possible are the acts that the state allows, where one was refused that it
	// does not.
	Possible []string `json:"possible,omitempty"`
}

// FieldProblem is one field to mend: Code is stable, Message is for people.
type FieldProblem struct {
	Field   string `json:"field"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

// ProblemOf writes an error as a problem document in a language.
func (k *Kit) ProblemOf(err error, l i18n.Lang, request string) Problem {
	status, e := Status(err)
	return k.problemOf(status, e, l, request)
}

func (k *Kit) problemOf(status int, e *fault.Error, l i18n.Lang, request string) Problem {
	p := Problem{
		Type: "about:blank", Title: http.StatusText(status), Status: status, Code: e.Key, Request: request,
		Detail: k.o.Bundle.T(l, e.Key, e.Args),
	}
	p.Possible, _ = e.Args["Possible"].([]string)
	for _, f := range e.Fields {
		p.Errors = append(p.Errors, FieldProblem{Field: f.Name, Code: f.Key, Message: k.o.Bundle.T(l, f.Key, f.Args)})
	}
	return p
}

func (k *Kit) problem(c *gin.Context, status int, e *fault.Error) {
	body, err := json.Marshal(k.problemOf(status, e, Lang(c), RequestID(c)))
	if err != nil {
		body = []byte(`{"status":500}`)
		status = http.StatusInternalServerError
	}
	c.Data(status, "application/problem+json; charset=utf-8", body)
}

// faultPage is the page for an error that no form shows.
type faultPage struct {
	Page
	Icon    string
	Message Words
	Mend    Words
	Fields  []Words
	Request string
	Home    bool
	Kept    *kept // what was typed, when sending it again may help
}

var faultWords = map[int]struct{ title, mend, icon string }{
	http.StatusForbidden:             {"fault.page.forbidden", "fault.mend.forbidden", "lock"},
	http.StatusNotFound:              {"fault.page.missing", "fault.mend.missing", "search"},
	http.StatusMethodNotAllowed:      {"fault.page.method", "fault.mend.method", "alert-circle"},
	http.StatusConflict:              {"fault.page.conflict", "fault.mend.conflict", "refresh"},
	http.StatusRequestEntityTooLarge: {"fault.page.invalid", "fault.mend.too_large", "alert-circle"},
	http.StatusUnprocessableEntity:   {"fault.page.invalid", "fault.mend.invalid", "alert-circle"},
	http.StatusTooManyRequests:       {"fault.page.throttled", "fault.mend.throttled", "hourglass"},
	http.StatusServiceUnavailable:    {"fault.page.unavailable", "fault.mend.unavailable", "clock"},
	http.StatusInternalServerError:   {"fault.page.internal", "fault.mend.internal", "alert-circle"},
}

// mendForbidden says who can help, by who reads it: staff are granted rights,
// citizens have other pages, and a form of another site is sent from ours.
func mendForbidden(who actor.Actor, e *fault.Error) Words {
	switch {
	case e.Key == errCrossSite.Key:
		return Say("fault.mend.cross_site")
	case who.Kind == actor.Staff:
		return Say("fault.mend.forbidden.staff")
	}
	return Say("fault.mend.forbidden")
}

func (k *Kit) errorPage(c *gin.Context, status int, e *fault.Error) {
	words, ok := faultWords[status]
	if !ok {
		words = faultWords[http.StatusInternalServerError]
	}
	p := &faultPage{
		Page: k.Page(c, Say(words.title)), Icon: words.icon,
		Message: Tell(e), Mend: Say(words.mend), Request: RequestID(c), Home: true,
	}
	if status == http.StatusForbidden {
		p.Mend = mendForbidden(p.Actor, e)
	}
	for _, f := range e.Fields {
		p.Fields = append(p.Fields, Words{Key: f.Key, Args: f.Args})
	}
	if p.Kept = k.keep(c, status); p.Kept != nil {
		p.Mend = Say("fault.kept.words")
	}
	p.status = status
	if err := k.Show(c, "fault", p); err != nil {
		k.o.Log.Error("the error page failed", "error", err.Error(), "request", RequestID(c))
		c.Data(status, "text/plain; charset=utf-8", []byte(http.StatusText(status)+"\n"))
	}
}

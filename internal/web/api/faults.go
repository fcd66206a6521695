package api

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"minqing/internal/db"
	"minqing/internal/fault"
)

const (
	keyEncoding  = "api.body.encoding"
	keyMalformed = "api.body.malformed"
)

// rule reads one of huma's English sentences back into a message of ours. A
// group of the pattern becomes the message's value.
type rule struct {
	says  *regexp.Regexp
	key   string
	value string
}

var rules = []rule{
	{regexp.MustCompile(`^unexpected property`), "api.field.unknown", ""},
	{regexp.MustCompile(`^unknown query parameter`), "api.param.unknown", ""},
	{regexp.MustCompile(`^required \w+ parameter is missing`), "api.field.required", ""},
	{regexp.MustCompile(`^expected required property (\S+) to be present`), "api.field.required", "Name"},
	{regexp.MustCompile(`^expected value to be one of "(.*)"`), "api.field.choice", "Values"},
	{regexp.MustCompile(`^expected length <= (\d+)`), "api.field.long", "Max"},
	{regexp.MustCompile(`^expected array length <= (\d+)`), "api.field.many", "Max"},
	{regexp.MustCompile(`^expected number >= (\S+)`), "api.field.least", "Min"},
	{regexp.MustCompile(`^expected number <= (\S+)`), "api.field.most", "Max"},
	{regexp.MustCompile(`^expected string to be RFC 3339|^invalid date/time`), "api.field.time", ""},
	{regexp.MustCompile(`^expected (string|boolean|number|integer|array|object)`), "api.field.type", "Type"},
	{regexp.MustCompile(`^invalid (integer|number|float|boolean)`), "api.field.type", "Type"},
}

// faultOf says in the house's words what huma found wrong with the input. The
// values themselves are never repeated.
func faultOf(m *huma.ErrorModel, reading error) error {
	if _, large := errors.AsType[*http.MaxBytesError](reading); large || errors.Is(reading, context.DeadlineExceeded) || errors.Is(reading, context.Canceled) {
		return reading
	}
	switch {
	case reading != nil:
		return whole("fault.malformed").Because(reading)
	case m.Status == http.StatusUnsupportedMediaType:
		return whole("api.body.type")
	case m.Status == http.StatusBadRequest && len(m.Errors) == 0:
		return whole("api.body.required")
	case len(m.Errors) == 0:
		return errors.New(m.Detail)
	}
	var fields []fault.Field
	for _, d := range m.Errors {
		for _, key := range []string{keyEncoding, keyMalformed} {
			if strings.HasPrefix(d.Message, key) {
				return whole(key)
			}
		}
		fields = append(fields, fieldOf(d))
	}
	return fault.InvalidInput(fields...)
}

// whole is a body in which no field can be named: the field is the body.
func whole(key string) *fault.Error {
	e := fault.InvalidInput(fault.Field{Name: "body", Key: key})
	e.Key = key
	return e
}

func fieldOf(d *huma.ErrorDetail) fault.Field {
	where, name, inside := strings.Cut(d.Location, ".")
	if !inside {
		name = where
	}
	f := fault.Field{Name: name, Key: "api.field.form"}
	for _, r := range rules {
		hit := r.says.FindStringSubmatch(d.Message)
		if hit == nil {
			continue
		}
		f.Key = r.key
		switch {
		case r.value == "Name": // the place is the object that lacks it
			f.Name = strings.TrimPrefix(name+"."+hit[1], "body.")
		case r.value != "":
			f.Args = map[string]any{r.value: hit[1]}
		}
		break
	}
	return f
}

// classed gives what the database did its kind, wherever that was not done:
// down or full is Unavailable, and trying later may help.
func classed(err error) error { return db.Fault(err, "", "") }

// impossible turns a state that does not allow an act into input to mend, which
// names the acts that it does allow.
func impossible(err error) error {
	e, ok := fault.As(err)
	if !ok || e.Kind != fault.Conflict {
		return err
	}
	possible, _ := e.Args["Possible"].([]string)
	switch e.Key {
	case "case.action.impossible":
		if len(possible) == 0 {
			return refused(possible, fault.Field{Name: "action", Key: "api.action.nothing",
				Args: map[string]any{"Action": e.Args["Action"], "Status": e.Args["Status"]}}).Because(err)
		}
		return refused(possible, fault.Field{Name: "action", Key: "api.action.impossible",
			Args: map[string]any{"Action": e.Args["Action"], "Status": e.Args["Status"], "Possible": strings.Join(possible, ", ")}}).Because(err)
	case "case.review.first", "case.review.early", "case.review.not_needed", "case.code.anonymous", "case.appeal.none",
		"case.suspend.no_limit", "case.suspend.overdue", "case.suspend.already", "case.suspend.resume_first", "case.resume.runs",
		"case.extension.late", "case.extension.used", "case.extension.pending", "case.extension.none", "case.extension.over",
		"case.return.late", "case.return.bound", "case.redispatch.bound", "case.objection.none", "case.objection.not_yet", "case.objection.superior",
		"case.supervise.already", "case.supervise.none", "case.archive.appealed", "case.archive.supervised", "case.subject.kind":
		return refused(possible, fault.Field{Name: "action", Key: e.Key}).Because(err)
	}
	if len(possible) > 0 { // refused for what the case waits for, or is bound to
		return refused(possible, fault.Field{Name: "action", Key: e.Key}).Because(err)
	}
	return err
}

func refused(possible []string, f fault.Field) *fault.Error {
	return fault.InvalidInput(f).With("Possible", possible)
}

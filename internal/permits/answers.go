package permits

import (
	"encoding/json"
	"strconv"

	"minqing/internal/catalogue"
	"minqing/internal/i18n"
)

// Open says that nothing is decided yet; nil is no draft.
func (d *Decision) Open() bool { return d == nil || d.DecidedAt == nil }

// Lapsed says that a draft, signed or not, refuses because of a correction that has come
// since; nil is no draft.
func (d *Decision) Lapsed(now State) bool {
	return d != nil && d.DecidedAt == nil && d.Ground == NotCorrected && now == Accepted
}

// AnswerValues is a kept answer as its field shows it.
func AnswerValues(answer any) []string {
	switch a := answer.(type) {
	case string:
		return []string{a}
	case bool:
		return []string{strconv.FormatBool(a)}
	case json.Number:
		return []string{a.String()}
	case []string:
		return a
	case float64:
		return []string{strconv.FormatFloat(a, 'f', -1, 64)}
	case []any:
		var list []string
		for _, one := range a {
			list = append(list, AnswerValues(one)...)
		}
		return list
	}
	return nil
}

var yesNo = map[string]i18n.Text{
	"true":  {i18n.ZhHant: "是", i18n.ZhHans: "是", i18n.En: "Yes"},
	"false": {i18n.ZhHant: "否", i18n.ZhHans: "否", i18n.En: "No"},
}

// AnswerText says an answer as the options of its question call it; "–" for none.
func AnswerText(q catalogue.Question, answer any) i18n.Text {
	values := AnswerValues(answer)
	out := i18n.Text{}
	for _, l := range i18n.Langs {
		if len(values) == 0 {
			out[l] = "–"
		}
		for i, one := range values {
			if q.Type == catalogue.QuestionBoolean {
				one = yesNo[one].In(l)
			}
			for _, o := range q.Options {
				if o.Value == one {
					one = o.Label.In(l)
				}
			}
			if i > 0 {
				out[l] += ", "
			}
			out[l] += one
		}
	}
	return out
}

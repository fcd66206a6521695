package web

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"minqing/internal/calendar"
	"minqing/internal/catalogue"
	"minqing/internal/i18n"
)

// Answer shows what somebody answered to a question of a matter as they gave
// it: an option by its label, yes or no, a number with separators and the
// decimals that it has, a day as the language writes days. The answer is as the
// form reads it or as JSON keeps it. No answer, and none that can be read as
// the question's type, shows what is there: nothing, or the text itself.
func (k *Kit) Answer(q catalogue.Question, answer any) Words {
	switch a := answer.(type) {
	case nil:
		return Say("common.answer.none")
	case bool:
		if a {
			return Say("common.yes")
		}
		return Say("common.no")
	case []string:
		return optionWords(q, a...)
	case []any:
		values := make([]string, len(a))
		for i, one := range a {
			values[i] = fmt.Sprint(one)
		}
		return optionWords(q, values...)
	case float64:
		return numberWords(a)
	case json.Number:
		if n, err := a.Float64(); err == nil {
			return numberWords(n)
		}
		return Plain(a.String())
	}
	given := fmt.Sprint(answer)
	if q.Type == catalogue.QuestionDate {
		if day, err := calendar.ParseDate(given); err == nil {
			return k.dayWords(day)
		}
	}
	return optionWords(q, given)
}

// optionWords puts the labels of the chosen options on lines of their own; a
// value that is no option any more stands as it is.
func optionWords(q catalogue.Question, values ...string) Words {
	labels := map[string]i18n.Text{}
	for _, o := range q.Options {
		labels[o.Value] = o.Label
	}
	if len(labels) == 0 {
		return Plain(strings.Join(values, "\n"))
	}
	joined := make(i18n.Text, len(i18n.Langs))
	for _, l := range i18n.Langs {
		lines := make([]string, len(values))
		for i, v := range values {
			if lines[i] = labels[v].In(l); lines[i] == "" {
				lines[i] = v
			}
		}
		joined[l] = strings.Join(lines, "\n")
	}
	return Data(joined)
}

func numberWords(n float64) Words {
	_, rest, _ := strings.Cut(strconv.FormatFloat(n, 'f', -1, 64), ".")
	return Plain(i18n.Format{}.Decimal(n, len(rest)))
}

func (k *Kit) dayWords(day calendar.Date) Words {
	written := make(i18n.Text, len(i18n.Langs))
	for _, l := range i18n.Langs {
		written[l] = i18n.Format{Lang: l, ROC: k.o.ROC}.Date(day.UTC())
	}
	return Data(written)
}

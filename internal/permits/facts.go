package permits

import (
	"context"
	"maps"
	"slices"
	"strings"

	"minqing/internal/catalogue"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/register"
)

// Fact is a public fact of a permit, in the words of its type.
type Fact struct {
	Name         string
	Label, Value i18n.Text
}

// Facts are what a permit says, in the order of the questions of its type. What no
// question asks for comes last, by its own name.
func (s *Service) Facts(ctx context.Context, p *register.Permit, facts register.Facts) (list []Fact, err error) {
	var questions []catalogue.Question
	t, err := s.Types.Version(ctx, p.TypeCode, p.TypeVersion)
	if err == nil {
		questions, err = s.asked(ctx, t)
	}
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return nil, err
	}
	left := maps.Clone(facts)
	for _, q := range questions {
		if v, ok := left[q.Name]; ok {
			list = append(list, Fact{Name: q.Name, Label: q.Title, Value: AnswerText(q, asAnswer(q, v))})
			delete(left, q.Name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(left)) {
		list = append(list, Fact{Name: name, Label: everywhere(name), Value: everywhere(left[name])})
	}
	return list, nil
}

// everywhere is a text that is the same in every language.
func everywhere(s string) i18n.Text {
	t := make(i18n.Text, len(i18n.Langs))
	for _, l := range i18n.Langs {
		t[l] = s
	}
	return t
}

// factOf is an answer as the register keeps it.
func factOf(answer any) string { return strings.Join(AnswerValues(answer), ", ") }

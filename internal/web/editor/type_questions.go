package editor

import (
	"slices"
	"strings"

	"minqing/internal/catalogue"
	"minqing/internal/permittypes"
	"minqing/internal/web"
)

var questionTypes = []string{string(catalogue.QuestionText), string(catalogue.QuestionTextArea), string(catalogue.QuestionChoice), string(catalogue.QuestionMulti),
	string(catalogue.QuestionNumber), string(catalogue.QuestionDate), string(catalogue.QuestionBoolean)}

// questionsPart are the questions of the application, in the order of asking.
func questionsPart(ref references) part[file] {
	return &list[file, catalogue.Question]{name: "questions", domain: "question", whole: "questions", of: func(f *file) *[]catalogue.Question { return &f.Ask },
		line: func(f *file, q *catalogue.Question) line {
			l := line{Code: q.Name, Title: web.Data(q.Title)}
			if q.ShowIf != nil {
				l.Notes = ref.when(f, permittypes.OneOf(q.ShowIf.Question, said(q.ShowIf.Values, f.Ask, q.ShowIf.Question)))
			}
			return l
		}, fill: fillQuestion}
}

func fillQuestion(s *sheet, f *file, q *catalogue.Question) {
	at := slices.IndexFunc(f.Ask, func(o catalogue.Question) bool { return o.Name == q.Name && q.Name != "" })
	earlier := f.Ask
	if at >= 0 {
		earlier = f.Ask[:at]
	}
	s.code("name", &q.Name)
	s.bad.That(s.typed == nil || catalogue.IsQuestionName(q.Name), "name", "permitedit.wrong.question.name")
	s.bad.That(!slices.ContainsFunc(f.Ask, func(o catalogue.Question) bool { return o.Name == q.Name && (at < 0 || f.Ask[at].Name != q.Name) }), "name", "permittype.code.twice", "Code", q.Name)
	s.texts("title", &q.Title, 0)
	s.texts("hint", &q.Hint, 0, optional)
	kind := string(q.Type)
	s.pick("type", &kind, named("permitedit.type.", questionTypes...))
	s.bad.That(s.typed == nil || slices.Contains(questionTypes, kind), "type", "fault.field.invalid")
	q.Type = catalogue.QuestionType(kind)
	s.options("options", &q.Options)
	choice := q.Type == catalogue.QuestionChoice || q.Type == catalogue.QuestionMulti
	s.bad.That(s.typed == nil || choice == (len(q.Options) > 0), "options.0.value", "permitedit.wrong.options")
	s.yes("required", &q.Required)
	s.number("min", &q.Min)
	most := &q.Max
	if q.Max == 0 {
		most = nil
	}
	s.number("max", &most)
	if q.Max = 0; most != nil {
		q.Max = *most
	}
	s.showIf(q, earlier)
}

// showIf asks for the earlier answer on which a question is shown.
func (s *sheet) showIf(q *catalogue.Question, earlier []catalogue.Question) {
	which, values := "", ""
	if q.ShowIf != nil {
		which, values = q.ShowIf.Question, strings.Join(said(q.ShowIf.Values, earlier, q.ShowIf.Question), ", ")
	}
	var all []web.Option
	for _, e := range earlier {
		all = append(all, web.Option{Value: e.Name, Words: web.Data(e.Title)})
	}
	s.pick("show_question", &which, orNone("permitedit.show.always", all))
	s.line("show_values", &values, optional, wide("20"))
	q.ShowIf = nil
	if which == "" {
		return
	}
	i := slices.IndexFunc(earlier, func(e catalogue.Question) bool { return e.Name == which })
	s.bad.That(i >= 0, "show_question", "permitedit.wrong.show.question")
	if i < 0 {
		return
	}
	var chosen []string
	for _, v := range strings.FieldsFunc(values, func(r rune) bool { return r == ',' || r == '，' || r == '、' }) {
		chosen = append(chosen, strings.TrimSpace(v))
	}
	s.bad.That(len(chosen) > 0, "show_values", "permitedit.wrong.show.values", "Values", answers(earlier[i]))
	for j, v := range chosen {
		s.bad.That(answerable(earlier[i], v), "show_values", "permitedit.wrong.show.values", "Values", answers(earlier[i]))
		if earlier[i].Type == catalogue.QuestionBoolean {
			chosen[j] = map[string]string{"yes": "true", "no": "false"}[v]
		}
	}
	q.ShowIf = &catalogue.ShowIf{Question: which, Values: chosen}
}

// said writes the answers of yes-or-no questions as rules do.
func said(values []string, earlier []catalogue.Question, name string) []string {
	out := slices.Clone(values)
	for _, e := range earlier {
		if e.Name == name && e.Type == catalogue.QuestionBoolean {
			for i, v := range out {
				out[i] = map[string]string{"true": "yes", "false": "no"}[v]
			}
		}
	}
	return out
}

func answers(q catalogue.Question) string {
	if q.Type == catalogue.QuestionBoolean {
		return "yes, no"
	}
	var all []string
	for _, o := range q.Options {
		all = append(all, o.Value)
	}
	return strings.Join(all, ", ")
}

func answerable(q catalogue.Question, v string) bool {
	switch q.Type {
	case catalogue.QuestionBoolean:
		return v == "yes" || v == "no"
	case catalogue.QuestionChoice, catalogue.QuestionMulti:
		return slices.ContainsFunc(q.Options, func(o catalogue.Option) bool { return o.Value == v })
	}
	return v != ""
}

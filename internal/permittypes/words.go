package permittypes

import (
	"strings"

	"minqing/internal/catalogue"
	"minqing/internal/i18n"
)

// wording is one rule on its way into words.
type wording struct {
	t         *Type
	bundle    *i18n.Bundle
	lang      i18n.Lang
	questions map[string]catalogue.Question
}

// InWords says for a reader when the rule holds: "only if you cook on site". The
// empty rule is no words.
func (t *Type) InWords(r Rule, b *i18n.Bundle, lang i18n.Lang) string {
	e, err := r.parse()
	if err != nil || e == nil {
		return ""
	}
	list, err := catalogue.QuestionsOf(t.Questions)
	if err != nil {
		return ""
	}
	return onlyIf(wording{t: t, bundle: b, lang: lang}, list, e)
}

// InWords is the same of a type while it is written, whose questions need not be
// whole yet.
func (f *File) InWords(r Rule, b *i18n.Bundle, lang i18n.Lang) string {
	e, err := r.parse()
	if err != nil || e == nil {
		return ""
	}
	return onlyIf(wording{t: &f.Type, bundle: b, lang: lang}, f.Ask, e)
}

func onlyIf(w wording, questions []catalogue.Question, e *expr) string {
	w.questions = make(map[string]catalogue.Question, len(questions))
	for _, q := range questions {
		w.questions[q.Name] = q
	}
	return w.bundle.T(w.lang, "permittype.only_if", i18n.Args{"What": w.say(e)})
}

func (w wording) say(e *expr) string {
	if p := w.phrase(e); p != "" {
		return p
	}
	switch e.join {
	case "not":
		return w.bundle.T(w.lang, "permittype.say.not", i18n.Args{"What": w.inner(e.parts[0])})
	case "and", "or":
		parts := make([]string, len(e.parts))
		for i, p := range e.parts {
			parts[i] = w.inner(p)
		}
		return strings.Join(parts, w.bundle.T(w.lang, "permittype.say."+e.join, nil))
	}
	return w.test(e)
}

// inner puts what joins several parts in brackets.
func (w wording) inner(e *expr) string {
	text := w.say(e)
	if (e.join == "and" || e.join == "or") && w.phrase(e) == "" {
		return w.bundle.T(w.lang, "permittype.say.group", i18n.Args{"What": text})
	}
	return text
}

// phrase is what the type itself says for the test.
func (w wording) phrase(e *expr) string {
	written := e.String()
	for _, p := range w.t.Phrases {
		if own, err := p.Test.parse(); err == nil && own != nil && own.String() == written {
			return p.Text.In(w.lang)
		}
	}
	return ""
}

// signs name the messages of the operators that compare.
var signs = map[string]string{"<": "less", "<=": "at_most", ">": "more", ">=": "at_least"}

func (w wording) test(e *expr) string {
	q := w.questions[e.question]
	args := i18n.Args{"Question": q.Title.In(w.lang)}
	values := make([]string, len(e.values))
	for i, v := range e.values {
		values[i] = w.bundle.T(w.lang, "permittype.say.quoted", i18n.Args{"What": w.answer(q, v)})
	}
	args["Answer"] = strings.Join(values, w.bundle.T(w.lang, "permittype.say.or", nil))
	switch e.op {
	case opAnswered:
		if q.Type == catalogue.QuestionBoolean {
			args["Answer"] = w.bundle.T(w.lang, "permittype.say.quoted", i18n.Args{"What": w.answer(q, "yes")})
			return w.bundle.T(w.lang, "permittype.say.is", args)
		}
		return w.bundle.T(w.lang, "permittype.say.answered", args)
	case opIs, opIn:
		return w.bundle.T(w.lang, "permittype.say.is", args)
	case opIsNot:
		return w.bundle.T(w.lang, "permittype.say.is_not", args)
	}
	args["Answer"] = e.values[0]
	return w.bundle.T(w.lang, "permittype.say."+signs[e.op], args)
}

// answer is how the question's own form shows a value.
func (w wording) answer(q catalogue.Question, v string) string {
	for _, o := range q.Options {
		if o.Value == v {
			return o.Label.In(w.lang)
		}
	}
	if q.Type == catalogue.QuestionBoolean && (v == "yes" || v == "no") {
		return w.bundle.T(w.lang, "permittype.say."+v, nil)
	}
	return v
}

// OneOf is the rule that a question has one of these answers.
func OneOf(question string, values []string) Rule {
	e := expr{op: opIn, question: question, values: values}
	return Rule(e.String())
}

// String writes the tree as a rule that reads the same.
func (e *expr) String() string {
	switch e.join {
	case "not":
		return "not " + e.parts[0].bracketed()
	case "and", "or":
		parts := make([]string, len(e.parts))
		for i, p := range e.parts {
			parts[i] = p.bracketed()
		}
		return strings.Join(parts, " "+e.join+" ")
	}
	switch e.op {
	case opAnswered:
		return e.question
	case opIn:
		values := make([]string, len(e.values))
		for i, v := range e.values {
			values[i] = Quote(v)
		}
		return e.question + " in (" + strings.Join(values, ", ") + ")"
	}
	return e.question + " " + e.op + " " + Quote(e.values[0])
}

func (e *expr) bracketed() string {
	if e.join == "and" || e.join == "or" {
		return "(" + e.String() + ")"
	}
	return e.String()
}

// Quote writes a value of a rule; it keeps a value that is no word together.
func Quote(v string) string {
	if v == "" || strings.IndexFunc(v, func(c rune) bool { return !wordSign(c) }) >= 0 || isReserved(v) && v != "yes" && v != "no" {
		return `"` + v + `"`
	}
	return v
}

func isReserved(v string) bool {
	for _, r := range reserved {
		if r == v {
			return true
		}
	}
	return false
}

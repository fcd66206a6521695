package editor

import (
	"strings"

	"minqing/internal/catalogue"
	"minqing/internal/permittypes"
	"minqing/internal/web"
)

// asked is a question that a rule may ask for, with its answers.
type asked struct {
	Name    string
	Title   web.Words
	Answers []web.Option
}

func askedOf(questions []catalogue.Question) []asked {
	var list []asked
	for _, q := range questions {
		a := asked{Name: q.Name, Title: web.Data(q.Title)}
		for _, o := range q.Options {
			a.Answers = append(a.Answers, web.Option{Value: o.Value, Words: web.Data(o.Label)})
		}
		if q.Type == catalogue.QuestionBoolean {
			a.Answers = []web.Option{{Value: "yes", Words: web.Say("permittype.say.yes")}, {Value: "no", Words: web.Say("permittype.say.no")}}
		}
		list = append(list, a)
	}
	return list
}

// addRule is the button that puts a condition, chosen from lists, behind a rule.
const addRule = "rule"

// comparisons are what a condition may be, by the words of rules.
var comparisons = []string{"is", "is not", "<", "<=", ">", ">="}

var comparisonKeys = map[string]string{"is": "is", "is not": "is_not", "<": "less", "<=": "at_most", ">": "more", ">=": "at_least"}

// rule is "only if": a rule as text, with lists beneath that write it.
func (s *sheet) rule(name string, to *permittypes.Rule, f *file) {
	questions := f.Ask
	if s.typed != nil && s.typed.Get("do") == addRule {
		s.compose(name, questions)
	}
	v := s.value(name, string(*to))
	*to = permittypes.Rule(v)
	in := input{Kind: "rule", Field: s.field(name, v, []func(*web.Field){wide("full"), optional}), Asked: askedOf(questions), Says: inWords(s.words, f, *to)}
	which := web.Field{Name: name + ".question", Label: web.Say("permitedit.rule.question"), Value: s.value(name+".question", "")}
	which.Options = []web.Option{{Words: web.Say("permitedit.rule.choose")}}
	for _, q := range questions {
		which.Options = append(which.Options, web.Option{Value: q.Name, Words: web.Data(q.Title)})
	}
	how := web.Field{Name: name + ".op", Label: web.Say("permitedit.rule.op"), Value: s.value(name+".op", "is")}
	for _, c := range comparisons {
		how.Options = append(how.Options, web.Option{Value: c, Words: web.Say("permitedit.rule.op." + comparisonKeys[c])})
	}
	what := web.Field{Name: name + ".value", Label: web.Say("permitedit.rule.value"), Value: s.value(name+".value", ""), Width: "10", Complete: "off"}
	join := web.Field{Name: name + ".join", Label: web.Say("permitedit.rule.join"), Value: s.value(name+".join", "and"), Options: []web.Option{
		{Value: "and", Words: web.Say("permitedit.rule.join.and")}, {Value: "or", Words: web.Say("permitedit.rule.join.or")}}}
	in.Fields = []web.Field{which, how, what, join}
	s.add(name, in)
}

// compose writes the chosen condition behind the rule that was typed.
func (s *sheet) compose(name string, questions []catalogue.Question) {
	q, op, v := s.typed.Get(name+".question"), s.typed.Get(name+".op"), strings.ReplaceAll(s.typed.Get(name+".value"), `"`, "")
	known := false
	for _, one := range questions {
		known = known || one.Name == q
	}
	s.bad.That(known, name+".question", "permitedit.wrong.rule.question")
	s.bad.That(v != "", name+".value", "permitedit.wrong.rule.value")
	if _, ok := comparisonKeys[op]; !ok || !known || v == "" {
		return
	}
	test := q + " " + op + " " + permittypes.Quote(v)
	if was := s.typed.Get(name); was != "" {
		join := "and"
		if s.typed.Get(name+".join") == "or" {
			join = "or"
		}
		other := map[string]string{"and": " or ", "or": " and "}[join]
		if strings.Contains(was, other) {
			was = "(" + was + ")"
		}
		test = was + " " + join + " " + test
	}
	s.typed.Set(name, test)
	for _, helper := range []string{".question", ".value"} {
		s.typed.Del(name + helper)
	}
}

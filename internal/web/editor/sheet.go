// Package editor has the forms on which an administration writes the next version of
// what is kept as versioned data: permit types, and the life events that join them.
// A draft is written part by part, each on a page of its own.
package editor

import (
	"net/url"
	"strings"

	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/web"
)

// sheet is a form about one part of a draft. The same description of its fields shows
// what is stored and takes what was typed, so that the two never differ.
type sheet struct {
	part   string
	words  *i18n.Bundle
	lang   i18n.Lang
	typed  url.Values // nil: what is stored is shown
	inputs []input
	bad    fault.Check
	first  string
	named  map[string][]string // inputs by what the domain calls the field
	blanks map[string][]string // of texts: the inputs of languages without a text
}

// input is one field, or several that belong together.
type input struct {
	Kind   string // "text", "area", "select", "radios", "boxes"; of several: "texts", "pair", "rows", "rule"
	Field  web.Field
	Fields []web.Field
	Langs  []i18n.Lang // of texts: the language of each field
	Rows   []row
	Asked  []asked   // of a rule: what it may ask for
	Says   web.Words // of a rule: what it means, in a sentence
	Before string    // what is stored now, where somebody else changed it meanwhile
}

type row struct{ Fields []web.Field }

func (s *sheet) add(name string, in input) {
	s.inputs = append(s.inputs, in)
	if s.named == nil {
		s.first = name
		s.named, s.blanks = map[string][]string{}, map[string][]string{}
	}
	for _, f := range append([]web.Field{in.Field}, in.Fields...) {
		if f.Name != "" {
			s.named[name] = append(s.named[name], f.Name)
		}
	}
}

// value is what the form shows of a field: what was typed, or what is stored.
func (s *sheet) value(name, stored string) string {
	if s.typed == nil {
		return stored
	}
	return s.typed.Get(name)
}

// say is a message about a field: that of its part, or the common one; no words where
// there is none.
func (s *sheet) say(what, name string) web.Words {
	for _, key := range []string{"permitedit." + what + "." + s.part + "_" + name, "permitedit." + what + "." + name} {
		if s.words.Has(key) {
			return web.Say(key)
		}
	}
	return web.Words{}
}

func (s *sheet) field(name, value string, tune []func(*web.Field)) web.Field {
	f := web.Field{Name: name, Label: s.say("field", name), Hint: s.say("hint", name), Value: value, Complete: "off"}
	for _, t := range tune {
		t(&f)
	}
	return f
}

func optional(f *web.Field) { f.Optional = true }

func wide(w string) func(*web.Field) { return func(f *web.Field) { f.Width = w } }

func among(o []web.Option) func(*web.Field) { return func(f *web.Field) { f.Options = o } }

// line is one line of text.
func (s *sheet) line(name string, to *string, tune ...func(*web.Field)) {
	*to = s.value(name, *to)
	s.add(name, input{Kind: "text", Field: s.field(name, *to, tune)})
}

// code is a code by which other parts name this one.
func (s *sheet) code(name string, to *string) { s.line(name, to, wide("20")) }

// texts is a text in every language, the one that is written first at the top.
func (s *sheet) texts(name string, to *i18n.Text, rows int, tune ...func(*web.Field)) {
	in := input{Kind: "texts", Field: web.Field{Label: s.say("field", name), Hint: s.say("hint", name), Rows: rows}}
	for _, t := range tune {
		t(&in.Field)
	}
	out := i18n.Text{}
	var blank []string
	for _, l := range i18n.Langs {
		one := name + "." + string(l)
		v := s.value(one, (*to)[l])
		if v != "" {
			out[l] = v
		} else {
			blank = append(blank, one)
		}
		in.Fields = append(in.Fields, web.Field{Name: one, Label: web.Plain(l.Name()), Value: v, Rows: rows, Width: "full", Complete: "off"})
		in.Langs = append(in.Langs, l)
	}
	*to = out
	s.add(name, in)
	s.blanks[name] = blank
}

// pick is one of several options; the empty one stands for none.
func (s *sheet) pick(name string, to *string, options []web.Option) {
	*to = s.value(name, *to)
	s.add(name, input{Kind: "select", Field: s.field(name, *to, []func(*web.Field){among(options)})})
}

// choose is one of a few options, all of them in sight.
func (s *sheet) choose(name string, to *string, options []web.Option) {
	*to = s.value(name, *to)
	s.add(name, input{Kind: "radios", Field: s.field(name, *to, []func(*web.Field){among(options)})})
}

// boxes are any of several options.
func (s *sheet) boxes(name string, to *[]string, options []web.Option) {
	if s.typed != nil {
		*to = s.typed[name]
	}
	f := s.field(name, "", []func(*web.Field){among(options)})
	f.Values = append([]string{""}, *to...)
	s.add(name, input{Kind: "boxes", Field: f})
}

// yes is a box that is ticked or not.
func (s *sheet) yes(name string, to *bool) {
	if s.typed != nil {
		*to = s.typed.Get(name) == yesValue
	}
	f := web.Field{Name: name, Label: s.say("field", name), Values: []string{""}, Options: []web.Option{{Value: yesValue, Words: s.say("yes", name), Hint: s.say("hint", name)}}}
	if *to {
		f.Values = []string{yesValue}
	}
	s.add(name, input{Kind: "boxes", Field: f})
}

const yesValue = "yes"

// told gives the fields of the domain the names of inputs of this form: a text leads
// to the languages that are missing, several that belong together to the first. What
// belongs to no input stays behind.
func (s *sheet) told(fields []fault.Field) (mine, others []fault.Field) {
	for _, f := range fields {
		names := s.named[f.Name]
		if len(names) == 0 && f.Name == "code" && len(s.inputs) > 0 { // the first field is what the thing is called
			names = s.named[s.first]
		}
		if len(names) == 0 {
			others = append(others, f)
			continue
		}
		if friendlier := "permitedit.wrong." + strings.TrimPrefix(f.Key, "permittype."); s.words.Has(friendlier) {
			f.Key = friendlier
		}
		if blank := s.blanks[f.Name]; len(blank) > 0 && f.Key == "permittype.text.languages" {
			names = blank
		} else {
			names = names[:1]
		}
		for _, n := range names {
			one := f
			one.Name = n
			mine = append(mine, one)
		}
	}
	return mine, others
}

// order are the names of all inputs as they stand on the page.
func (s *sheet) order() (names []string) {
	for _, in := range s.inputs {
		names = append(names, in.Field.Name)
		for _, f := range in.Fields {
			names = append(names, f.Name)
		}
		for _, r := range in.Rows {
			for _, f := range r.Fields {
				names = append(names, f.Name)
			}
		}
	}
	return names
}

// bind gives each input its error, if the page has one for it.
func (s *sheet) bind(p *web.Page) {
	for i := range s.inputs {
		in := &s.inputs[i]
		if in.Field.Name != "" {
			in.Field = p.Bind(in.Field)
		}
		for j := range in.Fields {
			in.Fields[j] = p.Bind(in.Fields[j])
		}
		for _, r := range in.Rows {
			for j := range r.Fields {
				r.Fields[j] = p.Bind(r.Fields[j])
			}
		}
	}
}

// pickAs is pick with words of its own, under the name that the domain gives it.
func (s *sheet) pickAs(domain, name string, label web.Words, to *string, options []web.Option) {
	*to = s.value(name, *to)
	s.add(domain, input{Kind: "select", Field: web.Field{Name: name, Label: label, Value: *to, Options: options}})
}

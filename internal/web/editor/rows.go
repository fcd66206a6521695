package editor

import (
	"strconv"

	"minqing/internal/catalogue"
	"minqing/internal/i18n"
	"minqing/internal/web"
)

// moreRows is the button that adds empty rows to a form.
const moreRows = "more"

// rowsMost is how many answers a question may offer, rowsSpare how many rows are empty.
const (
	rowsMost  = 60
	rowsSpare = 3
)

// options are the answers that a question offers, one a row: value and label in each
// language. An empty row is none.
func (s *sheet) options(name string, to *[]catalogue.Option) {
	var shown, kept []catalogue.Option
	if s.typed == nil {
		shown = *to
		kept = *to
	} else {
		for i := range rowsMost {
			o := catalogue.Option{Value: s.typed.Get(cell(name, i, "value")), Label: i18n.Text{}}
			for _, l := range i18n.Langs {
				if v := s.typed.Get(cell(name, i, string(l))); v != "" {
					o.Label[l] = v
				}
			}
			if o.Value != "" || !o.Label.Empty() {
				kept = append(kept, o)
			}
			if _, sent := s.typed[cell(name, i, "value")]; sent {
				shown = append(shown, o)
			}
		}
	}
	spare := rowsSpare
	if s.typed != nil && s.typed.Get("do") != moreRows {
		spare = 0
	}
	for range spare {
		shown = append(shown, catalogue.Option{})
	}
	in := input{Kind: "rows", Field: web.Field{Label: s.say("field", name), Hint: s.say("hint", name)}}
	s.add(name, in)
	for i, o := range shown {
		s.optionRow(name, i, o)
	}
	*to = kept
}

func cell(name string, i int, what string) string { return name + "." + strconv.Itoa(i) + "." + what }

func (s *sheet) optionRow(name string, i int, o catalogue.Option) {
	in := &s.inputs[len(s.inputs)-1]
	value := cell(name, i, "value")
	r := row{Fields: []web.Field{{Name: value, Label: web.Say("permitedit.option.value", "No", i+1), Value: o.Value, Complete: "off"}}}
	var blank []string
	for _, l := range i18n.Langs {
		one := cell(name, i, string(l))
		r.Fields = append(r.Fields, web.Field{Name: one, Label: web.Plain(l.Name() + " " + strconv.Itoa(i+1)), Value: o.Label[l], Complete: "off"})
		if o.Label[l] == "" {
			blank = append(blank, one)
		}
	}
	in.Rows = append(in.Rows, r)
	if len(s.named[name]) == 0 {
		s.named[name] = []string{value}
	}
	if o.Value != "" || !o.Label.Empty() {
		s.bad.That(o.Value != "", value, "permitedit.wrong.option")
		s.named["option."+o.Value], s.blanks["option."+o.Value] = []string{value}, blank
	}
}

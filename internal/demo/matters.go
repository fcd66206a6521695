package demo

import (
	"fmt"
	"io/fs"
	"strings"
	"sync"

	"minqing/internal/catalogue"
	"minqing/internal/i18n"
)

// matterFile is one field with its matters.
type matterFile struct {
	Field   catalogue.FieldDef `yaml:"field"`
	Route   []string           `yaml:"route"` // for matters without one of their own
	Matters []struct {
		catalogue.MatterDef `yaml:",inline"`
		Route               []string `yaml:"route"`
		Ask                 []ask    `yaml:"ask"`
	} `yaml:"matters"`
}

// ask is a question of its own or the name of one in questions.yaml.
type ask struct {
	name     string
	question catalogue.Question
}

// UnmarshalYAML takes a name or a whole question.
func (a *ask) UnmarshalYAML(into func(any) error) error {
	if into(&a.name) == nil {
		return nil
	}
	return into(&a.question)
}

// routes say who takes the cases of a matter, in the order of trying:
// "subdistrict" and "district:DUTY" mean the unit that serves the place,
// "unit:CODE" a fixed one.
type ruleFile struct {
	Reasons map[string]i18n.Text `yaml:"reasons"` // by the kind of step: subdistrict, district, unit
	Rules   []catalogue.RuleDef  `yaml:"rules"`   // exceptions, asked first
}

// Priorities: exceptions of rules.yaml name their own, above all of these.
const (
	firstStep = 500
	nextStep  = 10
)

// Content is the catalogue of the demo city.
var Content = sync.OnceValues(func() (catalogue.Content, error) {
	content := catalogue.Content{Source: Source, ValidFrom: founded}
	var err error
	if content.Units, err = units(); err != nil {
		return content, err
	}
	var rules ruleFile
	if err := read("rules.yaml", &rules); err != nil {
		return content, err
	}
	content.Rules = rules.Rules
	common := map[string]catalogue.Question{}
	if err := read("questions.yaml", &common); err != nil {
		return content, err
	}
	paths, err := fs.Glob(cityFiles, "city/matters/*.yaml")
	if err != nil {
		return content, fmt.Errorf("list the matters of the demo city: %w", err)
	}
	for _, path := range paths {
		var f matterFile
		if err := read(strings.TrimPrefix(path, "city/"), &f); err != nil {
			return content, err
		}
		if err := f.into(&content, common, rules.Reasons); err != nil {
			return content, err
		}
	}
	var situations struct {
		Situations []catalogue.SituationDef `yaml:"situations"`
	}
	err = read("situations.yaml", &situations)
	content.Situations = situations.Situations
	return content, err
})

func (f matterFile) into(content *catalogue.Content, common map[string]catalogue.Question, reasons map[string]i18n.Text) error {
	content.Fields = append(content.Fields, f.Field)
	for _, m := range f.Matters {
		m.Field = f.Field.Code
		if m.Track == "" {
			m.Track = catalogue.TrackHotline
		}
		for _, a := range m.Ask {
			q := a.question
			if a.name != "" {
				known, ok := common[a.name]
				if !ok {
					return fmt.Errorf("demo city: matter %s asks %s, which is not in questions.yaml", m.Code, a.name)
				}
				q, q.Name = known, a.name
			}
			m.Questions = append(m.Questions, q)
		}
		content.Matters = append(content.Matters, m.MatterDef)
		route := m.Route
		if len(route) == 0 {
			route = f.Route
		}
		if last := "unit:" + m.Unit; route[len(route)-1] != last {
			route = append(route[:len(route):len(route)], last)
		}
		for i, step := range route {
			r := rule(m.MatterDef, i, step, reasons)
			content.Rules = append(content.Rules, r)
		}
	}
	return nil
}

func rule(m catalogue.MatterDef, i int, step string, reasons map[string]i18n.Text) catalogue.RuleDef {
	kind, name, _ := strings.Cut(step, ":")
	r := catalogue.RuleDef{
		Life: catalogue.Life{Code: fmt.Sprintf("%s.%d", m.Code, i+1)}, Name: m.Name, Priority: int64(firstStep - i*nextStep),
		Matter: m.Code, Reason: reasons[kind],
	}
	switch kind {
	case "subdistrict":
		r.TargetKind = catalogue.UnitSubdistrict
	case "district":
		r.TargetKind, r.TargetDuty = catalogue.UnitBureau, name
	case "unit":
		r.Unit = name
	}
	return r
}

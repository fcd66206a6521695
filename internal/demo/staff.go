package demo

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"minqing/internal/catalogue"
	"minqing/internal/i18n"
)

// Colleague is an invented civil servant, in whose name cases of the city are
// handled. Nobody signs in as one.
type Colleague struct {
	Email string
	Name  string
	Role  string
	Unit  string // code
}

// Staff are the colleagues of the city, always the same: clerks of the hotline,
// handlers in every unit that rules send cases to, and a head over them.
func Staff() ([]Colleague, error) {
	w, err := NewWriter()
	if err != nil {
		return nil, err
	}
	content, err := Content()
	if err != nil {
		return nil, err
	}
	c := colleagues{w: w, r: rand.New(rand.NewPCG(1, 1))}
	c.add("call_agent", "HL", 6)
	c.add("dispatcher", "LJ", 4)
	for _, u := range content.Units {
		switch {
		case u.Kind == catalogue.UnitDistrict:
			c.add("head", u.Code, 1)
		case u.Kind == catalogue.UnitBureau && u.Parent == "LJ" && u.Code != "CG": // which has a head who signs in
			c.add("head", u.Code, 1)
		}
		if receives(u, content.Rules) {
			n := 2
			if u.Kind == catalogue.UnitSection {
				n = 3
			}
			c.add("handler", u.Code, n)
		}
	}
	return c.list, nil
}

// receives says whether a rule may send cases to the unit.
func receives(u catalogue.UnitDef, rules []catalogue.RuleDef) bool {
	for _, r := range rules {
		if r.Unit == u.Code || r.Unit == "" && r.TargetKind == u.Kind && (r.TargetDuty == "" || r.TargetDuty == u.Duty) {
			return true
		}
	}
	return false
}

type colleagues struct {
	w    *Writer
	r    *rand.Rand
	list []Colleague
}

func (c *colleagues) add(role, unit string, n int) {
	for i := range n {
		name := pick(c.r, c.w.words.Surnames)[i18n.ZhHant] + pick(c.r, c.w.words.Given)[i18n.ZhHant]
		email := fmt.Sprintf("%s.%s%d@demo.test", strings.ReplaceAll(role, "_", "-"), strings.ToLower(unit), i+1)
		c.list = append(c.list, Colleague{Email: email, Name: name, Role: role, Unit: unit})
	}
}

package editor

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"minqing/internal/calendar"
	"minqing/internal/web"
)

func short(f *web.Field) { f.Width, f.Mode = "5", "numeric" }

// whole is a number of 0 or more; nothing typed is 0.
func (s *sheet) whole(name string, to *int) {
	stored := ""
	if *to != 0 {
		stored = strconv.Itoa(*to)
	}
	v := s.value(name, stored)
	n, err := strconv.Atoi(v)
	s.bad.That(v == "" || err == nil && n >= 0, name, "permitedit.wrong.whole")
	if *to = 0; err == nil {
		*to = n
	}
	s.add(name, input{Kind: "text", Field: s.field(name, v, []func(*web.Field){short, optional})})
}

// number may have a fraction; nothing typed is none.
func (s *sheet) number(name string, to **float64) {
	stored := ""
	if *to != nil {
		stored = strconv.FormatFloat(**to, 'f', -1, 64)
	}
	v := s.value(name, stored)
	n, err := strconv.ParseFloat(v, 64)
	sound := err == nil && !math.IsNaN(n) && !math.IsInf(n, 0)
	s.bad.That(v == "" || sound, name, "permitedit.wrong.number")
	if *to = nil; sound {
		*to = &n
	}
	s.add(name, input{Kind: "text", Field: s.field(name, v, []func(*web.Field){short, optional})})
}

// money is an amount with two places, kept in the smallest coin.
func (s *sheet) money(name string, to *int64) {
	stored := ""
	if *to != 0 {
		stored = strconv.FormatInt(*to/100, 10) + "." + strconv.Itoa(int(*to%100/10)) + strconv.Itoa(int(*to%10))
	}
	v := s.value(name, stored)
	n, ok := coins(v)
	s.bad.That(ok, name, "permitedit.wrong.money")
	*to = n
	s.add(name, input{Kind: "text", Field: s.field(name, v, []func(*web.Field){wide("10"), func(f *web.Field) { f.Mode = "decimal" }})})
}

// coins reads "1,200.50" as 120050.
func coins(v string) (int64, bool) {
	units, parts, dotted := strings.Cut(strings.ReplaceAll(v, ",", ""), ".")
	if dotted && (len(parts) == 0 || len(parts) > 2) {
		return 0, false
	}
	n, err := strconv.ParseUint((units + (parts + "00")[:2]), 10, 48)
	return int64(n), err == nil && units != "" //nolint:gosec // 48 bits
}

// pair is a number with what it counts.
func (s *sheet) pair(name, number, unit string, units []string, tune ...func(*web.Field)) (n, u string) {
	n, u = s.value(name+".number", number), s.value(name+".unit", unit)
	in := input{Kind: "pair", Field: web.Field{Label: s.say("field", name), Hint: s.say("hint", name)}}
	for _, t := range tune {
		t(&in.Field)
	}
	choice := web.Field{Name: name + ".unit", Label: web.Say("permitedit.unit"), Value: u}
	for _, one := range units {
		key := one
		if key == "" {
			key = "none"
		}
		choice.Options = append(choice.Options, web.Option{Value: one, Words: web.Say("permitedit.unit." + key)})
	}
	in.Fields = []web.Field{{Name: name + ".number", Label: web.Say("permitedit.number"), Value: n, Width: "5", Mode: "numeric", Complete: "off"}, choice}
	s.add(name, in)
	return n, u
}

// limit is a number of working days or days; nothing typed is none.
func (s *sheet) limit(name string, to *calendar.Limit, tune ...func(*web.Field)) {
	s.limitIn(name, to, []calendar.Unit{calendar.WorkingDays, calendar.Days}, tune...)
}

// limitIn is a number of one of the units; nothing typed is none.
func (s *sheet) limitIn(name string, to *calendar.Limit, counts []calendar.Unit, tune ...func(*web.Field)) {
	number := ""
	if !to.IsZero() {
		number = strconv.Itoa(to.Number())
	}
	unit := string(to.Unit())
	if unit == "" {
		unit = string(calendar.WorkingDays)
	}
	units := make([]string, len(counts))
	for i, c := range counts {
		units[i] = string(c)
	}
	n, u := s.pair(name, number, unit, units, tune...)
	*to = calendar.Limit{}
	if n != "" {
		l, err := calendar.ParseLimit(n + u)
		s.bad.That(err == nil && slices.Contains(units, u), name+".number", "permitedit.wrong.limit.required")
		*to = l
	}
}

// term is a number with the letter of what it counts, as "6m"; units that count
// nothing, as "event", stand alone.
func (s *sheet) term(name string, to *string, units []string, tune ...func(*web.Field)) {
	number, unit := "", *to
	if n := strings.TrimRight(*to, "dmy"); n != *to {
		number, unit = n, (*to)[len(n):]
	}
	n, u := s.pair(name, number, unit, units, tune...)
	switch counts := u == "d" || u == "m" || u == "y"; {
	case !counts:
		*to = u
		s.bad.That(n == "", name+".number", "permitedit.wrong.term")
	default:
		*to = n + u
		s.bad.That(n != "", name+".number", "permitedit.wrong.term")
	}
}

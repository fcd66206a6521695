package main

import (
	"fmt"
	"slices"

	"minqing/internal/calendar"
	"minqing/internal/catalogue"
	"minqing/internal/demo"
	"minqing/internal/i18n"
)

// promise is what a message is promised: the limits of its matter, and how they
// warn. Limits are texts, so that the count can read them in its own way.
type promise struct {
	matter string // code; empty: not classified
	unit   string // that has it
	hours  [][2]int64

	accept, contact, sign, conclude string
	urgent                          bool
	before, after                   string // how long before and after expiry it warns; empty: as everywhere
	share                           int64  // or when so many percent are used
}

// Office hours of the demo city, in seconds of the day.
var (
	cityHours = [][2]int64{{9 * 3600, 12 * 3600}, {13*3600 + 1800, 17*3600 + 1800}}
	dayNight  = [][2]int64{{0, 24 * 3600}} // the hotline centre, to which what is not classified goes
)

// intakeDesk has every case until it is dispatched.
const intakeDesk = "HL01"

// promises are given to the messages in turn: every unit of time, every kind of
// warning, two kinds of office hours.
var promises = []promise{
	{unit: "HL01", hours: dayNight, accept: "1wd", contact: "24h", sign: "1wd", conclude: "5wd"},
	{matter: "replay-board", unit: "CG03", hours: cityHours, accept: "1wd", contact: "24h", sign: "1wd", conclude: "15wd"},
	{matter: "replay-short", unit: "CG02", hours: cityHours, accept: "2wh", contact: "4wh", sign: "4h", conclude: "3wd"},
	{matter: "replay-early", unit: "CG03", hours: cityHours, accept: "1wd", contact: "1wd", sign: "1wd", conclude: "7wd", before: "2wd", after: "2wd"},
	{matter: "replay-month", unit: "CG02", hours: cityHours, accept: "1wd", contact: "24h", sign: "1d", conclude: "30d"},
	{matter: "replay-hours", unit: "CG03", hours: cityHours, accept: "4wh", contact: "8wh", sign: "4wh", conclude: "16wh", before: "2wh", after: "4wh"},
	{matter: "replay-day", unit: "HL01", hours: dayNight, accept: "2h", contact: "2h", sign: "1h", conclude: "24h", before: "2h", after: "3h"},
	{matter: "replay-share", unit: "CG02", hours: cityHours, accept: "1wd", contact: "1d", sign: "2wd", conclude: "10wd", share: 60},
	{matter: "replay-urgent", unit: "CG03", hours: cityHours, accept: "2h", contact: "2h", sign: "2h", conclude: "2h", urgent: true},
	{matter: "replay-days", unit: "CG02", hours: cityHours, accept: "1wd", contact: "3d", sign: "1wd", conclude: "10d", before: "3d", after: "2d"},
}

// city is the catalogue of the demo city, in force before the first message, with
// the matters of the replay.
func city(from calendar.Date) (catalogue.Content, error) {
	content, err := demo.Content()
	if err != nil {
		return content, err
	}
	content.ValidFrom = from
	content.Fields = append(slices.Clone(content.Fields), catalogue.FieldDef{Life: catalogue.Life{Code: "replay"}, Name: named("replay")})
	content.Matters = slices.Clone(content.Matters)
	for _, p := range promises {
		if p.matter == "" {
			continue
		}
		m, err := p.definition()
		if err != nil {
			return content, fmt.Errorf("matter %s: %w", p.matter, err)
		}
		content.Matters = append(content.Matters, m)
	}
	return content, nil
}

func named(s string) i18n.Text {
	return i18n.Text{i18n.ZhHant: s, i18n.ZhHans: s, i18n.En: s}
}

func (p promise) definition() (m catalogue.MatterDef, err error) {
	m = catalogue.MatterDef{Life: catalogue.Life{Code: p.matter}, Field: "replay", Name: named(p.matter), Kinds: catalogue.Codes{"help_request"},
		Track: catalogue.TrackHotline, Unit: p.unit, Urgent: p.urgent}
	m.ClockRules.WarnShare = int(p.share)
	limits := []struct {
		text string
		into *calendar.Limit
	}{
		{p.accept, &m.ClockRules.Acceptance}, {p.contact, &m.ResponseLimit}, {p.sign, &m.SigninLimit}, {p.conclude, &m.HandlingLimit},
		{p.before, &m.ClockRules.WarnBefore}, {p.after, &m.ClockRules.WarnAfter},
	}
	for _, l := range limits {
		if l.text == "" {
			continue
		}
		if *l.into, err = calendar.ParseLimit(l.text); err != nil {
			return m, err
		}
	}
	return m, nil
}

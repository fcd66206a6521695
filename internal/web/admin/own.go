package admin

import (
	"minqing/internal/calendar"
	"minqing/internal/catalogue"
	"minqing/internal/web"
)

const (
	mattersPath = "/admin/clocks/matters"
	unitsPath   = "/admin/clocks/units"
)

// ownLimits are the matters in force, with their limits.
func ownLimits(snap *catalogue.Snapshot, today calendar.Date) web.Table {
	t := web.Table{ID: "own", Caption: web.Say("timing.own.title"), Columns: columns("timing.own.matter", "timing.standard.conclusion", "timing.standard.contact",
		"timing.standard.sign_in", "timing.standard.acceptance", "timing.basis")}
	for _, m := range snap.MattersOn(today, "") {
		basis := web.Plain("–")
		if !m.LegalBasis.Empty() {
			basis = web.Data(m.LegalBasis)
		}
		t.Rows = append(t.Rows, web.Row{Href: mattersPath + "/" + m.Code, Cells: []web.Cell{{Words: web.Data(m.Name)}, {Words: long(m.HandlingLimit)},
			{Words: long(m.ResponseLimit)}, {Words: long(m.SigninLimit)}, {Words: long(m.ClockRules.Acceptance)}, {Words: basis}}})
	}
	return t
}

// ownRules are the units in force, with their rules.
func ownRules(snap *catalogue.Snapshot, today calendar.Date) web.Table {
	t := web.Table{ID: "units", Caption: web.Say("timing.own.units"), Columns: columns("timing.own.unit", "timing.standard.acceptance", "timing.standard.warn_before",
		"timing.standard.warn_after", "timing.standard.return")}
	for _, u := range snap.Units {
		if !u.On(today) {
			continue
		}
		r := u.ClockRules
		before := long(r.WarnBefore)
		if r.WarnBefore.IsZero() && r.WarnShare > 0 {
			before = web.Say("timing.share", "Share", r.WarnShare)
		}
		t.Rows = append(t.Rows, web.Row{Href: unitsPath + "/" + u.Code, Cells: []web.Cell{{Words: web.Data(u.Name)}, {Words: long(r.Acceptance)}, {Words: before},
			{Words: long(r.WarnAfter)}, {Words: long(r.Return)}}})
	}
	return t
}

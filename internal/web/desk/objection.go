package desk

import (
	"minqing/internal/cases"
	"minqing/internal/i18n"
	"minqing/internal/web"
)

// objection asks for what a unit says that sends a case back.
func (b *asking) objection() {
	b.pick("reason", "", choices("case.return.", cases.ReturnReasons))
	basis := b.pick("basis", "", choices("case.return.basis.", cases.ReturnBases))
	basis.Optional, basis.Hint = true, web.Say("desk.field.basis.hint")
	proposed := b.pickUnit("", true)
	proposed.Optional, proposed.Label = true, web.Say("desk.field.proposed")
	b.write("explanation", "return")
}

// decision asks for what the desk, or the unit above, answers to it.
func (b *asking) decision(a cases.Action) {
	if e := b.one.Objected(); e != nil {
		b.f.Quote = e.Text
	}
	if a == cases.ActRuleObjection {
		b.choose("ruling", []web.Option{{Value: "unit", Words: web.Say("desk.ruling.unit")},
			{Value: "first", Words: web.Say("desk.ruling.first", "Unit", argument(b.n.unit(b.one.FirstReceiver())))}})
	} else {
		b.choose("agree", []web.Option{{Value: "yes", Words: web.Say("desk.agree.yes")}, {Value: "no", Words: web.Say("desk.agree.no", "Unit", argument(b.n.unit(b.one.UnitID)))}})
	}
	unit := b.pickUnit(unitCode(b.one.ProposedID, b.n), a == cases.ActDecideObjection)
	unit.Optional = true
	if a == cases.ActRuleObjection {
		unit.Label, unit.Hint = web.Say("desk.field.ruled"), web.Say("desk.field.ruled.hint")
	} else {
		unit.Label, unit.Hint = web.Say("desk.field.elsewhere"), web.Say("desk.field.elsewhere.hint")
	}
	note := b.write("note", "objection_note")
	note.Optional, note.Hint = a != cases.ActRuleObjection, web.Say("desk.field."+string(a)+".hint")
}

// returning says where a case goes that is sent back, who decides, and until
// when that is possible.
func (b *asking) returning(key string) []web.Words {
	says := []web.Words{web.Say(key, "Unit", argument(b.intake()))}
	if by, err := b.p.Cases.ReturnBy(b.c.Request.Context(), &b.one.Case); err == nil && by != nil {
		until := make(i18n.Text, len(i18n.Langs))
		for _, l := range i18n.Langs {
			until[l] = i18n.Format{Lang: l, Zone: b.n.zone}.DateTime(*by)
		}
		says = append(says, web.Say(key+".until", "At", until))
	}
	return says
}

// reason is a ground in words: decisions on a return name the one that it had.
func reason(a cases.Action, code string) web.Words {
	switch a {
	case cases.ActDispatch, cases.ActDecideObjection, cases.ActRuleObjection:
		a = cases.ActReturn
	}
	return web.Say("case." + string(a) + "." + code)
}

// objection tells of a return and of what was decided on it.
func (t teller) objection(a cases.Action, f cases.Facts) (chips []web.Chip) {
	if f.Basis != "" {
		chips = append(chips, web.Chip{Icon: "info-circle", Words: web.Say("case.return.basis." + f.Basis)})
	}
	if f.Proposed != "" {
		chips = append(chips, web.Chip{Icon: "building", Words: web.Say("desk.chip.proposed", "Unit", argument(t.unit(f.Proposed)))})
	}
	if f.Ruler != "" {
		chips = append(chips, web.Chip{Tone: web.ToneWatch, Words: web.Say("desk.chip.ruler", "Unit", argument(t.unit(f.Ruler)))})
	}
	if f.Approved != nil && (a == cases.ActDispatch || a == cases.ActDecideObjection) {
		key, tone := "desk.chip.objection_declined", web.ToneDue
		if *f.Approved {
			key, tone = "desk.chip.objection_agreed", web.ToneDone
		}
		chips = append(chips, web.Chip{Tone: tone, Words: web.Say(key)})
	}
	if f.First {
		chips = append(chips, web.Chip{Words: web.Say("desk.chip.first")})
	}
	if f.Bound {
		chips = append(chips, web.Chip{Tone: web.ToneWatch, Icon: "lock", Words: web.Say("desk.chip.bound")})
	}
	return chips
}

// returns are how often a case came back, and what waits to be decided on it.
func returns(c *cases.Case) (chips []web.Chip) {
	if c.ReturnedCount > 0 {
		chips = append(chips, web.Chip{Tone: web.ToneDue, Icon: "refresh", Words: web.Say("desk.chip.returned", "Count", c.ReturnedCount)})
	}
	switch {
	case c.Objection == cases.SuperiorDecides:
		chips = append(chips, web.Chip{Tone: web.ToneWatch, Words: web.Say("desk.chip.objection.superior")})
	case c.Objection == cases.DeskDecides:
		chips = append(chips, web.Chip{Tone: web.ToneWatch, Words: web.Say("desk.chip.objection.desk")})
	case c.BoundUnitID != nil && *c.BoundUnitID == c.UnitID && !c.Status.Ended():
		chips = append(chips, web.Chip{Icon: "lock", Words: web.Say("desk.chip.bound")})
	}
	return chips
}

// rules is the unit that decides on an objection.
func rules(one *cases.View) string {
	if one.RulerID != nil {
		return *one.RulerID
	}
	return holder(one)
}

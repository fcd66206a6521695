package routing

import (
	"minqing/internal/catalogue"
	"minqing/internal/i18n"
)

// adverse are the kinds of cases that complain about their subject.
var adverse = map[string]bool{"complaint": true, "report": true}

// divert keeps a complaint away from the unit that it is about and from
// everything inside that unit (濟南條例 art. 32, those with an interest
// step aside). The unit above takes it; a department's case goes to those who
// supervise departments, and a case about these to those who oversee them.
func (r *router) divert(unit *catalogue.Unit, decision *Decision) (*catalogue.Unit, bool) {
	if r.facts.SubjectUnitID == "" || !adverse[r.facts.Kind] {
		return unit, false
	}
	subject, err := r.snap.Unit(r.facts.SubjectUnitID)
	if err != nil || !unit.Within(subject) {
		return unit, false
	}
	above := r.above(subject)
	if above == nil || above.ID == unit.ID {
		return unit, false // a government that has nobody else to ask
	}
	decision.Notes = append(decision.Notes, Note{
		Key: "routing.diverted", Args: map[string]i18n.Text{"From": subject.Name, "Unit": above.Name},
	})
	return above, true
}

// above finds who takes it; a case about the whole government goes to those who
// oversee it, though they stand inside.
func (r *router) above(subject *catalogue.Unit) *catalogue.Unit {
	if subject.ParentID == nil {
		return r.duty(catalogue.DutyOversight, nil)
	}
	for _, u := range r.snap.Ancestors(subject) {
		if u.On(r.facts.Day) && u.ParentID != nil {
			return u
		}
	}
	if u := r.duty(catalogue.DutySupervision, subject); u != nil {
		return u
	}
	if u := r.duty(catalogue.DutyOversight, subject); u != nil {
		return u
	}
	return r.snap.Root()
}

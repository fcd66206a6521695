// Package routing decides which unit takes a case: facts and the catalogue in,
// an explained decision out. It is pure; nothing here reads a database.
package routing

import (
	"strings"

	"minqing/internal/calendar"
	"minqing/internal/catalogue"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/place"
)

// Facts are what routing may look at. All but Day may be missing.
type Facts struct {
	MatterID      string // id or code
	Kind          string // kind of case: complaint, report, enquiry, …
	DistrictID    string // id or code; the sub-district when it is known
	SubjectUnitID string // the unit that the case complains about, id or code
	Day           calendar.Date
}

// Note is one sentence of the explanation, a message key with what it names;
// values are i18n.Text.
type Note struct {
	Key  string               `json:"key"`
	Args map[string]i18n.Text `json:"args,omitempty"`
}

// Decision says who takes the case and why.
type Decision struct {
	UnitID      string    `json:"unit_id"`
	UnitCode    string    `json:"unit_code"`
	RuleID      string    `json:"rule_id,omitempty"` // empty when no rule matched
	RuleCode    string    `json:"rule_code,omitempty"`
	RuleVersion int64     `json:"rule_version,omitempty"`
	Reason      i18n.Text `json:"reason,omitempty"` // the rule's own words, names filled in
	Notes       []Note    `json:"notes"`            // what the program itself has to say
	Fallback    bool      `json:"fallback"`         // no rule matched: a person should look
	Diverted    bool      `json:"diverted"`         // kept away from the complained-about unit
}

// Decide finds the unit. Rules are asked in the snapshot's order; one whose
// target cannot be found for the district lets the next one speak. Without a
// rule the matter's own unit takes the case, without that the intake desk. It
// fails only when the catalogue has not even an intake desk or a root.
func Decide(snap *catalogue.Snapshot, places *place.Map, facts Facts) (Decision, error) {
	r := router{snap: snap, facts: facts}
	if m, err := snap.MatterOn(facts.MatterID, facts.Day); err == nil {
		r.matter = m
	}
	if d, err := places.District(facts.DistrictID); err == nil {
		r.districts = places.Chain(d)
	}
	decision, unit := r.choose()
	if unit == nil {
		return Decision{}, fault.New(fault.Unavailable, "routing.nobody")
	}
	unit, decision.Diverted = r.divert(unit, &decision)
	decision.UnitID, decision.UnitCode = unit.ID, unit.Code
	decision.Notes = append(decision.Notes, Note{Key: "routing.unit", Args: map[string]i18n.Text{"Unit": unit.Name}})
	return decision, nil
}

type router struct {
	snap      *catalogue.Snapshot
	facts     Facts
	matter    *catalogue.Matter // nil when unknown
	districts []*place.District // smallest first; empty when unknown
}

func (r *router) choose() (Decision, *catalogue.Unit) {
	for _, rule := range r.snap.Rules {
		if !r.matches(rule) {
			continue
		}
		if unit := r.target(rule); unit != nil {
			return Decision{
				RuleID: rule.ID, RuleCode: rule.Code, RuleVersion: rule.Version, Reason: r.words(rule.Reason, unit),
			}, unit
		}
	}
	fallback := Decision{Fallback: true}
	if r.matter != nil && r.matter.UnitID != nil {
		if unit, err := r.snap.UnitOn(*r.matter.UnitID, r.facts.Day); err == nil {
			fallback.Notes = []Note{{Key: "routing.fallback.matter", Args: map[string]i18n.Text{"Matter": r.matter.Name}}}
			return fallback, unit
		}
	}
	fallback.Notes = []Note{{Key: "routing.fallback.intake"}}
	return fallback, r.duty(catalogue.DutyIntake, nil)
}

// matches holds the facts against the rule's conditions; empty ones match.
func (r *router) matches(rule *catalogue.Rule) bool {
	if !rule.On(r.facts.Day) || (rule.Kind != "" && rule.Kind != r.facts.Kind) {
		return false
	}
	if rule.MatterID != nil && (r.matter == nil || r.matter.ID != *rule.MatterID) {
		return false
	}
	if rule.FieldID != nil && (r.matter == nil || r.matter.FieldID != *rule.FieldID) {
		return false
	}
	if rule.DistrictID == nil {
		return true
	}
	for _, d := range r.districts {
		if d.ID == *rule.DistrictID {
			return true
		}
	}
	return false
}

// target is the rule's unit: the named one, or the one that serves the smallest
// area around the place of the case.
func (r *router) target(rule *catalogue.Rule) *catalogue.Unit {
	if rule.UnitID != nil {
		unit, err := r.snap.UnitOn(*rule.UnitID, r.facts.Day)
		if err != nil {
			return nil
		}
		return unit
	}
	for _, d := range r.districts {
		if units := r.snap.Serving(d.ID, rule.TargetKind, rule.TargetDuty, r.facts.Day); len(units) > 0 {
			return units[0]
		}
	}
	return nil
}

// words fills {matter}, {district} and {unit} into a rule's reason.
func (r *router) words(reason i18n.Text, unit *catalogue.Unit) i18n.Text {
	filled := make(i18n.Text, len(reason))
	for lang, text := range reason {
		pairs := []string{"{unit}", unit.Name.In(lang)}
		if r.matter != nil {
			pairs = append(pairs, "{matter}", r.matter.Name.In(lang))
		}
		if len(r.districts) > 0 {
			pairs = append(pairs, "{district}", r.districts[0].Name.In(lang))
		}
		filled[lang] = strings.NewReplacer(pairs...).Replace(text)
	}
	return filled
}

// duty finds the unit with a city-wide duty, outside of the given unit; the
// root when there is none.
func (r *router) duty(duty string, outside *catalogue.Unit) *catalogue.Unit {
	for _, u := range r.snap.WithDuty(duty, r.facts.Day) {
		if outside == nil || !u.Within(outside) {
			return u
		}
	}
	if duty == catalogue.DutyIntake {
		return r.snap.Root()
	}
	return nil
}

package catalogue

import (
	"fmt"

	"minqing/internal/db"
	"minqing/internal/fault"
)

// life makes the dated part of a row: the identity of what stands under the
// code, or a new one, which items after it may refer to.
func (l *loader) life(kind string, d Life) (Record, error) {
	r := Record{ID: l.ids[kind][d.Code], Code: d.Code, ValidFrom: l.content.ValidFrom, ValidTo: d.ValidTo, Version: 1, Source: l.content.Source}
	if d.ValidFrom != nil {
		r.ValidFrom = *d.ValidFrom
	}
	if r.ID == "" {
		r.ID = db.NewID(l.now)
		l.ids[kind][d.Code] = r.ID
	}
	var err error
	r.SuccessorID, err = l.refer(kind, d.Successor, kind+"."+d.Code)
	return r, err
}

// refer finds the id behind a code; no code is no reference.
func (l *loader) refer(kind, code, from string) (*string, error) {
	if code == "" {
		return nil, nil
	}
	id, ok := l.ids[kind][code]
	if !ok {
		return nil, missing(from, code)
	}
	return &id, nil
}

// missing says that the content refers to something that is nowhere.
func missing(from, to string) error {
	return fault.InvalidInput(fault.Field{Name: from, Key: "catalogue.reference.missing", Args: map[string]any{"Code": to}})
}

// sorted puts each item behind those that it needs; cycles are refused.
func sorted[D any](defs []D, code func(D) string, needs func(D) []string) ([]D, error) {
	at := make(map[string]int, len(defs))
	for i, d := range defs {
		if _, twice := at[code(d)]; twice {
			return nil, fault.InvalidInput(fault.Field{Name: code(d), Key: "catalogue.code.twice"})
		}
		at[code(d)] = i
	}
	list := make([]D, 0, len(defs))
	const open, done = 1, 2
	state := make([]int, len(defs))
	var visit func(i int) error
	visit = func(i int) error {
		switch state[i] {
		case done:
			return nil
		case open:
			return fault.InvalidInput(fault.Field{Name: code(defs[i]), Key: "catalogue.reference.circle"})
		}
		state[i] = open
		for _, need := range needs(defs[i]) {
			if j, ok := at[need]; ok {
				if err := visit(j); err != nil {
					return err
				}
			}
		}
		state[i] = done
		list = append(list, defs[i])
		return nil
	}
	for i := range defs {
		if err := visit(i); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func (l *loader) saveFields() error {
	defs, err := sorted(l.content.Fields, func(d FieldDef) string { return d.Code },
		func(d FieldDef) []string { return []string{d.Successor} })
	if err != nil {
		return err
	}
	var rows []*Field
	for _, d := range defs {
		f := &Field{Name: d.Name, Summary: d.Summary, SevenHaves: d.SevenHaves, Position: d.Position}
		if f.Record, err = l.life("field", d.Life); err != nil {
			return err
		}
		rows = append(rows, f)
	}
	return save(l, "field", l.fields, rows)
}

func (l *loader) saveMatters() error {
	defs, err := sorted(l.content.Matters, func(d MatterDef) string { return d.Code },
		func(d MatterDef) []string { return []string{d.Successor} })
	if err != nil {
		return err
	}
	var rows []*Matter
	for _, d := range defs {
		m, err := l.matter(d)
		if err != nil {
			return err
		}
		rows = append(rows, m)
	}
	return save(l, "matter", l.matters, rows)
}

func (l *loader) matter(d MatterDef) (*Matter, error) {
	m := &Matter{
		Name: d.Name, Summary: d.Summary, Guide: d.Guide, Keywords: d.Keywords, Kinds: d.Kinds, Questions: d.Schema,
		Track: d.Track, HandlingLimit: d.HandlingLimit, ResponseLimit: d.ResponseLimit, SigninLimit: d.SigninLimit,
		Urgent: d.Urgent, NeedsPlace: d.NeedsPlace, ReplyReview: d.ReplyReview, Callback: d.Callback,
		Evaluable: !d.NotEvaluable, Sensitive: d.Sensitive, LegalBasis: d.LegalBasis, ClockRules: d.ClockRules,
	}
	at := "matter." + d.Code
	var err error
	if m.Record, err = l.life("matter", d.Life); err != nil {
		return nil, err
	}
	if len(m.Questions) == 0 {
		if m.Questions, err = SchemaOf(d.Questions); err != nil {
			return nil, fmt.Errorf("matter %s: %w", d.Code, err)
		}
	}
	if _, err := compileSchema(m.Questions); err != nil {
		return nil, fault.InvalidInput(fault.Field{Name: at + ".questions", Key: "catalogue.questions.invalid"}).Because(err)
	}
	id, ok := l.ids["field"][d.Field]
	if !ok {
		return nil, missing(at, d.Field)
	}
	m.FieldID = id
	m.UnitID, err = l.refer("unit", d.Unit, at)
	return m, err
}

func (l *loader) saveSituations() error {
	defs, err := sorted(l.content.Situations, func(d SituationDef) string { return d.Code },
		func(d SituationDef) []string { return []string{d.Successor} })
	if err != nil {
		return err
	}
	var rows []*Situation
	for _, d := range defs {
		s := &Situation{Name: d.Name, Summary: d.Summary, Keywords: d.Keywords, MatterCodes: d.Matters, Position: d.Position}
		if s.Record, err = l.life("situation", d.Life); err != nil {
			return err
		}
		for _, code := range d.Matters {
			if _, err := l.refer("matter", code, "situation."+d.Code); err != nil {
				return err
			}
		}
		rows = append(rows, s)
	}
	return save(l, "situation", l.situations, rows)
}

func (l *loader) saveRules() error {
	defs, err := sorted(l.content.Rules, func(d RuleDef) string { return d.Code },
		func(d RuleDef) []string { return []string{d.Successor} })
	if err != nil {
		return err
	}
	var rows []*Rule
	for _, d := range defs {
		r := &Rule{Name: d.Name, Priority: d.Priority, Kind: d.Kind, TargetKind: d.TargetKind, TargetDuty: d.TargetDuty, Reason: d.Reason}
		at := "rule." + d.Code
		if r.Record, err = l.life("rule", d.Life); err != nil {
			return err
		}
		for _, ref := range []struct {
			into       **string
			kind, code string
		}{{&r.FieldID, "field", d.Field}, {&r.MatterID, "matter", d.Matter}, {&r.DistrictID, "district", d.District}, {&r.UnitID, "unit", d.Unit}} {
			if *ref.into, err = l.refer(ref.kind, ref.code, at); err != nil {
				return err
			}
		}
		rows = append(rows, r)
	}
	return save(l, "rule", l.rules, rows)
}

package catalogue

import "bytes"

// describing turns items back into what a file says of them: ids become codes.
type describing struct {
	of       *Snapshot
	district func(id string) string
}

func (w describing) life(r Record) Life {
	l := Life{Code: r.Code, ValidFrom: &r.ValidFrom, ValidTo: r.ValidTo}
	if r.SuccessorID != nil {
		l.Successor = w.code(r.SuccessorID)
	}
	return l
}

// code is that of a unit, field, matter, situation or rule.
func (w describing) code(id *string) string {
	if id == nil {
		return ""
	}
	if u, ok := w.of.units[*id]; ok {
		return u.Code
	}
	if f, ok := w.of.fields[*id]; ok {
		return f.Code
	}
	if m, ok := w.of.matters[*id]; ok {
		return m.Code
	}
	if x, ok := w.of.situations[*id]; ok {
		return x.Code
	}
	if r, ok := w.of.rules[*id]; ok {
		return r.Code
	}
	return ""
}

func (w describing) area(id *string) string {
	if id == nil {
		return ""
	}
	return w.district(*id)
}

func (w describing) unit(u *Unit) UnitDef {
	d := UnitDef{Life: w.life(u.Record), Name: u.Name, Parent: w.code(u.ParentID), Kind: u.Kind, Duty: u.Duty, District: w.area(u.DistrictID),
		OfficeHours: u.OfficeHours, Phone: u.Phone, ClockRules: u.ClockRules}
	for _, own := range []struct {
		of   *string
		into *string
	}{{u.Zone, &d.Zone}, {u.Calendar, &d.Calendar}, {u.LegalProfile, &d.LegalProfile}} {
		if own.of != nil {
			*own.into = *own.of
		}
	}
	return d
}

func (w describing) matter(m *Matter) (MatterDef, error) {
	d := MatterDef{Life: w.life(m.Record), Field: w.code(&m.FieldID), Name: m.Name, Summary: m.Summary, Guide: m.Guide, Keywords: m.Keywords,
		Kinds: m.Kinds, Track: m.Track, HandlingLimit: m.HandlingLimit, ResponseLimit: m.ResponseLimit, SigninLimit: m.SigninLimit,
		Urgent: m.Urgent, NeedsPlace: m.NeedsPlace, ReplyReview: m.ReplyReview, Callback: m.Callback, NotEvaluable: !m.Evaluable, Sensitive: m.Sensitive,
		Unit: w.code(m.UnitID), LegalBasis: m.LegalBasis, ClockRules: m.ClockRules}
	var err error
	if d.Questions, err = QuestionsOf(m.Questions); err != nil {
		return d, err
	}
	// A schema written elsewhere may say more than our questions can.
	if again, err := SchemaOf(d.Questions); err != nil || !bytes.Equal(again, m.Questions) {
		d.Questions, d.Schema = nil, m.Questions
	}
	return d, nil
}

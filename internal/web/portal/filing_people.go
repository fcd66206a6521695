package portal

import (
	"slices"

	"minqing/internal/actor"
	"minqing/internal/cases"
	"minqing/internal/catalogue"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/web"
)

// For whom somebody files.
const (
	forSelf  = "self"
	forOther = "other"
)

// accuses says whether a kind of case is about a unit or a person.
func accuses(k cases.Kind) bool { return k == cases.Complaint || k == cases.Report }

// against asks who is complained about.
type against struct {
	Unit, Name web.Field
	Fixed      bool // the kind is settled: shown whatever is chosen on the page
}

func (w *work) against(v *filingView) *against {
	kinds := kindsOf(w.matter)
	if !slices.ContainsFunc(kinds, accuses) {
		return nil
	}
	a := &against{Fixed: len(kinds) == 1}
	a.Unit = web.Field{Name: "subject.unit_code", Label: web.Say("portal.subject.unit"), Hint: web.Say("portal.subject.unit.hint"), Value: w.sheet.SubjectUnit,
		Optional: true, Options: append([]web.Option{{Words: web.Say("portal.subject.none")}}, w.city.unitOptions(v.Lang)...)}
	a.Name = web.Field{Name: "subject.name", Label: web.Say("portal.subject.name"), Hint: web.Say("portal.subject.name.hint"), Value: w.sheet.SubjectName,
		Optional: true, Width: "20"}
	a.Unit, a.Name = v.Bind(a.Unit), v.Bind(a.Name)
	return a
}

// unitOptions are the units in force, each after the bureau or district that it
// belongs to.
func (c city) unitOptions(lang i18n.Lang) []web.Option {
	var list []web.Option
	for _, u := range c.snap.Units {
		if u.On(c.day) {
			list = append(list, web.Option{Value: u.Code, Words: web.Plain(c.unitName(u, lang))})
		}
	}
	return list
}

func (c city) unitName(u *catalogue.Unit, lang i18n.Lang) string {
	name := u.Name.In(lang)
	if p := c.snap.Parent(u); p != nil && p.ParentID != nil {
		return p.Name.In(lang) + " · " + name
	}
	return name
}

// privacies are the choices of who learns who files. A whistle-blower must accuse
// somebody, and somebody must be appointed to receive it.
func (h *filingPages) privacies(w *work) []cases.Confidentiality {
	list := []cases.Confidentiality{cases.Normal, cases.IdentityHidden, cases.AnonymousFiler}
	if accuses(cases.Kind(w.sheet.Kind)) && h.Cases.TakesWhistle(w.c.Request.Context(), w.city.snap, w.city.day) {
		list = append(list, cases.Whistle)
	}
	return list
}

func (h *filingPages) fillWho(w *work, v *filingView) {
	s := &w.sheet
	v.For = web.Field{Name: "filing_for", Label: web.Say("portal.for"), Value: s.filesFor(),
		Options: []web.Option{{Value: forSelf, Words: web.Say("portal.for.self")}, {Value: forOther, Words: web.Say("portal.for.other")}}}
	v.For = v.Bind(v.For)
	v.Behalf = v.Bind(web.Field{Name: "on_behalf_of.name", Label: web.Say("portal.behalf.name"), Value: s.Behalf, Width: "20"})
	v.Relation = v.Bind(web.Field{Name: "on_behalf_of.relation", Label: web.Say("portal.behalf.relation"), Hint: web.Say("portal.behalf.relation.hint"),
		Value: s.Relation, Width: "20", Optional: true})
	if w.staff() {
		v.Channel = &web.Field{Name: "channel", Label: web.Say("portal.channel"), Value: s.channel(), Inline: true}
		for _, c := range cases.StaffChannels {
			v.Channel.Options = append(v.Channel.Options, web.Option{Value: c, Words: web.Say("case.channel." + c)})
		}
		*v.Channel = v.Bind(*v.Channel)
	}
	v.Privacy = web.Field{Name: "confidentiality", Label: web.Say("portal.who.privacy"), Value: privacy(s.Privacy)}
	for _, p := range h.privacies(w) {
		v.Privacy.Options = append(v.Privacy.Options, web.Option{Value: string(p), Words: web.Say("portal.privacy." + string(p)),
			Hint: web.Say("portal.privacy." + string(p) + ".hint")})
	}
	v.Privacy = v.Bind(v.Privacy)
	known := actor.From(w.c.Request.Context()).ConstituentID != ""
	if known {
		v.KnownAs = v.Page.Name
	}
	v.Who = v.Bind(web.Field{Name: "contact.name", Label: web.Say(w.whose("name")), Value: s.Name, Complete: "name", Width: "20", Optional: known})
	v.Phone = v.Bind(web.Field{Name: "contact.phone", Label: web.Say(w.whose("phone")), Hint: web.Say("portal.who.phone.hint"), Value: s.Phone,
		Type: "tel", Complete: "tel", Width: "20", Optional: known})
	v.Mail = v.Bind(web.Field{Name: "contact.email", Label: web.Say(w.whose("email")), Hint: web.Say("portal.who.email.hint"), Value: s.Email,
		Type: "email", Complete: "email", Width: "30", Optional: true})
	if w.staff() { // the browser knows the clerk, not the person
		v.Who.Complete, v.Phone.Complete, v.Mail.Complete = "off", "off", "off"
	}
}

// channel is how the person reached the member of staff.
func (s *sheet) channel() string {
	if s.Channel == "" {
		return cases.StaffChannels[0]
	}
	return s.Channel
}

// whose is the label of a way to reach the person: of oneself, or of somebody whom
// a member of staff writes down.
func (w *work) whose(field string) string {
	if w.staff() {
		return "portal.staff." + field
	}
	return "portal.who." + field
}

func (s *sheet) filesFor() string {
	if s.For == "" {
		return forSelf
	}
	return s.For
}

// behalfProblems are what a filing alone cannot tell: that somebody is meant.
func (s *sheet) behalfProblems() []fault.Field {
	switch {
	case s.For != "" && s.For != forSelf && s.For != forOther:
		return []fault.Field{{Name: "filing_for", Key: "portal.for.required"}}
	case s.For == forOther && s.Behalf == "":
		return []fault.Field{{Name: "on_behalf_of.name", Key: "portal.behalf.required"}}
	}
	return nil
}

// subjectRows says who is complained about, for the check.
func (w *work) subjectRows(lang i18n.Lang, change string) []web.SummaryRow {
	if !accuses(cases.Kind(w.sheet.Kind)) {
		return nil
	}
	unit := orEmpty("")
	if u, err := w.city.snap.UnitOn(w.sheet.SubjectUnit, w.city.day); err == nil {
		unit = web.Plain(w.city.unitName(u, lang))
	}
	return []web.SummaryRow{{Key: web.Say("portal.subject.unit.short"), Value: unit, Change: change},
		{Key: web.Say("portal.subject.name.short"), Value: orEmpty(w.sheet.SubjectName), Change: change}}
}

// whoRows says who files, for whom, and who may know it, for the check.
func (w *work) whoRows(known string) []web.SummaryRow {
	s, change := &w.sheet, w.path(stepWho)
	row := func(key string, value web.Words) web.SummaryRow {
		return web.SummaryRow{Key: web.Say(key), Value: value, Change: change}
	}
	var rows []web.SummaryRow
	if w.staff() {
		rows = append(rows, row("portal.channel", web.Say("case.channel."+s.channel())))
	}
	rows = append(rows, row("portal.for", web.Say("portal.for."+s.filesFor())))
	if s.For == forOther {
		rows = append(rows, row("portal.behalf.name", orEmpty(s.Behalf)), row("portal.behalf.relation", orEmpty(s.Relation)))
	}
	rows = append(rows, row("portal.who.privacy", web.Say("portal.privacy."+privacy(s.Privacy))))
	if cases.Confidentiality(s.Privacy) == cases.AnonymousFiler {
		return rows
	}
	name := s.Name
	if name == "" {
		name = known
	}
	return append(rows, row(w.whose("name"), orEmpty(name)), row(w.whose("phone"), orEmpty(s.Phone)), row(w.whose("email"), orEmpty(s.Email)))
}

package editor

import (
	"minqing/internal/permittypes"
	"minqing/internal/web"
)

// materialsPart is the checklist of papers.
func materialsPart(ref references) part[file] {
	return &list[file, permittypes.Material]{name: "materials", domain: "material", of: func(f *file) *[]permittypes.Material { return &f.Materials },
		line: func(f *file, m *permittypes.Material) line {
			return line{Code: m.Code, Title: web.Data(m.Name), Notes: ref.when(f, m.If)}
		},
		fill: func(s *sheet, f *file, m *permittypes.Material) {
			s.code("code", &m.Code)
			s.texts("name", &m.Name, 0)
			s.texts("hint", &m.Hint, 0, optional)
			s.yes("required", &m.Required)
			s.rule("if", &m.If, f)
			s.boxes("kinds", &m.Kinds, named("permitedit.kind.", permittypes.FileKinds...))
			s.yes("reusable", &m.Reusable)
			s.whole("valid_months", &m.ValidMonths)
			s.pick("held_from", &m.HeldFrom, orNone("permitedit.held.none", named("permitedit.register.", permittypes.Registers...)))
			s.boxes("held_permits", &m.HeldPermits, ref.types)
		}}
}

// heldPart are the answers that are filled in from what the government has.
func heldPart(ref references) part[file] {
	return &list[file, permittypes.Held]{name: "held", domain: "held", of: func(f *file) *[]permittypes.Held { return &f.Held },
		line: func(f *file, h *permittypes.Held) line {
			return line{Code: h.Question, Title: questionTitle(f, h.Question), Notes: []web.Words{web.Say("permitedit.register." + h.From), ref.what(h.What)}}
		},
		fill: func(s *sheet, f *file, h *permittypes.Held) {
			var all []web.Option
			for _, q := range f.Ask {
				all = append(all, web.Option{Value: q.Name, Words: web.Data(q.Title)})
			}
			s.pick("question", &h.Question, orNone("permitedit.choose", all))
			s.choose("from", &h.From, named("permitedit.register.", permittypes.CompanyRegister, permittypes.IdentityRegister, permittypes.PermitRegister))
			s.line("what", &h.What, wide("20"), func(w *web.Field) {
				for _, o := range []string{"name", "code", "phone", "email"} {
					w.Offers = append(w.Offers, web.Option{Value: o, Words: web.Say("permitedit.what." + o)})
				}
			})
			s.boxes("permits", &h.Permits, ref.types)
			s.yes("reason", &h.Reason)
		}}
}

func questionTitle(f *file, name string) web.Words {
	for _, q := range f.Ask {
		if q.Name == name {
			return web.Data(q.Title)
		}
	}
	return web.Words{}
}

// phrasesPart says in words what the conditions of rules mean.
func phrasesPart(ref references) part[file] {
	return &list[file, permittypes.Phrase]{name: "phrases", domain: "phrase", of: func(f *file) *[]permittypes.Phrase { return &f.Phrases },
		line: func(f *file, p *permittypes.Phrase) line {
			unsaid := *f
			unsaid.Phrases = nil
			return line{Code: string(p.Test), Title: web.Data(p.Text), Notes: ref.when(&unsaid, p.Test), Bare: true}
		},
		fill: func(s *sheet, f *file, p *permittypes.Phrase) {
			s.rule("test", &p.Test, f)
			s.bad.That(s.typed == nil || p.Test != "", "test", "permitedit.wrong.test")
			s.texts("text", &p.Text, 0)
			s.named["code"] = []string{"test"}
		}}
}

// feesPart is what the permit costs.
func feesPart(ref references) part[file] {
	return &list[file, permittypes.Fee]{name: "fees", domain: "fee", of: func(f *file) *[]permittypes.Fee { return &f.Fees },
		line: func(f *file, e *permittypes.Fee) line {
			return line{Code: e.Code, Title: web.Data(e.Name), Notes: ref.when(f, e.If)}
		},
		fill: func(s *sheet, f *file, e *permittypes.Fee) {
			s.code("code", &e.Code)
			s.texts("name", &e.Name, 0)
			s.money("amount", &e.Amount)
			s.pick("currency", &e.Currency, named("permitedit.currency.", "CNY", "TWD"))
			s.choose("when", &e.When, named("permittype.fee.", permittypes.FeeAtAcceptance, permittypes.FeeAtGrant))
			s.rule("if", &e.If, f)
			s.yes("holds", &e.Holds)
		}}
}

// stepsPart are the stages that applicants are shown.
func stepsPart() part[file] {
	return &list[file, permittypes.Step]{name: "steps", domain: "step", whole: "steps", of: func(f *file) *[]permittypes.Step { return &f.Steps },
		line: func(_ *file, e *permittypes.Step) line { return line{Code: e.Code, Title: web.Data(e.Name)} },
		fill: func(s *sheet, _ *file, e *permittypes.Step) {
			s.code("code", &e.Code)
			s.texts("name", &e.Name, 0)
		}}
}

// opinionsPart are the units that are asked before the decision.
func opinionsPart(ref references) part[file] {
	return &list[file, permittypes.Opinion]{name: "opinions", domain: "opinion", byRank: true, of: func(f *file) *[]permittypes.Opinion { return &f.Opinions },
		line: func(f *file, e *permittypes.Opinion) line {
			return line{Code: e.UnitCode, Title: optionWords(ref.units, e.UnitCode), Notes: ref.when(f, e.If)}
		},
		fill: func(s *sheet, f *file, e *permittypes.Opinion) {
			s.line("unit", &e.UnitCode, wide("20"), func(w *web.Field) { w.Offers = ref.units })
			s.limit("limit", &e.Limit)
			s.yes("preliminary", &e.Preliminary)
			s.rule("if", &e.If, f)
		}}
}

// checklistPart is what officials look at on site; a type without any has no
// inspection.
func checklistPart(ref references) part[file] {
	p := &inspected{list[file, permittypes.Check]{name: "checklist", domain: "check", whole: "checklist", of: func(f *file) *[]permittypes.Check { return &f.Checklist },
		line: func(f *file, e *permittypes.Check) line {
			return line{Code: e.Code, Title: web.Data(e.Name), Notes: ref.when(f, e.If)}
		},
		fill: func(s *sheet, f *file, e *permittypes.Check) {
			s.code("code", &e.Code)
			s.texts("name", &e.Name, 0)
			s.rule("if", &e.If, f)
		}}}
	return p
}

// inspected has the inspection follow from its checklist.
type inspected struct{ list[file, permittypes.Check] }

// Fill takes a thing of the checklist; from the first on there is an inspection.
func (p *inspected) Fill(s *sheet, f *file, at int) {
	p.list.Fill(s, f, at)
	f.Inspection = len(f.Checklist) > 0
}

// Remove takes a thing away; with the last goes the inspection.
func (p *inspected) Remove(f *file, at int) {
	p.list.Remove(f, at)
	f.Inspection = len(f.Checklist) > 0
}

// dutiesPart is what the holder owes after the permit is issued.
func dutiesPart(ref references) part[file] {
	return &list[file, permittypes.Duty]{name: "duties", domain: "duty", whole: "duties", of: func(f *file) *[]permittypes.Duty { return &f.Duties },
		line: func(_ *file, e *permittypes.Duty) line {
			return line{Code: e.Code, Title: web.Data(e.Name), Notes: []web.Words{ref.term("permitedit.note.first", e.First), ref.term("permitedit.note.every", e.Every)}}
		},
		fill: func(s *sheet, _ *file, e *permittypes.Duty) {
			s.code("code", &e.Code)
			s.choose("kind", &e.Kind, named("permitedit.duty.", permittypes.DutyKinds...))
			s.texts("name", &e.Name, 0)
			s.texts("hint", &e.Hint, 2, optional)
			s.texts("legal", &e.Legal, 0, optional)
			s.term("first", &e.First, []string{"d", "m", "y"})
			s.term("every", &e.Every, []string{"", "d", "m", "y"})
			s.whole("warn", &e.Warn)
		}}
}

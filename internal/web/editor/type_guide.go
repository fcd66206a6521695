package editor

import (
	"minqing/internal/permittypes"
	"minqing/internal/web"
)

// outcomesPart are the ends of the guide: which permits are needed, or none, and why.
func outcomesPart(ref references) part[file] {
	return &list[file, permittypes.Outcome]{name: "outcomes", domain: "guide", of: func(f *file) *[]permittypes.Outcome { return &f.Guide.Outcomes },
		owns: func(string) bool { return false }, // the guide shows what is wrong with where it leads
		line: func(_ *file, o *permittypes.Outcome) line {
			l := line{Code: o.Code, Title: web.Data(o.Why)}
			for _, n := range o.Needs {
				l.Notes = append(l.Notes, optionWords(ref.types, n))
			}
			if len(o.Needs) == 0 {
				l.Notes = []web.Words{web.Say("permittype.guide.not_needed")}
			}
			return l
		},
		fill: func(s *sheet, _ *file, o *permittypes.Outcome) {
			s.code("code", &o.Code)
			s.boxes("needs", &o.Needs, ref.types)
			s.texts("why", &o.Why, 2)
		}}
}

// leads says to which question or outcome an answer leads.
func leads(key string, f *file, to string) web.Words {
	for _, q := range f.Guide.Questions {
		if q.Code == to && to != "" {
			return web.Say(key, "What", q.Text)
		}
	}
	for _, o := range f.Guide.Outcomes {
		if o.Code == to && to != "" {
			return web.Say(key, "What", o.Why)
		}
	}
	return web.Say(key + ".open")
}

// guidePart are the yes-or-no questions; the first is asked first.
func guidePart() part[file] {
	p := &list[file, permittypes.GuideQuestion]{name: "guide", domain: "guide", whole: "guide", of: func(f *file) *[]permittypes.GuideQuestion { return &f.Guide.Questions },
		line: func(f *file, q *permittypes.GuideQuestion) line {
			return line{Code: q.Code, Title: web.Data(q.Text), Notes: []web.Words{leads("permitedit.note.yes", f, q.Yes), leads("permitedit.note.no", f, q.No)}}
		}}
	p.fill = func(s *sheet, f *file, q *permittypes.GuideQuestion) {
		s.code("code", &q.Code)
		s.texts("text", &q.Text, 0)
		s.texts("hint", &q.Hint, 0, optional)
		to := orNone("permitedit.guide.open", nil)
		for _, other := range f.Guide.Questions {
			if other.Code != q.Code {
				to = append(to, web.Option{Value: other.Code, Words: web.Say("permitedit.guide.question", "Code", other.Code, "Text", other.Text)})
			}
		}
		for _, o := range f.Guide.Outcomes {
			to = append(to, web.Option{Value: o.Code, Words: web.Say("permitedit.guide.outcome", "Code", o.Code, "Text", o.Why)})
		}
		for name, at := range map[string]*string{"yes": &q.Yes, "no": &q.No} {
			chosen := s.value(name, *at)
			s.bad.That(chosen == "" || s.typed == nil || hasOption(to, chosen), name, "permittype.guide.nowhere", "Code", chosen)
		}
		s.pick("yes", &q.Yes, to)
		s.pick("no", &q.No, to)
	}
	return p
}

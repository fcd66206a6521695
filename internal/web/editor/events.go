package editor

import (
	"context"
	"maps"
	"slices"

	"minqing/internal/access"
	"minqing/internal/catalogue"
	"minqing/internal/i18n"
	"minqing/internal/permittypes"
	"minqing/internal/web"
)

// People names accounts.
type People interface {
	Names(ctx context.Context, accountIDs ...string) (map[string]string, error)
}

// EventDeps are what the pages about life events work with.
type EventDeps struct {
	Kit    *web.Kit
	Types  *permittypes.Service
	Words  *i18n.Bundle
	People People
}

type event = permittypes.Event

// eventDesk is the desk at which life events are written.
type eventDesk struct {
	desk[event]
	deps EventDeps
}

// RegisterEvents mounts the list of life events, their versions, and the forms on
// which the next version is written.
func RegisterEvents(d EventDeps) {
	e := &eventDesk{deps: d}
	e.desk = desk[event]{kit: d.Kit, words: d.Words, base: "/admin/life-events", parts: e.eventParts, load: d.Types.WorkingEvent, keep: d.Types.KeepEvent,
		drop: d.Types.DropEventDraft, ready: d.Types.CheckEvent, name: func(x *event) i18n.Text { return x.Name }, preview: true,
		shelf: shelf[event]{title: web.Say("permitedit.events"), draft: d.Types.EventDraft, editions: d.Types.EventEditions, version: d.Types.EventVersion,
			publish: d.Types.PublishEvent, people: d.People}}
	g, size := d.Kit.Group("/admin"), web.Body(1<<20)
	d.Kit.GET(g, "/life-events", access.PermitTypeWrite, e.all)
	d.Kit.GET(g, "/life-events/:code", access.PermitTypeWrite, e.showVersions)
	d.Kit.POST(g, "/life-events/:code/publish", access.PermitTypePublish, e.publish)
	d.Kit.GET(g, "/life-events/:code/draft", access.PermitTypeWrite, e.begin)
	d.Kit.POST(g, "/life-events/:code/draft", access.PermitTypeWrite, e.started, size)
	d.Kit.GET(g, "/life-events/:code/draft/:part", access.PermitTypeWrite, e.showPart)
	d.Kit.POST(g, "/life-events/:code/draft/:part", access.PermitTypeWrite, e.sendPart, size)
	d.Kit.GET(g, "/life-events/:code/draft/:part/:item", access.PermitTypeWrite, e.showForm)
	d.Kit.POST(g, "/life-events/:code/draft/:part/:item", access.PermitTypeWrite, e.sendForm, size)
}

// eventParts are the parts of an event in the order in which they are best written.
func (e *eventDesk) eventParts(ctx context.Context) ([]part[event], error) {
	types, err := e.deps.Types.Types(ctx)
	if err != nil {
		return nil, err
	}
	known := joinable{types: types}
	return []part[event]{eventTexts(), conditionsPart(), eventTypesPart(known), sameQuestionsPart(known), sameMaterialsPart(known)}, nil
}

// joinable are the types in force, which an event may join.
type joinable struct{ types []permittypes.Type }

func (j joinable) of(code string) *permittypes.Type {
	for i := range j.types {
		if j.types[i].Code == code {
			return &j.types[i]
		}
	}
	return nil
}

func eventTexts() part[event] {
	return &single[event]{name: "event_texts", fields: []string{"code", "name", "summary"}, fill: func(s *sheet, e *event) {
		s.texts("name", &e.Name, 0)
		s.texts("summary", &e.Summary, 3)
		s.yes("withdrawn", &e.Withdrawn)
	}}
}

// conditionsPart are questions that the guides of several types ask.
func conditionsPart() part[event] {
	return &list[event, permittypes.Condition]{name: "conditions", domain: "condition", of: func(e *event) *[]permittypes.Condition { return &e.Conditions },
		line: func(_ *event, c *permittypes.Condition) line { return line{Code: c.Code, Title: web.Data(c.Text)} },
		fill: func(s *sheet, _ *event, c *permittypes.Condition) {
			s.code("code", &c.Code)
			s.texts("text", &c.Text, 0)
			s.texts("hint", &c.Hint, 0, optional)
		}}
}

// eventTypesPart are the types, with what the event itself answers in their guides.
func eventTypesPart(known joinable) part[event] {
	p := &list[event, permittypes.EventType]{name: "event_types", domain: "type", whole: "types", of: func(e *event) *[]permittypes.EventType { return &e.Types },
		line: func(_ *event, t *permittypes.EventType) line {
			l := line{Code: t.Code}
			if one := known.of(t.Code); one != nil {
				l.Title = web.Data(one.Name)
			}
			return l
		}}
	p.fill = func(s *sheet, e *event, t *permittypes.EventType) {
		was := t.Code
		s.pick("code", &t.Code, orNone("permitedit.choose", known.options()))
		one := known.of(t.Code)
		if one == nil || t.Code != was && s.typed == nil {
			return
		}
		answers := maps.Clone(t.Known)
		t.Known = map[string]string{}
		choices := []web.Option{{Words: web.Say("permitedit.known.asked")}, {Value: permittypes.KnownYes, Words: web.Say("permitedit.known.yes")}, {Value: permittypes.KnownNo, Words: web.Say("permitedit.known.no")}}
		for _, c := range e.Conditions {
			choices = append(choices, web.Option{Value: c.Code, Words: web.Say("permitedit.known.condition", "Text", c.Text)})
		}
		for _, q := range one.Guide.Questions {
			v := answers[q.Code]
			s.pickAs(q.Code, "known."+q.Code, web.Data(q.Text), &v, choices)
			if v != "" {
				t.Known[q.Code] = v
			}
			delete(answers, q.Code)
		}
		for _, gone := range slices.Sorted(maps.Keys(answers)) { // what its guide asks no more is still shown, to be mended
			v := answers[gone]
			s.pickAs(gone, "known."+gone, web.Plain(gone), &v, choices)
			if v != "" {
				t.Known[gone] = v
			}
		}
	}
	return p
}

func (j joinable) options() (list []web.Option) {
	for i := range j.types {
		list = append(list, web.Option{Value: j.types[i].Code, Words: web.Data(j.types[i].Name)})
	}
	return list
}

// sameQuestionsPart are questions that several of the types ask alike.
func sameQuestionsPart(known joinable) part[event] {
	return samePart("same_questions", "question", known, func(e *event) *[]permittypes.Same { return &e.Questions }, func(t *permittypes.Type) (list []web.Option) {
		all, err := catalogue.QuestionsOf(t.Questions)
		if err != nil {
			return nil
		}
		for _, q := range all {
			if q.ShowIf == nil && len(q.Options) == 0 {
				list = append(list, web.Option{Value: q.Name, Words: web.Data(q.Title)})
			}
		}
		return list
	})
}

// sameMaterialsPart are papers that several of the types want alike.
func sameMaterialsPart(known joinable) part[event] {
	return samePart("same_materials", "material", known, func(e *event) *[]permittypes.Same { return &e.Materials }, func(t *permittypes.Type) (list []web.Option) {
		for _, m := range t.Materials {
			list = append(list, web.Option{Value: m.Code, Words: web.Data(m.Name)})
		}
		return list
	})
}

func samePart(name, domain string, known joinable, of func(*event) *[]permittypes.Same, offers func(*permittypes.Type) []web.Option) part[event] {
	return &list[event, permittypes.Same]{name: name, domain: domain, of: of,
		line: func(e *event, s *permittypes.Same) line {
			l := line{Code: s.Key, Title: web.Data(s.Title)}
			for _, et := range e.Types {
				n := s.Of[et.Code]
				if t := known.of(et.Code); t != nil && n != "" {
					l.Notes = append(l.Notes, web.Say("permitedit.note.same", "Permit", t.Name, "What", argument(optionWords(offers(t), n))))
				}
			}
			return l
		},
		fill: func(s *sheet, e *event, same *permittypes.Same) {
			s.code("code", &same.Key)
			s.texts("title", &same.Title, 0, optional)
			was := same.Of
			same.Of = map[string]string{}
			for _, et := range e.Types {
				label, choices, v := web.Plain(et.Code), []web.Option(nil), was[et.Code]
				if t := known.of(et.Code); t != nil {
					label, choices = web.Data(t.Name), offers(t)
				}
				if v != "" && !hasOption(choices, v) { // what the type has no more is still shown, to be mended
					choices = append(choices, web.Option{Value: v, Words: web.Plain(v)})
				}
				s.pickAs(et.Code, "of."+et.Code, label, &v, orNone("permitedit.same.none", choices))
				if v != "" {
					same.Of[et.Code] = v
				}
			}
		}}
}

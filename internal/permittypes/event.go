package permittypes

import (
	"slices"
	"strings"

	"minqing/internal/catalogue"
	"minqing/internal/i18n"
)

// Event is one version of something that an enterprise or a person sets out to do
// and that may want several permits, as opening a restaurant. It says which types
// belong to it and which of their questions and papers are the same; everything
// else stands in the types.
type Event struct {
	Code       string      `json:"code" yaml:"code"`
	Version    int64       `json:"-" yaml:"-"`
	Name       i18n.Text   `json:"name" yaml:"name"`
	Summary    i18n.Text   `json:"summary" yaml:"summary"`
	Conditions []Condition `json:"conditions,omitempty" yaml:"conditions,omitempty"`
	Types      []EventType `json:"types" yaml:"types"`
	Questions  []Same      `json:"questions,omitempty" yaml:"questions,omitempty"`
	Materials  []Same      `json:"materials,omitempty" yaml:"materials,omitempty"`
	Withdrawn  bool        `json:"withdrawn,omitempty" yaml:"withdrawn,omitempty"` // nobody may begin it any more
}

// Condition is a yes-or-no question that the guides of several types ask, in words
// that fit them all.
type Condition struct {
	Code string    `json:"code" yaml:"code"`
	Text i18n.Text `json:"text" yaml:"text"`
	Hint i18n.Text `json:"hint,omitempty" yaml:"hint,omitempty"`
}

// EventType is a type whose guide is walked. Known says of questions of that guide
// that the event itself answers them (KnownYes, KnownNo), or which condition they are.
// A question that is not named is asked in its own words.
type EventType struct {
	Code  string            `json:"code" yaml:"code"`
	Known map[string]string `json:"known,omitempty" yaml:"known,omitempty"`
}

// Answers that an event itself gives to a question of a guide.
const (
	KnownYes = "yes"
	KnownNo  = "no"
)

// Same says that questions, or papers, of several types mean the same. Of names it
// by type.
type Same struct {
	Key   string            `json:"key" yaml:"key"`
	Title i18n.Text         `json:"title,omitempty" yaml:"title,omitempty"` // none: as the first type calls it
	Of    map[string]string `json:"of" yaml:"of"`
}

// EventAnswer is a condition with the answer given.
type EventAnswer struct {
	Condition
	Yes    bool
	Before string // the answers before this one
}

// Reason is why a type's guide says that a permit is needed, or that none is.
type Reason struct {
	Type  *Type
	Needs bool
	Why   i18n.Text
}

// EventPath is how far the answers lead through the guides of all types at once.
type EventPath struct {
	Answers string // those that were used: "y" and "n", in order
	Trail   []EventAnswer
	Next    *Condition // nil: everything is answered
	Needs   []string   // codes of types, in the order of the event; what else a guide names comes last
	Reasons []Reason
}

// Walk asks the union of the conditions of all guides, each once, and follows the
// answers written as "y" and "n". Types that are not given are left out.
func (e *Event) Walk(types map[string]*Type, answers string) EventPath {
	var p EventPath
	known := map[string]bool{}
	for {
		next := e.next(types, known, &p)
		if next == nil {
			return p
		}
		n := len(p.Trail)
		if n >= len(answers) || answers[n] != 'y' && answers[n] != 'n' {
			p.Next, p.Needs, p.Reasons = next, nil, nil
			return p
		}
		known[next.Code] = answers[n] == 'y'
		p.Trail = append(p.Trail, EventAnswer{Condition: *next, Yes: answers[n] == 'y', Before: answers[:n]})
		p.Answers = answers[:n+1]
	}
}

// next is the first condition that some guide still wants to know. Where there is
// none, the path gets what the guides say.
func (e *Event) next(types map[string]*Type, known map[string]bool, p *EventPath) *Condition {
	p.Needs, p.Reasons = nil, nil
	var others []string
	for _, et := range e.Types {
		t := types[et.Code]
		if t == nil {
			continue
		}
		out, ask := e.follow(et, t, known)
		if ask != nil {
			return ask
		}
		if out == nil {
			continue
		}
		p.Reasons = append(p.Reasons, Reason{Type: t, Needs: len(out.Needs) > 0, Why: out.Why})
		others = append(others, out.Needs...)
	}
	for _, et := range e.Types {
		if slices.Contains(others, et.Code) {
			p.Needs = append(p.Needs, et.Code)
		}
	}
	for _, code := range others {
		if !slices.Contains(p.Needs, code) {
			p.Needs = append(p.Needs, code)
		}
	}
	return nil
}

// follow walks one guide with what is known, to its outcome or to what it wants to
// know next.
func (e *Event) follow(et EventType, t *Type, known map[string]bool) (*Outcome, *Condition) {
	if len(t.Guide.Questions) == 0 {
		return nil, nil
	}
	q := &t.Guide.Questions[0]
	for range t.Guide.Questions {
		yes, answered, ask := e.answer(et, q, known)
		if !answered {
			return nil, &ask
		}
		to := q.No
		if yes {
			to = q.Yes
		}
		if out := t.Guide.outcome(to); out != nil {
			return out, nil
		}
		if q = t.Guide.question(to); q == nil {
			return nil, nil
		}
	}
	return nil, nil
}

// answer is what is known of a question of a guide, or the condition that asks it.
func (e *Event) answer(et EventType, q *GuideQuestion, known map[string]bool) (yes, answered bool, ask Condition) {
	as := et.Known[q.Code]
	if as == KnownYes || as == KnownNo {
		return as == KnownYes, true, ask
	}
	ask = Condition{Code: et.Code + "." + q.Code, Text: q.Text, Hint: q.Hint}
	for _, c := range e.Conditions {
		if as != "" && c.Code == as {
			ask = c
		}
	}
	yes, answered = known[ask.Code]
	return yes, answered, ask
}

// Joined is a question of the one form, with where its answer goes.
type Joined struct {
	catalogue.Question                   // its name is the key within the form
	Of                 map[string]string // the name within each type that asks it, by type
	Shared             bool              // several of the types ask it
}

// Form joins the questions of types: what the event calls the same is asked once,
// first; the rest follows type by type.
func (e *Event) Form(codes []string, questions map[string][]catalogue.Question) []Joined {
	var shared, rest []Joined
	at := map[string]int{}
	for _, code := range codes {
		for _, q := range questions[code] {
			same := e.same(e.Questions, code, q.Name, codes)
			if same == nil {
				key := Key(code, q.Name)
				of := map[string]string{code: q.Name}
				q.ShowIf = nil
				q.Name = key
				rest = append(rest, Joined{Question: q, Of: of})
				continue
			}
			if i, there := at[same.Key]; there {
				shared[i].Of[code] = q.Name
				shared[i].Required = shared[i].Required || q.Required
				continue
			}
			at[same.Key] = len(shared)
			of := map[string]string{code: q.Name}
			q.ShowIf, q.Name = nil, same.Key
			if !same.Title.Empty() {
				q.Title = same.Title
			}
			shared = append(shared, Joined{Question: q, Of: of, Shared: true})
		}
	}
	return append(shared, rest...)
}

// Key names a question or paper of one type within the form.
func Key(typeCode, name string) string {
	return strings.ReplaceAll(typeCode, "-", "_") + "__" + name
}

// same finds what names a question or paper of a type together with one of another
// of the types; nil when it stands alone.
func (e *Event) same(list []Same, code, name string, codes []string) *Same {
	for i := range list {
		if list[i].Of[code] != name {
			continue
		}
		n := 0
		for _, c := range codes {
			if list[i].Of[c] != "" {
				n++
			}
		}
		if n > 1 {
			return &list[i]
		}
	}
	return nil
}

// Paper is a material of the one list, with the types that want it.
type Paper struct {
	Material        // as the first type wants it; its code is the key within the list
	Of       []Want // in the order of the types
}

// Want is a material of one type.
type Want struct{ Type, Code string }

// Papers joins the materials that types need; what the event calls the same stands
// once, where the first wants it. It is required where one of them requires it, and of
// the kinds that all of them take.
func (e *Event) Papers(codes []string, needed map[string][]Material) (list []Paper) {
	at := map[string]int{}
	for _, code := range codes {
		for _, m := range needed[code] {
			want := Want{code, m.Code}
			same := e.same(e.Materials, code, m.Code, codes)
			if same == nil {
				m.Code = Key(code, m.Code)
				list = append(list, Paper{Material: m, Of: []Want{want}})
				continue
			}
			if i, there := at[same.Key]; there {
				list[i].Of = append(list[i].Of, want)
				list[i].Required = list[i].Required || m.Required
				list[i].Kinds = Both(list[i].Kinds, m.Kinds)
				continue
			}
			at[same.Key] = len(list)
			m.Code = same.Key
			if !same.Title.Empty() {
				m.Name = same.Title
			}
			list = append(list, Paper{Material: m, Of: []Want{want}})
		}
	}
	return list
}

// Both are the kinds of files that two materials take; none stands for any.
func Both(a, b []string) []string {
	if len(a) == 0 {
		return b
	}
	if len(b) == 0 {
		return a
	}
	var out []string
	for _, k := range a {
		if slices.Contains(b, k) {
			out = append(out, k)
		}
	}
	return out
}

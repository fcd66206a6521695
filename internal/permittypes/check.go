package permittypes

import (
	"context"
	"errors"
	"math"
	"regexp"
	"slices"
	"strconv"

	"minqing/internal/calendar"
	"minqing/internal/catalogue"
	"minqing/internal/fault"
	"minqing/internal/i18n"
)

var codeShape = regexp.MustCompile(`^[a-z][a-z0-9-]{1,59}$`)

var validityShape = regexp.MustCompile(`^([1-9][0-9]?[ym]|event)?$`)

// Registers are what HeldFrom may name: data that the government already has.
var Registers = []string{"company_register", "property_register", "permit_register", "identity_register"}

// FileKinds are what Material.Kinds may name.
var FileKinds = []string{"pdf", "image", "drawing"}

// checking is one check under way: fields to mend are named by part and code,
// as "material.plan.if".
type checking struct {
	fault.Check
	t         *Type
	questions map[string]catalogue.Question
}

// Check says everything that keeps the type from being published.
func (s *Service) Check(ctx context.Context, t *Type) error {
	c := checking{t: t, questions: map[string]catalogue.Question{}}
	c.heads()
	c.ask()
	c.facts()
	c.held()
	c.limits()
	c.guide()
	c.parts()
	c.duties()
	if err := s.refer(ctx, &c); err != nil {
		return err
	}
	return c.Err()
}

func (c *checking) heads() {
	t := c.t
	c.That(codeShape.MatchString(t.Code), "code", "catalogue.code.invalid")
	c.That(len(t.Audience) > 0, "audience", "permittype.audience.required")
	for _, a := range t.Audience {
		c.That(a == ForEnterprise || a == ForPerson, "audience", "permittype.audience.required")
	}
	c.whole("name", t.Name)
	c.whole("summary", t.Summary)
	c.whole("legal", t.Legal)
	c.whole("remedies", t.Remedies)
	c.That(t.Law == "" || slices.Contains(Laws, t.Law), "law", "permittype.law.unknown")
}

// whole wants the text in every language.
func (c *checking) whole(field string, text i18n.Text) {
	c.That(text.Complete(), field, "permittype.text.languages")
}

// optional wants the text in every language or in none.
func (c *checking) optional(field string, text i18n.Text) {
	c.That(text.Empty() || text.Complete(), field, "permittype.text.languages")
}

func (c *checking) ask() {
	list, err := catalogue.QuestionsOf(c.t.Questions)
	c.That(err == nil, "questions", "permittype.questions.invalid")
	for _, q := range list {
		c.questions[q.Name] = q
		c.That(!slices.Contains(reserved, q.Name), "question."+q.Name, "permittype.question.reserved", "Name", q.Name)
		c.whole("question."+q.Name+".title", q.Title)
		c.optional("question."+q.Name+".hint", q.Hint)
		for _, o := range q.Options {
			c.whole("question."+q.Name+".option."+o.Value, o.Label)
		}
	}
	if err == nil {
		_, err = catalogue.SchemaOf(list)
		c.That(err == nil, "questions", "permittype.questions.invalid")
	}
}

// facts names each question once whose answer everybody may see.
func (c *checking) facts() {
	for i, name := range c.t.Facts {
		_, asked := c.questions[name]
		c.That(asked && !slices.Contains(c.t.Facts[:i], name), "facts", "permittype.facts.unknown", "Name", name)
	}
	c.That(len(c.t.Facts) <= factsMost, "facts", "permittype.facts.many", "Max", factsMost)
}

// heldWhat is what an answer may be of each register; what a permit says is named by
// the type that it is of.
var heldWhat = map[string][]string{CompanyRegister: {"name", "code"}, IdentityRegister: {"name", "phone", "email"}}

func (c *checking) held() {
	for i, h := range c.t.Held {
		at := "held." + h.Question
		_, asked := c.questions[h.Question]
		c.That(asked && !slices.ContainsFunc(c.t.Held[:i], func(b Held) bool { return b.Question == h.Question }), at, "permittype.facts.unknown", "Name", h.Question)
		c.That(h.From == PermitRegister && h.What != "" && len(h.Permits) > 0 || slices.Contains(heldWhat[h.From], h.What), at+".what", "permittype.register.unknown", "Name", h.From)
	}
}

// factsMost is how many facts a permit has room for.
const factsMost = 10

func (c *checking) limits() {
	t := c.t
	for _, l := range []struct {
		name  string
		limit calendar.Limit
	}{{"completeness", t.Completeness}, {"statutory", t.Statutory}, {"promised", t.Promised}, {"issue", t.Issue}} {
		c.That(!l.limit.IsZero() && t.counts(l.limit.Unit()), l.name, "permittype.limit.required")
	}
	sameUnit := t.Promised.Unit() == t.Statutory.Unit()
	c.That(sameUnit && t.Promised.Number() <= t.Statutory.Number(), "promised", "permittype.limit.promised_long", "Limit", t.Statutory.String())
	if t.OfTaiwan() {
		same := t.Extension.IsZero() || t.Extension.Unit() == t.Statutory.Unit()
		c.That(same && t.Extension.Number() <= t.Statutory.Number(), "extension", "permittype.extension.itself", "Limit", t.Statutory.String())
	} else {
		c.licensing()
	}
	c.That(validityShape.MatchString(t.Validity), "validity", "permittype.validity.invalid")
	c.That(t.Validity != UntilEvent || c.questions[EventEnds].Type == catalogue.QuestionDate && c.questions[EventEnds].Required, "validity", "permittype.validity.needs_end", "Name", EventEnds)
	begins, asked := c.questions[EventBegins]
	c.That(!asked || begins.Type == catalogue.QuestionDate, "question."+EventBegins, "permittype.validity.begins_date", "Name", EventBegins)
	c.That(t.RenewalWindow >= 0 && t.RenewalWindow <= 366, "renewal_window", "permittype.renewal.invalid")
	c.That(t.RenewalWindow == 0 || t.Validity != "" && t.Validity != UntilEvent, "renewal_window", "permittype.renewal.endless")
	c.That(t.Quota >= 0, "quota", "permittype.quota.invalid")
	c.That(t.Inspection == (len(t.Checklist) > 0), "checklist", "permittype.checklist.inspection")
}

// licensing are the limits of the Administrative Licensing Law.
func (c *checking) licensing() {
	t := c.t
	c.That(t.Completeness.Unit() == calendar.WorkingDays && t.Completeness.Number() <= completenessMost, "completeness", "permittype.limit.law", "Max", completenessMost)
	c.That(t.Issue.Unit() == calendar.WorkingDays && t.Issue.Number() <= issueMost, "issue", "permittype.limit.law", "Max", issueMost)
	c.That(t.Extension.IsZero() || t.Extension.Unit() == calendar.WorkingDays, "extension", "permittype.extension.unit")
	c.That(t.Extension.Number() <= ExtensionSingle || t.Joint() && t.Extension.Number() <= ExtensionJoint, "extension", "permittype.extension.long", "Single", ExtensionSingle, "Joint", ExtensionJoint, "Limit", singleLimit)
}

// Limits of the Administrative Licensing Law of the PRC, in working days: whether an
// application is complete is said in five (art. 32), and a permit is handed over in ten (art. 44).
// A single authority decides in twenty and may take ten more; what several handle
// together may take longer than that, and fifteen more (art. 42).
const (
	completenessMost = 5
	issueMost        = 10

	singleLimit     = 20
	ExtensionSingle = 10
	ExtensionJoint  = 15

	// PreliminaryMost is how long a lower authority examines what one above decides, from
	// the acceptance (art. 43).
	PreliminaryMost = 20
)

// Joint says that several authorities handle a type together, which its limit by law
// shows: then not the head of the unit but that of the government at its level allows it
// to take longer (art. 42 (2)).
func (t *Type) Joint() bool {
	return !t.OfTaiwan() && t.Statutory.Unit() == calendar.WorkingDays && t.Statutory.Number() > singleLimit
}

func (c *checking) guide() {
	g := &c.t.Guide
	at, key, code := g.trouble()
	c.That(key == "", at, "permittype.guide."+key, "Code", code)
	for _, q := range g.Questions {
		c.That(codeShape.MatchString(q.Code), "guide."+q.Code, "catalogue.code.invalid")
		c.whole("guide."+q.Code+".text", q.Text)
		c.optional("guide."+q.Code+".hint", q.Hint)
	}
	for _, o := range g.Outcomes {
		c.That(codeShape.MatchString(o.Code), "guide."+o.Code, "catalogue.code.invalid")
		c.whole("guide."+o.Code+".why", o.Why)
	}
}

func (c *checking) parts() {
	t := c.t
	seen := map[string]bool{}
	code := func(part, code string) string {
		at := part + "." + code
		c.That(codeShape.MatchString(code), at, "catalogue.code.invalid")
		c.That(!seen[at], at, "permittype.code.twice", "Code", code)
		seen[at] = true
		return at
	}
	c.That(len(t.Steps) > 0, "steps", "permittype.steps.required")
	for _, p := range t.Phrases {
		c.rule("phrase."+string(p.Test), p.Test)
		c.whole("phrase."+string(p.Test), p.Text)
	}
	for _, m := range t.Materials {
		at := code("material", m.Code)
		c.whole(at+".name", m.Name)
		c.optional(at+".hint", m.Hint)
		c.rule(at+".if", m.If)
		c.That(m.ValidMonths >= 0 && m.ValidMonths <= 600, at+".valid_months", "permittype.months.invalid")
		c.That(m.HeldFrom == "" || slices.Contains(Registers, m.HeldFrom), at+".held_from", "permittype.register.unknown", "Name", m.HeldFrom)
		c.That((m.HeldFrom == PermitRegister) == (len(m.HeldPermits) > 0), at+".held_permits", "permittype.held_permits.missing")
		for _, k := range m.Kinds {
			c.That(slices.Contains(FileKinds, k), at+".kinds", "permittype.kind.unknown", "Name", k)
		}
	}
	for _, f := range t.Fees {
		at := code("fee", f.Code)
		c.whole(at+".name", f.Name)
		c.rule(at+".if", f.If)
		c.That(f.Amount > 0 && f.Amount <= 1_000_000_000_00, at+".amount", "permittype.fee.amount")
		c.That(f.Currency == "CNY" || f.Currency == "TWD", at+".currency", "permittype.fee.currency")
		c.That(f.When == FeeAtAcceptance || f.When == FeeAtGrant, at+".when", "permittype.fee.when")
	}
	for _, s := range t.Steps {
		c.whole(code("step", s.Code)+".name", s.Name)
	}
	for _, k := range t.Checklist {
		at := code("check", k.Code)
		c.whole(at+".name", k.Name)
		c.rule(at+".if", k.If)
	}
	for i, o := range t.Opinions {
		at := "opinion." + strconv.Itoa(i+1)
		c.That(!o.Limit.IsZero(), at+".limit", "permittype.limit.required")
		law := o.Limit.Unit() == calendar.WorkingDays && o.Limit.Number() <= PreliminaryMost
		c.That(!o.Preliminary || law, at+".limit", "permittype.limit.law", "Max", PreliminaryMost)
		c.That(!o.Preliminary || !t.OfTaiwan(), at+".preliminary", "permittype.preliminary.law")
		c.rule(at+".if", o.If)
	}
}

// rule names what is wrong with a rule and at which character.
func (c *checking) rule(field string, r Rule) {
	var bad *RuleError
	if errors.As(r.check(c.questions), &bad) {
		c.That(false, field, bad.Key, "At", bad.At, "Text", bad.Text)
	}
}

// refer checks what the type names elsewhere: matter, units, other types.
func (s *Service) refer(ctx context.Context, c *checking) error {
	snap, err := s.catalogue.Snapshot(ctx)
	if err != nil {
		return err
	}
	m, err := snap.Matter(c.t.MatterCode)
	c.That(err == nil && m.Track == catalogue.TrackPermit && m.Kinds.Has("permit_application"), "matter", "permittype.matter.invalid")
	for i, o := range c.t.Opinions {
		_, err := snap.Unit(o.UnitCode)
		c.That(err == nil, "opinion."+strconv.Itoa(i+1)+".unit", "permittype.unit.unknown", "Code", o.UnitCode)
	}
	for _, o := range c.t.Guide.Outcomes {
		for _, need := range o.Needs {
			c.That(codeShape.MatchString(need), "guide."+o.Code+".needs", "permittype.need.unknown", "Code", need)
		}
	}
	return nil
}

// check says what is wrong with a rule over these questions, as a *RuleError.
func (r Rule) check(questions map[string]catalogue.Question) error {
	e, err := r.parse()
	if err != nil || e == nil {
		return err
	}
	if bad := e.check(questions); bad != nil {
		return bad
	}
	return nil
}

func (e *expr) check(questions map[string]catalogue.Question) *RuleError {
	for _, p := range e.parts {
		if bad := p.check(questions); bad != nil {
			return bad
		}
	}
	if e.join != "" {
		return nil
	}
	q, ok := questions[e.question]
	if !ok {
		return wrong(e.at, "unknown", e.question)
	}
	order := e.op != opAnswered && e.op != opIs && e.op != opIsNot && e.op != opIn
	if order && q.Type != catalogue.QuestionNumber && q.Type != catalogue.QuestionDate {
		return wrong(e.at, "order", e.question)
	}
	for i, v := range e.values {
		if !fits(q, v) {
			return wrong(e.valueAt[i], "misfit", v)
		}
	}
	return nil
}

// fits says whether a question can be answered so.
func fits(q catalogue.Question, v string) bool {
	switch q.Type {
	case catalogue.QuestionBoolean:
		return v == "yes" || v == "no"
	case catalogue.QuestionChoice, catalogue.QuestionMulti:
		return slices.ContainsFunc(q.Options, func(o catalogue.Option) bool { return o.Value == v })
	case catalogue.QuestionNumber:
		n, err := strconv.ParseFloat(v, 64)
		return err == nil && !math.IsNaN(n) && !math.IsInf(n, 0)
	case catalogue.QuestionDate:
		return isDate(v)
	}
	return true
}

// IsCode says whether a type, or a part of one, may be called so.
func IsCode(code string) bool { return codeShape.MatchString(code) }

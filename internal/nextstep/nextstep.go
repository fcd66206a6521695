// Package nextstep puts before people what is theirs to do next: what waits for
// them, what ends, and which help may be theirs. Every step comes from a rule of
// one table, says from which facts, and can be switched off. Steps only remind and
// offer; nothing that decides on a request reads them.
package nextstep

import (
	"cmp"
	"context"
	"slices"
	"time"

	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/catalogue"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/i18n"
	"minqing/internal/notify"
	"minqing/internal/outreach"
)

// Ending is something that a person or an enterprise holds and that ends.
type Ending struct {
	Title  i18n.Text
	No     string
	EndsOn calendar.Date
	Href   string
}

// Endings knows what ends for people in the days to come.
type Endings interface {
	Ending(ctx context.Context, constituentIDs []string, until calendar.Date) ([]Ending, error)
}

// Offer is help that the government came with by itself and that waits for the
// person's word.
type Offer struct {
	Title    i18n.Text
	AnswerBy *calendar.Date
	Href     string
}

// Offers knows which ones wait.
type Offers interface {
	Waiting(ctx context.Context, constituentIDs []string) ([]Offer, error)
}

// Benefit is a published one whose conditions somebody meets by what is held of them.
type Benefit struct {
	Name i18n.Text
	Says []string // which facts of theirs its conditions ask
	Whom string   // its conditions as a sentence
	Href string
}

// Benefits knows which published benefits the signed-in person, or the enterprise
// that they act for, may be entitled to. It reads no fact told for another purpose.
type Benefits interface {
	Entitled(ctx context.Context, l i18n.Lang) ([]Benefit, error)
}

// Fee is one that somebody owes and has not paid.
type Fee struct {
	Name   i18n.Text
	No     string // of the order
	Amount string // with the sign of the order's currency
	DueOn  calendar.Date
	Href   string
}

// Fees knows what the signed-in person owes, or the enterprise that they act for as
// far as their authority goes: the nearest day first.
type Fees interface {
	Unpaid(ctx context.Context) ([]Fee, error)
}

// Duty is one of a permit that falls due soon, or that was missed.
type Duty struct {
	Name, Permit i18n.Text
	PermitNo     string
	DueOn        calendar.Date // the last day, which counts whole
	Href         string
}

// Duties knows which ones press on the holders of permits, of an enterprise as far as
// the authority of the signed-in person goes: the nearest day first.
type Duties interface {
	Pressing(ctx context.Context, constituentIDs []string) ([]Duty, error)
}

// Saying is something that is intended against somebody and on which they can speak first:
// a permit of theirs is to be revoked, or they have a right to a hearing on an application.
type Saying struct {
	Title   i18n.Text // of the permit, or of what is applied for
	No      string    // of the permit or of the case
	Hearing bool      // it is the right to a hearing
	By      calendar.Date
	Href    string
}

// Sayings knows on what the signed-in person, or whom they act for, can still speak: the
// nearest day first.
type Sayings interface {
	Open(ctx context.Context, constituentIDs []string) ([]Saying, error)
}

// Known asks what people told of themselves by a definition of segments.
type Known interface {
	Fits(ctx context.Context, personID string, root *outreach.Node, l i18n.Lang) (holds bool, says []string, err error)
}

// Deps are what the service works with.
type Deps struct {
	DB           *db.DB
	Audit        *audit.Service
	Cases        *cases.Service
	Catalogue    *catalogue.Service
	Constituents *constituents.Service
	Notify       *notify.Service
	Known        Known
	Sayings      Sayings        // nil: nothing is intended against anybody
	Fees         Fees           // nil: nothing costs anything
	Duties       Duties         // nil: no permit has duties
	Endings      Endings        // nil: nothing that ends is known
	Offers       Offers         // nil: nobody is offered anything unasked
	Benefits     Benefits       // nil: nothing is published by conditions
	Zone         *time.Location // of the root unit
	Now          func() time.Time
}

// Service is the only writer of what people switched off.
type Service struct{ Deps }

// New makes the service.
func New(d Deps) *Service { return &Service{Deps: d} }

// Fact is a fact behind a step: next.fact.NAME says it with one of the values.
type Fact struct {
	Name  string
	Value string
	Day   *calendar.Date
}

// Step is one thing to do next.
type Step struct {
	Rule  *Rule
	Title string // as data: the words of a case
	Text  i18n.Text
	Case  *cases.Case
	Href  string
	Facts []Fact
	Until *calendar.Date // its last day, when it has one
	By    *calendar.Date // the day by which it has to be done, after which it is still shown
	Over  bool           // that day is over
	Says  string         // of Speak, what is intended: "revoke", or "hearing" where there is a right to one

	// Of a fee its amount, of a duty what its permit is called.
	Amount string
	Permit i18n.Text
}

// List is what somebody is shown.
type List struct {
	Steps   []Step
	Current []cases.Case // the cases that were looked at
	Cut     bool         // there may be more cases than were looked at
	Off     Offs
}

const (
	casesRead = 50
	soon      = 90 // days before an end
)

// Steps makes the list for the signed-in citizen, or for the enterprise that they act
// for. What they switched off is left out of both. What somebody told of themselves is
// not read for a rule that is switched off.
func (s *Service) Steps(ctx context.Context, l i18n.Lang) (*List, error) {
	me, err := s.Cases.Selves(ctx)
	if err != nil || len(me) == 0 {
		return &List{}, err
	}
	as, err := s.Cases.Acting(ctx)
	if err != nil {
		return nil, err
	}
	out := &List{}
	if out.Off, err = s.Offs(ctx); err != nil {
		return nil, err
	}
	unread, err := s.Notify.Unopened(ctx, me, repliesTold...)
	if err != nil {
		return nil, err
	}
	if out.Current, err = s.Cases.Current(ctx, s.Now().AddDate(0, 0, -judgeDays), unread, casesRead); err != nil {
		return nil, err
	}
	out.Cut = len(out.Current) == casesRead
	rules, err := s.Shown(ctx)
	if err != nil {
		return nil, err
	}
	head, err := s.Constituents.Head(ctx, me[0]) // for which all counts that was told under any record
	if err != nil {
		return nil, err
	}
	for _, r := range rules {
		if out.Off.Hides(r.Code) || as != nil && as.OwnOnly && r.Kind != Due { // an agent sees their own cases alone
			continue
		}
		var found []Step
		switch {
		case r.root != nil:
			found, err = s.known(ctx, r, head, l)
		case r.Code == Entitled:
			found, err = s.entitled(ctx, l)
		default:
			found, err = s.found(ctx, r, me, out.Current, unread)
		}
		if err != nil {
			return nil, err
		}
		out.add(r, found)
	}
	slices.SortStableFunc(out.Steps, func(a, b Step) int { return cmp.Compare(a.Rule.Priority, b.Rule.Priority) })
	return out, nil
}

// add takes one step of a case, that of the first rule.
func (l *List) add(r *Rule, found []Step) {
	for _, step := range found {
		step.Rule = r
		if step.Case != nil && slices.ContainsFunc(l.Steps, func(o Step) bool { return o.Case != nil && o.Case.ID == step.Case.ID }) {
			continue
		}
		l.Steps = append(l.Steps, step)
	}
}

// repliesTold are the messages that a person should read.
var repliesTold = []notify.Kind{notify.Replied, notify.NotAccepted, notify.Concluded, notify.AppealDecided}

// Shown are the rules of this city: what it has no source for, and what its
// catalogue does not know, is not spoken of.
func (s *Service) Shown(ctx context.Context) ([]*Rule, error) {
	snap, err := s.Catalogue.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	today := calendar.DateOf(s.Now(), s.Zone)
	var out []*Rule
	for _, r := range Rules {
		if s.has(r) && leads(snap, r, today) {
			out = append(out, r)
		}
	}
	return out, nil
}

func (s *Service) has(r *Rule) bool {
	switch {
	case r.root != nil:
		return s.Known != nil
	case r.Code == Speak:
		return s.Sayings != nil
	case r.Code == Pay:
		return s.Fees != nil
	case r.Code == Meet:
		return s.Duties != nil
	case r.Kind == Expires:
		return s.Endings != nil
	case r.Code == Entitled:
		return s.Benefits != nil
	case r.Kind == Offered:
		return s.Offers != nil
	}
	return true
}

// leads says whether there is something where a rule leads to.
func leads(snap *catalogue.Snapshot, r *Rule, today calendar.Date) bool {
	switch {
	case r.Matter != "":
		_, err := snap.MatterOn(r.Matter, today)
		return err == nil
	case r.Situation != "":
		sit, err := snap.Situation(r.Situation)
		return err == nil && len(snap.SituationMatters(sit, today)) > 0
	}
	return true
}

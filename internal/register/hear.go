package register

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/db"
	"minqing/internal/fault"
)

// AskHolder tells the holder that it is intended to revoke the permit, and why.
const AskHolder Act = "ask_holder"

// How long a holder has to answer before a permit may be revoked: five working days at
// least, as the law of administrative penalties gives to ask for a hearing (行政處罰法
// art. 64), and no more than so many days.
const (
	answerDays = 5
	answerMost = 90
)

// Hears says that the holder has to be heard before the proposal is decided: what revokes
// a permit is decided against them, what cancels one notes that it is over.
func (one *Proposal) Hears() bool { return one.Act == Revoke }

// Heard says that the holder was told of the proposal, and has answered or had the time to.
func (one *Proposal) Heard(today calendar.Date) bool {
	return !one.Hears() || one.StatedAt != nil || one.AnswerBy != nil && today > *one.AnswerBy
}

// heard refuses to agree to what the holder was not heard on.
func (s *Service) heard(one *Proposal) error {
	switch {
	case one.Heard(s.Today()):
		return nil
	case one.AnswerBy == nil:
		return fault.New(fault.Conflict, "register.hear.untold")
	}
	return fault.New(fault.Conflict, "register.hear.waits").With("Day", one.AnswerBy.String())
}

// AnswerFrom is the first day that can be named as the last for an answer. Over a year
// without a published calendar it counts its weekends alone.
func (s *Service) AnswerFrom(ctx context.Context, p *Permit) calendar.Date {
	if cal := s.counting(ctx, p); cal != nil {
		return cal.AddWorkingDays(s.Today(), answerDays)
	}
	return s.Today().Add(answerDays + 2)
}

// Ask tells the holder of the open proposal to revoke their permit, with its ground and
// reason, and until which day (as 2026-11-24) they can answer. It is done once, by whoever
// may propose; the message goes out by a job.
func (s *Service) Ask(ctx context.Context, no, proposalID, by string) (*Permit, error) {
	var p *Permit
	err := s.DB.Tx(ctx, func(ctx context.Context) (err error) {
		var one *Proposal
		if p, one, ctx, err = s.hearing(ctx, no, proposalID); err != nil {
			return err
		}
		if one.ToldAt != nil {
			return fault.New(fault.Conflict, "register.hear.told")
		}
		day, dayErr := calendar.ParseDate(by)
		from := s.AnswerFrom(ctx, p)
		var c fault.Check
		c.That(dayErr == nil, "answer_by", "register.hear.day")
		c.That(dayErr != nil || day >= from, "answer_by", "register.hear.early", "Day", from.String())
		c.That(dayErr != nil || day <= s.Today().Add(answerMost), "answer_by", "register.hear.far", "Days", answerMost)
		if err := c.Err(); err != nil {
			return err
		}
		now := s.Now().UTC().Truncate(time.Microsecond)
		err = s.settle(ctx, "UPDATE permit_proposals SET told_at = ?, told_on = ?, told_by_id = ?, answer_by = ? WHERE id = ? AND state = ? AND told_at IS NULL",
			now, s.Today(), db.Ref(actor.From(ctx).AccountID), day, one.ID, proposed)
		if err != nil {
			return err
		}
		return s.note(ctx, p, Event{Act: AskHolder, At: now, State: p.State, Ground: one.Ground, Reason: one.Reason}, audit.Change{Field: "answer_by", After: day.String()})
	})
	if err != nil {
		return nil, err
	}
	return p, nil
}

// hearing reads the open proposal on a permit for whoever may propose.
func (s *Service) hearing(ctx context.Context, no, proposalID string) (*Permit, *Proposal, context.Context, error) {
	p, err := s.Read(ctx, no)
	if err != nil {
		return nil, nil, ctx, err
	}
	if ctx, err = s.Access.CanAs(ctx, access.PermitPropose, access.Object{UnitPaths: []string{p.UnitPath}}); err != nil {
		return nil, nil, ctx, err
	}
	one, err := s.Open(ctx, p)
	if err == nil && (one == nil || one.ID != proposalID || !one.Hears()) {
		err = fault.New(fault.Conflict, "register.propose.gone")
	}
	return p, one, ctx, err
}

// settle does one change to an open proposal that nobody else was quicker with.
func (s *Service) settle(ctx context.Context, sql string, args ...any) error {
	res := s.DB.From(ctx).Exec(sql, args...)
	if res.Error != nil {
		return fmt.Errorf("hear the holder of a permit: %w", db.Fault(res.Error, "", ""))
	}
	if res.RowsAffected == 0 {
		return fault.New(fault.Conflict, "register.propose.gone")
	}
	return nil
}

// Answer keeps what the holder says to the proposal that they were told of, once. Whoever
// calls has made sure that it is they; what comes after the day still counts while nobody
// has decided.
func (s *Service) Answer(ctx context.Context, p *Permit, proposalID, words string) error {
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		one, err := s.Open(ctx, p)
		if err != nil {
			return err
		}
		if one == nil || one.ID != proposalID || one.ToldAt == nil {
			return fault.New(fault.Conflict, "register.propose.gone")
		}
		return s.state(ctx, p, one, words)
	})
}

// Enter keeps what the holder said at the office or on paper, for whoever may propose.
func (s *Service) Enter(ctx context.Context, no, proposalID, words string) (*Permit, error) {
	var p *Permit
	err := s.DB.Tx(ctx, func(ctx context.Context) (err error) {
		var one *Proposal
		if p, one, ctx, err = s.hearing(ctx, no, proposalID); err != nil {
			return err
		}
		if one.ToldAt == nil {
			return fault.New(fault.Conflict, "register.hear.untold")
		}
		return s.state(ctx, p, one, words)
	})
	if err != nil {
		return nil, err
	}
	return p, nil
}

func (s *Service) state(ctx context.Context, p *Permit, one *Proposal, words string) error {
	words = strings.TrimSpace(words)
	var c fault.Check
	c.That(words != "", "statement", "register.hear.words")
	c.That(utf8.RuneCountInString(words) <= reasonMost, "statement", "register.act.long", "Max", reasonMost)
	if err := c.Err(); err != nil {
		return err
	}
	err := s.settle(ctx, "UPDATE permit_proposals SET statement = ?, stated_at = ?, stated_by_id = ? WHERE id = ? AND state = ? AND stated_at IS NULL",
		words, s.Now().UTC().Truncate(time.Microsecond), db.Ref(actor.From(ctx).AccountID), one.ID, proposed)
	if err != nil {
		return err
	}
	return s.Audit.Record(ctx, audit.Entry{Action: "permit.holder_said", Kind: "permit", ID: p.PermitNo, Fields: []audit.Change{{Field: "proposal", After: one.ID}}})
}

// Statements are what holders said to proposals on their permits, by the ids of these.
func (s *Service) Statements(ctx context.Context, permitIDs []string) (map[string][]string, error) {
	out := map[string][]string{}
	if len(permitIDs) == 0 {
		return out, nil
	}
	var list []Proposal
	if err := s.DB.From(ctx).Where("permit_id IN ? AND statement <> ''", permitIDs).Order("id").Find(&list).Error; err != nil {
		return nil, fmt.Errorf("read what holders said: %w", db.Fault(err, "", ""))
	}
	for i := range list {
		out[list[i].PermitID] = append(out[list[i].PermitID], list[i].Statement)
	}
	return out, nil
}

// Intended are the last days on which holders can still answer before a permit of theirs is
// revoked, by the ids of the permits: those who were told and have said nothing yet.
func (s *Service) Intended(ctx context.Context, permits []Permit) (map[string]calendar.Date, error) {
	var ids []string
	for i := range permits {
		if p := &permits[i]; p.State == Valid || p.State == Suspended {
			ids = append(ids, p.ID)
		}
	}
	if len(ids) == 0 {
		return nil, nil //nolint:nilnil // nothing can be revoked
	}
	var list []Proposal
	err := s.DB.Reader(ctx).Where("permit_id IN ? AND state = ? AND told_at IS NOT NULL AND stated_at IS NULL AND answer_by >= ?", ids, proposed, s.Today()).Find(&list).Error
	if err != nil {
		return nil, fmt.Errorf("read what is intended with permits: %w", db.Fault(err, "", ""))
	}
	out := map[string]calendar.Date{}
	for _, one := range list {
		out[one.PermitID] = *one.AnswerBy
	}
	return out, nil
}

package cases

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/calendar"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/idcode"
	"minqing/internal/vault"
)

// Key is how a citizen proves that a case is theirs: the query code, or, when
// it is empty, the account that they are signed in with.
type Key struct {
	CaseNo    string
	QueryCode string
}

// owned finds a case for its citizen. A wrong code and an unknown number answer
// alike.
func (s *Service) owned(ctx context.Context, k Key) (*Case, error) {
	c, err := s.find(ctx, k.CaseNo)
	if err != nil {
		return nil, err
	}
	if k.QueryCode != "" {
		code, err := idcode.NormaliseQueryCode(k.QueryCode)
		if err != nil || !vault.Matches(code, s.QueryCode(c)) {
			return nil, cmp.Or(s.recused(ctx, c), error(errMissing))
		}
		return c, s.recused(ctx, c)
	}
	mine, _, err := s.mine(ctx, c)
	if err != nil {
		return nil, err
	}
	if !mine {
		return nil, cmp.Or(s.recused(ctx, c), error(errMissing))
	}
	return c, s.recused(ctx, c)
}

// Track is the citizen's view: public events, published messages, no names of
// staff, what can be done now.
func (s *Service) Track(ctx context.Context, k Key) (*View, error) {
	c, err := s.owned(ctx, k)
	if err != nil {
		return nil, s.alarmed(ctx, k.CaseNo, wayOpen, err)
	}
	v := &View{Case: *c}
	if err := s.fillPublic(ctx, v); err != nil {
		return nil, err
	}
	if c.MergedIntoID != nil {
		if err := s.followLead(ctx, v); err != nil {
			return nil, err
		}
	}
	mine, as, err := s.mine(ctx, c)
	if err != nil {
		return nil, err
	}
	if v.OnlyReads = k.QueryCode == "" && as != nil && !as.Speaks; v.OnlyReads {
		return v, nil
	}
	for _, a := range []Action{ActMessage, ActWithdraw, ActAppeal} {
		if c.step(a).Allows(c.Status) && c.offers(a) && !s.guarded(c, a) {
			v.Actions = append(v.Actions, a)
		}
	}
	if mine && (as == nil || as.Speaks) && c.offers(ActRenewCode) {
		v.Actions = append(v.Actions, ActRenewCode)
	}
	return v, nil
}

// recused refuses a case to staff whom it complains about, whatever code or link
// they hold: a paper that lay about must not open it to them. The refusal is one
// that alarmed writes down.
func (s *Service) recused(ctx context.Context, c *Case) error {
	if actor.From(ctx).Kind != actor.Staff {
		return nil
	}
	if _, _, err := s.loadFor(ctx, c.CaseNo, access.CaseRead); errors.Is(err, errInterested) {
		return err
	}
	return nil
}

// Mine lists the newest cases of the signed-in citizen, or of the enterprise that
// they act for.
func (s *Service) Mine(ctx context.Context, limit int) ([]Case, error) {
	which, args, err := s.own(ctx, "cases")
	if err != nil {
		return nil, err
	}
	if which == "" {
		return nil, fault.New(fault.Unauthenticated, "access.sign_in")
	}
	var list []Case
	err = s.DB.Reader(ctx).Where(which, args...).
		Order("received_at DESC, id").Limit(limit).Find(&list).Error
	if err != nil {
		return nil, fmt.Errorf("read one's own cases: %w", db.Fault(err, "", ""))
	}
	for i := range list {
		if err := s.unseal(ctx, &list[i]); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// citizenAct does an act of the citizen on their own case.
func (s *Service) citizenAct(ctx context.Context, k Key, cmd Command) (*Case, error) {
	if err := cmd.Validate(); err != nil {
		return nil, err
	}
	var c *Case
	err := s.DB.Tx(ctx, func(ctx context.Context) error {
		var err error
		if c, err = s.owned(ctx, k); err != nil {
			return err
		}
		if ctx, err = s.speaking(ctx, k, c); err != nil {
			return err
		}
		ctx = c.Confidentiality.For(ctx)
		units, err := s.unitsOf(ctx, c.ID)
		if err != nil {
			return err
		}
		if err := s.refuseOwned(c, cmd.Action()); err != nil {
			return err
		}
		return s.transit(ctx, c, units, c.step(cmd.Action()), cmd)
	})
	if err != nil {
		return nil, db.Fault(s.alarmed(ctx, k.CaseNo, wayOpen, err), "", "case.changed")
	}
	return c, nil
}

// Say adds the citizen's message; an answer to a request for information sends
// the case back to where it was asked.
func (s *Service) Say(ctx context.Context, k Key, text string) (*Case, error) {
	return s.citizenAct(ctx, k, message{text: text})
}

type message struct {
	text     string
	supplied bool // with the corrected papers that were asked for

	completeness calendar.Limit // of those
}

func (message) Action() Action { return ActMessage }

func (m message) Validate() error {
	var c fault.Check
	checkText(&c, "text", m.text)
	return c.Err()
}

func (m message) apply(ctx context.Context, ch *change) error {
	if ch.from == Merged {
		if err := ch.toLead(ctx, ActMessage); err != nil {
			return err
		}
	}
	kind := "message"
	if ch.from == NeedInfo && !ch.waits(m) {
		kind = "answer"
		ch.to, ch.c.ResumeStatus = ch.c.ResumeStatus, ""
		if ch.to == "" {
			ch.to = Submitted
		}
		if err := ch.readmit(m); err != nil {
			return err
		}
	}
	if kind == "answer" || m.supplied {
		if err := ch.corrected(ctx); err != nil {
			return err
		}
	}
	return ch.say(ctx, "in", kind, m.text, true)
}

// Withdraw ends a case at the citizen's wish.
func (s *Service) Withdraw(ctx context.Context, k Key, reason string) (*Case, error) {
	return s.citizenAct(ctx, k, withdraw{reason: reason})
}

type withdraw struct{ reason string }

func (withdraw) Action() Action { return ActWithdraw }

func (w withdraw) Validate() error {
	var c fault.Check
	checkLength(&c, "reason", w.reason)
	return c.Err()
}

func (w withdraw) apply(ctx context.Context, ch *change) error {
	ch.text = w.reason
	if ch.from == Merged {
		if err := ch.leave(ctx); err != nil {
			return err
		}
	}
	ch.c.ConclusionNo++
	ch.c.unjudged()
	return nil
}

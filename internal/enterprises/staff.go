package enterprises

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/text"
)

// Request asks staff to look at documents: for an enterprise that the register
// cannot prove, or that somebody else has registered.
type Request struct {
	Code  string // as typed
	Name  string // of an enterprise that the register does not know
	Words string // who one is for it, and what happened
	Files string // the draft that the documents hang on; empty without
}

// Question is what staff are asked in a case. The case is the person's own.
type Question struct {
	Dispute bool
	Name    string
	Code    string
	Words   string
	Files   string
}

const wordsMost = 2000

// Ask makes a claim that staff decide, with its case. Somebody who disputes who
// owns an enterprise changes nothing by asking.
func (s *Service) Ask(ctx context.Context, q Request) (*Claim, error) {
	a := actor.From(ctx)
	if a.Kind != actor.Citizen || a.ConstituentID == "" || s.AskStaff == nil {
		return nil, errForbidden
	}
	kind, code, err := s.ReadCode(q.Code)
	if err != nil {
		return nil, err
	}
	there, err := s.ByCode(ctx, kind, code)
	if err != nil {
		return nil, err
	}
	r := Registered{Kind: kind, Code: code, Name: text.Line(q.Name), State: Unknown}
	way := ByStaff
	switch {
	case there != nil:
		way, r.Name, r.State = Dispute, there.Name, there.RegisterState
		if m, err := s.For(ctx, there.ID); err == nil && m.Role == Owner {
			return nil, fault.New(fault.Conflict, "enterprises.yours")
		}
	default:
		if _, _, known, err := s.Look(ctx, q.Code); err == nil && known != nil { // a silent register keeps nobody from asking staff
			r = *known
		}
	}
	var check fault.Check
	checkName(&check, r.Name)
	words := text.Lines(q.Words)
	check.That(words != "", "words", "enterprises.words.empty")
	check.That(utf8.RuneCountInString(words) <= wordsMost, "words", "enterprises.words.long", "Max", wordsMost)
	if err := check.Err(); err != nil {
		return nil, err
	}
	if open, err := s.waiting(ctx, kind, code); err != nil || open != nil && open.Way != ByCode {
		return open, err
	}
	return s.ask(ctx, way, r, Question{Dispute: way == Dispute, Name: r.Name, Code: code, Words: words, Files: q.Files})
}

func (s *Service) ask(ctx context.Context, way string, r Registered, q Question) (*Claim, error) {
	c := s.claim(ctx, way, r)
	person := actor.From(ctx)
	person.SessionID = "" // it is their own case, whatever they act for
	err := s.DB.Tx(ctx, func(ctx context.Context) error {
		var waits []Claim // by a code that does not come
		if err := s.DB.From(ctx).Where("account_id = ? AND code_kind = ? AND code = ? AND state = 'open'", c.AccountID, c.CodeKind, c.Code).Find(&waits).Error; err != nil {
			return fmt.Errorf("look for a claim: %w", db.Fault(err, "", ""))
		}
		for i := range waits {
			if err := s.close(ctx, &waits[i], "lapsed", ""); err != nil {
				return err
			}
		}
		var err error
		if c.CaseNo, err = s.AskStaff(actor.With(ctx, person), q); err != nil {
			return err
		}
		return s.store(ctx, c)
	})
	return c, err
}

// OpenMost is how many claims that wait a page lists.
const OpenMost = 200

// Open lists the claims that wait for staff, the oldest first: OpenMost, and one more
// where there are more.
func (s *Service) Open(ctx context.Context) (list []Claim, err error) {
	if err := s.Access.Can(ctx, access.EnterpriseVerify); err != nil {
		return nil, err
	}
	err = s.DB.From(ctx).Where("state = 'open' AND way <> 'code'").Order("id").Limit(OpenMost + 1).Find(&list).Error
	if err != nil {
		return nil, fmt.Errorf("read open claims: %w", db.Fault(err, "", ""))
	}
	return list, nil
}

// Opened is one claim for staff, with those who own the enterprise now.
func (s *Service) Opened(ctx context.Context, claimID string) (*Claim, []Member, error) {
	if err := s.Access.Can(ctx, access.EnterpriseVerify); err != nil {
		return nil, nil, err
	}
	c, err := s.opened(ctx, claimID)
	if err != nil {
		return nil, nil, err
	}
	there, err := s.ByCode(ctx, c.CodeKind, c.Code)
	if err != nil || there == nil {
		return c, nil, err
	}
	list, err := s.members(ctx, there.ID)
	return c, list, err
}

func (s *Service) opened(ctx context.Context, claimID string) (*Claim, error) {
	if !db.IsID(claimID) {
		return nil, errNoClaim
	}
	var list []Claim
	if err := s.DB.From(ctx).Where("id = ? AND way <> 'code'", claimID).Find(&list).Error; err != nil {
		return nil, fmt.Errorf("read a claim: %w", db.Fault(err, "", ""))
	}
	if len(list) == 0 {
		return nil, errNoClaim
	}
	return &list[0], nil
}

// Decision is what staff say of a claim. EndOwners ends the other owners of an
// enterprise in dispute.
type Decision struct {
	Grant     bool
	EndOwners bool
	Reason    string
	Version   int64
}

// Decide makes somebody an owner, or says why not. The reason is shown to them.
func (s *Service) Decide(ctx context.Context, claimID string, d Decision) error {
	if err := s.Access.Can(ctx, access.EnterpriseVerify); err != nil {
		return err
	}
	var check fault.Check
	d.Reason = strings.TrimSpace(text.Lines(d.Reason))
	check.That(d.Reason != "", "reason", "enterprises.reason.empty")
	check.That(utf8.RuneCountInString(d.Reason) <= wordsMost, "reason", "enterprises.words.long", "Max", wordsMost)
	if err := check.Err(); err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		c, err := s.opened(ctx, claimID)
		if err != nil {
			return err
		}
		if c.State != "open" || c.Version != d.Version {
			return fault.New(fault.Conflict, "enterprises.claim.decided")
		}
		if !d.Grant {
			return s.close(ctx, c, "refused", d.Reason)
		}
		if err := s.grant(ctx, c, d.EndOwners); err != nil {
			return err
		}
		return s.close(ctx, c, "proven", d.Reason)
	})
}

func (s *Service) grant(ctx context.Context, c *Claim, endOwners bool) error {
	there, err := s.ByCode(ctx, c.CodeKind, c.Code)
	if err != nil {
		return err
	}
	if there == nil {
		_, err := s.Establish(ctx, Registered{Kind: c.CodeKind, Code: c.Code, Name: c.Name, State: c.RegisterState}, c.AccountID, c.Locale)
		return err
	}
	if err := s.DB.From(ctx).Exec("UPDATE enterprises SET version = version WHERE id = ?", there.ID).Error; err != nil {
		return fmt.Errorf("hold an enterprise: %w", db.Fault(err, "", ""))
	}
	list, err := s.members(ctx, there.ID)
	if err != nil {
		return err
	}
	already := false
	for i := range list {
		m := &list[i]
		switch {
		case m.AccountID == c.AccountID && m.Role != Owner:
			if err := s.setRole(ctx, m, Owner, m.Version); err != nil {
				return err
			}
			already = true
		case m.AccountID == c.AccountID:
			already = true
		case endOwners && m.Role == Owner:
			if err := s.remove(ctx, m, m.Version); err != nil {
				return err
			}
		}
	}
	if already {
		return nil
	}
	return s.join(ctx, there.ID, c.AccountID, Owner)
}

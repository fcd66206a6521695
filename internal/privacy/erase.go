package privacy

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"minqing/internal/audit"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/vault"
	"minqing/internal/voices"
)

// CarryOut erases everybody whose time has come. Somebody who has filed again
// meanwhile waits until that case is over.
func (s *Service) CarryOut(ctx context.Context) error {
	var due []Erasure
	err := s.DB.From(ctx).Where("state = 'asked' AND due_at <= ?", s.Now().UTC()).Order("due_at, id").Limit(500).Find(&due).Error
	if err != nil {
		return fmt.Errorf("find wishes to be erased: %w", db.Fault(err, "", ""))
	}
	var problems error
	for _, e := range due {
		_, err := s.Erase(ctx, e.ConstituentID, "")
		if err != nil && fault.KindOf(err) != fault.Conflict {
			problems = errors.Join(problems, fmt.Errorf("erase constituent %s: %w", e.ConstituentID, err))
		}
	}
	return problems
}

// Erase erases a person now, with everybody that was joined to them or is
// certainly the same: their keys,
// names, addresses and accounts, and what they applied for permits with. Their
// closed cases stay, frozen. An open case is
// a Conflict. The reason, of a wish on paper, goes into the trail. It gives the
// number of files that are kept.
func (s *Service) Erase(ctx context.Context, constituentID, reason string) (kept int64, err error) {
	err = s.DB.Tx(ctx, func(ctx context.Context) error {
		family, err := s.Constituents.Same(ctx, constituentID)
		if err != nil {
			return err
		}
		// Two who erase the same person take turns.
		if err := s.DB.From(ctx).Exec("UPDATE constituents SET version = version + 1 WHERE id IN ?", family).Error; err != nil {
			return fmt.Errorf("hold somebody's record: %w", db.Fault(err, "", ""))
		}
		if err := s.mayErase(ctx, family); err != nil {
			return err
		}
		boxes, err := s.mailboxes(ctx, family) // while they can be read
		if err != nil {
			return err
		}
		if err := s.Voices.EraseFollower(ctx, boxes); err != nil {
			return err
		}
		now := s.Now().UTC()
		if kept, err = s.Cases.Freeze(ctx, family, now); err != nil {
			return err
		}
		if err := s.Permits.Erase(ctx, family); err != nil {
			return err
		}
		accounts, err := s.Identity.Erase(ctx, family)
		if err != nil {
			return err
		}
		if err := s.Notify.Erase(ctx, family, accounts); err != nil {
			return err
		}
		offers, err := s.Offers.Forget(ctx, family)
		if err != nil {
			return err
		}
		if s.Steps != nil {
			if err := s.Steps.Forget(ctx, family); err != nil {
				return err
			}
		}
		if err := s.Constituents.Erase(ctx, family, now); err != nil {
			return err
		}
		err = s.DB.From(ctx).Exec("UPDATE erasures SET state = 'done', ended_at = ?, cases = ? WHERE constituent_id IN ? AND state = 'asked'", now, kept, family).Error
		if err != nil {
			return fmt.Errorf("note that somebody was erased: %w", db.Fault(err, "", ""))
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "privacy.erased", Kind: "constituent", ID: constituentID, Reason: strings.TrimSpace(reason),
			Fields: []audit.Change{{Field: "joined", Before: strconv.Itoa(len(family))}, {Field: "accounts", Before: strconv.Itoa(len(accounts))}, {Field: "cases_kept", After: strconv.FormatInt(kept, 10)},
				{Field: "offers_ended", After: strconv.FormatInt(offers, 10)}}})
	})
	return kept, err
}

// mayErase refuses while a case is open, or held for a court.
func (s *Service) mayErase(ctx context.Context, family []string) error {
	open, err := s.Cases.OpenOf(ctx, family)
	if err != nil {
		return err
	}
	if len(open) > 0 {
		return fault.New(fault.Conflict, "privacy.erase.open").With("Count", len(open))
	}
	held, err := s.Cases.HeldOf(ctx, family)
	if err == nil && held {
		err = fault.New(fault.Conflict, "privacy.erase.held")
	}
	return err
}

// mailboxes are the addresses that somebody proved to be theirs.
func (s *Service) mailboxes(ctx context.Context, family []string) (boxes []voices.Mailbox, err error) {
	for _, id := range family {
		own, err := s.Constituents.Own(ctx, id)
		if errors.Is(err, vault.ErrErased) {
			continue
		}
		if err != nil {
			return nil, err
		}
		for _, p := range own.Points {
			if p.Kind == constituents.Email && p.Proven {
				boxes = append(boxes, voices.Mailbox{Address: p.Value, Until: p.Until})
			}
		}
	}
	return boxes, nil
}

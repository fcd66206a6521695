package voices

import (
	"context"
	"fmt"
	"time"

	"minqing/internal/actor"
	"minqing/internal/db"
	"minqing/internal/idcode"
)

// Mailbox is an address that somebody proved to be theirs, and until when it was.
type Mailbox struct {
	Address string
	Until   *time.Time // nil: it still is
}

// Followed is a published question that somebody follows by mail.
type Followed struct {
	Title       string
	Address     string
	AskedAt     time.Time
	ConfirmedAt *time.Time
}

// FollowedBy lists what the mailboxes of somebody follow, for their own copy.
func (s *Service) FollowedBy(ctx context.Context, boxes []Mailbox) ([]Followed, error) {
	var list []Followed
	for _, box := range boxes {
		rows, err := s.followsOf(ctx, box)
		if err != nil {
			return nil, err
		}
		for _, f := range rows {
			if f.BouncedAt != nil {
				continue // only the keyed hash is left
			}
			one := Followed{Address: box.Address, AskedAt: f.AskedAt, ConfirmedAt: f.ConfirmedAt}
			err := s.DB.From(ctx).Raw("SELECT title FROM voices WHERE case_id = ? AND state = 'published'", f.CaseID).Scan(&one.Title).Error
			if err != nil {
				return nil, fmt.Errorf("read what somebody follows: %w", db.Fault(err, "", ""))
			}
			list = append(list, one)
		}
	}
	return list, nil
}

// EraseFollower ends all that the mailboxes of somebody follow, in the open
// transaction, and destroys the keys of their addresses.
// No audit entry counts them: none keeps who follows.
func (s *Service) EraseFollower(ctx context.Context, boxes []Mailbox) error {
	for _, box := range boxes {
		rows, err := s.followsOf(ctx, box)
		if err != nil {
			return err
		}
		if err := s.end(ctx, rows); err != nil {
			return err
		}
	}
	return nil
}

// followsOf finds the rows of an address. Those that it got after somebody gave it
// up are another's.
func (s *Service) followsOf(ctx context.Context, box Mailbox) (list []following, err error) {
	mail, err := idcode.NormaliseEmail(box.Address)
	if err != nil {
		return nil, nil // nobody follows by it
	}
	find := s.DB.From(ctx).Where("address_index IN ?", s.Vault.BlindIndexes(purposeFollow, mail))
	if box.Until != nil {
		find = find.Where("asked_at <= ?", box.Until.UTC())
	}
	if err := find.Order("id").Find(&list).Error; err != nil {
		return nil, fmt.Errorf("find what somebody follows: %w", db.Fault(err, "", ""))
	}
	return list, nil
}

// ConcernedBy lists the titles of published questions of which the account that
// asks said that they concern it too.
func (s *Service) ConcernedBy(ctx context.Context) (titles []string, err error) {
	err = s.DB.From(ctx).Raw(`SELECT v.title FROM voice_concerns n JOIN voices v ON v.case_id = n.case_id WHERE n.account_id = ? AND v.state = 'published' ORDER BY n.id`,
		db.Ref(actor.From(ctx).AccountID)).Scan(&titles).Error
	if err != nil {
		return nil, fmt.Errorf("read what concerns somebody: %w", db.Fault(err, "", ""))
	}
	return titles, nil
}

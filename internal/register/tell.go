package register

import (
	"context"
	"errors"
	"fmt"

	"minqing/internal/db"
)

// Telling is what the holder of a permit is told.
type Telling struct {
	Event  Event
	Permit Permit
}

// tell has holders told of events. Repeated, nobody hears anything twice.
func (s *Service) tell(ctx context.Context, job TellJob) error {
	var events []Event
	if err := s.DB.From(ctx).Where("id IN ?", job.EventIDs).Order("id").Find(&events).Error; err != nil {
		return fmt.Errorf("read what happened to permits: %w", db.Fault(err, "", ""))
	}
	var failed error
	for _, e := range events {
		err := s.DB.Tx(ctx, func(ctx context.Context) error {
			t := Telling{Event: e}
			if err := s.DB.From(ctx).Where("id = ?", e.PermitID).Take(&t.Permit).Error; err != nil {
				return db.Fault(err, "register.missing", "")
			}
			return s.Tell(ctx, t)
		})
		failed = errors.Join(failed, err)
	}
	return failed
}

// ByID reads a permit for messages about it.
func (s *Service) ByID(ctx context.Context, id string) (*Permit, error) {
	var p Permit
	if err := s.DB.From(ctx).Where("id = ?", id).Take(&p).Error; err != nil {
		return nil, db.Fault(err, "register.missing", "")
	}
	return &p, nil
}

// Replaced says whether another permit has taken the place of this one.
func (s *Service) Replaced(ctx context.Context, p *Permit) (bool, error) {
	var n int
	if err := s.DB.From(ctx).Raw("SELECT count(*) FROM permits WHERE replaces_id = ?", p.ID).Scan(&n).Error; err != nil {
		return false, fmt.Errorf("look for what replaced a permit: %w", db.Fault(err, "", ""))
	}
	return n > 0, nil
}

// Event reads an event with its permit, for messages about it.
func (s *Service) Event(ctx context.Context, id string) (*Event, *Permit, error) {
	var e Event
	if err := s.DB.From(ctx).Where("id = ?", id).Take(&e).Error; err != nil {
		return nil, nil, db.Fault(err, "register.missing", "")
	}
	p, err := s.ByID(ctx, e.PermitID)
	return &e, p, err
}

// Unlink forgets the cases that are deleted: the permits stay.
func (s *Service) Unlink(ctx context.Context, caseIDs []string) error {
	if err := s.DB.From(ctx).Exec("UPDATE permits SET case_id = NULL WHERE case_id IN ?", caseIDs).Error; err != nil {
		return fmt.Errorf("part permits from their cases: %w", db.Fault(err, "", ""))
	}
	return nil
}

// Forget takes the masked names of people who are erased out of the register, in
// the open transaction. That there was a permit stays.
func (s *Service) Forget(ctx context.Context, constituentIDs []string) error {
	err := s.DB.From(ctx).Exec("UPDATE permits SET holder_shown = '', version = version + 1 WHERE holder_id IN ? AND holder_kind = 'person'", constituentIDs).Error
	if err != nil {
		return fmt.Errorf("erase somebody from the register: %w", db.Fault(err, "", ""))
	}
	return nil
}

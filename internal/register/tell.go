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
	next, err := s.Successors(ctx, []string{p.ID})
	return next[p.ID] != "", err
}

// Successors gives the numbers of the permits that take the place of others, by the
// ids of those.
func (s *Service) Successors(ctx context.Context, permitIDs []string) (map[string]string, error) {
	if len(permitIDs) == 0 {
		return nil, nil //nolint:nilnil // none
	}
	var rows []struct{ ReplacesID, PermitNo string }
	if err := s.DB.From(ctx).Raw("SELECT replaces_id, permit_no FROM permits WHERE replaces_id IN ?", permitIDs).Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("look for what replaced permits: %w", db.Fault(err, "", ""))
	}
	out := map[string]string{}
	for _, r := range rows {
		out[r.ReplacesID] = r.PermitNo
	}
	return out, nil
}

// ByIDs reads permits for messages about them, by their ids; those that are no more
// are left out.
func (s *Service) ByIDs(ctx context.Context, ids []string) (map[string]*Permit, error) {
	var list []Permit
	if err := s.DB.From(ctx).Where("id IN ?", ids).Find(&list).Error; err != nil {
		return nil, fmt.Errorf("read permits: %w", db.Fault(err, "", ""))
	}
	out := make(map[string]*Permit, len(list))
	for i := range list {
		out[list[i].ID] = &list[i]
	}
	return out, nil
}

// Events reads events for messages about them, with their permits by the ids of these;
// those that are no more are left out.
func (s *Service) Events(ctx context.Context, ids []string) (list []Event, permits map[string]*Permit, err error) {
	if err := s.DB.From(ctx).Where("id IN ?", ids).Find(&list).Error; err != nil {
		return nil, nil, fmt.Errorf("read what happened to permits: %w", db.Fault(err, "", ""))
	}
	var of []string
	for _, e := range list {
		of = append(of, e.PermitID)
	}
	permits, err = s.ByIDs(ctx, of)
	return list, permits, err
}

// Unlink forgets the cases that are deleted: the permits stay.
func (s *Service) Unlink(ctx context.Context, caseIDs []string) error {
	if err := s.DB.From(ctx).Exec("UPDATE permits SET case_id = NULL WHERE case_id IN ?", caseIDs).Error; err != nil {
		return fmt.Errorf("part permits from their cases: %w", db.Fault(err, "", ""))
	}
	return nil
}

// Forget takes the masked names of people who are erased, and what they said before a
// permit of theirs was revoked, out of the register, in the open transaction. That there
// was a permit stays.
func (s *Service) Forget(ctx context.Context, constituentIDs []string) error {
	err := s.DB.From(ctx).Exec("UPDATE permits SET holder_shown = '', version = version + 1 WHERE holder_id IN ? AND holder_kind = 'person'", constituentIDs).Error
	if err != nil {
		return fmt.Errorf("erase somebody from the register: %w", db.Fault(err, "", ""))
	}
	err = s.DB.From(ctx).Exec("UPDATE permit_proposals SET statement = '' WHERE statement <> '' AND permit_id IN (SELECT id FROM permits WHERE holder_id IN ? AND holder_kind = 'person')", constituentIDs).Error
	if err != nil {
		return fmt.Errorf("erase what somebody said of their permit: %w", db.Fault(err, "", ""))
	}
	return nil
}

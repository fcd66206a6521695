package satisfaction

import (
	"context"
	"fmt"
	"time"

	"minqing/internal/calendar"
	"minqing/internal/db"
)

// Missed says that somebody was rung and not reached, and is to be told of it, once
// for each callback. It holds ids only.
type Missed struct {
	CallbackID string `json:"callback_id"` // the cause of the messages
	CaseID     string `json:"case_id"`
}

// Kind names the job.
func (Missed) Kind() string { return "satisfaction.missed" }

// missed has the person told of the first call that nobody took, and that they are
// rung again on the next working day of the government. A wrong number belongs to
// somebody else, and an attempt by text or online was no call.
func (s *Service) missed(ctx context.Context, k *Callback, r Rang, day calendar.Date, now time.Time) error {
	if k.State != CallbackOpen || k.MissedToldAt != nil || r.Channel != "phone" || r.Outcome != "not_reached" {
		return nil
	}
	snap, err := s.Cases.Catalogue.Snapshot(ctx)
	if err != nil {
		return err
	}
	cal, err := s.Cases.Clocks.Of(snap, snap.Root())
	if err != nil {
		return err
	}
	on := cal.AddWorkingDays(day, 1)
	if err := s.exec(ctx, "UPDATE callbacks SET missed_told_at = ?, rings_on = ? WHERE id = ?", now, on, k.ID); err != nil {
		return err
	}
	k.MissedToldAt, k.RingsOn = &now, &on
	return s.Cases.Jobs.Add(ctx, Missed{CallbackID: k.ID, CaseID: k.CaseID})
}

// RingsOn is the day on which a person was told that they are rung again about a
// case; false where nobody is rung any more.
func (s *Service) RingsOn(ctx context.Context, caseID string) (calendar.Date, bool, error) {
	var found []Callback
	err := s.DB.From(ctx).Where("case_id = ? AND state = 'open' AND rings_on IS NOT NULL", caseID).Limit(1).Find(&found).Error
	if err != nil {
		return 0, false, fmt.Errorf("read when somebody is rung again: %w", db.Fault(err, "", ""))
	}
	if len(found) == 0 {
		return 0, false, nil
	}
	return *found[0].RingsOn, true, nil
}

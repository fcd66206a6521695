package satisfaction

import (
	"context"
	"fmt"
	"time"

	"minqing/internal/db"
	"minqing/internal/jobs"
)

// RemindJob looks for results that nobody has judged for some days.
type RemindJob struct{}

// Kind names the job.
func (RemindJob) Kind() string { return "satisfaction.remind" }

// Reminded says that somebody is to be reminded to judge, once. It holds ids only.
type Reminded struct {
	CallbackID string `json:"callback_id"` // the cause of the messages
	CaseID     string `json:"case_id"`
}

// Kind names the job.
func (Reminded) Kind() string { return "satisfaction.reminded" }

const (
	remindEvery = 10 * time.Minute
	remindBatch = 100
)

// Register has the queue look for whom to remind.
func (s *Service) Register(q *jobs.Queue) {
	jobs.Work(q, func(ctx context.Context, _ RemindJob) error {
		_, err := s.Remind(ctx)
		return err
	})
	q.Every(remindEvery, RemindJob{})
}

// Remind has everybody told whose time has come, and says how many they are. A
// result is taken off the list in the transaction that adds the job, so that
// nobody is reminded twice of it.
func (s *Service) Remind(ctx context.Context) (int, error) {
	total := 0
	for {
		var list []Callback
		now := s.Now().UTC()
		if err := s.DB.From(ctx).Where("remind_at <= ?", now).Order("remind_at").Limit(remindBatch).Find(&list).Error; err != nil {
			return total, fmt.Errorf("look for whom to remind: %w", db.Fault(err, "", ""))
		}
		if len(list) == 0 {
			return total, nil
		}
		err := s.DB.Tx(ctx, func(ctx context.Context) error {
			for _, k := range list {
				res := s.DB.From(ctx).Exec("UPDATE callbacks SET remind_at = NULL, reminded_at = ? WHERE id = ? AND remind_at IS NOT NULL AND state = 'open'", now, k.ID)
				if res.Error != nil {
					return fmt.Errorf("note a reminder: %w", res.Error)
				}
				if res.RowsAffected == 0 {
					continue // judged, or reminded, meanwhile
				}
				total++
				if err := s.Cases.Jobs.Add(ctx, Reminded{CallbackID: k.ID, CaseID: k.CaseID}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil || len(list) < remindBatch {
			return total, err
		}
	}
}

// Waits says whether the result of a reminder is still to be judged.
func (s *Service) Waits(ctx context.Context, r Reminded) (bool, error) {
	var n int
	err := s.DB.From(ctx).Raw("SELECT count(*) FROM callbacks WHERE id = ? AND state = 'open'", r.CallbackID).Scan(&n).Error
	if err != nil {
		return false, fmt.Errorf("look whether a result was judged: %w", db.Fault(err, "", ""))
	}
	return n > 0, nil
}

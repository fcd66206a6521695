package record

import (
	"context"
	"time"

	"minqing/internal/calendar"
	"minqing/internal/jobs"
)

// Sweeping lets notes about people go whose time is over.
type Sweeping struct{}

// Kind names the job.
func (Sweeping) Kind() string { return "record.sweep" }

// sweepBatch is how many notes one transaction deletes.
const sweepBatch = 200

// Register has the workers do it.
func (s *Service) Register(q *jobs.Queue) {
	jobs.Work(q, func(ctx context.Context, _ Sweeping) error { return s.Sweep(ctx) })
	q.Every(time.Hour, Sweeping{})
}

// Sweep deletes notes whose last day has passed; again it finds none.
func (s *Service) Sweep(ctx context.Context) error {
	for {
		n, err := s.Constituents.DropOldNotes(ctx, calendar.DateOf(s.Now(), time.UTC), sweepBatch)
		if err != nil || n < sweepBatch {
			return err
		}
	}
}

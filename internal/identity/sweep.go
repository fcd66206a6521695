package identity

import (
	"context"
	"fmt"
	"time"

	"minqing/internal/db"
	"minqing/internal/jobs"
)

// Sweeping is the job that clears away what is over.
type Sweeping struct{}

// Kind names the job.
func (Sweeping) Kind() string { return "identity.sweep" }

// registrationLife is how long a registration waits for a queue that stands still.
const registrationLife = 7 * 24 * time.Hour

// Register has the queue clear away old sessions every hour.
func (s *Service) Register(q *jobs.Queue) {
	jobs.Work(q, func(ctx context.Context, _ Sweeping) error { return s.Sweep(ctx) })
	q.Every(time.Hour, Sweeping{})
}

// Sweep deletes sessions that are over and counts of attempts that no longer
// matter. Run it now and then.
func (s *Service) Sweep(ctx context.Context) error {
	now := s.Now().UTC()
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		if err := s.end(ctx, "expires_at <= ?", now); err != nil {
			return err
		}
		if err := s.end(ctx, "seen_at <= ?", now.Add(-idleCitizen)); err != nil {
			return err
		}
		if err := s.DB.From(ctx).Exec("DELETE FROM half_sign_ins WHERE expires_at <= ?", now).Error; err != nil {
			return fmt.Errorf("forget half sign-ins: %w", db.Fault(err, "", ""))
		}
		if err := s.DB.From(ctx).Exec("DELETE FROM sign_in_steps WHERE expires_at <= ?", now).Error; err != nil {
			return fmt.Errorf("forget what was begun: %w", db.Fault(err, "", ""))
		}
		if err := s.DB.From(ctx).Exec("DELETE FROM password_resets WHERE expires_at <= ?", now).Error; err != nil {
			return fmt.Errorf("forget links for new passwords: %w", db.Fault(err, "", ""))
		}
		if err := s.dropOldRegistrations(ctx, now.Add(-registrationLife)); err != nil {
			return err
		}
		err := s.DB.From(ctx).Exec(`DELETE FROM sign_in_counts WHERE since < ? AND (locked_until IS NULL OR locked_until < ?)`,
			now.Add(-locksForgiven), now.Add(-locksForgiven)).Error
		if err != nil {
			return fmt.Errorf("forget old attempts to sign in: %w", db.Fault(err, "", ""))
		}
		return nil
	})
}

// Package limits counts what a client does within a window of time, for all
// servers on the same database together.
package limits

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"time"

	"minqing/internal/db"
	"minqing/internal/jobs"
	"minqing/internal/vault"
)

// purpose binds the keyed hash of a client to this table.
const purpose = "limits.client"

// keptFor is how long counts are kept: the longest window twice, and more.
const keptFor = 3 * time.Hour

// Service counts.
type Service struct {
	db    *db.DB
	vault *vault.Vault
	now   func() time.Time
}

// New makes the service.
func New(d *db.DB, v *vault.Vault, now func() time.Time) *Service {
	return &Service{db: d, vault: v, now: now}
}

// Take counts one request of a client for what, and says how long to wait when
// that is more than limit in a sliding window; nothing when it is not. A window
// slides as the sum of this one and of as much of the one before as it still
// overlaps. What is refused counts no further, so that who keeps asking is let in
// again as soon as who waits, and is not written down again. Neither address nor account is stored, only a keyed
// hash.
func (s *Service) Take(ctx context.Context, what, client string, limit int, window time.Duration) (wait time.Duration, err error) {
	now := s.now().UTC()
	began := now.Truncate(window)
	key := s.vault.BlindIndex(purpose, what+"\x00"+client)
	var n, before int
	err = s.db.From(ctx).Raw(`INSERT INTO rate_counts (window_at, key, n) VALUES (?, ?, 1)
 ON CONFLICT (key, window_at) DO UPDATE SET n = rate_counts.n + 1 WHERE rate_counts.n < ?
 RETURNING n, COALESCE((SELECT p.n FROM rate_counts p WHERE p.key = ? AND p.window_at = ?), 0)`,
		began, key, limit, key, began.Add(-window)).Row().Scan(&n, &before)
	if errors.Is(err, sql.ErrNoRows) {
		return began.Add(window).Sub(now), nil
	}
	if err != nil {
		return 0, fmt.Errorf("count a request: %w", db.Fault(err, "", ""))
	}
	left := float64(window-now.Sub(began)) / float64(window)
	if math.Round(float64(min(before, limit))*left)+float64(n) <= float64(limit) {
		return 0, nil
	}
	return began.Add(window).Sub(now), nil
}

// Sweeping is the job that forgets old counts.
type Sweeping struct{}

// Kind names the job.
func (Sweeping) Kind() string { return "limits.sweep" }

// Register has the queue forget old counts every hour.
func (s *Service) Register(q *jobs.Queue) {
	jobs.Work(q, func(ctx context.Context, _ Sweeping) error {
		err := s.db.From(ctx).Exec("DELETE FROM rate_counts WHERE window_at < ?", s.now().UTC().Add(-keptFor)).Error
		if err != nil {
			return fmt.Errorf("forget old counts: %w", db.Fault(err, "", ""))
		}
		return nil
	})
	q.Every(time.Hour, Sweeping{})
}

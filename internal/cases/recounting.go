package cases

import (
	"context"
	"fmt"
	"time"

	"minqing/internal/clocks"
	"minqing/internal/db"
	"minqing/internal/jobs"
)

// RunningMost is as far as open clocks are counted for a page.
const RunningMost = 100_000

const (
	recountSoon = 2 * time.Second // by then every process reads the catalogue anew
	recountRuns = 5
)

// Recounting is how far open clocks are counted by what holds now.
type Recounting struct {
	Waiting bool // something was changed, and the count has not begun
	Open    int64
	Runs    []RecountRun // the latest first
}

// RecountRun is one count of open clocks.
type RecountRun struct {
	ID         string
	StartedAt  time.Time
	FinishedAt *time.Time
	Seen       int64
	Moved      int64
	Kinds      []RecountKind `gorm:"-"` // what moved, by clock
}

// RecountKind is how many clocks of a kind a count moved.
type RecountKind struct {
	RecountID string
	Kind      clocks.Kind
	Moved     int64
}

// Recounting reads the latest counts.
func (s *Service) Recounting(ctx context.Context) (Recounting, error) {
	var r Recounting
	snap, err := s.Catalogue.Snapshot(ctx)
	if err != nil || snap.Root() == nil {
		return r, err
	}
	basis, err := s.basis(snap)
	if err != nil {
		return r, err
	}
	var last []struct{ Basis string }
	var kinds []RecountKind
	err = s.DB.Together(ctx,
		db.Rows(&r.Runs, "SELECT id, started_at, finished_at, seen, moved FROM clock_recounts ORDER BY id DESC LIMIT ?", recountRuns),
		db.Rows(&last, "SELECT basis FROM clock_recounts ORDER BY id DESC LIMIT 1"),
		db.Rows(&kinds, `SELECT recount_id, kind, count(*) AS moved FROM clock_moves WHERE recount_id IN
 (SELECT id FROM clock_recounts ORDER BY id DESC LIMIT ?) GROUP BY recount_id, kind ORDER BY kind`, recountRuns))
	if err != nil {
		return r, fmt.Errorf("read how clocks were counted: %w", db.Fault(err, "", ""))
	}
	for i := range r.Runs {
		for _, k := range kinds {
			if k.RecountID == r.Runs[i].ID {
				r.Runs[i].Kinds = append(r.Runs[i].Kinds, k)
			}
		}
	}
	r.Waiting = len(last) == 0 || last[0].Basis != basis
	if r.Waiting || r.Runs[0].FinishedAt == nil {
		r.Open, err = s.Running(ctx, "", time.Time{})
	}
	return r, err
}

// Running counts the open clocks of a kind that began at a time or later, those of
// every kind where none is named, as far as RunningMost.
func (s *Service) Running(ctx context.Context, kind clocks.Kind, since time.Time) (int64, error) {
	sql, args := "state = 'running'", []any{}
	if kind != "" {
		sql, args = sql+" AND kind = ? AND started_at >= ?", append(args, kind, since)
	}
	var n int64
	err := s.DB.From(ctx).Raw("SELECT count(*) FROM (SELECT 1 FROM case_clocks WHERE "+sql+" LIMIT ?) AS open", append(args, RunningMost)...).Scan(&n).Error
	if err != nil {
		return 0, fmt.Errorf("count open clocks: %w", db.Fault(err, "", ""))
	}
	return n, nil
}

// recountOnChange has the queue count open clocks anew soon after somebody changed
// what they are counted by.
func (s *Service) recountOnChange(q *jobs.Queue) {
	s.Catalogue.WhenTimed(func(ctx context.Context) error {
		return q.Add(ctx, RecountJob{}, jobs.Coalesce("recount", s.Now().UTC().Add(recountSoon)))
	})
}

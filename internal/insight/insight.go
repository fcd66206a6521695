// Package insight turns cases into figures: one registry of definitions,
// roll-ups that are counted anew wherever something changed, and the
// performance report that reads them. It reads the tables of other packages and
// writes only its own.
package insight

import (
	"context"
	"time"

	"minqing/internal/access"
	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/db"
	"minqing/internal/jobs"
)

// Deps are what the service works with.
type Deps struct {
	DB     *db.DB
	Access *access.Service
	Audit  *audit.Service
	Zone   *time.Location // of the root unit, for "today"; UTC when nil
	Now    func() time.Time

	PermitTypes PermitTypes // for the report on permits
}

// Service is the only writer of the roll-ups.
type Service struct{ Deps }

// New makes the service.
func New(d Deps) *Service {
	if d.Zone == nil {
		d.Zone = time.UTC
	}
	return &Service{Deps: d}
}

// Today is the local date of the root unit.
func (s *Service) Today() calendar.Date { return calendar.DateOf(s.Now(), s.Zone) }

// RefreshJob brings the roll-ups up to date.
type RefreshJob struct{}

// Kind names the job.
func (RefreshJob) Kind() string { return "insight.refresh" }

// RebuildJob counts everything anew: after an import or a load, whose events
// carry the times of the past.
type RebuildJob struct{}

// Kind names the job.
func (RebuildJob) Kind() string { return "insight.rebuild" }

// Register has the queue refresh the roll-ups every minute.
func (s *Service) Register(q *jobs.Queue) {
	jobs.Work(q, func(ctx context.Context, _ RefreshJob) error { return s.Refresh(ctx, s.Now()) }, jobs.Within(rebuildTime))
	jobs.Work(q, func(ctx context.Context, _ RebuildJob) error { return s.Rebuild(ctx) }, jobs.Within(rebuildTime))
	q.Every(time.Minute, RefreshJob{})
}

// rebuildTime is plenty for a hundred million cases.
const rebuildTime = time.Hour

// Package seven has the seven views of a customer base, as a government needs
// them: whom it serves and what they need, whether they come back by choice, what
// a service costs both sides, and what it is worth to be told of one. It counts
// once a day what is read of people and their cases, holds the inputs that no
// system knows, and makes the pages of figures from both.
package seven

import (
	"context"
	"fmt"
	"time"

	"minqing/internal/access"
	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/db"
	"minqing/internal/jobs"
	"minqing/internal/outreach/campaign"
)

// Deps are what the service works with.
type Deps struct {
	DB        *db.DB
	Access    *access.Service
	Audit     *audit.Service
	Campaigns Campaigns
	Zone      *time.Location // of the root unit, for "today"; UTC when nil
	Now       func() time.Time
}

// Campaigns counts what came of campaigns, by their ids; campaign.Service does.
type Campaigns interface {
	Results(ctx context.Context, ids []string) (map[string]*campaign.Result, error)
}

// Service is the only writer of the counts and inputs of 7P.
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

// CountJob counts anew what was not yet counted on this local day.
type CountJob struct{}

// Kind names the job.
func (CountJob) Kind() string { return "seven.count" }

const (
	countEvery = time.Hour
	countTime  = time.Hour
)

// Register has the queue count once on every local day.
func (s *Service) Register(q *jobs.Queue) {
	jobs.Work(q, func(ctx context.Context, _ CountJob) error { return s.Daily(ctx) }, jobs.Within(countTime))
	q.Every(countEvery, CountJob{})
}

// Daily counts unless that was done today.
func (s *Service) Daily(ctx context.Context) error {
	st, err := s.state(ctx)
	if err != nil || st.CountedOn != nil && *st.CountedOn == s.Today() {
		return err
	}
	return s.Count(ctx)
}

type state struct {
	CountedAt *time.Time
	CountedOn *calendar.Date
}

func (s *Service) state(ctx context.Context) (st state, err error) {
	if err := s.DB.From(ctx).Raw("SELECT counted_at, counted_on FROM seven_state WHERE id = 1").Scan(&st).Error; err != nil {
		return st, fail("read when 7P was counted", err)
	}
	return st, nil
}

func fail(what string, err error) error { return fmt.Errorf("%s: %w", what, db.Fault(err, "", "")) }

func firstOfMonth(d calendar.Date) calendar.Date {
	y, m := d.YearMonth()
	return calendar.NewDate(y, m, 1)
}

// monthsBefore is the first day of the month so many months before d's.
func monthsBefore(d calendar.Date, n int) calendar.Date {
	y, m := d.YearMonth()
	return calendar.NewDate(y, m-time.Month(n), 1)
}

func endOfMonth(d calendar.Date) calendar.Date { return monthsBefore(d, -1).Add(-1) }

// Package jobs is the queue in the database: work that is added in the same
// transaction as the change that causes it, runs at least once after that
// transaction has committed, is retried with growing pauses, and is listed as
// dead when it never succeeds.
//
// River keeps the table, the schedule, the leader and the retries. This
// package owns how a row gets in (one statement, see Add) and how a sleeping
// worker is woken (after the commit, see bell), because both cost most where
// many cases are filed at once; docs/decisions/jobs.md has the figures.
package jobs

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/riverqueue/river"

	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/tracing"
)

// Args are the arguments of one job: a small struct of ids with JSON names.
// Kind is its fixed name, "cases.received". Personal data never go in here:
// rows of the queue are neither encrypted nor erased with a person.
type Args interface{ Kind() string }

// The queues. Mail has its own, so that a mail server which answers slowly
// cannot hold up anything else.
const (
	QueueDefault = river.QueueDefault
	QueueMail    = "mail"
)

// Options tune a Queue. The zero value is right for production.
type Options struct {
	Log         *slog.Logger
	Workers     int                              // jobs of the default queue at once; 8
	MailWorkers int                              // jobs of the mail queue at once; 2
	Timeout     time.Duration                    // a job's context ends after this; 5 minutes
	RescueAfter time.Duration                    // a job whose process died runs again after this; 10 minutes; on SQLite at the next start
	Poll        time.Duration                    // how often to look without being woken; 10 seconds
	Backoff     func(failures int) time.Duration // pause after the n-th failure, counted from 1
	Tracer      *tracing.Tracer                  // of runs; nil: none are traced
}

// Queue adds jobs and works them.
type Queue struct {
	db     *db.DB
	audit  *audit.Service
	opts   Options
	log    *slog.Logger
	driver driver
	bell   *bell
	desk   *river.Client[*sql.Tx] // never started: lists, retries, discards

	mu       sync.Mutex
	workers  *river.Workers
	periodic []*river.PeriodicJob
	running  *river.Client[*sql.Tx]
}

// New makes the queue of a database. Register work with Work and Every, then
// Start; a process that only adds jobs never starts it.
func New(d *db.DB, trail *audit.Service, o Options) (*Queue, error) {
	drv, err := openDriver(d)
	if err != nil {
		return nil, fmt.Errorf("open the queue's driver: %w", err)
	}
	return newQueue(d, trail, drv, o)
}

func newQueue(d *db.DB, trail *audit.Service, drv driver, o Options) (*Queue, error) {
	q := &Queue{db: d, audit: trail, driver: drv, opts: withDefaults(o), workers: river.NewWorkers()}
	q.log = q.opts.Log
	q.bell = newBell(bellGap, q.sound)
	var err error
	q.desk, err = river.NewClient(drv, &river.Config{Logger: quiet(q.log)})
	if err != nil {
		return nil, fmt.Errorf("open the queue: %w", err)
	}
	return q, nil
}

func withDefaults(o Options) Options {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Workers == 0 {
		o.Workers = 8
	}
	if o.MailWorkers == 0 {
		o.MailWorkers = 2
	}
	if o.Timeout == 0 {
		o.Timeout = 5 * time.Minute
	}
	if o.RescueAfter == 0 {
		o.RescueAfter = 10 * time.Minute
	}
	if o.Poll == 0 {
		o.Poll = 10 * time.Second
	}
	if o.Backoff == nil {
		o.Backoff = Backoff
	}
	return o
}

// Backoff is the pause after the n-th failure: 15 s, 45 s, 2¼ min, 6¾ min,
// 20¼ min, then an hour each. With DefaultAttempts a job is tried for about
// six and a half hours, which outlasts a mail server's night.
func Backoff(failures int) time.Duration {
	pause := 15 * time.Second
	for range failures - 1 {
		if pause *= 3; pause >= time.Hour {
			return time.Hour
		}
	}
	return pause
}

// DefaultAttempts is how often a job is tried before it is dead.
const DefaultAttempts = 12

// sound tells every process that works these queues. One that nobody hears
// costs at most a poll interval.
func (q *Queue) sound(queues []string) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := q.driver.wake(ctx, queues); err != nil {
		q.log.Warn("waking the workers failed; they poll", "error", err)
	}
}

package jobs

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/rivertype"

	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/fault"
)

// State is where a job stands.
type State string

const (
	Available State = "available" // waits for a worker
	Scheduled State = "scheduled" // waits for its time
	Running   State = "running"
	Retryable State = "retryable" // failed; waits for its next try
	Dead      State = "discarded" // failed for the last time
	Cancelled State = "cancelled" // discarded by an administrator
	Completed State = "completed" // done; kept for a day
)

// States lists them in the order in which an administrator cares.
var States = []State{Dead, Retryable, Running, Available, Scheduled, Cancelled, Completed}

// Job is one line of the queue.
type Job struct {
	ID          int64
	Kind        string
	Queue       string
	State       State
	Args        string // JSON of ids
	Attempt     int
	Attempts    int
	CreatedAt   time.Time
	ScheduledAt time.Time
	AttemptedAt *time.Time
	FinalizedAt *time.Time
	Failures    []Failure // oldest first
}

// Failure is one try that failed.
type Failure struct {
	At      time.Time
	Attempt int
	Error   string
}

// Page is a part of the list; Next is empty at its end.
type Page struct {
	Jobs []Job
	Next string
}

const pageSize = 50

// List gives the jobs in a state, newest first.
func (q *Queue) List(ctx context.Context, state State, cursor string) (Page, error) {
	params := river.NewJobListParams().States(rivertype.JobState(state)).First(pageSize+1).
		OrderBy(river.JobListOrderByID, river.SortOrderDesc)
	if cursor != "" {
		below, err := cursorID(cursor)
		if err != nil {
			return Page{}, err
		}
		params = params.Where("id < @below", river.NamedArgs{"below": below})
	}
	res, err := q.desk.JobList(ctx, params)
	if err != nil {
		return Page{}, db.Fault(fmt.Errorf("list jobs: %w", err), "", "")
	}
	var page Page
	for i, row := range res.Jobs {
		if i == pageSize {
			page.Next = db.EncodeCursor(strconv.FormatInt(res.Jobs[i-1].ID, 10))
			break
		}
		page.Jobs = append(page.Jobs, jobOf(row))
	}
	return page, nil
}

// Find gives one job.
func (q *Queue) Find(ctx context.Context, id int64) (Job, error) {
	row, err := q.desk.JobGet(ctx, id)
	if errors.Is(err, rivertype.ErrNotFound) {
		return Job{}, fault.New(fault.NotFound, "jobs.missing")
	}
	if err != nil {
		return Job{}, db.Fault(fmt.Errorf("find job: %w", err), "", "")
	}
	return jobOf(row), nil
}

func cursorID(cursor string) (int64, error) {
	parts, err := db.DecodeCursor(cursor, 1)
	if err != nil {
		return 0, err
	}
	id, err := strconv.ParseInt(parts[0], 10, 64)
	if err != nil {
		return 0, fault.InvalidInput(fault.Field{Name: "cursor", Key: "fault.cursor"})
	}
	return id, nil
}

func jobOf(row *rivertype.JobRow) Job {
	j := Job{ID: row.ID, Kind: row.Kind, Queue: row.Queue, State: State(row.State), Args: string(row.EncodedArgs),
		Attempt: row.Attempt, Attempts: row.MaxAttempts, CreatedAt: row.CreatedAt, ScheduledAt: row.ScheduledAt,
		AttemptedAt: row.AttemptedAt, FinalizedAt: row.FinalizedAt}
	for _, e := range row.Errors {
		j.Failures = append(j.Failures, Failure{At: e.At, Attempt: e.Attempt, Error: e.Error})
	}
	return j
}

// Count says how many jobs wait and how many are dead, for the page's head and
// for metrics. States without jobs are absent.
func (q *Queue) Count(ctx context.Context) (map[State]int, error) {
	counts, err := q.driver.GetExecutor().JobCountByAllStates(ctx, &riverdriver.JobCountByAllStatesParams{})
	if err != nil {
		return nil, db.Fault(fmt.Errorf("count jobs: %w", err), "", "")
	}
	out := make(map[State]int, len(counts))
	for state, n := range counts {
		if n > 0 {
			out[State(state)] = n
		}
	}
	return out, nil
}

// Retry lets a job run now, once more at least, whatever its state. One that
// runs already is left alone.
func (q *Queue) Retry(ctx context.Context, id int64) error {
	return q.act(ctx, id, "job.retried", func(ctx context.Context, row *rivertype.JobRow) error {
		if row.State == rivertype.JobStateRunning {
			return fault.New(fault.Conflict, "jobs.running")
		}
		if _, err := q.desk.JobRetryTx(ctx, q.db.SQLTx(ctx), id); err != nil {
			return fmt.Errorf("retry job: %w", err)
		}
		q.Wake(ctx, row.Queue)
		return nil
	})
}

// Discard ends a job for good: one that waits is cancelled, one that is dead or
// done leaves the list.
func (q *Queue) Discard(ctx context.Context, id int64) error {
	return q.act(ctx, id, "job.discarded", func(ctx context.Context, row *rivertype.JobRow) error {
		tx := q.db.SQLTx(ctx)
		switch State(row.State) {
		case Running:
			return fault.New(fault.Conflict, "jobs.running")
		case Dead, Cancelled, Completed:
			if _, err := q.desk.JobDeleteTx(ctx, tx, id); err != nil {
				return fmt.Errorf("delete job: %w", err)
			}
			return nil
		}
		if _, err := q.desk.JobCancelTx(ctx, tx, id); err != nil {
			return fmt.Errorf("cancel job: %w", err)
		}
		return nil
	})
}

// act does something to one job, with an audit entry, in one transaction.
func (q *Queue) act(ctx context.Context, id int64, action string, do func(context.Context, *rivertype.JobRow) error) error {
	return q.db.Tx(ctx, func(ctx context.Context) error {
		row, err := q.desk.JobGetTx(ctx, q.db.SQLTx(ctx), id)
		if errors.Is(err, rivertype.ErrNotFound) {
			return fault.New(fault.NotFound, "jobs.missing")
		}
		if err != nil {
			return fmt.Errorf("find job: %w", err)
		}
		if err := do(ctx, row); err != nil {
			return err
		}
		return q.audit.Record(ctx, audit.Entry{Action: action, Kind: "job", ID: strconv.FormatInt(id, 10),
			Fields: []audit.Change{{Field: "state", Before: string(row.State)}, {Field: "kind", Before: row.Kind, After: row.Kind}}})
	})
}

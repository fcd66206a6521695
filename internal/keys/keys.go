// Package keys changes keys while work goes on: the ring's, by wrapping every data
// key anew and indexing what is found by keyed hashes; and the data keys, by
// sealing anew what they protect. Both are jobs in small transactions that can be
// killed and go on where they were. A ring key is retired when nothing lies under
// it any more, and dropped when nobody holds a code of it.
package keys

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/jobs"
	"minqing/internal/vault"
)

// Index is a table that is looked up by keyed hashes.
type Index interface {
	// Reindex brings the hashes of the next rows under the current ring key.
	Reindex(ctx context.Context, after string, most int) (last string, n int, stuck []string, err error)
	// IndexedUnder counts the hashes that stand under a ring key.
	IndexedUnder(ctx context.Context, ringKey string) (int64, error)
}

// Codes are codes and links that are derived from a ring key and held by people.
type Codes interface {
	CodesUnder(ctx context.Context, ringKey string) (int64, error)
	// RenewCodes gives up to most rows codes of the current key instead, and says
	// how many; those in people's hands end.
	RenewCodes(ctx context.Context, ringKey string, most int) (int64, error)
}

// Deps are what the service works with. The packages above fill the rest.
type Deps struct {
	DB      *db.DB
	Vault   *vault.Vault
	Audit   *audit.Service
	Jobs    *jobs.Queue
	Now     func() time.Time
	Owners  []vault.Owner
	Indexes []Index
	Codes   []Codes
}

// Service changes keys.
type Service struct{ Deps }

// New makes the service and registers its job.
func New(d Deps) *Service {
	s := &Service{Deps: d}
	jobs.Work(d.Jobs, func(ctx context.Context, _ Rotate) error { return s.rotate(ctx) })
	d.Jobs.Every(10*time.Minute, Rotate{})
	return s
}

// Rotate is the job that goes on with what is to be changed.
type Rotate struct{}

// Kind names the job.
func (Rotate) Kind() string { return "keys.rotate" }

// Kinds of a run.
const (
	Ring = "ring" // data keys under the current ring key
	Data = "data" // values under new data keys
)

// Run is how far a change has come.
type Run struct {
	ID         string
	Kind       string
	Target     string // the ring key, or the kinds of owners with commas between
	Step       int
	After      string // the last row of the step that is done
	Total      int64  // 0 when nobody could count in time
	Done       int64
	Stuck      int64 // could not be changed: the log names them
	StartedAt  time.Time
	UpdatedAt  time.Time
	FinishedAt *time.Time
}

// TableName names the table for gorm.
func (Run) TableName() string { return "key_runs" }

// first is less than every id.
const first = "00000000-0000-0000-0000-000000000000"

// batch is how many rows one transaction changes.
const batch = 200

// Runs lists the newest runs.
func (s *Service) Runs(ctx context.Context) (runs []Run, err error) {
	err = s.DB.Reader(ctx).Order("started_at DESC, id").Limit(20).Find(&runs).Error
	if err != nil {
		return nil, fmt.Errorf("list changes of keys: %w", db.Fault(err, "", ""))
	}
	return runs, nil
}

// open gives the run of a kind that is not finished; nil when there is none.
func (s *Service) open(ctx context.Context, kind string) (*Run, error) {
	var runs []Run
	err := s.DB.From(ctx).Where("kind = ? AND finished_at IS NULL", kind).Find(&runs).Error
	if err != nil || len(runs) == 0 {
		return nil, db.Fault(err, "", "")
	}
	return &runs[0], nil
}

// Why says what lets a change of the ring begin.
type Why int

// The reasons to begin.
const (
	Stray    Why = iota // something lies under an old key
	Again               // look at every row once more, whatever was done before
	Promoted            // somebody has just made another key the current one
)

// BeginRing notes that data keys are to be wrapped anew under the current ring
// key, and gives that run; nil when there is nothing to do. Only who promotes a
// key may turn to another one: a machine with an old key file would else wrap
// back what the others have wrapped, without end.
func (s *Service) BeginRing(ctx context.Context, why Why) (run *Run, err error) {
	olds, err := s.olds(ctx)
	if err != nil {
		return nil, err
	}
	now, current, total := s.Now().UTC(), s.Vault.CurrentKey(), int64(0)
	if len(olds) > 0 {
		total = s.count(ctx, "vault_keys WHERE ring_key IN ?", olds)
	}
	err = s.DB.Tx(ctx, func(ctx context.Context) error {
		var last []Run
		if err := s.DB.From(ctx).Where("kind = ?", Ring).Order("started_at DESC, id DESC").Limit(1).Find(&last).Error; err != nil {
			return fmt.Errorf("read the last change of keys: %w", db.Fault(err, "", ""))
		}
		if len(last) > 0 && last[0].Target != current && why != Promoted {
			return fmt.Errorf("this machine's key ring has the current key %q, but %q was promoted: bring the newest key file here", current, last[0].Target)
		}
		if len(last) > 0 && last[0].FinishedAt == nil {
			run = &last[0]
			if run.Target == current {
				return nil
			}
			run.Target, run.Step, run.After, run.Total = current, 0, "", run.Done+total // a newer key before the last was through
			return s.DB.From(ctx).Exec("UPDATE key_runs SET target = ?, step = 0, after = '', total = ?, updated_at = ? WHERE id = ? AND finished_at IS NULL", current, run.Total, now, run.ID).Error
		}
		if len(olds) == 0 && why == Stray {
			return nil
		}
		run = &Run{ID: db.NewID(now), Kind: Ring, Target: current, StartedAt: now, UpdatedAt: now, Total: total}
		return s.begin(ctx, run)
	})
	return run, err
}

func (s *Service) begin(ctx context.Context, run *Run) error {
	if err := s.DB.From(ctx).Create(run).Error; err != nil {
		return fmt.Errorf("begin a change of keys: %w", db.Fault(err, "", "fault.conflict"))
	}
	return s.Audit.Record(ctx, audit.Entry{Action: "keys.begun", Kind: "key_run", ID: run.ID,
		Fields: []audit.Change{{Field: run.Kind, After: run.Target}}})
}

// olds are the ring keys in use apart from the current one.
func (s *Service) olds(ctx context.Context) ([]string, error) {
	used, err := s.Vault.RingKeysInUse(ctx)
	current := s.Vault.CurrentKey()
	return slices.DeleteFunc(used, func(id string) bool { return id == current }), err
}

// count says how many rows there are to change; progress is told of these. Where
// nobody could count, 0 tells no progress and harms nothing.
func (s *Service) count(ctx context.Context, rows string, args ...any) (n int64) {
	_ = s.DB.Patiently(ctx, func(ctx context.Context) error {
		return s.DB.From(ctx).Raw("SELECT count(*) FROM "+rows, args...).Scan(&n).Error
	})
	return n
}

// Record notes a change of the key file in the trail.
func (s *Service) Record(ctx context.Context, action, id string) error {
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		return s.Audit.Record(ctx, audit.Entry{Action: action, Kind: "ring_key", ID: id})
	})
}

// Add puts the job into the queue, to run at once.
func (s *Service) Add(ctx context.Context) error {
	return s.DB.Tx(ctx, func(ctx context.Context) error { return s.Jobs.Add(ctx, Rotate{}, jobs.Unique("keys")) })
}

// slice is how long one run of the job works before it makes room for others.
const slice = 2 * time.Minute

// rotate is the job: it looks what is to be done, and does some of it.
func (s *Service) rotate(ctx context.Context) error {
	if _, err := s.Vault.Reload(); err != nil {
		return err
	}
	if _, err := s.BeginRing(ctx, Stray); err != nil {
		return err
	}
	more, err := s.Work(ctx, slice, nil)
	if err != nil {
		return err
	}
	if _, err := s.Vault.Settle(ctx, s.Owners, batch); err != nil {
		return err
	}
	if more {
		return s.DB.Tx(ctx, func(ctx context.Context) error { return s.Jobs.Add(ctx, Rotate{}) })
	}
	return nil
}

// Work goes on with every open run for at most the time given, and says whether
// something is left. Told, which may be nil, hears of each step.
func (s *Service) Work(ctx context.Context, most time.Duration, told func(Run)) (more bool, err error) {
	end := time.Now().Add(most)
	for _, kind := range []string{Ring, Data} {
		run, err := s.open(ctx, kind)
		if err != nil {
			return false, err
		}
		for run != nil && run.FinishedAt == nil {
			if time.Now().After(end) {
				return true, nil
			}
			if err := s.DB.Tx(ctx, func(ctx context.Context) error { return s.step(ctx, run) }); err != nil {
				return false, err
			}
			if told != nil {
				told(*run)
			}
		}
	}
	return false, nil
}

// step does the next rows of a run and notes how far it came, in one transaction.
// The row of the run is locked first, so that two processes take turns.
func (s *Service) step(ctx context.Context, run *Run) error {
	now := s.Now().UTC()
	if err := s.DB.From(ctx).Exec("UPDATE key_runs SET updated_at = ? WHERE id = ?", now, run.ID).Error; err != nil {
		return fmt.Errorf("take up a change of keys: %w", db.Fault(err, "", ""))
	}
	if err := s.DB.From(ctx).Where("id = ?", run.ID).Take(run).Error; err != nil {
		return fmt.Errorf("read a change of keys: %w", db.Fault(err, "", ""))
	}
	if run.FinishedAt != nil {
		return nil
	}
	do := s.ringStep
	if run.Kind == Data {
		do = s.dataStep
	}
	stuck, err := do(ctx, run)
	if err != nil {
		return err
	}
	run.Stuck += int64(len(stuck))
	err = s.DB.From(ctx).Exec("UPDATE key_runs SET step = ?, after = ?, done = ?, stuck = ?, finished_at = ? WHERE id = ?",
		run.Step, run.After, run.Done, run.Stuck, run.FinishedAt, run.ID).Error
	if err != nil {
		return fmt.Errorf("note how far a change of keys came: %w", db.Fault(err, "", ""))
	}
	if len(stuck) > 0 || run.FinishedAt != nil {
		return s.note(ctx, run, stuck)
	}
	return nil
}

// note writes the end of a run, and what could not be changed, into the trail.
func (s *Service) note(ctx context.Context, run *Run, stuck []string) error {
	e := audit.Entry{Action: "keys.stuck", Kind: "key_run", ID: run.ID, Fields: []audit.Change{{Field: "rows", Before: strings.Join(stuck, " ")}}}
	if len(stuck) > 0 {
		if err := s.Audit.Record(ctx, e); err != nil {
			return err
		}
	}
	if run.FinishedAt == nil {
		return nil
	}
	e.Action, e.Fields = "keys.finished", []audit.Change{{Field: run.Kind, After: run.Target}, {Field: "done", After: fmt.Sprint(run.Done)}, {Field: "stuck", After: fmt.Sprint(run.Stuck)}}
	return s.Audit.Record(ctx, e)
}

// ringStep wraps the next data keys, or indexes the next rows.
func (s *Service) ringStep(ctx context.Context, run *Run) (stuck []string, err error) {
	if run.Target != s.Vault.CurrentKey() {
		return nil, errors.New("this process has another current ring key than the change of keys: bring the newest key file to this machine")
	}
	if run.Step == 0 {
		return s.wrapStep(ctx, run)
	}
	if run.Step > len(s.Indexes) {
		now := s.Now().UTC()
		run.FinishedAt = &now
		return nil, nil
	}
	last, n, stuck, err := s.Indexes[run.Step-1].Reindex(ctx, run.After, batch)
	if err != nil {
		return nil, err
	}
	if run.After = last; n < batch {
		run.Step, run.After = run.Step+1, first
	}
	return stuck, nil
}

func (s *Service) wrapStep(ctx context.Context, run *Run) (stuck []string, err error) {
	olds, err := s.olds(ctx)
	if err != nil {
		return nil, err
	}
	at, after, _ := strings.Cut(run.After, " ")
	for _, old := range olds {
		if old < at {
			continue // only what is stuck is left of it
		}
		if old != at || after == "" {
			after = first
		}
		last, n, stuck, err := s.Vault.Rewrap(ctx, old, after, batch)
		if err != nil {
			return nil, err
		}
		if n > 0 {
			run.After, run.Done = old+" "+last, run.Done+int64(n-len(stuck))
			return stuck, nil
		}
	}
	run.Step, run.After = 1, first
	return nil, nil
}

package worklist

import (
	"context"
	"errors"
	"regexp"
	"time"

	"minqing/internal/actor"
	"minqing/internal/cases"
	"minqing/internal/fault"
	"minqing/internal/jobs"
)

var isID = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// Work is the job that does a run's act on some of its cases, From up to and
// without To.
type Work struct {
	RunID string `json:"run_id"`
	From  int    `json:"from"`
	To    int    `json:"to"`
}

// Kind names the job.
func (Work) Kind() string { return "worklist.bulk" }

// attempts is how often a chunk is tried: about an hour and a half.
const attempts = 6

// Forget is the job that erases old runs.
type Forget struct{}

// Kind names the job.
func (Forget) Kind() string { return "worklist.forget_bulk" }

// Register makes the queue work runs, and erase old ones every hour.
func (s *Service) Register(q *jobs.Queue) {
	jobs.Work(q, s.Do)
	jobs.Work(q, func(ctx context.Context, _ Forget) error { return s.Purge(ctx) })
	q.Every(time.Hour, Forget{})
}

// Do acts on the cases of a chunk that still wait, as whoever confirmed the run
// and with what they may do now. A case and its mark are changed together, so
// a chunk that is worked twice, or broken off in the middle, acts once on each.
func (s *Service) Do(ctx context.Context, w Work) error {
	r, err := s.run(ctx, w.RunID)
	if errors.Is(err, errNoRun) {
		return nil // erased meanwhile
	}
	if err != nil || r.ConfirmedAt == nil {
		return err
	}
	typed, err := s.typed(ctx, r)
	if err != nil {
		return err
	}
	active, err := s.Accounts.Active(ctx, r.AccountID)
	if err != nil {
		return err
	}
	items, err := s.Items(ctx, r.ID, Waiting, int64(w.From)-1, w.To-w.From)
	if err != nil {
		return err
	}
	last := jobs.Current(ctx).Last()
	ctx = actor.With(ctx, actor.Actor{Kind: actor.Staff, AccountID: r.AccountID, Job: w.Kind()})
	var broken error
	for _, it := range items {
		if it.No >= int64(w.To) {
			break
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if !active {
			err = fault.New(fault.Forbidden, "access.forbidden")
		} else {
			err = s.one(ctx, r, it, command(r.Action, typed))
		}
		if err := s.note(ctx, r, it, err, last); err != nil {
			broken = err
		}
	}
	return broken
}

var errTaken = errors.New("worklist: another worker has done the case")

// one does the act on a case and marks it, in one transaction.
func (s *Service) one(ctx context.Context, r *Run, it Item, cmd cases.Command) error {
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		mark := s.DB.From(ctx).Exec("UPDATE bulk_items SET state = ? WHERE run_id = ? AND no = ? AND state = ?", Done, r.ID, it.No, Waiting)
		if mark.Error != nil {
			return fail("mark a case as done", mark.Error)
		}
		if mark.RowsAffected == 0 {
			return errTaken
		}
		_, err := s.Cases.Act(ctx, it.CaseNo, it.Version, cmd)
		return err
	})
}

// note keeps why a case was refused. What went wrong in the program or around it
// is no refusal and given back, for another try, until there is none.
func (s *Service) note(ctx context.Context, r *Run, it Item, err error, last bool) error {
	if err == nil || errors.Is(err, errTaken) {
		return nil
	}
	reason := "desk.bulk.failed"
	e, ours := fault.As(err)
	switch ours = ours && (e.Kind == fault.Invalid || e.Kind == fault.Conflict || e.Kind == fault.Forbidden || e.Kind == fault.NotFound); {
	case !ours && !last:
		return err
	case ours && len(e.Fields) > 0:
		reason = e.Fields[0].Key
	case ours:
		reason = e.Key
	}
	if e != nil && ours && reason == "case.changed" {
		reason = "desk.bulk.changed"
	}
	set := s.DB.From(ctx).Exec("UPDATE bulk_items SET state = ?, reason = ? WHERE run_id = ? AND no = ? AND state = ?", Refused, reason, r.ID, it.No, Waiting)
	if set.Error != nil {
		return fail("note why a case was refused", set.Error)
	}
	if !ours {
		return err
	}
	return nil
}

// Purge erases runs and drafts past their life, with the key of what was typed.
func (s *Service) Purge(ctx context.Context) error {
	if err := s.purgeDrafts(ctx); err != nil {
		return err
	}
	for {
		var old []Run
		err := s.DB.From(ctx).Raw("SELECT "+runColumns+" FROM bulk_runs WHERE created_at <= ? ORDER BY created_at LIMIT 50", s.Now().UTC().Add(-Life)).Scan(&old).Error
		if err != nil {
			return fail("find old acts on many cases", err)
		}
		for _, r := range old {
			err := s.DB.Tx(ctx, func(ctx context.Context) error {
				if err := s.Vault.Destroy(ctx, r.VaultKeyID); err != nil {
					return err
				}
				return s.DB.From(ctx).Exec("DELETE FROM bulk_runs WHERE id = ?", r.ID).Error
			})
			if err != nil {
				return fail("erase an old act on many cases", err)
			}
		}
		if len(old) < 50 {
			return nil
		}
	}
}

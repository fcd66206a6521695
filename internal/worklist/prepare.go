package worklist

import (
	"context"
	"encoding/json"
	"time"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/jobs"
	"minqing/internal/vault"
)

// Run is one act on many cases.
type Run struct {
	ID          string
	AccountID   string
	Action      cases.Action
	More        bool // others matched the filter, behind the last case
	VaultKeyID  string
	Facts       []byte
	CreatedAt   time.Time
	ConfirmedAt *time.Time
}

// Item is one case of a run. Reason is the key of a message, for a refused one.
type Item struct {
	No      int64
	CaseNo  string
	Version int64
	State   string
	Reason  string
}

// The states of an item.
const (
	Waiting = "waiting"
	Done    = "done"
	Refused = "refused"
)

const (
	runColumns  = "id, account_id, action, more, vault_key_id, facts, created_at, confirmed_at"
	itemColumns = "run_id, no, case_no, version, state, reason"
	purpose     = "bulk.facts"
)

// Prepare looks at every case and keeps the run until it is confirmed. Nothing is
// done yet. The versions are those of now: a case that changes between here and
// the work is reported and not overwritten.
func (s *Service) Prepare(ctx context.Context, a cases.Action, typed Typed, numbers []string, more bool) (string, error) {
	if err := s.Access.Can(ctx, access.CaseList); err != nil {
		return "", err
	}
	if err := s.check(ctx, a, typed); err != nil {
		return "", err
	}
	numbers = once(numbers)
	switch {
	case len(numbers) == 0:
		return "", fault.New(fault.Conflict, "desk.bulk.nothing")
	case len(numbers) > Most:
		return "", fault.New(fault.Conflict, "desk.bulk.many").With("Most", Most)
	}
	ahead, err := s.Cases.LookAhead(ctx, numbers, a)
	if err != nil {
		return "", err
	}
	facts, err := json.Marshal(typed)
	if err != nil {
		return "", err
	}
	now := s.Now().UTC()
	id := db.NewID(now)
	err = s.DB.Tx(ctx, func(ctx context.Context) error {
		key, err := s.Vault.NewKey(ctx, vault.OwnerDraft)
		if err != nil {
			return err
		}
		cipher, err := s.Vault.Seal(ctx, key, purpose, facts)
		if err != nil {
			return err
		}
		rows := db.NewBulk("bulk_runs", "bulk_items")
		rows.Add(db.Insert("bulk_runs", runColumns, id, actor.From(ctx).AccountID, string(a), more, key, cipher, now, nil))
		for i, j := range ahead {
			state, reason := Waiting, ""
			if j.Why != nil {
				state, reason = Refused, j.Why.Key
			}
			rows.Add(db.Insert("bulk_items", itemColumns, id, i+1, numbers[i], j.Version, state, reason))
		}
		return s.DB.Store(ctx, rows)
	})
	if err != nil {
		return "", fail("keep an act on many cases", err)
	}
	return id, nil
}

// once leaves the first of equal numbers.
func once(numbers []string) (list []string) {
	seen := make(map[string]bool, len(numbers))
	for _, no := range numbers {
		if no != "" && !seen[no] {
			seen[no] = true
			list = append(list, no)
		}
	}
	return list
}

var errNoRun = fault.New(fault.NotFound, "desk.bulk.missing")

// Find is a run of the actor's own, and what was typed for it.
func (s *Service) Find(ctx context.Context, id string) (*Run, Typed, error) {
	r, err := s.run(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	if r.AccountID != actor.From(ctx).AccountID {
		return nil, nil, errNoRun
	}
	typed, err := s.typed(ctx, r)
	return r, typed, err
}

func (s *Service) run(ctx context.Context, id string) (*Run, error) {
	if !isID.MatchString(id) {
		return nil, errNoRun
	}
	var rows []Run
	if err := s.DB.From(ctx).Raw("SELECT "+runColumns+" FROM bulk_runs WHERE id = ?", id).Scan(&rows).Error; err != nil {
		return nil, fail("read an act on many cases", err)
	}
	if len(rows) == 0 {
		return nil, errNoRun
	}
	return &rows[0], nil
}

func (s *Service) typed(ctx context.Context, r *Run) (Typed, error) {
	plain, err := s.Vault.Open(ctx, purpose, r.Facts)
	if err != nil {
		return nil, err
	}
	var v Typed
	return v, json.Unmarshal(plain, &v)
}

// chunk is how many cases one job works.
const chunk = 125

// Confirm hands the run to the workers. Confirmed twice, it runs once; confirmed
// again after they gave up, it goes on with the cases that still wait.
func (s *Service) Confirm(ctx context.Context, id string) error {
	r, _, err := s.Find(ctx, id)
	if err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		// The row is locked: of two at once the second one sees what the first did.
		set := s.DB.From(ctx).Exec("UPDATE bulk_runs SET confirmed_at = COALESCE(confirmed_at, ?) WHERE id = ?", s.Now().UTC(), id)
		if set.Error != nil {
			return fail("confirm an act on many cases", set.Error)
		}
		if going, err := s.Going(ctx, id); err != nil || going {
			return err
		}
		var waiting []int
		if err := s.DB.From(ctx).Raw("SELECT no FROM bulk_items WHERE run_id = ? AND state = ? ORDER BY no", id, Waiting).Scan(&waiting).Error; err != nil {
			return fail("find the cases of an act", err)
		}
		var work []jobs.Args
		for end, i := 0, 0; i < len(waiting); i++ {
			if waiting[i] >= end {
				end = waiting[i] + chunk
				work = append(work, Work{RunID: id, From: waiting[i], To: end})
			}
		}
		if len(work) == 0 {
			return nil
		}
		if err := s.Audit.Record(ctx, audit.Entry{Action: "worklist.bulk", Kind: "bulk", ID: id, Fields: []audit.Change{{Field: "action", After: string(r.Action)}}}); err != nil {
			return err
		}
		return s.Jobs.AddMany(ctx, work, jobs.MaxAttempts(attempts))
	})
}

// Going says whether the workers still have to do with a run. One that is
// confirmed and has cases that wait has stopped without that.
func (s *Service) Going(ctx context.Context, id string) (bool, error) {
	return s.Jobs.Alive(ctx, Work{}.Kind(), "run_id", id)
}

// Sums says how many cases of a run are in each state.
func (s *Service) Sums(ctx context.Context, id string) (map[string]int, error) {
	var rows []struct {
		State string
		N     int
	}
	if err := s.DB.From(ctx).Raw("SELECT state, count(*) AS n FROM bulk_items WHERE run_id = ? GROUP BY state", id).Scan(&rows).Error; err != nil {
		return nil, fail("count the cases of an act", err)
	}
	sums := map[string]int{}
	for _, r := range rows {
		sums[r.State] = r.N
	}
	return sums, nil
}

// Items are cases of a run behind a number, of one state if one is named.
func (s *Service) Items(ctx context.Context, id, state string, after int64, most int) (list []Item, err error) {
	sql, args := "SELECT no, case_no, version, state, reason FROM bulk_items WHERE run_id = ? AND no > ?", []any{id, after}
	if state != "" {
		sql, args = sql+" AND state = ?", append(args, state)
	}
	if err := s.DB.From(ctx).Raw(sql+" ORDER BY no LIMIT ?", append(args, most)...).Scan(&list).Error; err != nil {
		return nil, fail("read the cases of an act", err)
	}
	return list, nil
}

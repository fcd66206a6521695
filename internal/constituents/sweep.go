package constituents

import (
	"context"
	"fmt"
	"time"

	"minqing/internal/actor"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/match"
)

// Sweep is the job that looks for records of the same person.
type Sweep struct{}

// Kind names the job.
func (Sweep) Kind() string { return "constituents.duplicates" }

const (
	firstID    = "00000000-0000-0000-0000-000000000000"
	sweepRange = 2000            // records that one transaction looks at
	sweepSlice = 2 * time.Minute // how long one job works
	sweepEvery = 24 * time.Hour  // from the start of one sweep to that of the next
)

// sweepRow is how far a job is.
type sweepRow struct {
	Kind       string
	After      string
	Looked     int64
	Found      int64
	Merged     int64
	StartedAt  time.Time
	FinishedAt *time.Time
}

// TableName names the table for gorm.
func (sweepRow) TableName() string { return "constituent_sweeps" }

// The two jobs: first every record gets its hashes, once; then pairs are looked for.
const (
	jobMark  = "mark"
	jobSweep = "sweep"
)

// night goes on with what is not finished for a while: every hour with the records
// that are new since, and a day after it began with all of them once more.
func (m *Merging) night(ctx context.Context) error {
	if err := m.Rehang(ctx); err != nil {
		return err
	}
	more, err := m.Go(ctx, sweepSlice, false)
	if err != nil || !more {
		return err
	}
	return m.DB.Tx(ctx, func(ctx context.Context) error { return m.queue.Add(ctx, Sweep{}) })
}

// Go works for at most the time given and says whether something is left. Now
// begins a sweep though the last one is not a day old.
func (m *Merging) Go(ctx context.Context, most time.Duration, now bool) (more bool, err error) {
	end := time.Now().Add(most)
	for _, kind := range []string{jobMark, jobSweep} {
		r, err := m.begin(ctx, kind, now)
		if err != nil {
			return false, err
		}
		for r.FinishedAt == nil {
			if time.Now().After(end) {
				return true, nil
			}
			if err := m.DB.Tx(ctx, func(ctx context.Context) error { return m.step(ctx, r) }); err != nil {
				return false, err
			}
		}
	}
	return false, nil
}

// begin reads how far a job is, starts a sweep that is due, and goes on where another
// ended.
func (m *Merging) begin(ctx context.Context, kind string, anew bool) (*sweepRow, error) {
	now := m.Now().UTC()
	err := m.DB.From(ctx).Exec("INSERT INTO constituent_sweeps (kind, after, started_at) VALUES (?, ?, ?) ON CONFLICT (kind) DO NOTHING", kind, firstID, now).Error
	if err == nil && kind == jobSweep {
		due := now.Add(-sweepEvery)
		if anew {
			due = now
		}
		err = m.DB.From(ctx).Exec(`UPDATE constituent_sweeps SET after = ?, looked = 0, found = 0, merged = 0, started_at = ?, finished_at = NULL
 WHERE kind = ? AND finished_at IS NOT NULL AND started_at <= ?`, firstID, now, kind, due).Error
	}
	if err == nil { // what came since
		err = m.DB.From(ctx).Exec("UPDATE constituent_sweeps SET finished_at = NULL WHERE kind = ?", kind).Error
	}
	if err != nil {
		return nil, fmt.Errorf("begin to look for duplicates: %w", db.Fault(err, "", ""))
	}
	r := &sweepRow{}
	if err := m.DB.From(ctx).Where("kind = ?", kind).Take(r).Error; err != nil {
		return nil, db.Fault(err, "", "")
	}
	return r, nil
}

// step does the next range and notes how far it came, in one transaction. The row
// of the job is locked first, so that two processes take turns.
func (m *Merging) step(ctx context.Context, r *sweepRow) error {
	if err := m.DB.From(ctx).Exec("UPDATE constituent_sweeps SET kind = kind WHERE kind = ?", r.Kind).Error; err != nil {
		return fmt.Errorf("go on looking for duplicates: %w", db.Fault(err, "", ""))
	}
	if err := m.DB.From(ctx).Where("kind = ?", r.Kind).Take(r).Error; err != nil {
		return db.Fault(err, "", "")
	}
	if r.FinishedAt != nil {
		return nil
	}
	var n int
	var err error
	if r.Kind == jobMark {
		var last string
		if last, n, _, err = m.Marks().Reindex(ctx, r.After, 500); n > 0 {
			r.After = last
		}
	} else {
		n, err = m.sweep(ctx, r)
	}
	if err != nil {
		return err
	}
	r.Looked += int64(n)
	if n == 0 {
		now := m.Now().UTC()
		r.FinishedAt = &now
	}
	err = m.DB.From(ctx).Exec("UPDATE constituent_sweeps SET after = ?, looked = ?, found = ?, merged = ?, finished_at = ? WHERE kind = ?",
		r.After, r.Looked, r.Found, r.Merged, r.FinishedAt, r.Kind).Error
	if err != nil {
		return fmt.Errorf("note how far the search for duplicates is: %w", db.Fault(err, "", ""))
	}
	return nil
}

// sweep looks at the next range of records, each against those with lesser ids: the
// older ones, so that what is new since the last sweep is looked at by the same way.
// At the end pairs go out of the queue that were not found any more.
func (m *Merging) sweep(ctx context.Context, r *sweepRow) (n int, err error) {
	var ids []string
	if err := m.DB.From(ctx).Raw("SELECT id FROM constituents WHERE id > ? ORDER BY id LIMIT ?", r.After, sweepRange).Scan(&ids).Error; err != nil {
		return 0, fmt.Errorf("read the next records: %w", db.Fault(err, "", ""))
	}
	if len(ids) == 0 {
		err := m.DB.From(ctx).Exec("DELETE FROM constituent_pairs WHERE state = 'open' AND seen_at < ?", r.StartedAt).Error
		if err != nil {
			return 0, fmt.Errorf("take out of the queue what is not alike any more: %w", db.Fault(err, "", ""))
		}
		return 0, nil
	}
	last := ids[len(ids)-1]
	links, err := m.links(ctx, " BETWEEN ? AND ?", "<", false, ids[0], last)
	if err != nil {
		return 0, err
	}
	pairs, err := m.pairs(ctx, links, match.Likely)
	if err != nil {
		return 0, err
	}
	var kept []Pair
	for _, p := range pairs {
		done, err := m.byItself(ctx, p)
		if err != nil {
			return 0, err
		}
		if done {
			r.Merged++
		} else {
			kept = append(kept, p)
		}
	}
	r.After, r.Found = last, r.Found+int64(len(kept))
	return len(ids), m.keepPairs(ctx, kept, r.StartedAt)
}

// byItself merges two that a certain identifier makes one, unless somebody has said
// that they are not the same, or one of them asks in confidence: what would be seen
// together then is for nobody to put together.
func (m *Merging) byItself(ctx context.Context, p Pair) (bool, error) {
	if !p.Identified {
		return false, nil
	}
	var stop int64
	err := m.DB.From(ctx).Raw(`SELECT (SELECT count(*) FROM constituent_pairs WHERE a_id = ? AND b_id = ? AND state = 'apart')
 + (SELECT count(*) FROM case_parties cp JOIN cases k ON k.id = cp.case_id WHERE cp.constituent_id IN (?, ?) AND k.confidentiality <> 'normal')
 + (SELECT count(*) FROM erasures WHERE constituent_id IN (?, ?) AND state = 'asked')`, p.A, p.B, p.A, p.B, p.A, p.B).Scan(&stop).Error
	if err != nil || stop > 0 {
		return false, db.Fault(err, "", "")
	}
	if err := m.holdTwo(ctx, p.A, p.B); err != nil {
		return false, err
	}
	a, b, err := m.heads(ctx, p.A, p.B) // the older one stands for both
	if err != nil {
		return false, moved(err)
	}
	v, err := m.Compare(ctx, p.A, p.B) // what both are known by may have changed
	if err != nil || !v.Identified {
		return false, moved(err)
	}
	records, err := m.records(ctx, []string{p.A, p.B})
	if err != nil {
		return false, err
	}
	if records[p.B].Account && !records[p.A].Account { // who signs in keeps their own record
		a, b = b, a
	}
	_, err = m.merge(actor.AsSystem(ctx, Sweep{}.Kind()), merger{survivor: a, merged: b, how: howCertain, score: v.Score}, "")
	return err == nil, moved(err)
}

// moved swallows that somebody decided about one of the two meanwhile.
func moved(err error) error {
	if err != nil && (fault.KindOf(err) == fault.Conflict || fault.KindOf(err) == fault.NotFound) {
		return nil
	}
	return err
}

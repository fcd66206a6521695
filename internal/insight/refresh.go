package insight

import (
	"context"
	"fmt"
	"time"

	"minqing/internal/calendar"
	"minqing/internal/db"
)

// margin is how long before the last refresh events are looked at again: a
// transaction may commit after one that began later, and clocks of nodes
// differ. Of a case whose newest event is counted nothing is counted again.
const margin = 10 * time.Minute

type state struct {
	RefreshedAt *time.Time
	Definitions int64
}

// Refresh counts anew every cell in which something happened since the last
// time, or a due time or response limit passed. After it the roll-ups equal
// what Rebuild would make at that time. Events that were written with a time of
// the past (imports, loads) are not found: call Rebuild after those.
func (s *Service) Refresh(ctx context.Context, now time.Time) error {
	now = now.UTC().Truncate(time.Microsecond)
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		st, err := s.begin(ctx)
		if err != nil {
			return err
		}
		if st.RefreshedAt == nil || st.Definitions != DefinitionVersion || now.Before(*st.RefreshedAt) {
			return s.countAll(ctx, now)
		}
		dirty, err := s.findDirty(ctx, *st.RefreshedAt, now)
		if err != nil {
			return err
		}
		if dirty > 0 {
			if err := s.countDirty(ctx, now); err != nil {
				return err
			}
		}
		return s.finish(ctx, now)
	})
}

// Rebuild counts every cell from the cases.
func (s *Service) Rebuild(ctx context.Context) error {
	now := s.Now().UTC().Truncate(time.Microsecond)
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		if _, err := s.begin(ctx); err != nil {
			return err
		}
		return s.countAll(ctx, now)
	})
}

// begin takes the lock of counting, a row, and reads how far it came.
func (s *Service) begin(ctx context.Context) (state, error) {
	var st state
	if err := s.exec(ctx, "UPDATE figures_state SET definitions = definitions WHERE id = 1"); err != nil {
		return st, err
	}
	if s.DB.Engine() == db.PostgreSQL {
		// A count of many years may take longer than a page, and must not take every processor
		// from those who wait for one.
		if err := s.execAll(ctx, "SET LOCAL statement_timeout = 0", "SET LOCAL max_parallel_workers_per_gather = 0"); err != nil {
			return st, err
		}
	}
	err := s.DB.From(ctx).Raw("SELECT refreshed_at, definitions FROM figures_state WHERE id = 1").Scan(&st).Error
	if err != nil {
		return st, fmt.Errorf("read up to when figures are counted: %w", db.Fault(err, "", ""))
	}
	return st, nil
}

func (s *Service) finish(ctx context.Context, now time.Time) error {
	return s.exec(ctx, "UPDATE figures_state SET refreshed_at = ?, definitions = ? WHERE id = 1", now, DefinitionVersion)
}

func (s *Service) exec(ctx context.Context, query string, args ...any) error {
	if err := s.DB.From(ctx).Exec(query, args...).Error; err != nil {
		return fmt.Errorf("count figures: %w", db.Fault(err, "", ""))
	}
	return nil
}

func (s *Service) execAll(ctx context.Context, queries ...string) error {
	for _, q := range queries {
		if err := s.exec(ctx, q); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) countAll(ctx context.Context, now time.Time) error {
	err := s.execAll(ctx, "DELETE FROM figures_day", "DELETE FROM figures_month", "DELETE FROM figures_seen",
		"DELETE FROM figures_changed", "DELETE FROM figures_dirty", remember+" WHERE confidentiality <> 'whistle'")
	if err != nil {
		return err
	}
	query, args := countDays(everyCell, now)
	if err := s.exec(ctx, query, args...); err != nil {
		return err
	}
	query, args = countMonths(s.DB.Engine(), everyCell, now)
	if err := s.exec(ctx, query, args...); err != nil {
		return err
	}
	return s.finish(ctx, now)
}

const remember = `INSERT INTO figures_seen (case_id, unit_id, received_on, response_due_on, due_on, concluded_on, seq)
SELECT id, unit_id, received_on, response_due_on, due_on, concluded_on, event_count FROM cases`

// findDirty fills the work lists and says how many cells there are.
func (s *Service) findDirty(ctx context.Context, since, now time.Time) (int64, error) {
	from := db.FirstID(since.Add(-margin))
	err := s.exec(ctx, `INSERT INTO figures_changed (case_id) SELECT e.case_id FROM case_events e WHERE e.id >= ?
 AND NOT EXISTS (SELECT 1 FROM figures_seen s WHERE s.case_id = e.case_id AND s.seq >= e.seq)
UNION SELECT case_id FROM evaluations WHERE id >= ? UNION SELECT case_id FROM callbacks WHERE closed_at >= ?`, from, from, since.Add(-margin))
	if err != nil {
		return 0, err
	}
	// Days are local and the time of counting is not: a day more on each side.
	first, last := calendar.DateOf(since, time.UTC).Add(-1), calendar.DateOf(now, time.UTC).Add(1)
	err = s.exec(ctx, `INSERT INTO figures_dirty (unit_id, day)
SELECT unit_id, day FROM (`+
		dirtyDays("figures_seen s", "s.case_id", "s")+" UNION "+dirtyDays("cases s", "s.id", "s")+`
UNION SELECT unit_id, due_on FROM cases WHERE due_on BETWEEN ? AND ? AND due_at >= ? AND due_at < ?
UNION SELECT unit_id, response_due_on FROM cases WHERE response_due_on BETWEEN ? AND ? AND response_due_at >= ? AND response_due_at < ?
UNION SELECT c.unit_id, k.due_on FROM callbacks k JOIN cases c ON c.id = k.case_id WHERE k.state = 'open' AND k.due_at >= ? AND k.due_at < ?
UNION SELECT c.unit_id, e.evaluated_on FROM evaluations e JOIN cases c ON c.id = e.case_id WHERE e.mend_due_at >= ? AND e.mend_due_at < ?
) days WHERE day IS NOT NULL`, first, last, since, now, first, last, since, now, since, now, since, now)
	if err != nil {
		return 0, err
	}
	var n int64
	if err := s.DB.From(ctx).Raw("SELECT count(*) FROM figures_dirty").Scan(&n).Error; err != nil {
		return 0, fmt.Errorf("read how much to count: %w", db.Fault(err, "", ""))
	}
	if n == 0 {
		return 0, nil
	}
	// The list was empty when the planner last looked: it would read every case of each unit.
	return n, s.DB.Analyze(ctx, "figures_dirty")
}

// dirtyDays are the days of changed cases, as they were counted or as they are.
func dirtyDays(from, id, t string) string {
	q := ""
	for i, day := range []string{"received_on", "response_due_on", "due_on", "concluded_on"} {
		if i > 0 {
			q += " UNION "
		}
		q += "SELECT " + t + ".unit_id, " + t + "." + day + " AS day FROM figures_changed x CROSS JOIN " + from + " WHERE " + id + " = x.case_id"
	}
	return q + " UNION SELECT " + t + ".unit_id, e.evaluated_on FROM figures_changed x CROSS JOIN " + from +
		" CROSS JOIN evaluations e WHERE " + id + " = x.case_id AND e.case_id = x.case_id" +
		" UNION SELECT " + t + ".unit_id, k.due_on FROM figures_changed x CROSS JOIN " + from +
		" CROSS JOIN callbacks k WHERE " + id + " = x.case_id AND k.case_id = x.case_id"
}

func (s *Service) countDirty(ctx context.Context, now time.Time) error {
	err := s.execAll(ctx, "DELETE FROM figures_seen WHERE case_id IN (SELECT case_id FROM figures_changed)",
		remember+" WHERE confidentiality <> 'whistle' AND id IN (SELECT case_id FROM figures_changed)",
		`DELETE FROM figures_day WHERE EXISTS (SELECT 1 FROM figures_dirty d WHERE d.unit_id = figures_day.unit_id AND d.day = figures_day.day)
 AND day IN (SELECT day FROM figures_dirty)`)
	if err != nil {
		return err
	}
	query, args := countDays(dirtyCells, now)
	if err := s.exec(ctx, query, args...); err != nil {
		return err
	}
	if err := s.countDirtyMonths(ctx, now); err != nil {
		return err
	}
	return s.execAll(ctx, "DELETE FROM figures_changed", "DELETE FROM figures_dirty")
}

// countDirtyMonths takes one month after the other, so that each reads a range
// of the indexes by day.
func (s *Service) countDirtyMonths(ctx context.Context, now time.Time) error {
	var days []calendar.Date
	if err := s.DB.From(ctx).Raw("SELECT DISTINCT day FROM figures_dirty ORDER BY day").Scan(&days).Error; err != nil {
		return fmt.Errorf("read the dirty days: %w", db.Fault(err, "", ""))
	}
	next := calendar.Date(0)
	for i, d := range days {
		if i > 0 && d < next {
			continue
		}
		month := firstOfMonth(d)
		next = firstOfMonth(month.Add(31))
		err := s.exec(ctx, "DELETE FROM figures_month WHERE month = ? AND unit_id IN (SELECT unit_id FROM figures_dirty WHERE day >= ? AND day < ?)",
			month, month, next)
		if err != nil {
			return err
		}
		query, args := countMonths(s.DB.Engine(), monthCells(month, next), now)
		if err := s.exec(ctx, query, args...); err != nil {
			return err
		}
	}
	return nil
}

func firstOfMonth(d calendar.Date) calendar.Date {
	y, m := d.YearMonth()
	return calendar.NewDate(y, m, 1)
}

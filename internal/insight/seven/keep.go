package seven

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"minqing/internal/db"
)

const (
	// batch is how many rows are stored at once.
	batch = 20_000
	// goneMost is up to how many rows are deleted one by one; where more changed all are
	// written anew.
	goneMost = 10_000
)

// compare marks with a negative number what is kept as it was counted now, and gives the
// cells whose rows have to go: those that hold nothing any more, or something else.
func (s *Service) compare(ctx context.Context, t *tally) (gone []cell, err error) {
	rows, err := s.DB.From(ctx).Raw("SELECT group_key, measure, month, CAST(unit_id AS text), since, item, n FROM seven_cells").Rows()
	if err != nil {
		return nil, fail("read what was counted before", err)
	}
	defer rows.Close()
	for rows.Next() {
		var c cell
		var n int64
		if err := rows.Scan(&c.group, &c.measure, &c.month, &c.unit, &c.since, &c.item, &n); err != nil {
			return nil, fail("read what was counted before", err)
		}
		if t.cells[c] == n {
			t.cells[c] = -n
		} else {
			gone = append(gone, c)
		}
	}
	if err := rows.Err(); err != nil {
		return nil, fail("read what was counted before", err)
	}
	return gone, nil
}

// keep writes what was counted in one transaction, so that no page adds up numbers of two
// counts: of most days little. Where nothing was ever counted, and so no page shows anything
// yet, it does so in several, and holds up nobody who writes. Where another count came
// between, what it wrote is as new as this.
func (s *Service) keep(ctx context.Context, t *tally, gone []cell, last state) error {
	anew := len(gone) > goneMost
	keys := changed(t, anew)
	if last.CountedAt == nil && len(gone) == 0 {
		for part := range slices.Chunk(keys, batch) {
			if err := s.store(ctx, t, part); err != nil {
				return err
			}
		}
		keys = nil
	}
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		tx := s.DB.From(ctx)
		r := tx.Exec("UPDATE seven_state SET counted_at = ?, counted_on = ? WHERE id = 1 AND counted_at IS NOT DISTINCT FROM ?", t.now, t.today, last.CountedAt)
		if r.Error != nil || r.RowsAffected == 0 {
			return db.Fault(r.Error, "", "")
		}
		if anew {
			if err := tx.Exec("DELETE FROM seven_cells").Error; err != nil {
				return fail("make room for what was counted", err)
			}
			gone = nil
		}
		for _, c := range gone {
			err := tx.Exec("DELETE FROM seven_cells WHERE group_key = ? AND measure = ? AND month = ? AND unit_id = ? AND since = ? AND item = ?",
				c.group, c.measure, c.month, c.unit, c.since, c.item).Error
			if err != nil {
				return fail("make room for what was counted", err)
			}
		}
		for part := range slices.Chunk(keys, batch) {
			if err := s.store(ctx, t, part); err != nil {
				return err
			}
		}
		return nil
	})
}

// changed are the cells that are not kept as they are, or all of them, in the order of the
// index, which then grows at its end.
func changed(t *tally, all bool) []cell {
	keys := make([]cell, 0, len(t.cells))
	for k, n := range t.cells {
		if n > 0 || all {
			keys = append(keys, k)
		}
	}
	slices.SortFunc(keys, func(a, b cell) int {
		return cmp.Or(strings.Compare(a.group, b.group), strings.Compare(a.measure, b.measure), cmp.Compare(a.month, b.month),
			strings.Compare(a.unit, b.unit), cmp.Compare(a.since, b.since), strings.Compare(a.item, b.item))
	})
	return keys
}

func (s *Service) store(ctx context.Context, t *tally, keys []cell) error {
	cells := db.NewBulk("seven_cells")
	for _, k := range keys {
		n := t.cells[k]
		cells.Add(db.Insert("seven_cells", "group_key, measure, month, unit_id, since, item, n", k.group, k.measure, k.month, k.unit, k.since, k.item, max(n, -n)))
	}
	if err := s.DB.Store(ctx, cells); err != nil {
		return fail("keep what was counted", err)
	}
	return nil
}

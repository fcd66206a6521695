package jobs

import (
	"context"
	"fmt"

	"minqing/internal/db"
)

// Alive reports whether a job of a kind, with a value among its arguments, waits
// or runs: whether what was handed to the queue is still going to be done.
func (q *Queue) Alive(ctx context.Context, kind, name, value string) (bool, error) {
	sql := "SELECT count(*) FROM river_job WHERE kind = ? AND state NOT IN ('completed', 'cancelled', 'discarded') AND "
	if q.db.Engine() == db.SQLite {
		sql, name = sql+"json_extract(args, ?) = ?", "$."+name
	} else {
		sql += "args ->> ? = ?"
	}
	var n int
	if err := q.db.From(ctx).Raw(sql, kind, name, value).Scan(&n).Error; err != nil {
		return false, fmt.Errorf("look for jobs that go on: %w", db.Fault(err, "", ""))
	}
	return n > 0, nil
}

package db

import (
	"strconv"
	"strings"
)

// Merged is SQL for the first rows of several ordered lists taken together, one
// list per id. one gives the SQL of a single list, in which the id stands where
// its argument says and before every other placeholder; args fill the others.
// The rows are ordered by the columns of by and cut to a limit.
//
// Each list follows its own index and is cut before anything is sorted. A UNION
// with a branch for each id reads the same rows, but PostgreSQL plans every
// branch anew: thirty of them took ten times as long to plan as to run. There,
// a few rows of each list come first, and more only of the lists whose few are
// all among the first of the whole: no other list can have another row there.
// The ids stand in a select of their own, so that their number is unknown to
// every plan: for fewer than ten a plan made for them looks cheaper than the
// kept one, and PostgreSQL then makes it anew each time, twice the time to run.
func (d *DB) Merged(ids []string, one func(id string) string, by string, limit int, args ...any) (string, []any) {
	order := func(n int) string { return " ORDER BY " + by + " LIMIT " + strconv.Itoa(n) }
	if d.engine == PostgreSQL && len(ids) > 1 {
		each := "SELECT list.id AS list_id, q.* FROM unnest((SELECT CAST(? AS uuid[]))) AS list(id) CROSS JOIN LATERAL (" + one("list.id")
		all := append([]any{"{" + strings.Join(ids, ",") + "}"}, args...)
		few := 2*limit/len(ids) + 4
		if 2*few > limit {
			return each + order(limit) + ") AS q" + order(limit), all
		}
		return "WITH few AS MATERIALIZED (" + each + order(few) + ") AS q" + order(limit) + ")" +
			" SELECT * FROM few UNION ALL SELECT list.id, q.* FROM (SELECT list_id AS id FROM few GROUP BY list_id HAVING count(*) = " + strconv.Itoa(few) + ") AS list" +
			" CROSS JOIN LATERAL (" + one("list.id") + order(limit) + " OFFSET " + strconv.Itoa(few) + ") AS q" + order(limit), append(all, args...)
	}
	var parts []string
	var all []any
	for _, id := range ids {
		parts = append(parts, "SELECT * FROM ("+one("?")+order(limit)+") AS q")
		all = append(append(all, id), args...)
	}
	return strings.Join(parts, " UNION ALL ") + order(limit), all
}

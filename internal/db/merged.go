package db

import "strings"

// Merged is SQL for the first rows of several ordered lists taken together, one
// list per id. one gives the SQL of a single list, in which the id stands where
// its argument says and before every other placeholder; args fill the others.
// order ends both the single lists and the whole: "ORDER BY … LIMIT …".
//
// Each list follows its own index and is cut before anything is sorted. A UNION
// with a branch for each id reads the same rows, but PostgreSQL plans every
// branch anew: thirty of them took ten times as long to plan as to run.
func (d *DB) Merged(ids []string, one func(id string) string, order string, args ...any) (string, []any) {
	if d.engine == PostgreSQL && len(ids) > 1 {
		return "SELECT q.* FROM unnest(CAST(? AS uuid[])) AS list(id) CROSS JOIN LATERAL (" + one("list.id") + " " + order + ") AS q " + order,
			append([]any{"{" + strings.Join(ids, ",") + "}"}, args...)
	}
	var parts []string
	var all []any
	for _, id := range ids {
		parts = append(parts, "SELECT * FROM ("+one("?")+" "+order+") AS q")
		all = append(append(all, id), args...)
	}
	return strings.Join(parts, " UNION ALL ") + " " + order, all
}

package constituents

import (
	"context"
	"fmt"

	"minqing/internal/db"
)

// Circles lists records that were merged into one another in a circle, so that nothing
// stands for them: each as the ids of its records in the order of the marks, the smallest
// first. The program makes none; they come from before it looked, or from a hand in the
// tables. Whoever breaks one takes the mark from the record that is to stand for the others.
func Circles(ctx context.Context, d *db.DB) (list [][]string, err error) {
	var marks []struct{ ID, MergedIntoID string }
	err = d.From(ctx).Raw(`WITH RECURSIVE up (id, into_id) AS (SELECT id, merged_into_id FROM constituents WHERE merged_into_id IS NOT NULL UNION
 SELECT u.id, c.merged_into_id FROM up u JOIN constituents c ON c.id = u.into_id WHERE c.merged_into_id IS NOT NULL)
 SELECT c.id, c.merged_into_id FROM up u JOIN constituents c ON c.id = u.id WHERE u.into_id = u.id ORDER BY c.id`).Scan(&marks).Error
	if err != nil {
		return nil, fmt.Errorf("look for records merged in a circle: %w", db.Fault(err, "", ""))
	}
	into := make(map[string]string, len(marks))
	for _, m := range marks {
		into[m.ID] = m.MergedIntoID
	}
	seen := map[string]bool{}
	for _, m := range marks {
		var circle []string
		for id := m.ID; !seen[id]; id = into[id] {
			seen[id], circle = true, append(circle, id)
		}
		if len(circle) > 0 {
			list = append(list, circle)
		}
	}
	return list, nil
}

package outreach

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/db"
	"minqing/internal/db/dbtest"
)

// On SQLite, which would read a joined set whole for every person, a definition goes through
// the people once, whatever it asks and in whatever tree.
func TestADefinitionGoesThroughThePeopleOnceOnSQLite(t *testing.T) {
	d := dbtest.New(t)
	if d.Engine() != db.SQLite {
		t.Skip("PostgreSQL hashes what it joins")
	}
	c := newTown(t, d, 0)
	w, err := c.world(system())
	require.NoError(t, err)
	roots := []*Node{
		{Op: Any, Of: []*Node{leaf("age", "min", "65"), leaf("need", "in", "phone_only"), leaf("relation", "is", "guardian"), leaf("repeated", "within", "90", "at_least", "2")}},
		{Op: Not, Of: []*Node{{Op: All, Of: []*Node{leaf("need", "in", "phone_only"), leaf("cases", "within", "365", "at_least", "1"), leaf("graded", "within", "90", "max", "2")}}}},
	}
	for _, p := range Patterns {
		dr, err := p.Draft()
		require.NoError(t, err)
		roots = append(roots, dr.Root)
	}
	for _, root := range roots {
		sql, args := w.compile(root, reach{whole: true}, nil).ids()
		var plan []struct {
			ID, Parent int
			Detail     string
		}
		require.NoError(t, d.From(t.Context()).Raw("EXPLAIN QUERY PLAN "+sql, args...).Scan(&plan).Error)
		loops := 0
		for _, step := range plan {
			if step.Parent == 0 && (strings.HasPrefix(step.Detail, "SCAN") || strings.HasPrefix(step.Detail, "SEARCH")) {
				loops++
			}
		}
		require.Equal(t, 1, loops, "%s\n%v", sql, plan)
	}
}

package constituents_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
)

// Marks in a circle are of before the program looked for them: they are listed, each once,
// with no record that only hangs below one.
func TestCirclesOfMergesAreListed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		m := merging(t, d)
		ids := people(t, m, 9)
		slices.Sort(ids)
		mark := func(id string, into any) {
			require.NoError(t, d.From(system()).Exec("UPDATE constituents SET merged_into_id = ?, head_id = NULL WHERE id = ?", into, id).Error)
		}
		mark(ids[0], ids[1]) // a chain
		mark(ids[1], ids[2])
		none, err := constituents.Circles(system(), d)
		require.NoError(t, err)
		require.Empty(t, none)

		mark(ids[5], ids[3]) // a circle of three, with one below it
		mark(ids[3], ids[4])
		mark(ids[4], ids[5])
		mark(ids[6], ids[3])
		mark(ids[7], ids[8]) // one of two
		mark(ids[8], ids[7])
		list, err := constituents.Circles(system(), d)
		require.NoError(t, err)
		require.Equal(t, [][]string{{ids[3], ids[4], ids[5]}, {ids[7], ids[8]}}, list)

		mark(ids[4], nil)
		mark(ids[8], nil)
		list, err = constituents.Circles(system(), d)
		require.NoError(t, err)
		require.Empty(t, list)
		require.NoError(t, m.Rehang(system()))
		require.Equal(t, 3, heads(t, d), "the first, and both that stand under the third")
	})
}

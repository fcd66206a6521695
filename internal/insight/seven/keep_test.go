package seven_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/db"
	"minqing/internal/db/dbtest"
)

// A count writes what is no longer as the last one left it, and nothing else; what a first
// count wrote before it was interrupted is mended.
func TestACountWritesWhatChanged(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d)
		c.together(func() { c.fill(30, 250) })
		cells := func() (list []struct {
			GroupKey, Measure, Month, UnitID, Since, Item string
			N                                             int64
		}) {
			t.Helper()
			require.NoError(t, d.From(t.Context()).Raw(`SELECT group_key, measure, CAST(month AS text) AS month, CAST(unit_id AS text) AS unit_id, CAST(since AS text) AS since, item, n
 FROM seven_cells ORDER BY group_key, measure, month, unit_id, since, item`).Scan(&list).Error)
			return list
		}
		require.NoError(t, c.s.Count(system()))
		whole := cells()
		require.Greater(t, len(whole), 100)
		spoil := func() {
			c.exec("DELETE FROM seven_cells WHERE measure = 'closed'")
			c.exec("UPDATE seven_cells SET n = n + 1 WHERE measure = 'filed' AND group_key = ''")
			c.exec("INSERT INTO seven_cells (group_key, measure, month, unit_id, since, item, n) SELECT 'x', 'x', month, unit_id, since, item, 1 FROM seven_cells WHERE measure = 'filed' AND group_key = ''")
		}
		spoil()
		require.NotEqual(t, whole, cells())
		require.NoError(t, c.s.Count(system()))
		require.Equal(t, whole, cells())

		spoil()
		c.exec("UPDATE seven_state SET counted_at = NULL, counted_on = NULL")
		require.NoError(t, c.s.Count(system()))
		require.Equal(t, whole, cells())

		c.exec("DELETE FROM seven_cells")
		c.exec("UPDATE seven_state SET counted_at = NULL, counted_on = NULL")
		require.NoError(t, c.s.Count(system()))
		require.Equal(t, whole, cells())

		if d.Engine() == db.SQLite {
			c.exec("CREATE TABLE written (n INTEGER)")
			c.exec("CREATE TRIGGER count_written AFTER INSERT ON seven_cells BEGIN INSERT INTO written VALUES (1); END")
			c.exec("UPDATE seven_cells SET n = n + 1 WHERE measure = 'filed' AND group_key = ''")
			var changed, written int64
			require.NoError(t, d.From(t.Context()).Raw("SELECT count(*) FROM seven_cells WHERE measure = 'filed' AND group_key = ''").Scan(&changed).Error)
			c.now = c.now.Add(time.Minute)
			require.NoError(t, c.s.Count(system()))
			require.NoError(t, d.From(t.Context()).Raw("SELECT count(*) FROM written").Scan(&written).Error)
			require.Equal(t, changed, written)
		}
	})
}

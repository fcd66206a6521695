package db_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"minqing/internal/db"
	"minqing/internal/db/dbtest"
)

// However the rows lie in their lists, the first ones of all of them come, in
// their order: of one list, of many, of one that holds nearly everything.
func TestMergedListsGiveTheFirstRowsOfAll(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		sql := d.From(t.Context())
		kind := map[bool]string{true: "uuid", false: "TEXT"}[d.Engine() == db.PostgreSQL]
		require.NoError(t, sql.Exec("CREATE TABLE merged_rows (list_of "+kind+" NOT NULL, place integer NOT NULL, odd boolean NOT NULL)").Error)
		var lists []string
		for range 30 {
			lists = append(lists, db.NewID(time.Now()))
		}
		rapid.Check(t, func(rt *rapid.T) {
			require.NoError(t, sql.Exec("DELETE FROM merged_rows").Error)
			ids := lists[:rapid.SampledFrom([]int{1, 2, 12, 30}).Draw(rt, "lists")]
			limit := rapid.SampledFrom([]int{1, 7, 26, 40}).Draw(rt, "limit")
			spread := min(len(ids), rapid.SampledFrom([]int{1, 3, 30}).Draw(rt, "spread"))
			var want []int
			for place := range rapid.IntRange(0, 120).Draw(rt, "rows") {
				list := ids[rapid.IntRange(0, spread-1).Draw(rt, "list")]
				require.NoError(t, sql.Exec("INSERT INTO merged_rows (list_of, place, odd) VALUES (?, ?, ?)", list, 1000-place, place%2 == 1).Error)
				if place%2 == 1 {
					want = append(want, 1000-place)
				}
			}
			slices.Sort(want)
			query, args := d.Merged(ids, func(id string) string {
				return "SELECT place FROM merged_rows WHERE list_of = " + id + " AND odd = ?"
			}, "place", limit, true)
			var got []int
			require.NoError(t, sql.Raw("SELECT place FROM ("+query+") AS q ORDER BY place", args...).Scan(&got).Error)
			require.Equal(t, want[:min(limit, len(want))], got)
		})
	})
}

package fees_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/fees"
)

// Who has many fees finds each of them once, those that are due first.
func TestWhoOwesFindsEveryFee(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTill(t, d)
		const many = 104
		for i := range many {
			no := w.charged("CG")
			if i < 34 {
				w.exec("UPDATE fee_orders SET state = 'paid' WHERE order_no = ?", no)
			}
		}
		var all []fees.Order
		pages := 0
		for cursor := ""; ; {
			list, next, err := w.Mine(w.me(), cursor)
			require.NoError(t, err)
			require.LessOrEqual(t, len(list), 50)
			all, pages = append(all, list...), pages+1
			if cursor = next; cursor == "" {
				break
			}
		}
		require.Equal(t, 3, pages)
		seen := map[string]bool{}
		for i := range all {
			seen[all[i].ID] = true
			require.Equal(t, i < many-34, all[i].State == fees.Due)
		}
		require.Len(t, seen, many)
		require.Len(t, all, many)
		for _, wrong := range []string{"x", db.EncodeCursor("2", all[0].ID), db.EncodeCursor("0", "z")} {
			_, _, err := w.Mine(w.me(), wrong)
			require.Equal(t, fault.Invalid, fault.KindOf(err), wrong)
		}
	})
}

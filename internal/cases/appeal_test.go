package cases_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
)

// The superior unit sees an appeal until it orders the case to be handled
// again. From then on the case waits in one queue, and a page lists it once.
func TestAnAppealThatWasGrantedWaitsInOneQueue(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		r := w.file()
		w.do(r.CaseNo, path(w, cases.Concluded, w.handler())...)
		listed := func() (list []cases.Status) {
			page, err := w.Queue(w.system(), cases.Filter{View: cases.ViewOpen})
			require.NoError(t, err)
			for _, i := range page.Items {
				list = append(list, i.Status)
			}
			return list
		}
		require.Empty(t, listed())
		_, err := w.Appeal(w.guest(), cases.Key{CaseNo: r.CaseNo, QueryCode: r.QueryCode}, "燈又不亮了。")
		require.NoError(t, err)
		require.Equal(t, []cases.Status{cases.Concluded}, listed())
		w.do(r.CaseNo, cases.Rework{Reason: "申訴有理由。"})
		require.Equal(t, []cases.Status{cases.Handling}, listed())
	})
}

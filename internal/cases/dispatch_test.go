package cases_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/cases"
	"minqing/internal/clocks"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
)

// Two dispatchers who send one case to two units at once: it goes to one of them.
func TestTwoDispatchersAtOnceSendACaseToOneUnit(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		r := w.file()
		version := w.do(r.CaseNo, cases.Accept{}).Version
		units := []string{"CG01", "CG02", "CG03", "CG05"}
		errs := make([]error, len(units))
		var done sync.WaitGroup
		for i, unit := range units {
			done.Go(func() { _, errs[i] = w.Act(w.system(), r.CaseNo, version, cases.Dispatch{UnitCode: unit}) })
		}
		done.Wait()
		won := ""
		for i, err := range errs {
			if err == nil {
				require.Empty(t, won, "one of them")
				won = units[i]
				continue
			}
			e, ours := fault.As(err)
			require.True(t, ours && e.Kind == fault.Conflict && e.Key == "case.changed", "%v", err)
		}
		var leads []string
		require.NoError(t, d.From(t.Context()).Raw("SELECT u.code FROM case_units cu JOIN units u ON u.id = cu.unit_id WHERE cu.role = 'lead'").Scan(&leads).Error)
		require.Equal(t, []string{won}, leads)
		require.Len(t, w.ticking(r.CaseNo)[clocks.SignIn], 1)
		v, err := w.View(w.system(), r.CaseNo)
		require.NoError(t, err)
		require.Equal(t, v.EventCount, int64(len(v.Events)))
	})
}

package permits_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/permits"
)

// What was checked once is offered to its last day; after that the page says until
// when it was valid.
func TestAMaterialPastItsValiditySaysUntilWhen(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		ming, handler := w.person("ming"), w.staff("handler", "handler", "CG03")
		_, no := w.apply(ming)
		_, err := w.Examine(handler, no, 0, permits.Examination{Verdicts: fine("plan", "lease")})
		require.NoError(t, err)
		a, err := w.Begin(ming, "food")
		require.NoError(t, err)
		w.be(at(t, "2026-09-02"))
		o := w.own(ming, a.ID)
		require.NotNil(t, o.Items[1].Earlier)
		require.Nil(t, o.Items[1].Lapsed)
		w.be(at(t, "2026-09-03"))
		o = w.own(ming, a.ID)
		require.Nil(t, o.Items[1].Earlier)
		require.Equal(t, permits.Lapsed{CaseNo: no, Until: date(t, "2026-09-02")}, *o.Items[1].Lapsed)
		require.Nil(t, o.Items[0].Lapsed, "a plan is never used again")
	})
}

package permits_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
)

// Art. 34 (2) and 44: what is complete and can be decided is decided on the spot, on the day
// it came; the permit is handed out within ten working days of that.
func TestWhatIsCompleteIsDecidedOnTheSpot(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		ming, handler, head := w.person("ming"), w.staff("handler", "handler", "CG03"), w.staff("head", "head", "CG03")
		id, no := w.apply(ming)
		w.decided(handler, head, no)
		o := w.own(ming, id)
		require.Equal(t, date(t, "2026-03-02"), *o.Application.ReceivedOn)
		require.Equal(t, date(t, "2026-03-02"), *o.Application.AcceptedOn)
		require.Equal(t, date(t, "2026-03-02"), *o.Decision.DecidedOn)
		require.Equal(t, date(t, "2026-03-16"), *o.Decision.IssueBy)
		require.Equal(t, cases.Concluded, o.Case.Status)
	})
}

package cases_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
)

func TestCurrentIsWhatMayStillNeedTheCitizen(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		first := w.file()
		var me string
		require.NoError(t, d.From(t.Context()).Raw("SELECT constituent_id FROM case_parties WHERE role = 'requester'").Scan(&me).Error)
		ctx := actor.With(t.Context(), actor.Actor{Kind: actor.Citizen, ConstituentID: me})
		mine := func() *cases.Receipt {
			f := filing()
			f.Contact = cases.Contact{}
			r, err := w.File(ctx, f)
			require.NoError(t, err)
			return r
		}
		w.file() // somebody else's
		handler := w.handler()
		concluded, withdrawn, declined, asked := mine(), mine(), mine(), mine()
		w.do(concluded.CaseNo, path(w, cases.Concluded, handler)...)
		_, err := w.Withdraw(ctx, cases.Key{CaseNo: withdrawn.CaseNo}, "")
		require.NoError(t, err)
		w.do(declined.CaseNo, path(w, cases.NotAccepted, handler)...)
		w.do(asked.CaseNo, path(w, cases.NeedInfo, handler)...)

		list := func(since time.Time, ids []string, limit int) (nos []string) {
			found, err := w.Current(ctx, since, ids, limit)
			require.NoError(t, err)
			for _, c := range found {
				nos = append(nos, c.CaseNo)
			}
			return nos
		}
		require.Equal(t, []string{asked.CaseNo}, list(w.clock(), nil, 1), "what waits for an answer comes first")
		require.ElementsMatch(t, []string{asked.CaseNo, first.CaseNo, concluded.CaseNo}, list(w.clock(), nil, 50))
		require.ElementsMatch(t, []string{asked.CaseNo, first.CaseNo}, list(w.clock().Add(time.Hour), nil, 50))
		require.ElementsMatch(t, []string{asked.CaseNo, first.CaseNo, declined.CaseNo}, list(w.clock().Add(time.Hour), []string{declined.CaseID}, 50))
		none, err := w.Current(w.guest(), w.clock(), nil, 50)
		require.NoError(t, err)
		require.Empty(t, none)
	})
}

func TestPressingCountsWhatIsOverdueAndWhatIsDueToday(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		w.file()
		urgent := w.file(func(f *cases.Filing) { f.Danger = true })
		count := func() (counts [2]int) {
			var err error
			counts[0], counts[1], err = w.Pressing(w.system())
			require.NoError(t, err)
			return counts
		}
		require.Equal(t, [2]int{0, 1}, count(), "danger is due in two hours")
		w.wait(3 * time.Hour)
		require.Equal(t, [2]int{1, 0}, count())
		w.do(urgent.CaseNo, path(w, cases.NotAccepted, "")...)
		require.Equal(t, [2]int{0, 0}, count())
		w.wait(3 * 24 * time.Hour)
		require.Equal(t, [2]int{0, 1}, count(), "due at the end of the day")
		overdue, today, err := w.Pressing(w.as(w.member("handler", "SW")))
		require.NoError(t, err)
		require.Zero(t, overdue+today, "another bureau's inbox")
	})
}

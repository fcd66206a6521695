package cases_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
)

func TestLookingForAComplaintAboutOnesOwnUnitRaisesAnAlarm(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		r := w.file(func(f *cases.Filing) { f.Subject.UnitCode = "CG03" })
		w.do(r.CaseNo, cases.Accept{}, cases.Dispatch{})
		supervisor := w.as(w.member("supervisor", "LJ"))
		alarm := func() *cases.Alarm {
			v, err := w.View(supervisor, r.CaseNo)
			require.NoError(t, err)
			return v.Alarm
		}
		entries := func() (n int) {
			require.NoError(t, d.From(t.Context()).Raw("SELECT count(*) FROM audit_entries WHERE action = 'case.alarm' AND object_id = ?", r.CaseNo).Scan(&n).Error)
			return n
		}
		require.Nil(t, alarm())
		elsewhere := w.as(w.member("handler", "MZ"))
		_, err := w.View(elsewhere, r.CaseNo)
		require.Equal(t, fault.NotFound, fault.KindOf(err))
		require.Nil(t, alarm(), "it is not about their unit")

		own := w.as(w.member("handler", "CG03"))
		_, plain := w.View(elsewhere, r.CaseNo)
		_, err = w.View(own, r.CaseNo)
		require.Equal(t, plain.Error(), err.Error(), "who looks learns nothing, not even this")
		require.Equal(t, 1, alarm().People)
		first := alarm().Last
		require.Empty(t, w.search(own, cases.Filter{Query: r.CaseNo}))
		_, err = w.Act(own, r.CaseNo, 0, cases.Note{Text: "誰投訴的？"})
		require.Equal(t, fault.NotFound, fault.KindOf(err))
		require.Equal(t, 1, entries(), "once a day for each person")

		w.wait(24 * time.Hour)
		require.Empty(t, w.search(own, cases.Filter{Query: r.CaseNo}))
		_, err = w.Act(w.as(w.member("handler", "CG03")), r.CaseNo, 0, cases.Note{Text: "誰投訴的？"})
		require.Equal(t, fault.NotFound, fault.KindOf(err))
		require.Equal(t, 3, entries())
		require.Equal(t, 2, alarm().People)
		require.True(t, alarm().Last.After(first))

		w.wait(24 * time.Hour)
		require.Empty(t, w.search(own, cases.Filter{Query: r.CaseNo[len(r.CaseNo)-6:]}), "by the end of its number")
		require.Equal(t, 4, entries())
		require.Empty(t, w.search(elsewhere, cases.Filter{Query: r.CaseNo[len(r.CaseNo)-6:]}))
		require.Equal(t, 4, entries(), "it is not about their unit")
	})
}

func TestSearchingOrTrackingAComplaintAboutOnesOwnUnitRaisesAnAlarm(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		r := w.file(func(f *cases.Filing) { f.Subject.UnitCode = "CG03" })
		w.do(r.CaseNo, cases.Accept{}, cases.Dispatch{})
		w.indexed()
		people := func() (n int) {
			require.NoError(t, d.From(t.Context()).Raw("SELECT count(*) FROM access_alarms").Scan(&n).Error)
			return n
		}
		handler := func() context.Context { return w.as(w.member("handler", "CG03")) }
		elsewhere := w.as(w.member("handler", "MZ"))

		require.Empty(t, w.search(handler(), cases.Filter{Query: "水管 漏水"}))
		require.Zero(t, people(), "other words")
		require.Empty(t, w.search(handler(), cases.Filter{Query: "路燈"}))
		require.Equal(t, 1, people())
		require.Empty(t, w.search(elsewhere, cases.Filter{Query: "路燈"}))
		require.Equal(t, 1, people(), "it is not about their unit")

		_, missing := w.Track(elsewhere, cases.Key{CaseNo: r.CaseNo, QueryCode: "AAAAA-AAAAA"})
		require.Error(t, missing)
		_, err := w.Track(handler(), cases.Key{CaseNo: r.CaseNo, QueryCode: "AAAAA-AAAAA"})
		require.Equal(t, missing.Error(), err.Error())
		require.Equal(t, 2, people())
		_, err = w.Track(handler(), cases.Key{CaseNo: r.CaseNo, QueryCode: r.QueryCode})
		require.Equal(t, missing.Error(), err.Error(), "nor with a code that they found")
		require.Equal(t, 3, people())
		_, err = w.Track(elsewhere, cases.Key{CaseNo: r.CaseNo, QueryCode: r.QueryCode})
		require.NoError(t, err)
		_, err = w.Track(w.guest(), cases.Key{CaseNo: r.CaseNo, QueryCode: r.QueryCode})
		require.NoError(t, err)
		require.Equal(t, 3, people())
	})
}

// A number can be given in other places than the search: for an act on many cases,
// and as the case that another is to be merged with.
func TestNamingAComplaintAboutOnesOwnUnitRaisesAnAlarm(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		r := w.file(func(f *cases.Filing) { f.Subject.UnitCode = "CG03" })
		w.do(r.CaseNo, cases.Accept{}, cases.Dispatch{})
		own := w.file()
		w.do(own.CaseNo, cases.Accept{}, cases.Dispatch{UnitCode: "CG03"}, cases.SignIn{})
		ways := func() (list []string) {
			require.NoError(t, d.From(t.Context()).Raw("SELECT object_id || ' ' || CAST(changes AS text) FROM audit_entries WHERE action = 'case.alarm' ORDER BY id").Scan(&list).Error)
			return list
		}
		for i, look := range []func(ctx context.Context){
			func(ctx context.Context) {
				list, err := w.LookAhead(ctx, []string{r.CaseNo, own.CaseNo}, cases.ActNote)
				require.NoError(t, err)
				require.True(t, list[0].Missing)
				require.False(t, list[1].Missing)
			},
			func(ctx context.Context) {
				_, err := w.Beside(ctx, own.CaseNo, r.CaseNo)
				require.Equal(t, fault.Invalid, fault.KindOf(err), "%v", err)
			},
			func(ctx context.Context) {
				_, err := w.Act(ctx, own.CaseNo, 0, cases.Merge{Into: r.CaseNo})
				require.Equal(t, fault.Invalid, fault.KindOf(err), "%v", err)
			},
		} {
			look(w.as(w.member("handler", "CG03")))
			require.Len(t, ways(), i+1)
			require.Contains(t, ways()[i], r.CaseNo)
		}
	})
}

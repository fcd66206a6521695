package cases_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/cases"
	"minqing/internal/clocks"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
)

// ticking reads the clocks of a case, by kind and number.
func (w *town) ticking(no string) map[clocks.Kind][]clocks.Clock {
	w.t.Helper()
	var list []clocks.Clock
	require.NoError(w.t, w.db.Together(w.t.Context(), db.Rows(&list, "SELECT "+clocks.Columns+
		" FROM case_clocks WHERE case_id = (SELECT id FROM cases WHERE case_no = ?) ORDER BY kind, no", no)))
	found := map[clocks.Kind][]clocks.Clock{}
	for _, k := range list {
		found[k.Kind] = append(found[k.Kind], k)
	}
	return found
}

func states(list []clocks.Clock) (out []clocks.State) {
	for _, k := range list {
		out = append(out, k.State)
	}
	return out
}

func TestEachClockRunsFromItsBeginningToItsEnd(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		handler := w.handler()
		r := w.file()
		at := w.ticking(r.CaseNo)
		require.Len(t, at, 3)
		for _, k := range []clocks.Kind{clocks.Acceptance, clocks.Contact, clocks.Conclusion} {
			require.Equal(t, []clocks.State{clocks.Running}, states(at[k]), k)
			require.True(t, at[k][0].StartedAt.Equal(r.ReceivedAt))
			require.NotNil(t, at[k][0].WarnAt, k)
			require.True(t, at[k][0].WarnAt.Before(*at[k][0].DueAt))
			require.Equal(t, clocks.Before, at[k][0].WarnLevel)
		}
		require.True(t, at[clocks.Conclusion][0].DueAt.Equal(r.DueAt))
		require.True(t, at[clocks.Contact][0].DueAt.Equal(r.ResponseDueAt))

		w.wait(time.Hour)
		w.do(r.CaseNo, cases.Accept{}, cases.Dispatch{})
		at = w.ticking(r.CaseNo)
		require.Equal(t, []clocks.State{clocks.Met}, states(at[clocks.Acceptance]))
		require.Nil(t, at[clocks.Acceptance][0].WarnAt)
		require.Equal(t, []clocks.State{clocks.Running}, states(at[clocks.SignIn]))

		w.do(r.CaseNo, cases.Redispatch{UnitCode: "CG02", Note: "改由市政設施科。"})
		at = w.ticking(r.CaseNo)
		require.Equal(t, []clocks.State{clocks.Dropped, clocks.Running}, states(at[clocks.SignIn]), "a new unit has its own time to sign in")
		require.True(t, at[clocks.Conclusion][0].DueAt.Equal(r.DueAt), "the citizen's clock goes on")

		w.wait(5 * 24 * time.Hour)
		w.do(r.CaseNo, cases.SignIn{}, cases.Assign{HandlerID: handler}, cases.Note{Text: "已致電。", Contacted: true})
		at = w.ticking(r.CaseNo)
		require.Equal(t, []clocks.State{clocks.Dropped, clocks.Late}, states(at[clocks.SignIn]))
		require.Equal(t, []clocks.State{clocks.Late}, states(at[clocks.Contact]))

		w.do(r.CaseNo, cases.Reply{Text: "已修復。"}, cases.Conclude{Outcome: cases.Resolved})
		at = w.ticking(r.CaseNo)
		require.False(t, at[clocks.Conclusion][0].Open())
		w.do(r.CaseNo, cases.Rework{Reason: "仍不亮。"})
		at = w.ticking(r.CaseNo)
		require.Equal(t, []clocks.State{clocks.Running}, states(at[clocks.Conclusion]), "the same clock, not a new one")
		require.Nil(t, at[clocks.Conclusion][0].StoppedAt)
		require.True(t, at[clocks.Conclusion][0].DueAt.Equal(r.DueAt))
	})
}

func TestClocksOfACaseThatEndsOtherwiseAreDropped(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		r := w.file()
		_, err := w.Withdraw(w.guest(), cases.Key{CaseNo: r.CaseNo, QueryCode: r.QueryCode}, "")
		require.NoError(t, err)
		for _, k := range w.ticking(r.CaseNo) {
			require.Equal(t, []clocks.State{clocks.Dropped}, states(k))
		}

		r = w.file()
		w.do(r.CaseNo, cases.NotAccept{Reason: "not_ours", Explanation: "請洽鄰市。"})
		at := w.ticking(r.CaseNo)
		require.Equal(t, []clocks.State{clocks.Met}, states(at[clocks.Acceptance]))
		require.Equal(t, []clocks.State{clocks.Met}, states(at[clocks.Contact]))
		require.Equal(t, []clocks.State{clocks.Dropped}, states(at[clocks.Conclusion]))
		_, err = w.Appeal(w.guest(), cases.Key{CaseNo: r.CaseNo, QueryCode: r.QueryCode}, "是貴市轄區。")
		require.NoError(t, err)
		w.do(r.CaseNo, cases.DecideAppeal{Uphold: true, Text: "確為本市轄區。"})
		at = w.ticking(r.CaseNo)
		require.Equal(t, []clocks.State{clocks.Met, clocks.Running}, states(at[clocks.Acceptance]), "the desk decides anew")
		require.Equal(t, []clocks.State{clocks.Running}, states(at[clocks.Conclusion]))

		anonymous := w.file(func(f *cases.Filing) { f.Confidentiality, f.Contact = cases.AnonymousFiler, cases.Contact{} })
		require.Empty(t, w.ticking(anonymous.CaseNo)[clocks.Contact], "nobody can be reached")
	})
}

// jobs counts the jobs that match.
func (w *town) jobs(where string) (n int) {
	w.t.Helper()
	require.NoError(w.t, w.db.From(w.t.Context()).Raw("SELECT count(*) FROM river_job WHERE "+where).Scan(&n).Error)
	return n
}

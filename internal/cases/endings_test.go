package cases_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/cases"
	"minqing/internal/clocks"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
)

func TestATransferredCaseEndsHereAndTellsThePerson(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		r := w.file()
		w.do(r.CaseNo, cases.Accept{}, cases.Dispatch{UnitCode: "CG03"}, cases.SignIn{}, suspend())
		bad := transfer()
		bad.Name, bad.Notice = "", ""
		_, err := w.Act(w.system(), r.CaseNo, 0, bad)
		require.Equal(t, fault.Invalid, fault.KindOf(err))
		c := w.do(r.CaseNo, transfer())
		require.Equal(t, cases.Transferred, c.Status)
		require.Nil(t, c.SuspendedAt)
		require.Nil(t, c.ConcludedAt)
		require.Nil(t, c.OnTime(w.clock()))
		require.Equal(t, 1, c.Judging())
		for _, k := range w.ticking(r.CaseNo)[clocks.Conclusion] {
			require.Equal(t, clocks.Dropped, k.State)
		}
		page, err := w.Queue(w.system(), cases.Filter{})
		require.NoError(t, err)
		require.Empty(t, page.Items)
		v, err := w.Track(w.guest(), cases.Key{CaseNo: r.CaseNo, QueryCode: r.QueryCode})
		require.NoError(t, err)
		require.Equal(t, transfer().Notice, v.Messages[len(v.Messages)-1].Text)
		_, err = w.ByEvaluationToken(w.guest(), w.EvaluationToken(c))
		require.NoError(t, err, "how it went here can be judged")
		_, err = w.Act(w.system(), r.CaseNo, 0, transfer())
		require.Equal(t, fault.Conflict, fault.KindOf(err), "twice is once")
	})
}

func TestAReopenedCaseHasANewPromise(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		handler := w.handler()
		for name, one := range map[string]struct {
			end func(r *cases.Receipt)
			to  cases.Status
		}{
			"concluded":    {func(r *cases.Receipt) { w.do(r.CaseNo, path(w, cases.Concluded, handler)...) }, cases.Handling},
			"archived":     {func(r *cases.Receipt) { w.do(r.CaseNo, path(w, cases.Archived, handler)...) }, cases.Handling},
			"transferred":  {func(r *cases.Receipt) { w.do(r.CaseNo, path(w, cases.Transferred, handler)...) }, cases.Handling},
			"not accepted": {func(r *cases.Receipt) { w.do(r.CaseNo, path(w, cases.NotAccepted, handler)...) }, cases.Submitted},
			"withdrawn": {func(r *cases.Receipt) {
				w.do(r.CaseNo, path(w, cases.Dispatched, handler)...)
				_, err := w.Withdraw(w.guest(), cases.Key{CaseNo: r.CaseNo, QueryCode: r.QueryCode}, "")
				require.NoError(t, err)
			}, cases.Submitted},
		} {
			r := w.file()
			one.end(r)
			w.wait(30 * 24 * time.Hour)
			_, err := w.Act(w.system(), r.CaseNo, 0, cases.Reopen{})
			require.Equal(t, fault.Invalid, fault.KindOf(err), name)
			old := w.ticking(r.CaseNo)[clocks.Conclusion][0]
			c := w.do(r.CaseNo, cases.Reopen{Reason: "民眾提出新的照片。"})
			require.Equal(t, one.to, c.Status, name)
			require.EqualValues(t, 1, c.ReopenedCount)
			require.True(t, c.DueAt.After(w.clock()), name)
			require.Nil(t, c.ConcludedAt)
			list := w.ticking(r.CaseNo)[clocks.Conclusion]
			require.Len(t, list, 2, name)
			require.Equal(t, old, list[0], "the old clock is kept")
			require.Equal(t, clocks.Running, list[1].State)
			require.True(t, list[1].DueAt.Equal(*c.DueAt))
			page, err := w.Queue(w.system(), cases.Filter{Query: r.CaseNo})
			require.NoError(t, err)
			require.Len(t, page.Items, 1)
			page, err = w.Queue(w.system(), cases.Filter{})
			require.NoError(t, err)
			require.Equal(t, r.CaseNo, page.Items[0].CaseNo, "%s is in a queue again", name)

			steps := path(w, cases.Concluded, handler)
			due := *c.DueAt
			if one.to == cases.Submitted {
				c = w.do(r.CaseNo, cases.Accept{MatterCode: "road-damage"})
				require.True(t, c.DueAt.After(w.clock()), "another matter counts from the new beginning")
				steps = append([]cases.Command{cases.Dispatch{UnitCode: "CG03"}}, steps[2:]...)
				due = *c.DueAt
			} else {
				steps = steps[4:]
			}
			c = w.do(r.CaseNo, steps...)
			require.True(t, due.Equal(*c.DueAt))
			list = w.ticking(r.CaseNo)[clocks.Conclusion]
			require.Equal(t, clocks.Met, list[1].State, name)
			require.Equal(t, old.State, list[0].State)
			v, err := w.View(w.system(), r.CaseNo)
			require.NoError(t, err)
			trace, err := w.Trace(w.system(), v)
			require.NoError(t, err)
			require.True(t, trace.Due.Equal(due), "%s: the trace explains the new promise", name)
		}
	})
}

func TestWhatIsConcludedLongAgoIsArchived(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		handler := w.handler()
		done := func() *cases.Receipt {
			r := w.file()
			w.do(r.CaseNo, path(w, cases.Concluded, handler)...)
			return r
		}
		quiet, appealed, watched, declined := done(), w.file(), w.file(), done()
		w.do(appealed.CaseNo, path(w, cases.Concluded, handler)...)
		_, err := w.Appeal(w.guest(), cases.Key{CaseNo: appealed.CaseNo, QueryCode: appealed.QueryCode}, "燈又不亮了。")
		require.NoError(t, err)
		w.do(watched.CaseNo, supervise())
		w.do(watched.CaseNo, path(w, cases.Concluded, handler)...)
		for _, no := range []string{appealed.CaseNo, watched.CaseNo} {
			_, err = w.Act(w.system(), no, 0, cases.Archive{})
			require.ErrorContains(t, err, "case.archive.")
		}
		archived := func() (n int) {
			n, err := w.ArchiveDue(w.system())
			require.NoError(t, err)
			return n
		}
		w.wait(364 * 24 * time.Hour)
		require.Zero(t, archived())
		_, err = w.Appeal(w.guest(), cases.Key{CaseNo: declined.CaseNo, QueryCode: declined.QueryCode}, "燈又不亮了。")
		require.NoError(t, err)
		w.do(declined.CaseNo, cases.DecideAppeal{Text: "維持原議。"})
		w.wait(2 * 24 * time.Hour)
		require.Equal(t, 1, archived())
		require.Zero(t, archived())
		v, err := w.View(w.system(), quiet.CaseNo)
		require.NoError(t, err)
		require.Equal(t, cases.Archived, v.Status)
		require.NotNil(t, v.ConcludedAt)
		page, err := w.Queue(w.system(), cases.Filter{Query: quiet.CaseNo})
		require.NoError(t, err)
		require.Len(t, page.Items, 1, "still found")
		w.do(watched.CaseNo, cases.CloseOrder{Note: "已完成。"})
		require.Equal(t, 1, archived())

		c, err := w.Appeal(w.guest(), cases.Key{CaseNo: quiet.CaseNo, QueryCode: quiet.QueryCode}, "燈又不亮了。")
		require.NoError(t, err, "nobody loses a right by it")
		require.Equal(t, cases.Concluded, c.Status)
		w.do(quiet.CaseNo, cases.DecideAppeal{Uphold: true, Text: "重新辦理。"})
		w.wait(365 * 24 * time.Hour)
		require.Equal(t, 1, archived(), "the one whose appeal was declined")
	})
}

func TestAMatterSaysWhenItsCasesAreArchived(t *testing.T) {
	w := newTown(t, dbtest.New(t))
	w.rules(`{"archive": "30d"}`)
	r := w.file()
	w.do(r.CaseNo, path(w, cases.Concluded, w.handler())...)
	w.wait(31 * 24 * time.Hour)
	n, err := w.ArchiveDue(w.system())
	require.NoError(t, err)
	require.Equal(t, 1, n)
}

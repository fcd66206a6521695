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

// ordered files a case that a unit handles, and orders something about it.
func (w *town) ordered(cmds ...cases.Command) string {
	w.t.Helper()
	r := w.file()
	w.do(r.CaseNo, append(append(path(w, cases.Handling, w.handler()), supervise()), cmds...)...)
	return r.CaseNo
}

// recounts counts anew and compares how much moved.
func (w *town) recounts(moved int64, why string) {
	w.t.Helper()
	n, err := w.Recount(w.system())
	require.NoError(w.t, err)
	require.Equal(w.t, moved, n, why)
	unlike, err := cases.UnlikeClocks(w.system(), w.db)
	require.NoError(w.t, err)
	require.Empty(w.t, unlike)
}

func (w *town) order(no string) cases.Order {
	w.t.Helper()
	v, err := w.View(w.system(), no)
	require.NoError(w.t, err)
	return v.Orders[len(v.Orders)-1]
}

func TestADayOffMovesOrdersOfUnitsAbove(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		open, extended, closed := w.ordered(), w.ordered(cases.ExtendOrder{Days: "2", Note: "零件待料。"}), w.ordered(cases.CloseOrder{Note: "已完成。"})
		late := w.ordered()
		w.recounts(0, "by the same rules nothing moves")
		before, err := w.View(w.system(), open)
		require.NoError(t, err)
		require.Equal(t, "2026-11-27", w.order(open).DueOn.String(), "three working days after a Tuesday")
		require.Equal(t, "2026-12-01", w.order(extended).DueOn.String(), "two more")

		w.publish("2026-11-26") // Thursday is off: four promises and two orders of three days move
		w.recounts(4+2, "what was closed stays; more time counts from the day on which the order was due")
		after, err := w.View(w.system(), open)
		require.NoError(t, err)
		o := w.order(open)
		require.Equal(t, "2026-11-30", o.DueOn.String())
		require.True(t, o.DueAt.Equal(*after.SupervisedDue))
		require.NotNil(t, o.WarnAt)
		require.True(t, o.WarnAt.After(*before.Orders[0].WarnAt), "it warns later, too")
		require.Equal(t, clocks.Before, o.WarnLevel)
		require.Equal(t, before.Version+2, after.Version, "who has the form open hears of it: the promise, and the order")
		e := after.Events[len(after.Events)-1]
		require.Equal(t, cases.ActRecount, e.Action)
		require.False(t, e.Public, "the citizen hears nothing of orders")
		require.Equal(t, []string{"routine", "2026-11-27T15:59:59Z", "2026-11-30T15:59:59Z"}, []string{e.Facts().Form, e.Facts().OldDue, e.Facts().NewDue})
		require.Equal(t, after.EventCount, e.Seq)
		require.Equal(t, "2026-11-27", w.order(closed).DueOn.String())
		require.Equal(t, "2026-12-01", w.order(extended).DueOn.String())
		var kept []struct{ OldDue, NewDue time.Time }
		require.NoError(t, d.From(t.Context()).Raw("SELECT old_due, new_due FROM clock_moves WHERE kind = 'order' AND case_id = ?", after.ID).Scan(&kept).Error)
		require.Len(t, kept, 1)
		require.True(t, kept[0].OldDue.Equal(before.Orders[0].DueAt) && kept[0].NewDue.Equal(o.DueAt))

		w.publish("2026-12-01") // and Friday is a working day again
		w.recounts(4+3, "")
		require.Equal(t, "2026-11-27", w.order(late).DueOn.String())
		require.Equal(t, "2026-12-02", w.order(extended).DueOn.String())
		w.recounts(0, "once")
		require.NoError(t, d.From(t.Context()).Exec("UPDATE cases SET supervised_due = due_at WHERE supervised_due IS NOT NULL").Error)
		unlike, err := cases.UnlikeClocks(w.system(), d)
		require.NoError(t, err)
		require.Len(t, unlike, 1, "what was spoiled by hand is found")
	})
}

func TestWhatIsDoneWhileOrdersAreCountedIsNotLost(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		one, two := w.ordered(), w.ordered()
		w.recounts(0, "")
		w.publish("2026-11-27")
		acts := []cases.Command{cases.AnswerOrder{Text: "已派員。"}, cases.CloseOrder{Note: "已完成。"}}
		n := 0
		w.hook = func() { // between the reading of a batch and its writing
			if n++; n > 2 && len(acts) > 0 {
				next := acts[0]
				acts = acts[1:]
				w.do(one, next)
			}
		}
		_, err := w.Recount(w.system())
		require.NoError(t, err)
		w.hook = nil
		for _, cmd := range acts {
			w.do(one, cmd)
		}
		require.Equal(t, "2026-11-30", w.order(two).DueOn.String())
		require.NotNil(t, w.order(one).ClosedAt)
		require.Nil(t, w.order(one).WarnAt, "a closed one warns nobody")
		for _, no := range []string{one, two} {
			v, err := w.View(w.system(), no)
			require.NoError(t, err)
			require.Equal(t, int64(len(v.Events)), v.EventCount)
		}
		unlike, err := cases.UnlikeClocks(w.system(), d)
		require.NoError(t, err)
		require.Empty(t, unlike)
	})
}

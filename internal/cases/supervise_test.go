package cases_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/cases"
	"minqing/internal/clocks"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
)

func (w *town) orders(account string) []string {
	w.t.Helper()
	list, next, err := w.Supervised(w.as(account), "", 200)
	require.NoError(w.t, err)
	require.Empty(w.t, next)
	w.at = w.at.Add(time.Minute) // what colleagues did shows by then
	n, err := w.Counts(w.as(account))
	require.NoError(w.t, err)
	require.Len(w.t, list, n[cases.ViewSupervised])
	numbers := []string{}
	for _, one := range list {
		numbers = append(numbers, one.CaseNo)
	}
	return numbers
}

func TestAnOrderIsGivenAnsweredExtendedAndClosed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		city, bureau, same, other := w.member("supervisor", "LJ"), w.member("supervisor", "CG"), w.member("supervisor", "CG03"), w.member("supervisor", "SW")
		handler := w.member("handler", "CG03")
		first, r := w.file(), w.file()
		for _, no := range []string{first.CaseNo, r.CaseNo} {
			w.do(no, cases.Accept{}, cases.Dispatch{UnitCode: "CG03"}, cases.SignIn{}, cases.Assign{HandlerID: handler})
		}
		act := func(who string, cmd cases.Command) (*cases.Case, error) { return w.Act(w.as(who), r.CaseNo, 0, cmd) }
		_, err := act(same, supervise())
		require.Equal(t, fault.Forbidden, fault.KindOf(err), "not the unit's own")
		_, err = act(other, supervise())
		require.Equal(t, fault.NotFound, fault.KindOf(err))
		_, err = act(handler, cases.AnswerOrder{Text: "已派員。"})
		require.ErrorContains(t, err, "case.supervise.none")

		due := r.DueAt
		later := supervise()
		later.Days = "10"
		c, err := act(bureau, later)
		require.NoError(t, err)
		require.Equal(t, cases.Handling, c.Status)
		require.True(t, due.Equal(*c.DueAt), "the citizen's clock is another matter")
		_, err = w.Act(w.as(city), first.CaseNo, 0, supervise())
		require.NoError(t, err)
		_, err = act(city, supervise())
		require.ErrorContains(t, err, "case.supervise.already")
		for _, who := range []string{city, bureau, same, handler} {
			require.Equal(t, []string{first.CaseNo, r.CaseNo}, w.orders(who), "what is due first first")
		}
		require.Empty(t, w.orders(other))
		w.wait(11 * time.Second)
		require.Equal(t, 2, w.held(handler, cases.ViewSupervised))

		v, err := w.View(w.as(handler), r.CaseNo)
		require.NoError(t, err)
		require.Len(t, v.Orders, 1)
		require.Equal(t, "2026-12-08", v.Orders[0].DueOn.String(), "ten working days after a Tuesday")
		offered, err := w.Offered(w.as(handler), v)
		require.NoError(t, err)
		require.Contains(t, offered, cases.ActAnswerOrder)
		require.NotContains(t, offered, cases.ActCloseOrder)
		c, err = act(handler, cases.AnswerOrder{Text: "已派員。"})
		require.NoError(t, err)
		was := *c.SupervisedDue
		c, err = act(bureau, cases.ExtendOrder{Days: "2", Note: "零件待料。"})
		require.NoError(t, err)
		require.True(t, c.SupervisedDue.After(was))
		w.do(r.CaseNo, cases.Reply{Text: "已修復。"}, cases.Conclude{Outcome: cases.Resolved})
		require.Contains(t, w.orders(bureau), r.CaseNo, "a result is looked at first")
		_, err = act(same, cases.CloseOrder{Note: "已完成。"})
		require.Equal(t, fault.Forbidden, fault.KindOf(err))
		c, err = act(city, cases.CloseOrder{Note: "已完成。"})
		require.NoError(t, err, "the city may, too")
		require.Nil(t, c.SupervisedDue)
		require.NotContains(t, w.orders(bureau), r.CaseNo)
		_, err = act(city, cases.CloseOrder{Note: "已完成。"})
		require.ErrorContains(t, err, "case.supervise.none", "twice is once")
	})
}

func TestAnOrderWarnsAndIsHeardOf(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		city, handler, head := w.member("supervisor", "LJ"), w.member("handler", "CG03"), w.member("head", "CG03")
		bureau := w.member("supervisor", "CG")
		r := w.file()
		w.do(r.CaseNo, cases.Accept{}, cases.Dispatch{UnitCode: "CG03"}, cases.SignIn{}, cases.Assign{HandlerID: handler})
		c, err := w.Act(w.as(city), r.CaseNo, 0, supervise())
		require.NoError(t, err)
		about := func() (n int) {
			for _, about := range w.heard() {
				if !strings.Contains(about, "assigned") {
					n++
				}
			}
			return n
		}
		require.Equal(t, 1, about())
		hears := func(what cases.Hearing) []string {
			who, err := w.Hearers(w.system(), cases.Heard{CaseID: c.ID, About: what})
			require.NoError(t, err)
			return who
		}
		require.ElementsMatch(t, []string{handler, head}, hears(cases.HearOrder))
		require.ElementsMatch(t, []string{city, bureau}, hears(cases.HearAnswered))
		require.ElementsMatch(t, []string{handler, head}, hears(cases.HearOrderDue))
		require.ElementsMatch(t, []string{handler, head, city, bureau}, hears(cases.HearOrderAfter))
		level := func() clocks.Level {
			v, err := w.View(w.system(), r.CaseNo)
			require.NoError(t, err)
			return v.Orders[0].WarnLevel
		}
		require.Equal(t, clocks.Before, level())
		for i, next := range []clocks.Level{clocks.Due, clocks.After, clocks.None} {
			v, err := w.View(w.system(), r.CaseNo)
			require.NoError(t, err)
			w.at = *v.Orders[0].WarnAt
			require.NoError(t, w.Warn(w.system()))
			require.NoError(t, w.Warn(w.system()), "once")
			require.Equal(t, next, level())
			require.Equal(t, i+2, about())
		}
		w.do(r.CaseNo, cases.CloseOrder{Note: "已完成。"})
		require.Empty(t, hears(cases.HearOrderAfter), "closed meanwhile")
	})
}

// A city has more orders than a page: each is read once, whatever is closed meanwhile.
func TestOrdersAreReadPageByPage(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		city := w.member("supervisor", "LJ")
		var want []string
		for range 5 { // two and two are due at one time
			r := w.file()
			w.do(r.CaseNo, cases.Accept{}, supervise())
			want = append(want, r.CaseNo)
			if len(want)%2 == 0 {
				w.wait(24 * time.Hour)
			}
		}
		read := func(after func()) (got []string) {
			for cursor := ""; ; {
				list, next, err := w.Supervised(w.as(city), cursor, 2)
				require.NoError(t, err)
				require.LessOrEqual(t, len(list), 2)
				for _, one := range list {
					got = append(got, one.CaseNo)
				}
				if cursor = next; next == "" {
					return got
				}
				after()
			}
		}
		require.Equal(t, want, read(func() {}))
		closed := false
		require.Equal(t, want, read(func() {
			if !closed {
				w.do(want[0], cases.CloseOrder{Note: "已改善。"})
			}
			closed = true
		}), "what was closed after it was read moves nothing")
		_, _, err := w.Supervised(w.as(city), db.EncodeCursor("lunch", want[0]), 2)
		require.Equal(t, fault.Invalid, fault.KindOf(err))
	})
}

func TestAnOrderEndsWithACaseThatHasNoResult(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		city := w.member("supervisor", "LJ")
		r := w.file()
		w.do(r.CaseNo, cases.Accept{}, supervise())
		_, err := w.Withdraw(w.guest(), cases.Key{CaseNo: r.CaseNo, QueryCode: r.QueryCode}, "")
		require.NoError(t, err)
		require.Empty(t, w.orders(city))
		v, err := w.View(w.system(), r.CaseNo)
		require.NoError(t, err)
		require.Equal(t, "moot", v.Orders[0].Outcome)
		require.NotNil(t, v.Orders[0].ClosedAt)
		require.Nil(t, v.SupervisedDue)
	})
}

func TestTwoWhoSuperviseAtOnceGiveOneOrder(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		r := w.file()
		errs := make([]error, 4)
		var done sync.WaitGroup
		for i := range errs {
			done.Add(1)
			go func() {
				defer done.Done()
				_, errs[i] = w.Act(w.system(), r.CaseNo, 1, supervise())
			}()
		}
		done.Wait()
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
				continue
			}
			require.Equal(t, fault.Conflict, fault.KindOf(err), "%v", err)
		}
		require.Equal(t, 1, won)
		v, err := w.View(w.system(), r.CaseNo)
		require.NoError(t, err)
		require.Len(t, v.Orders, 1)
	})
}

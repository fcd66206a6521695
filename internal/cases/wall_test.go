package cases_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/cases"
	"minqing/internal/clocks"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
)

func TestTheWallShowsWhatRunsOutInTheReadersUnits(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		head, other := w.member("head", "CG"), w.member("head", "HB")
		wall := func(id string, k clocks.Kind) *cases.Wall {
			found, err := w.Wall(actor.With(t.Context(), actor.Actor{Kind: actor.Staff, AccountID: id}), k)
			require.NoError(t, err)
			return found
		}
		steps := path(w, cases.Handling, w.handler())
		old := w.file()
		w.do(old.CaseNo, steps...)
		w.wait(48 * time.Hour) // Thursday
		fresh := w.file()
		w.do(fresh.CaseNo, steps...)
		waits := w.file()
		w.do(waits.CaseNo, append(steps, suspend())...)

		found := wall(head, clocks.Conclusion)
		require.Equal(t, 1, found.Total.Next, "Friday")
		require.Equal(t, 1, found.Total.Soon, "Tuesday")
		require.Zero(t, found.Total.Overdue+found.Total.Escalated+found.Total.Today)
		require.Len(t, found.Units, 1)
		require.Equal(t, []string{old.CaseNo, fresh.CaseNo}, []string{found.Soonest[0].CaseNo, found.Soonest[1].CaseNo}, "what is suspended is not there")
		require.Equal(t, "3wd", found.Soonest[0].HandlingLimit.String())
		require.Empty(t, wall(other, clocks.Conclusion).Units, "another bureau's")
		require.Zero(t, wall(head, clocks.SignIn).Total)

		w.wait(24 * time.Hour)
		require.Equal(t, 1, wall(head, clocks.Conclusion).Total.Today)
		w.wait(24 * time.Hour)
		require.Equal(t, 1, wall(head, clocks.Conclusion).Total.Overdue)
		w.wait(3 * 24 * time.Hour) // Tuesday
		require.Equal(t, 1, wall(head, clocks.Conclusion).Total.Escalated)

		joint := w.member("head", "CG02")
		w.do(fresh.CaseNo, cases.AddJoint{UnitCode: "CG02", Task: "請查管線。"})
		part := wall(joint, clocks.Joint)
		require.Equal(t, 1, part.Total.Today, "the joint unit's own clock, no longer than the citizen's")
		require.Equal(t, []string{fresh.CaseNo}, []string{part.Soonest[0].CaseNo})
		require.Equal(t, "3wd", part.Soonest[0].HandlingLimit.String())
		require.Empty(t, wall(joint, clocks.Conclusion).Units, "the citizen's is the lead's")
		w.do(old.CaseNo, cases.Reply{Text: "已修復。"}, cases.Conclude{Outcome: cases.Resolved})
		v, err := w.View(w.system(), old.CaseNo)
		require.NoError(t, err)
		require.NoError(t, w.db.Tx(w.system(), func(ctx context.Context) error {
			return w.Judge(ctx, v.ID, cases.Judged{Grade: 1, Resolved: "no", Round: 1})
		}))
		require.Equal(t, 1, wall(head, clocks.Callback).Total.Next, "who was dissatisfied is rung within one working day")
		w.do(old.CaseNo, cases.VerifyGrade{Finding: "clear", Note: "已致電。"})
		require.Zero(t, wall(head, clocks.Callback).Total)
		require.Equal(t, 1, wall(head, clocks.Rectification).Total.Soon, "and has an answer within five")

		_, err = w.Wall(w.system(), "lunch")
		require.Equal(t, fault.Invalid, fault.KindOf(err))
	})
}

package satisfaction_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/satisfaction"
)

func TestWhoIsRungInVainIsToldOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		agent, k, wrong, written := w.caller("call_agent", "HL"), w.called(), w.called(), w.called()
		told := func() int { return w.count("river_job WHERE kind = 'satisfaction.missed'") }
		w.ahead = 10 * day
		w.tries(agent, wrong, satisfaction.Rang{Channel: "phone", Outcome: "wrong_number"})
		w.tries(agent, written, satisfaction.Rang{Channel: "sms", Outcome: "not_reached"})
		require.Zero(t, told(), "somebody else's number, and nobody rang")
		after := w.tries(agent, k, missed())
		require.Equal(t, 1, told())
		require.Equal(t, 1, w.count("callbacks WHERE missed_told_at IS NOT NULL"))
		on, again, err := w.RingsOn(w.system(), w.the(k).ID)
		require.NoError(t, err)
		require.True(t, again)
		require.Equal(t, *after.RingsOn, on)
		require.Equal(t, "2026-12-07", on.String(), "the working day after the call, a Friday")
		w.tries(agent, k, missed())
		w.ahead += 2 * day
		require.Equal(t, satisfaction.CallbackUnreachable, w.tries(agent, k, missed()).State)
		require.Equal(t, 1, told(), "once, however often somebody rings")
		_, again, err = w.RingsOn(w.system(), w.the(k).ID)
		require.NoError(t, err)
		require.False(t, again, "a message that is sent late promises nothing any more")

		w.do(k.CaseNo, cases.Rework{Reason: "又壞了。"}, cases.Reply{Text: "修好了。"}, cases.Conclude{Outcome: cases.Resolved})
		w.ahead += 10 * day
		w.tries(agent, k, missed())
		require.Equal(t, 2, told(), "another result is another call")
		waits, err := w.Waits(w.system(), satisfaction.Reminded{CallbackID: after.ID})
		require.NoError(t, err)
		require.False(t, waits, "of what is over nobody is told")
	})
}

package permits_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/permits"
)

// A correction holds up nothing but itself: opinions, visits and hearings are begun
// meanwhile, once the application is accepted.
func TestTheReviewGoesOnWhileSomethingIsCorrected(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		w.advised()
		w.onSite()
		handler, head, chair, ming := w.staff("handler", "handler", "CG03"), w.staff("head", "head", "CG03"), w.staff("chair", "handler", "CG03"), w.person("ming")
		acts := func(no string) map[string]func() error {
			return map[string]func() error{
				"opinion": func() error { _, err := w.AskOpinion(handler, no, 0, "CG02", "請表示意見。"); return err },
				"visit": func() error {
					_, err := w.Appoint(handler, no, 0, permits.Appointment{Day: "2026-03-06", Time: "09:30", Officials: []string{account(handler), account(head)}})
					return err
				},
				"hearing": func() error {
					_, err := w.TellRight(handler, no, 0, permits.Right{Intends: "擬不予許可：廚房沒有排煙。"})
					return err
				},
				"suspension": func() error {
					_, err := w.cases.Act(handler, no, 0, cases.Suspend{Type: "expert", Until: "2026-03-20", Notice: "專家評審到 3 月 20 日。"})
					return err
				},
			}
		}
		_, early := w.apply(w.person("hua"))
		w.ask(handler, early, "2026-03-16")
		for name, act := range acts(early) {
			require.Equal(t, fault.Conflict, fault.KindOf(act()), "%s before the acceptance", name)
		}

		id, no := w.accepted(ming, handler)
		asks := permits.Examination{Verdicts: map[string]permits.Judgement{"plan": {Verdict: permits.Correct, Reason: "缺少廚房。"}}, Due: "2026-03-16", Again: "審查時才發現。"}
		_, err := w.Examine(head, no, 0, asks)
		require.NoError(t, err)
		p, err := w.Part(handler, no)
		require.NoError(t, err)
		require.Equal(t, cases.NeedInfo, p.Case.Status)
		require.True(t, p.Reviews())
		for _, name := range []string{"opinion", "visit", "hearing"} {
			require.NoError(t, acts(no)[name](), name)
		}
		require.NoError(t, w.AskHearing(ming, id, w.own(ming, id).Hearings[0].ID))
		_, err = w.Announce(head, no, 0, permits.Sitting{Day: "2026-03-16", Time: "09:30", Place: "市政大樓", Chair: account(chair)})
		require.NoError(t, err)
		o := w.own(ming, id)
		require.Equal(t, cases.NeedInfo, o.Case.Status, "it still waits for the correction")
		require.Equal(t, "hearing", o.Case.Suspension, "the clock stands still for the hearing")

		w.be(at(t, "2026-03-04"))
		w.correct(ming, id)
		o = w.own(ming, id)
		require.Equal(t, []any{cases.Handling, "hearing"}, []any{o.Case.Status, o.Case.Suspension}, "corrected, it goes on where it was")
		w.be(at(t, "2026-03-16"))
		_, err = w.RecordHearing(head, no, 0, permits.HearingRecord{Text: "雙方陳述。", Signed: "王小明"})
		require.NoError(t, err)
		require.Nil(t, w.own(ming, id).Case.SuspendedAt)
	})
}

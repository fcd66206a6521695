package satisfaction_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/cases"
	"minqing/internal/clocks"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/satisfaction"
)

func bad() satisfaction.Judgement {
	return satisfaction.Judgement{Grade: 1, Resolved: "no", Comment: "還是不亮", Channel: "link"}
}

// running are the clocks of a case that run.
func (w *town) running(id string) (kinds []string) {
	require.NoError(w.t, w.db.From(w.system()).Raw("SELECT kind FROM case_clocks WHERE case_id = ? AND state = 'running' ORDER BY kind", id).Scan(&kinds).Error)
	return kinds
}

func (w *town) queued(id string) bool {
	var open bool
	require.NoError(w.t, w.db.From(w.system()).Raw("SELECT open FROM case_units WHERE case_id = ? AND role = 'lead'", id).Scan(&open).Error)
	return open
}

func TestABadReviewIsWorkUntilItIsAnswered(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		k := w.concluded(cases.Normal)
		require.NoError(t, w.ByLink(w.guest(), w.cases.EvaluationToken(w.the(k)), bad()))
		c := w.the(k)
		require.Equal(t, cases.ToContact, c.Rectify)
		require.Equal(t, []string{string(clocks.Callback)}, w.running(c.ID))
		require.True(t, w.queued(c.ID), "the unit has it in its queue again")
		require.Equal(t, fault.Conflict, fault.KindOf(w.ByKey(w.guest(), k, good())), "once for the result")

		w.do(k.CaseNo, cases.VerifyGrade{Finding: "complex", Note: "需更換電纜，等料。"})
		c = w.the(k)
		require.Equal(t, []string{string(clocks.Rectification)}, w.running(c.ID))
		require.Greater(t, c.RectifyDueAt.Sub(c.UpdatedAt), 14*24*time.Hour, "fifteen working days")
		w.do(k.CaseNo, cases.Rectify{Text: "電纜已更換，請您再看看。"})
		c = w.the(k)
		require.Empty(t, w.running(c.ID))
		require.False(t, w.queued(c.ID))

		again := w.cases.EvaluationToken(c)
		require.NoError(t, w.ByLink(w.guest(), again, good()))
		_, err := w.Open(w.guest(), again)
		require.Equal(t, fault.Conflict, fault.KindOf(err), "thanks, not an error: %v", err)
		require.Equal(t, 2, w.count("evaluations"), "both are kept")
		require.Equal(t, cases.Settled, w.the(k).Rectify)
		require.EqualValues(t, 1, w.the(k).Grade, "the first one stays what the result was worth")
	})
}

func TestADayOffMovesTheAnswerToABadReviewEverywhere(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		k := w.concluded(cases.Normal)
		require.NoError(t, w.ByKey(w.guest(), k, bad()))
		_, err := w.cases.Recount(w.system())
		require.NoError(t, err)
		agree := func(moved int64, clock clocks.Kind) {
			t.Helper()
			before := w.the(k)
			w.dayOff(before.RectifyDueAt.Add(8 * time.Hour).Format(time.DateOnly))
			n, err := w.cases.Recount(w.system())
			require.NoError(t, err)
			require.Equal(t, moved, n)
			unlike, err := cases.UnlikeClocks(w.system(), d)
			require.NoError(t, err)
			require.Empty(t, unlike)
			c := w.the(k)
			require.True(t, c.RectifyDueAt.After(*before.RectifyDueAt), "%s, then %s", before.RectifyDueAt, c.RectifyDueAt)
			require.Equal(t, before.Version+1, c.Version, "who has the form open hears of it")
			require.Equal(t, 1, w.count("clock_moves WHERE kind = ? AND new_due = ?", clock, *c.RectifyDueAt), "old and new are kept")
			require.Equal(t, 1, w.count("case_events WHERE action = 'recount' AND seq = ? AND NOT public", c.EventCount))
			require.Equal(t, 1, w.count("case_units WHERE case_id = ? AND role = 'lead' AND queue_at = ?", c.ID, *c.RectifyDueAt))
			require.Equal(t, 1, w.count("evaluations WHERE case_id = ? AND mend_due_at = ?", c.ID, *c.RectifyDueAt))
		}
		agree(1, clocks.Callback)
		w.do(k.CaseNo, cases.VerifyGrade{Finding: "clear", Note: "燈仍不亮。"})
		agree(1, clocks.Rectification)
		w.do(k.CaseNo, cases.ContestGrade{Reason: "mistaken", Explanation: "民眾表示按錯。"})
		agree(1, clocks.Rectification)

		for _, spoil := range []string{"cases SET rectify_due_at = NULL", "evaluations SET mend_due_at = NULL", "case_units SET queue_at = since"} {
			require.NoError(t, d.From(t.Context()).Exec("UPDATE "+spoil).Error)
		}
		unlike, err := cases.UnlikeClocks(w.system(), d)
		require.NoError(t, err)
		require.Len(t, unlike, 3, "what was spoiled by hand is found")
	})
}

// dayOff imports the year with a day more that is off.
func (w *town) dayOff(day string) {
	w.t.Helper()
	w.off = append(w.off, `"`+day+`"`)
	file := `extends = "CN"
version = "2026.` + day + `"
source = "test"
[[year]]
year = 2026
source = "test"
[[year.holiday]]
name = { zh-Hant = "放假", zh-Hans = "放假", en = "Day off" }
days = [` + strings.Join(w.off, ", ") + `]
`
	_, _, changed, err := w.catalogue.ImportCalendar(w.system(), file)
	require.NoError(w.t, err)
	require.True(w.t, changed)
	w.ahead += 2 * time.Second // until the catalogue is looked at again
}

func TestWhetherABadReviewCountsIsDecidedElsewhere(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		k := w.concluded(cases.Normal)
		require.NoError(t, w.ByKey(w.guest(), k, bad()))
		_, err := w.cases.Act(w.system(), k.CaseNo, 0, cases.ContestGrade{Reason: "malicious", Explanation: "與事實不符。"})
		require.Equal(t, fault.Conflict, fault.KindOf(err), "nobody has spoken with the person yet: %v", err)
		w.do(k.CaseNo, cases.VerifyGrade{Finding: "clear", Note: "民眾表示按錯。"}, cases.ContestGrade{Reason: "mistaken", Explanation: "民眾表示按錯。"})
		require.Equal(t, []string{string(clocks.Rectification)}, w.running(w.the(k).ID), "the clock runs on")
		w.do(k.CaseNo, cases.DecideContest{Exclude: true, Note: "通話紀錄可證。"})
		require.Empty(t, w.running(w.the(k).ID))
		var excluded bool
		require.NoError(t, d.From(w.system()).Raw("SELECT excluded FROM evaluations").Scan(&excluded).Error)
		require.True(t, excluded)
		require.Zero(t, w.the(k).Judging(), "nobody is asked again")
	})
}

func TestAnAppealedReviewWaitsInOneQueue(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		k := w.concluded(cases.Normal)
		require.NoError(t, w.ByKey(w.guest(), k, bad()))
		_, err := w.cases.Appeal(w.guest(), k, "請再查。")
		require.NoError(t, err)
		rows := w.count("case_units WHERE case_id = ? AND open", w.the(k).ID)
		require.Equal(t, 1, rows, "whoever sees both units sees it once")
		w.do(k.CaseNo, cases.DecideAppeal{Text: "維持原處理。"})
		require.True(t, w.queued(w.the(k).ID), "back at the unit, which owes an answer to the review")
		require.Equal(t, 1, w.count("case_units WHERE case_id = ? AND open", w.the(k).ID))
	})
}

func TestHandlingAgainEndsTheAnswerToABadReview(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		k := w.concluded(cases.Normal)
		require.NoError(t, w.ByKey(w.guest(), k, bad()))
		w.do(k.CaseNo, cases.Rework{Reason: "確實沒修好。"})
		c := w.the(k)
		require.Empty(t, c.Rectify)
		require.NotContains(t, w.running(c.ID), string(clocks.Callback))
		w.do(k.CaseNo, cases.Reply{Text: "已修好。"}, cases.Conclude{Outcome: cases.Resolved})
		require.NoError(t, w.ByKey(w.guest(), k, good()), "the new result is judged anew")
		require.Equal(t, 2, w.count("evaluations"))
	})
}

func TestEveryEndMayBeJudged(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		declined, withdrawn := w.file(cases.Normal), w.file(cases.Normal)
		w.do(declined.CaseNo, cases.NotAccept{Reason: "not_ours", Explanation: "請洽鄰市。"})
		_, err := w.cases.Withdraw(w.guest(), withdrawn, "好了")
		require.NoError(t, err)
		require.NoError(t, w.ByKey(w.guest(), declined, bad()))
		require.NoError(t, w.ByKey(w.guest(), withdrawn, good()))
		require.Equal(t, cases.ToContact, w.the(declined).Rectify)
		var results []string
		require.NoError(t, d.From(w.system()).Raw("SELECT result FROM evaluations ORDER BY result").Scan(&results).Error)
		require.Equal(t, []string{"not_accepted", "withdrawn"}, results, "kept apart from judgements of what was done")
	})
}

package cases_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/cases"
	"minqing/internal/catalogue"
	"minqing/internal/clocks"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
)

// In September 2026 the Sunday of the 20th is worked for the National Day; off are the 25th to 27th and
// 1 to 7 October, and Saturday the 10th is worked again.

// applies files an application for disclosure at ten in the morning of a day.
func (w *town) applies(day string) *cases.Receipt {
	w.t.Helper()
	w.turns(day)
	return w.file(func(f *cases.Filing) {
		f.Kind, f.MatterCode, f.Title, f.Description = cases.Enquiry, "information-disclosure", "申請公開招標結果", "湖濱路改造工程的得標契約。"
		f.Answers = map[string]any{"form_wanted": "electronic"}
	})
}

// turns lets time go on to a day, at ten in the morning.
func (w *town) turns(day string) {
	w.t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", day+" 10:00", time.FixedZone("CST", 8*3600))
	require.NoError(w.t, err)
	w.mu.Lock()
	w.at = at.UTC()
	w.mu.Unlock()
}

// due reads until when a case has to be answered, from the case and from its clock.
func (w *town) due(r *cases.Receipt) string {
	w.t.Helper()
	v := w.track(r)
	if v.DueOn == nil {
		return ""
	}
	k := w.ticking(r.CaseNo)[clocks.Conclusion]
	require.True(w.t, v.DueAt.Equal(*k[len(k)-1].DueAt), "the case and its clock say the same")
	return v.DueOn.String()
}

// Art. 33: twenty working days from the receipt, and up to twenty more, allowed by the
// head, whom the applicant hears of.
func TestAnApplicationForDisclosureIsAnsweredInTwentyWorkingDays(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		w.turns("2026-09-17")
		head, handler := w.member("head", "ZW"), w.member("handler", "ZW02")
		as := func(id string) actor.Actor { return actor.Actor{Kind: actor.Staff, AccountID: id} }
		r := w.applies("2026-09-17")
		require.Equal(t, "2026-10-21", w.due(r), "18, 20 (Sunday), 21 to 24, 28 to 30, 8 and 9, 10 (Saturday), 12 to 16, 19 to 21")
		w.do(r.CaseNo, cases.Accept{}, cases.Dispatch{}, cases.SignIn{}, cases.Assign{HandlerID: handler})
		w.turns("2026-10-21")
		ask := cases.RequestExtension{Days: "21", Ground: "檔案分存三處。"}
		_, err := w.Act(actor.With(t.Context(), as(handler)), r.CaseNo, 0, ask)
		require.Equal(t, fault.Invalid, fault.KindOf(err), "by twenty at most")
		ask.Days = "20"
		_, err = w.Act(actor.With(t.Context(), as(handler)), r.CaseNo, 0, ask)
		require.NoError(t, err, "on the last day")
		require.Equal(t, "2026-10-21", w.due(r), "asking changes nothing")
		_, err = w.Act(actor.With(t.Context(), as(handler)), r.CaseNo, 0, cases.DecideExtension{Approve: true, Text: "需調閱檔案。"})
		require.Equal(t, fault.Forbidden, fault.KindOf(err), "the head decides")
		_, err = w.Act(actor.With(t.Context(), as(head)), r.CaseNo, 0, cases.DecideExtension{Approve: true, Text: "需調閱分存三處的檔案，延長二十個工作日。"})
		require.NoError(t, err)
		require.Equal(t, "2026-11-18", w.due(r), "forty in all")
		seen := w.track(r)
		require.Equal(t, "需調閱分存三處的檔案，延長二十個工作日。", seen.Messages[len(seen.Messages)-1].Text, "the applicant is told")
		_, err = w.Act(actor.With(t.Context(), as(handler)), r.CaseNo, 0, ask)
		require.Equal(t, fault.Conflict, fault.KindOf(err), "once")

		late := w.applies("2026-09-17")
		w.do(late.CaseNo, cases.Accept{}, cases.Dispatch{}, cases.SignIn{})
		w.turns("2026-10-22")
		_, err = w.Act(w.system(), late.CaseNo, 0, ask)
		require.Equal(t, fault.Conflict, fault.KindOf(err), "not when it is over")
	})
}

// Art. 30: what is unclear is asked about once, within seven working days, and the limit
// counts from the receipt of the correction.
func TestACorrectionOfAnApplicationForDisclosureBeginsTheLimitAnew(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		ask, answers := cases.RequestInfo{Question: "請說明是哪一年的資料，並請於十五日內補正。"}, func(r *cases.Receipt) {
			_, err := w.Say(w.guest(), cases.Key{CaseNo: r.CaseNo, QueryCode: r.QueryCode}, "是 2025 年的契約。")
			require.NoError(t, err)
		}
		r := w.applies("2026-09-17")
		v, err := w.View(w.system(), r.CaseNo)
		require.NoError(t, err)
		by, err := w.CorrectBy(w.system(), &v.Case)
		require.NoError(t, err)
		require.Equal(t, "2026-09-28T15:59:59Z", by.UTC().Truncate(time.Second).Format(time.RFC3339), "18, 20 (Sunday), 21 to 24 and 28: the 25th is a holiday")
		w.turns("2026-09-28")
		asked := w.do(r.CaseNo, ask)
		require.Nil(t, asked.DueAt)
		require.True(t, asked.AwaitsCorrection())
		require.Empty(t, w.due(r), "until it comes nothing is due")
		require.Equal(t, "correction", w.track(r).Events[len(w.track(r).Events)-1].Facts().Stands)
		require.Equal(t, clocks.Paused, w.ticking(r.CaseNo)[clocks.Conclusion][0].State)
		other := w.file()
		_, err = w.Act(w.system(), other.CaseNo, 0, cases.Merge{Into: r.CaseNo})
		require.Equal(t, fault.Invalid, fault.KindOf(err), "nobody follows a case that has no promise now")
		_, err = w.Act(w.system(), r.CaseNo, 0, cases.Merge{Into: other.CaseNo})
		require.Equal(t, fault.Conflict, fault.KindOf(err))

		w.turns("2026-10-10")
		answers(r)
		require.Equal(t, "2026-11-06", w.due(r), "twenty working days from Saturday the 10th")
		now := w.track(r)
		require.Equal(t, cases.Submitted, now.Status)
		require.Equal(t, "20wd", now.HandlingLimit.String())
		k := w.ticking(r.CaseNo)[clocks.Conclusion]
		require.Len(t, k, 2)
		require.Equal(t, []clocks.State{clocks.Dropped, clocks.Running}, []clocks.State{k[0].State, k[1].State})
		moved := now.Events[len(now.Events)-1].Facts()
		require.Equal(t, []string{"2026-10-21T15:59:59Z", "2026-11-06T15:59:59Z"}, []string{moved.OldDue, moved.NewDue})
		trace, err := w.View(w.system(), r.CaseNo)
		require.NoError(t, err)
		explained, err := w.Trace(w.system(), trace)
		require.NoError(t, err)
		require.Equal(t, now.DueAt.UTC(), explained.Due.UTC())
		w.do(r.CaseNo, ask)
		require.Equal(t, "2026-11-06", w.due(r), "it is asked once: what is asked again takes nothing from the promise")
		answers(r)
		require.Equal(t, "2026-11-06", w.due(r))

		hotline := w.file()
		before := w.due(hotline)
		w.do(hotline.CaseNo, ask)
		require.Equal(t, before, w.due(hotline), "other matters have no such rule")
		_, err = w.Act(w.system(), hotline.CaseNo, 0, cases.NotAccept{Reason: cases.NotCorrected, Explanation: "未補正。"})
		require.Equal(t, fault.Invalid, fault.KindOf(err), "and no such end")
	})
}

// Art. 30 again: it is asked once, and in time; what is asked later takes nothing from
// the promise.
func TestALateOrASecondNoticeLeavesTheLimitAsItIs(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		ask, answers := cases.RequestInfo{Question: "請說明年份，並請於十五日內補正。"}, func(r *cases.Receipt) {
			_, err := w.Say(w.guest(), cases.Key{CaseNo: r.CaseNo, QueryCode: r.QueryCode}, "是 2025 年的契約。")
			require.NoError(t, err)
		}
		late := w.applies("2026-09-17")
		w.turns("2026-09-29")
		w.do(late.CaseNo, ask)
		require.Equal(t, "2026-10-21", w.due(late), "asked on the eighth working day, the limit runs on")
		w.turns("2026-10-10")
		answers(late)
		require.Equal(t, "2026-10-21", w.due(late))

		twice := w.applies("2026-09-17")
		w.turns("2026-09-18")
		w.do(twice.CaseNo, ask)
		w.turns("2026-09-21")
		answers(twice)
		require.Equal(t, "2026-10-26", w.due(twice), "22 to 24, 28 to 30, 8 to 10, 12 to 16, 19 to 23 and 26")
		w.turns("2026-09-22")
		w.do(twice.CaseNo, ask)
		require.Equal(t, "2026-10-26", w.due(twice), "within the seven days, but not for the first time")
		answers(twice)
		require.Equal(t, "2026-10-26", w.due(twice))
	})
}

// Art. 30: who does not correct it gives it up. Where an appeal says that they did, the
// limit begins with that.
func TestAnApplicationForDisclosureThatIsNotCorrectedEnds(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		r := w.applies("2026-09-17")
		w.do(r.CaseNo, cases.RequestInfo{Question: "請說明年份，並請於十五日內補正。"})
		w.turns("2026-10-19")
		done := w.do(r.CaseNo, cases.NotAccept{Reason: cases.NotCorrected, Explanation: "逾期沒有補正，視為放棄申請。"})
		require.Equal(t, cases.NotAccepted, done.Status)
		require.Equal(t, clocks.Dropped, w.ticking(r.CaseNo)[clocks.Conclusion][0].State)
		_, err := w.Appeal(w.guest(), cases.Key{CaseNo: r.CaseNo, QueryCode: r.QueryCode}, "我在期限內寄出了補正。")
		require.NoError(t, err)
		w.turns("2026-10-20")
		back := w.do(r.CaseNo, cases.DecideAppeal{Uphold: true, Text: "已查到您的補正。"})
		require.Equal(t, cases.Submitted, back.Status)
		require.Equal(t, "2026-11-17", w.due(r), "twenty working days from the decision")
	})
}

// Art. 32 and 33: asking a third party, who has fifteen working days, does not count.
// The reason is for these cases alone.
func TestTheOpinionOfAThirdPartyDoesNotCount(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		r := w.applies("2026-09-17")
		w.do(r.CaseNo, cases.Accept{}, cases.Dispatch{}, cases.SignIn{})
		w.turns("2026-09-21")
		_, err := w.Act(w.system(), r.CaseNo, 0, cases.Suspend{Type: "third_party"})
		require.Equal(t, fault.Invalid, fault.KindOf(err), "the applicant is told in writing")
		_, err = w.Act(w.system(), r.CaseNo, 0, cases.Suspend{Type: "appraisal", Notice: "需送驗。"})
		e, _ := fault.As(err)
		require.Equal(t, "until", e.Fields[0].Name, "other reasons say nothing of how long they take")
		stands := w.do(r.CaseNo, cases.Suspend{Type: "third_party", Notice: "已書面徵求得標廠商意見。"})
		require.Equal(t, "2026-10-19", stands.SuspendedUntil.String(), "fifteen working days: 22 to 24, 28 to 30, 8 to 10, 12 to 16 and 19")
		require.Empty(t, w.due(r))
		w.turns("2026-10-13")
		w.do(r.CaseNo, cases.Resume{})
		require.Equal(t, "2026-11-05", w.due(r), "three of twenty were used: 18, 20 and 21; seventeen are left from the 14th on")

		light := w.file()
		w.do(light.CaseNo, cases.Accept{}, cases.Dispatch{}, cases.SignIn{})
		_, err = w.Act(w.system(), light.CaseNo, 0, cases.Suspend{Type: "third_party", Until: "2026-10-20", Notice: "徵求意見。"})
		e, _ = fault.As(err)
		require.NotNil(t, e)
		require.Equal(t, []string{"reason", "case.suspend.matter"}, []string{e.Fields[0].Name, e.Fields[0].Key})
		snap, err := w.Catalogue.Snapshot(w.system())
		require.NoError(t, err)
		offers := func(code string) bool {
			m, err := snap.Matter(code)
			require.NoError(t, err)
			return slices.ContainsFunc(snap.SuspensionsOn(w.today(), m), func(s *catalogue.SuspensionType) bool { return s.Code == "third_party" })
		}
		require.True(t, offers("information-disclosure"))
		require.False(t, offers("street-light"))
	})
}

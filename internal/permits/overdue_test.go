package permits_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/permits"
)

// ask gives a notice about the plan of an application that waits, due on a day.
func (w *town) ask(handler context.Context, no, due string) {
	w.t.Helper()
	verdicts := fine("lease")
	verdicts["plan"] = permits.Judgement{Verdict: permits.Correct, Reason: "缺少廚房。", Lies: permits.LiesAsked}
	_, err := w.Examine(handler, no, 0, permits.Examination{Verdicts: verdicts, Due: due})
	require.NoError(w.t, err)
}

// correct sends a new plan.
func (w *town) correct(who context.Context, id string) {
	w.t.Helper()
	w.attach(who, id, "plan", "平面圖二版")
	require.NoError(w.t, w.Corrected(who, id, w.own(who, id).Application.Version))
}

// The day of a correction passes: the unit sees it, and nobody else; once the papers
// come it is over.
func TestTheUnitSeesWhichCorrectionsAreOverdue(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		ming, handler, other := w.person("ming"), w.staff("handler", "handler", "CG03"), w.staff("other", "handler", "CG01")
		id, no := w.apply(ming)
		second, secondNo := w.apply(w.person("hua"))
		w.ask(handler, no, "2026-03-10")
		w.ask(handler, secondNo, "2026-03-09")
		listed := func(who context.Context) (nos []string) {
			list, next, err := w.LateCorrections(who, "")
			require.NoError(t, err)
			require.Empty(t, next)
			for _, one := range list {
				nos = append(nos, one.CaseNo)
			}
			return nos
		}
		p, err := w.Part(handler, no)
		require.NoError(t, err)
		both := []string{p.Case.ID, w.own(w.citizens["hua"], second).Case.ID}
		w.be(at(t, "2026-03-10"))
		require.Equal(t, []string{secondNo}, listed(handler), "on its last day a correction is in time")
		w.be(at(t, "2026-03-11"))
		require.Equal(t, []string{secondNo, no}, listed(handler), "who waits longest first")
		require.Empty(t, listed(other))
		list, _, err := w.LateCorrections(handler, db.EncodeCursor("2026-03-09", "ffffffff-ffff-7fff-bfff-ffffffffffff"))
		require.NoError(t, err)
		require.Len(t, list, 1)
		require.Equal(t, []any{no, date(t, "2026-03-02"), date(t, "2026-03-10"), int64(1), "食品經營許可"},
			[]any{list[0].CaseNo, list[0].GivenOn, list[0].DueOn, list[0].Items, list[0].TypeName.In("zh-Hant")})
		_, _, err = w.LateCorrections(handler, db.EncodeCursor("2026", "x"))
		kind(t, fault.Invalid, err)
		late, err := w.LateAmong(handler, both)
		require.NoError(t, err)
		require.Len(t, late, 2)
		p, err = w.Part(handler, no)
		require.NoError(t, err)
		require.NotNil(t, p.Overdue())

		w.correct(ming, id) // late, and taken all the same
		require.Equal(t, []string{secondNo}, listed(handler))
		late, err = w.LateAmong(handler, both)
		require.NoError(t, err)
		require.Len(t, late, 1)
		p, err = w.Part(handler, no)
		require.NoError(t, err)
		require.Nil(t, p.Overdue())
		require.Equal(t, permits.Submitted, p.Application.State)
	})
}

// Applicants hear three days before, and on the day: once each, however often and by
// however many the job runs, and again where telling failed.
func TestApplicantsAreRemindedOfACorrectionOnceEach(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		handler, ming := w.staff("handler", "handler", "CG03"), w.person("ming")
		id, no := w.apply(ming)
		soon, soonNo := w.apply(w.person("hua"))
		gone, goneNo := w.apply(w.person("li"))
		w.ask(handler, no, "2026-03-10")
		w.ask(handler, soonNo, "2026-03-03")
		w.ask(handler, goneNo, "2026-03-10")
		var mu sync.Mutex
		var told []permits.Reminder
		var broken error
		w.Reminds = func(_ context.Context, r permits.Reminder) error {
			mu.Lock()
			defer mu.Unlock()
			if broken == nil {
				told = append(told, r)
			}
			return broken
		}
		run := func(day string) (list []permits.Reminder) {
			t.Helper()
			if day != "" {
				w.be(at(t, day))
			}
			told = nil
			var all sync.WaitGroup
			for range 3 {
				all.Go(func() { _ = w.RemindAll(t.Context()) }) //nolint:errcheck // a later run shows it
			}
			all.Wait()
			return told
		}
		notice := func(who, id string) string { return w.own(w.citizens[who], id).Notices[0].ID }
		require.Empty(t, run(""), "the notice itself says it that day")
		list := run("2026-03-03")
		require.Len(t, list, 1)
		require.Equal(t, permits.Reminder{NoticeID: notice("hua", soon), HolderID: actor.From(w.citizens["hua"]).ConstituentID, Due: true}, list[0], "too near for two")
		require.Empty(t, run("2026-03-06"))
		w.correct(w.citizens["li"], gone)
		broken = errors.New("the post is down")
		require.Empty(t, run("2026-03-07"))
		require.Error(t, w.RemindAll(t.Context()))
		broken = nil
		list = run("2026-03-08")
		require.Len(t, list, 1, "what failed is told later, and what was corrected is not")
		require.Equal(t, permits.Reminder{NoticeID: notice("ming", id), HolderID: actor.From(ming).ConstituentID}, list[0])
		require.Empty(t, run("2026-03-09"))
		list = run("2026-03-12")
		require.Len(t, list, 1, "a job that is late still tells")
		require.True(t, list[0].Due)
		require.Empty(t, run("2026-03-20"))
		var entries int64
		require.NoError(t, d.From(t.Context()).Raw("SELECT count(*) FROM audit_entries WHERE action = 'permit.remind'").Scan(&entries).Error)
		require.EqualValues(t, 3, entries)
	})
}

// The job runs every hour, also at half past midnight; people hear in the morning.
func TestNobodyIsRemindedOfACorrectionAtNight(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		_, no := w.apply(w.person("ming"))
		w.ask(w.staff("handler", "handler", "CG03"), no, "2026-03-10")
		var told []permits.Reminder
		w.Reminds = func(_ context.Context, r permits.Reminder) error {
			told = append(told, r)
			return nil
		}
		midnight := date(t, "2026-03-07").Start(china(t).Zone())
		for _, after := range []time.Duration{30 * time.Minute, 3 * time.Hour, 8*time.Hour - time.Minute} {
			w.be(midnight.Add(after))
			require.NoError(t, w.RemindAll(t.Context()))
			require.Empty(t, told, after)
		}
		w.be(midnight.Add(8 * time.Hour))
		require.NoError(t, w.RemindAll(t.Context()))
		require.Len(t, told, 1)
		require.False(t, told[0].Due)
		w.be(date(t, "2026-03-10").End(china(t).Zone()).Add(-time.Minute))
		require.NoError(t, w.RemindAll(t.Context()))
		require.Len(t, told, 2, "late on the last day is better than never")
	})
}

// Art. 57 ranks applications that meet the conditions: who lets the day pass keeps the
// place and blocks nobody, until the correction comes after all.
func TestAnOverdueCorrectionKeepsItsPlaceAndBlocksNobody(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		w.law.Quota = 1
		handler, head, ming := w.staff("handler", "handler", "CG03"), w.staff("head", "head", "CG03"), w.person("ming")
		silent, silentNo := w.apply(ming)
		later, laterNo := w.accepted(w.person("hua"), handler)
		w.ask(handler, silentNo, "2026-03-10")
		before := func() int64 {
			p, err := w.Part(handler, laterNo)
			require.NoError(t, err)
			require.EqualValues(t, 2, p.Place.Place)
			return p.Place.Before
		}
		yes := true
		w.be(at(t, "2026-03-10"))
		require.EqualValues(t, 1, before(), "while the correction may come in time, it is waited for")
		_, err := w.DraftDecision(handler, laterNo, 0, permits.Drafting{Grants: &yes})
		kind(t, fault.Conflict, err, "permit.quota.earlier")
		w.be(at(t, "2026-03-11"))
		require.EqualValues(t, 0, before())
		_, err = w.DraftDecision(handler, laterNo, 0, permits.Drafting{Grants: &yes})
		require.NoError(t, err)
		_, err = w.cases.Act(head, laterNo, 0, cases.ReviewReply{Approve: true})
		require.NoError(t, err)

		w.correct(ming, silent) // before the other is decided: its place counts again
		p, err := w.Part(handler, silentNo)
		require.NoError(t, err)
		require.EqualValues(t, 1, p.Place.Place)
		_, err = w.Decide(handler, laterNo, 0)
		kind(t, fault.Conflict, err, "permit.quota.earlier")
		w.ask(handler, silentNo, "2026-03-18")
		w.be(at(t, "2026-03-19"))
		_, err = w.Decide(handler, laterNo, 0)
		require.NoError(t, err, "overdue once more")
		require.Equal(t, permits.Granted, stateOf(t, d, later))
		w.attach(ming, silent, "plan", "平面圖三版")
		require.NoError(t, w.Corrected(ming, silent, w.own(ming, silent).Application.Version))
		_, err = w.Examine(handler, silentNo, 0, permits.Examination{Verdicts: fine("plan", "lease")})
		require.NoError(t, err)
		_, err = w.cases.Act(handler, silentNo, 0, cases.Assign{})
		require.NoError(t, err)
		_, err = w.DraftDecision(handler, silentNo, 0, permits.Drafting{Grants: &yes})
		kind(t, fault.Conflict, err, "permit.quota.full")
	})
}

// Before the acceptance: not accepted for want of a correction, by a person, and only
// once the day is over.
func TestWhatWasNotCorrectedInTimeMayBeTurnedAway(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		handler, ming := w.staff("handler", "handler", "CG03"), w.person("ming")
		id, no := w.apply(ming)
		decline := func() error {
			_, err := w.Decline(handler, no, 0, permits.Refusal{Reason: permits.NotCorrected, Explanation: "沒有廚房的圖，無法審查。"})
			return err
		}
		kind(t, fault.Conflict, decline(), "permit.not_corrected.time")
		w.ask(handler, no, "2026-03-10")
		w.be(at(t, "2026-03-10"))
		kind(t, fault.Conflict, decline(), "permit.not_corrected.time")
		w.be(at(t, "2026-03-30"))
		require.NoError(t, w.DeemAll(t.Context()))
		require.NoError(t, w.RemindAll(t.Context()))
		require.Equal(t, permits.Correcting, stateOf(t, d, id), "no program says it")
		require.NoError(t, decline())
		o := w.own(ming, id)
		require.Equal(t, permits.NotAccepted, o.Application.State)
		require.Equal(t, cases.NotAccepted, o.Case.Status)
		var said string
		require.NoError(t, d.From(t.Context()).Raw("SELECT text FROM case_messages WHERE case_id = ? AND kind = 'reply'", o.Case.ID).Scan(&said).Error)
		require.Contains(t, said, "平面圖")
		require.Contains(t, said, "行政復議")
		kind(t, fault.Conflict, w.Corrected(ming, id, o.Application.Version), "permit.sent")
	})
}

// After the acceptance it is a refusal, drafted by one and signed by another. A
// correction that comes before the signature counts; one that comes after is too late.
func TestARefusalForWantOfACorrectionYieldsToTheCorrection(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		handler, head, ming := w.staff("handler", "handler", "CG03"), w.staff("head", "head", "CG03"), w.person("ming")
		id, no := w.accepted(ming, handler)
		verdicts := map[string]permits.Judgement{"plan": {Verdict: permits.Correct, Reason: "缺少廚房。"}}
		_, err := w.Examine(head, no, 0, permits.Examination{Verdicts: verdicts, Due: "2026-03-10", Again: "審查時才發現。"})
		require.NoError(t, err)
		not, yes := false, true
		draft := func(d permits.Drafting) error {
			_, err := w.DraftDecision(handler, no, 0, d)
			return err
		}
		late := permits.Drafting{Grants: &not, Ground: permits.NotCorrected, Reasons: "沒有廚房的圖，無法判斷衛生。"}
		kind(t, fault.Conflict, draft(late), "permit.not_corrected.time")
		w.be(at(t, "2026-03-11"))
		kind(t, fault.Invalid, draft(permits.Drafting{Grants: &yes, Ground: permits.NotCorrected}), "permit.decide.required")
		kind(t, fault.Conflict, draft(permits.Drafting{Grants: &not, Reasons: "不合規定。"}), "permit.not_now")
		_, err = w.Decline(handler, no, 0, permits.Refusal{Reason: permits.NotCorrected, Explanation: "x"})
		kind(t, fault.Conflict, err, "permit.not_now")
		require.NoError(t, draft(late))
		o := w.own(ming, id)
		require.Equal(t, []any{cases.Replied, permits.Correcting}, []any{o.Case.Status, o.Application.State})

		w.correct(ming, id) // before anybody signs
		_, err = w.cases.Act(head, no, 0, cases.ReviewReply{Approve: true})
		kind(t, fault.Conflict, err, "permit.decide.corrected")
		_, err = w.cases.Act(head, no, 0, cases.ReviewReply{Note: "已補正，重新審查。"})
		require.NoError(t, err)
		verdicts["plan"] = permits.Judgement{Verdict: permits.Correct, Reason: "仍缺廚房。", Lies: permits.LiesAsked}
		_, err = w.Examine(handler, no, 0, permits.Examination{Verdicts: verdicts, Due: "2026-03-18"})
		require.NoError(t, err)
		w.be(at(t, "2026-03-19"))
		require.NoError(t, draft(late))
		_, err = w.cases.Act(head, no, 0, cases.ReviewReply{Approve: true})
		require.NoError(t, err)
		w.attach(ming, id, "plan", "平面圖三版")
		kind(t, fault.Conflict, w.Corrected(ming, id, w.own(ming, id).Application.Version), "permit.correction.closed")
		_, err = w.Decide(handler, no, 0)
		require.NoError(t, err)
		o = w.own(ming, id)
		require.Equal(t, permits.Refused, o.Application.State)
		require.Equal(t, permits.NotCorrected, o.Decision.Ground)
		var said []string
		require.NoError(t, d.From(t.Context()).Raw("SELECT text FROM case_messages WHERE case_id = ? AND kind = 'reply' ORDER BY id", o.Case.ID).Scan(&said).Error)
		require.Contains(t, said[len(said)-1], "逾期未補正")
		require.Contains(t, said[len(said)-1], "無法判斷衛生")
		_, err = w.Decide(handler, no, 0)
		kind(t, fault.Conflict, err)
	})
}

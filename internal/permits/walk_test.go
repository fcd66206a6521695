package permits_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/cases"
	"minqing/internal/catalogue"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/permits"
)

func kind(t *testing.T, want fault.Kind, err error, key ...string) {
	t.Helper()
	require.Error(t, err)
	require.Equal(t, want, fault.KindOf(err), "%v", err)
	if len(key) > 0 {
		e, _ := fault.As(err)
		require.Contains(t, err.Error(), key[0], "%v", e)
	}
}

// The walk: apply, correct one item, accept, decide, issue.
func TestAnApplicationFromDraftToPermit(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		ming, handler, head := w.person("ming"), w.staff("handler", "handler", "CG03"), w.staff("head", "head", "CG03")
		id, no := w.apply(ming)

		p, err := w.Part(handler, no)
		require.NoError(t, err)
		require.Equal(t, catalogue.TrackPermit, p.Case.Track)
		require.Equal(t, cases.PermitApplication, p.Case.Kind)
		require.Equal(t, date(t, "2026-03-09"), p.AcceptBy.On)
		require.Len(t, p.Items, 3)
		content, err := w.File(handler, no, p.Items[0].Now.ID, p.Items[0].Files[0].ID)
		require.NoError(t, err)
		require.NoError(t, content.Close())

		_, err = w.Examine(handler, no, p.Case.Version, permits.Examination{Verdicts: fine("plan")})
		kind(t, fault.Invalid, err, "verdict.lease") // one complete notice: every material has its verdict
		verdicts := fine("plan", "lease")
		verdicts["plan"] = permits.Judgement{Verdict: permits.Correct, Reason: "缺少廚房。"}
		_, err = w.Examine(handler, no, p.Case.Version, permits.Examination{Verdicts: verdicts})
		kind(t, fault.Invalid, err, "due permit.due.required")
		_, err = w.Examine(handler, no, p.Case.Version, permits.Examination{Verdicts: verdicts, Due: "2026-03-16"})
		require.NoError(t, err)

		o := w.own(ming, id)
		require.Equal(t, permits.Correcting, o.Application.State)
		require.Equal(t, cases.NeedInfo, o.Case.Status)
		require.Equal(t, "缺少廚房。", o.Items[0].Asked)
		kind(t, fault.Conflict, attachErr(w, ming, id, "lease"), "permit.material.settled")
		kind(t, fault.Invalid, w.Corrected(ming, id, o.Application.Version), "material.plan")
		w.be(at(t, "2026-03-04"))
		w.attach(ming, id, "plan", "平面圖二版")
		p, err = w.Part(handler, no)
		require.NoError(t, err)
		require.EqualValues(t, 1, p.Items[0].Now.Round, "staff see what was sent")
		require.NoError(t, w.Corrected(ming, id, o.Application.Version))

		p, err = w.Part(handler, no)
		require.NoError(t, err)
		require.EqualValues(t, 2, p.Items[0].Now.Round)
		require.Len(t, p.Items[0].Previous, 1)
		require.Equal(t, cases.Submitted, p.Case.Status)
		require.Equal(t, date(t, "2026-03-11"), p.AcceptBy.On, "the limit counts from the corrected papers")
		_, err = w.Examine(handler, no, p.Case.Version, permits.Examination{Verdicts: fine("plan")})
		require.NoError(t, err)
		o = w.own(ming, id)
		require.Equal(t, permits.Accepted, o.Application.State)
		require.Equal(t, date(t, "2026-04-01"), o.DecideBy.On)
		require.Equal(t, date(t, "2026-03-16"), *o.Case.DueOn, "the promise of eight working days from the acceptance")

		decide(t, w, handler, head, no, true)
		o = w.own(ming, id)
		require.Equal(t, permits.Granted, o.Application.State)
		require.Nil(t, o.Remedy)
		require.Equal(t, "LJP-1", o.Decision.PermitNo)
		require.Equal(t, date(t, "2029-03-03"), *o.Decision.ValidUntil)
		require.Len(t, w.granted, 1)
		require.Equal(t, no, w.granted[0].CaseNo)
		require.Len(t, w.charged, 2, "once at acceptance, once at the grant")
		require.Equal(t, "examination", w.charged[0].Fees[0].Code)
		require.Len(t, w.charged[1].Fees, 1, "of the fees at the grant, those that the answers call for")
		require.Equal(t, "permit", w.charged[1].Fees[0].Code)
		require.Equal(t, date(t, "2026-03-18"), w.charged[1].DueOn)
	})
}

func attachErr(w *town, ctx context.Context, id, code string) error {
	return w.Detach(ctx, id, code, db.NewID(w.clock()))
}

// decide drafts, signs and decides.
func decide(t *testing.T, w *town, handler, head context.Context, no string, grants bool) {
	t.Helper()
	_, err := w.cases.Act(handler, no, 0, cases.Assign{})
	require.NoError(t, err)
	_, err = w.cases.Act(handler, no, 0, cases.Reply{Text: "可以。"})
	kind(t, fault.Conflict, err, "case.track.own")
	_, err = w.DraftDecision(handler, no, 0, permits.Drafting{})
	kind(t, fault.Invalid, err, "permit.decide.required")
	refuse := false
	_, err = w.DraftDecision(handler, no, 0, permits.Drafting{Grants: &refuse})
	kind(t, fault.Invalid, err, "permit.decide.reasons")
	_, err = w.DraftDecision(handler, no, 0, permits.Drafting{Grants: &grants, Reasons: "廚房不合規定。", Conditions: "每日清潔。"})
	require.NoError(t, err)
	_, err = w.Decide(handler, no, 0)
	kind(t, fault.Conflict, err)
	_, err = w.cases.Act(head, no, 0, cases.ReviewReply{Approve: true})
	require.NoError(t, err)
	_, err = w.Decide(actor.AsSystem(t.Context(), "test"), no, 0)
	kind(t, fault.Forbidden, err, "permit.decide.person")
	_, err = w.Decide(handler, no, 0)
	require.NoError(t, err)
}

func TestARefusalHasReasonsAndRemediesAndIssuesNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		ming, handler, head := w.person("ming"), w.staff("handler", "handler", "CG03"), w.staff("head", "head", "CG03")
		id, no := w.apply(ming)
		_, err := w.Examine(handler, no, 0, permits.Examination{Verdicts: fine("plan", "lease")})
		require.NoError(t, err)
		decide(t, w, handler, head, no, false)
		o := w.own(ming, id)
		require.Equal(t, permits.Refused, o.Application.State)
		require.Contains(t, o.Decision.Remedies, "行政復議")
		until := permits.Remedy{Told: date(t, "2026-03-02"), Reconsider: date(t, "2026-05-06"), Sue: date(t, "2026-09-02")}
		require.Equal(t, &until, o.Remedy)
		p, err := w.Part(handler, no)
		require.NoError(t, err)
		require.Equal(t, &until, p.Remedy)
		require.Empty(t, w.granted)
		require.Len(t, w.charged, 1, "a refusal costs what the acceptance cost")
	})
}

// The draft is never signed by who wrote it, though a head may do both acts.
func TestNobodySignsTheirOwnDraft(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		head := w.staff("head", "head", "CG03")
		_, no := w.apply(w.person("ming"))
		_, err := w.Examine(head, no, 0, permits.Examination{Verdicts: fine("plan", "lease")})
		require.NoError(t, err)
		_, err = w.cases.Act(head, no, 0, cases.Assign{})
		require.NoError(t, err)
		yes := true
		_, err = w.DraftDecision(head, no, 0, permits.Drafting{Grants: &yes})
		require.NoError(t, err)
		_, err = w.cases.Act(head, no, 0, cases.ReviewReply{Approve: true})
		kind(t, fault.Forbidden, err, "permit.decide.own_draft")
	})
}

// Art. 32: what could be seen the first time is asked once. The head alone may ask
// again, with a reason.
func TestASecondNoticeNeedsTheHeadsReason(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		ming, handler, head := w.person("ming"), w.staff("handler", "handler", "CG03"), w.staff("head", "head", "CG03")
		id, no := w.apply(ming)
		first := fine("lease")
		first["plan"] = permits.Judgement{Verdict: permits.Correct, Reason: "缺少廚房。"}
		_, err := w.Examine(handler, no, 0, permits.Examination{Verdicts: first, Due: "2026-03-16"})
		require.NoError(t, err)
		w.be(at(t, "2026-03-03"))
		w.attach(ming, id, "plan", "平面圖二版")
		require.NoError(t, w.Corrected(ming, id, w.own(ming, id).Application.Version))

		second := fine("plan")
		second["lease"] = permits.Judgement{Verdict: permits.Correct, Reason: "缺少簽名。"} // it lay there the first time
		_, err = w.Examine(handler, no, 0, permits.Examination{Verdicts: second, Due: "2026-03-16", Again: "漏看了。"})
		kind(t, fault.Forbidden, err, "permit.again.head")
		_, err = w.Examine(head, no, 0, permits.Examination{Verdicts: second, Due: "2026-03-16"})
		kind(t, fault.Invalid, err, "permit.again.required")
		o := w.own(ming, id)
		require.Equal(t, permits.Submitted, o.Application.State, "nothing was told")
		_, err = w.Examine(head, no, 0, permits.Examination{Verdicts: second, Due: "2026-03-16", Again: "影響租用人的權利。"})
		require.NoError(t, err)
		o = w.own(ming, id)
		require.Equal(t, "影響租用人的權利。", o.Notices[1].AgainReason)

		// What is new in a corrected paper is no second look at the first.
		w.be(at(t, "2026-03-04"))
		w.attach(ming, id, "lease", "租約二版")
		require.NoError(t, w.Corrected(ming, id, o.Application.Version))
		third := map[string]permits.Judgement{"lease": {Verdict: permits.Correct, Reason: "簽名不是本人。", Lies: permits.LiesNew}}
		w.be(at(t, "2026-03-05"))
		_, err = w.Examine(handler, no, 0, permits.Examination{Verdicts: third, Due: "2026-03-16"})
		require.NoError(t, err)
	})
}

// Silence: the job accepts as of the day of receipt, once, however often it runs.
func TestSilenceIsAcceptedByTheJob(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		ming, handler := w.person("ming"), w.staff("handler", "handler", "CG03")
		id, no := w.apply(ming)
		w.be(date(t, "2026-03-09").End(china(t).Zone()))
		require.NoError(t, w.DeemAll(t.Context()))
		require.Equal(t, permits.Submitted, w.own(ming, id).Application.State)
		w.be(at(t, "2026-03-10"))
		_, err := w.Examine(handler, no, 0, permits.Examination{Verdicts: fine("plan", "lease")})
		kind(t, fault.Conflict, err, "permit.deemed_already")
		_, err = w.Decline(handler, no, 0, permits.Refusal{Reason: "not_ours", Body: "鄰市", Explanation: "不在本市。"})
		kind(t, fault.Conflict, err, "permit.deemed_already")
		var both sync.WaitGroup
		for range 3 {
			both.Go(func() { _ = w.DeemAll(t.Context()) })
		}
		both.Wait()
		require.NoError(t, w.DeemAll(t.Context()))
		o := w.own(ming, id)
		require.Equal(t, permits.Accepted, o.Application.State)
		require.True(t, o.Application.Deemed)
		require.Equal(t, date(t, "2026-03-02"), *o.Application.AcceptedOn)
		require.Equal(t, date(t, "2026-03-30"), o.DecideBy.On, "twenty working days from the day of receipt")
		require.Equal(t, date(t, "2026-03-12"), *o.Case.DueOn)
		var events int64
		require.NoError(t, d.From(t.Context()).Raw("SELECT count(*) FROM case_events WHERE case_id = ? AND action = 'accept'", o.Case.ID).Scan(&events).Error)
		require.EqualValues(t, 1, events)
	})
}

func TestARefusalToAcceptNamesTheRightBody(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		ming, handler := w.person("ming"), w.staff("handler", "handler", "CG03")
		id, no := w.apply(ming)
		_, err := w.Decline(handler, no, 0, permits.Refusal{Reason: "not_ours", Explanation: "不在本市。"})
		kind(t, fault.Invalid, err, "permit.body.required")
		_, err = w.Decline(handler, no, 0, permits.Refusal{Reason: "not_ours", Body: "鄰市市場監管局", Explanation: "不在本市。"})
		require.NoError(t, err)
		o := w.own(ming, id)
		require.Equal(t, permits.NotAccepted, o.Application.State)
		want := &permits.Declined{At: w.clock().UTC(), On: date(t, "2026-03-02"), Reason: "not_ours", Reasons: "不在本市。", Body: "鄰市市場監管局", Remedies: w.law.Remedies}
		o.Declined.At = o.Declined.At.UTC()
		require.Equal(t, want, o.Declined)
		require.Equal(t, date(t, "2026-05-06"), o.Remedy.Reconsider)

		hua := w.person("hua")
		id, no = w.apply(hua)
		_, err = w.Decline(handler, no, 0, permits.Refusal{Reason: cases.NoPermitNeeded, Body: "誤填", Explanation: "只是家裡請客。\n\n不必申請。"})
		require.NoError(t, err)
		o = w.own(hua, id)
		require.Equal(t, []string{cases.NoPermitNeeded, "只是家裡請客。\n\n不必申請。", ""}, []string{o.Declined.Reason, o.Declined.Reasons, o.Declined.Body})
	})
}

// Art. 45: the clock stands still for what the law lists, told in writing, and for
// nothing else.
func TestOnlyListedSuspensionsStopTheClock(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		ming, handler := w.person("ming"), w.staff("handler", "handler", "CG03")
		id, no := w.apply(ming)
		_, err := w.Examine(handler, no, 0, permits.Examination{Verdicts: fine("plan", "lease")})
		require.NoError(t, err)
		_, err = w.cases.Act(handler, no, 0, cases.Suspend{Type: "other_body", Ground: "等候。", Until: "2026-03-20", Notice: "請等候。"})
		kind(t, fault.Invalid, err, "permit.suspend.listed")
		w.be(at(t, "2026-03-09"))
		_, err = w.cases.Act(handler, no, 0, cases.Suspend{Type: "expert", Until: "2026-03-20"})
		kind(t, fault.Invalid, err)
		_, err = w.cases.Act(handler, no, 0, cases.Suspend{Type: "expert", Until: "2026-03-20", Notice: "專家評審到 3 月 20 日。"})
		require.NoError(t, err)
		w.be(at(t, "2026-03-20"))
		_, err = w.cases.Act(handler, no, 0, cases.Resume{})
		require.NoError(t, err)
		require.Equal(t, date(t, "2026-04-13"), w.own(ming, id).DecideBy.On)
	})
}

// Art. 42: ten working days more, once, whatever was promised, and for as long as the law
// has not run out; the promise moves with it.
func TestTheHeadMayExtendByWhatTheLawAllows(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		ming, handler, head := w.person("ming"), w.staff("handler", "handler", "CG03"), w.staff("head", "head", "CG03")
		id, no := w.apply(ming)
		_, err := w.Examine(handler, no, 0, permits.Examination{Verdicts: fine("plan", "lease")})
		require.NoError(t, err)
		o := w.own(ming, id)
		promised, law := o.Case.HandlingLimit, o.DecideBy.On
		require.Less(t, promised.Number(), permits.ExtensionMost, "or the test shows nothing")
		require.Equal(t, date(t, "2026-03-30"), law)
		ask := func(days string) error {
			_, err := w.cases.Act(handler, no, 0, cases.RequestExtension{Days: days, Ground: "材料複雜。"})
			return err
		}
		w.be(at(t, "2026-03-30")) // long after the promise
		kind(t, fault.Invalid, ask("11"))
		require.NoError(t, ask("10"))
		_, err = w.cases.Act(head, no, 0, cases.DecideExtension{Approve: true, Text: "延長十個工作日：材料複雜。"})
		require.NoError(t, err)
		o = w.own(ming, id)
		require.Equal(t, date(t, "2026-04-14"), o.DecideBy.On)
		require.Equal(t, promised.Number()+10, o.Case.HandlingLimit.Number())
		kind(t, fault.Conflict, ask("1"), "case.extension.used")
	})
}

// Art. 42 (2): what several authorities handle together has forty-five days, and fifteen
// more by leave of the head of the government, to whom alone the request goes. The head of
// the unit may only refuse it, and who supervises the city is not its head.
func TestMoreTimeForWhatSeveralHandleIsTheGovernmentsToAllow(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		w.law.Statutory, w.law.Promised, w.law.Extension = limit(t, "45wd"), limit(t, "40wd"), limit(t, "15wd")
		ming, handler, head := w.person("ming"), w.staff("handler", "handler", "CG03"), w.staff("head", "head", "CG03")
		supervisor, mayor := w.staff("supervisor", "supervisor", "LJ"), w.staff("mayor", "head", "LJ")
		id, no := w.apply(ming)
		_, err := w.Examine(handler, no, 0, permits.Examination{Verdicts: fine("plan", "lease")})
		require.NoError(t, err)
		o := w.own(ming, id)
		require.Equal(t, date(t, "2026-05-08"), o.DecideBy.On, "forty-five working days from 2 March 2026")
		ask := func(days string) error {
			_, err := w.cases.Act(handler, no, 0, cases.RequestExtension{Days: days, Ground: "材料複雜。"})
			return err
		}
		decides := func(who context.Context, allows bool) error {
			_, err := w.cases.Act(who, no, 0, cases.DecideExtension{Approve: allows, Text: "各機關意見不一致。"})
			return err
		}
		w.be(at(t, "2026-05-08"))
		kind(t, fault.Invalid, ask("16"))
		require.NoError(t, ask("15"))
		hear, err := w.cases.Hearers(actor.AsSystem(t.Context(), "test"), cases.Heard{CaseID: o.Case.ID, About: cases.HearExtension})
		require.NoError(t, err)
		require.Equal(t, []string{actor.From(mayor).AccountID}, hear)
		kind(t, fault.Forbidden, decides(head, true), "case.extension.government")
		kind(t, fault.Forbidden, decides(supervisor, true), "case.extension.government")
		require.NoError(t, decides(head, false))
		require.Equal(t, date(t, "2026-05-08"), w.own(ming, id).DecideBy.On)
		require.NoError(t, ask("15"))
		require.NoError(t, decides(mayor, true))
		o = w.own(ming, id)
		require.Equal(t, date(t, "2026-05-28"), o.DecideBy.On)
		require.Equal(t, 55, o.Case.HandlingLimit.Number())
		kind(t, fault.Conflict, ask("1"), "case.extension.used")
	})
}

// Whose limit of the law is over can ask for no more.
func TestAnExtensionIsAskedForInTime(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		handler := w.staff("handler", "handler", "CG03")
		_, no := w.apply(w.person("ming"))
		_, err := w.Examine(handler, no, 0, permits.Examination{Verdicts: fine("plan", "lease")})
		require.NoError(t, err)
		w.be(at(t, "2026-03-31"))
		_, err = w.cases.Act(handler, no, 0, cases.RequestExtension{Days: "1", Ground: "材料複雜。"})
		kind(t, fault.Conflict, err, "case.extension.late")
	})
}

// Two members send one draft at once: one wins, and the other hears of it.
func TestTwoWhoSendADraftAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		ming, hua, stranger := w.person("ming"), w.person("hua"), w.person("stranger")
		company := actor.From(w.person("lechuan")).ConstituentID
		w.members[company] = []string{actor.From(ming).AccountID, actor.From(hua).AccountID}
		o := w.draft(ming)
		again, err := w.Begin(hua, "food")
		require.NoError(t, err)
		require.Equal(t, o.Application.ID, again.ID, "members share one draft")
		kind(t, fault.Conflict, w.Answer(hua, again.ID, 1, map[string]any{"seats": 5}), "permit.changed")

		var sends sync.WaitGroup
		errs := make([]error, 2)
		for i, who := range []context.Context{ming, hua} {
			sends.Go(func() {
				_, errs[i] = w.Submit(who, o.Application.ID, o.Application.Version, signed, i18n.ZhHant)
			})
		}
		sends.Wait()
		require.True(t, (errs[0] == nil) != (errs[1] == nil), "%v", errs)
		lost := errs[0]
		if lost == nil {
			lost = errs[1]
		}
		kind(t, fault.Conflict, lost, "permit.sent")
		var filed int64
		require.NoError(t, d.From(t.Context()).Raw("SELECT count(*) FROM cases WHERE track = 'permit'").Scan(&filed).Error)
		require.EqualValues(t, 1, filed)

		for _, one := range []context.Context{stranger, w.staff("handler", "handler", "CG03")} {
			_, err = w.Own(one, o.Application.ID)
			kind(t, fault.NotFound, err, "permit.missing")
			kind(t, fault.NotFound, w.Drop(one, o.Application.ID, 1))
		}
		guo := w.person("guo") // opened it, and has never saved anything
		w.members[company] = append(w.members[company], actor.From(guo).AccountID)
		require.NotNil(t, w.own(guo, o.Application.ID))
		_, err = w.Gone(guo, o.Application.ID)
		kind(t, fault.NotFound, err, "permit.missing")
		delete(w.members, company) // removed while they edit
		w.former[company] = []string{actor.From(guo).AccountID}
		_, err = w.Own(guo, o.Application.ID)
		kind(t, fault.NotFound, err, "permit.no_more")
		for _, one := range []context.Context{ming, guo} {
			gone, err := w.Gone(one, o.Application.ID)
			require.NoError(t, err)
			require.Equal(t, company, gone.HolderID)
			require.Len(t, gone.Questions, 1)
		}
		_, err = w.Gone(stranger, o.Application.ID)
		kind(t, fault.NotFound, err, "permit.missing")
		_, err = w.Own(ming, o.Application.ID)
		kind(t, fault.NotFound, err, "permit.no_more")
		kind(t, fault.NotFound, w.Answer(ming, o.Application.ID, 9, map[string]any{"seats": 5}), "permit.no_more")
	})
}

func TestAVerifiedMaterialStandsForTheNextApplication(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		ming, handler := w.person("ming"), w.staff("handler", "handler", "CG03")
		_, no := w.apply(ming)
		_, err := w.Examine(handler, no, 0, permits.Examination{Verdicts: fine("plan", "lease")})
		require.NoError(t, err)
		w.be(w.clock().Add(24 * time.Hour))
		a, err := w.Begin(ming, "food")
		require.NoError(t, err)
		require.NoError(t, w.Answer(ming, a.ID, a.Version, map[string]any{"seats": 4}))
		w.attach(ming, a.ID, "plan", "平面圖")
		o := w.own(ming, a.ID)
		require.NotNil(t, o.Items[1].Earlier)
		require.Nil(t, o.Items[0].Earlier, "a plan is not used again")
		require.NoError(t, w.Reuse(ming, a.ID, "lease", o.Items[1].Earlier.ID))
		o = w.own(ming, a.ID)
		require.Len(t, o.Items[1].Files, 1)
		w.be(at(t, "2026-09-03")) // the lease is older than six months
		_, err = w.Submit(ming, a.ID, o.Application.Version, signed, i18n.ZhHant)
		kind(t, fault.Invalid, err, "permit.material.expired")
		w.be(at(t, "2026-09-02"))
		r, err := w.Submit(ming, a.ID, o.Application.Version, signed, i18n.ZhHant)
		require.NoError(t, err)
		p, err := w.Part(handler, r.CaseNo)
		require.NoError(t, err)
		_, err = w.File(handler, r.CaseNo, p.Items[1].Now.ID, p.Items[1].Files[0].ID)
		require.NoError(t, err)
	})
}

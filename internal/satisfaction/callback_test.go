package satisfaction_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/satisfaction"
)

const day = 24 * time.Hour

// caller is somebody who may ring people about results, for a unit.
func (w *town) caller(role, unitCode string) context.Context {
	w.t.Helper()
	id := w.account(w.Vault)
	_, err := w.cases.Access.Give(w.system(), access.Giving{AccountID: id, Role: role, UnitCode: unitCode, Reason: "test"})
	require.NoError(w.t, err)
	return actor.With(w.t.Context(), actor.Actor{Kind: actor.Staff, AccountID: id})
}

// called is a concluded case of somebody who left a number.
func (w *town) called(cmds ...cases.Command) cases.Key {
	w.t.Helper()
	r, err := w.cases.File(w.guest(), cases.Filing{Kind: cases.Complaint, MatterCode: "street-light", Title: "路燈不亮", Description: "三天了。",
		Location: cases.Location{Address: "湖濱路 12 號前"}, Contact: cases.Contact{Name: "王小明", Phone: "13800138000"}, Confidentiality: cases.Normal, Locale: "zh-Hant", Channel: cases.ChannelWeb})
	require.NoError(w.t, err)
	k := cases.Key{CaseNo: r.CaseNo, QueryCode: r.QueryCode}
	if len(cmds) == 0 {
		cmds = []cases.Command{cases.Accept{}, cases.Dispatch{}, cases.SignIn{}, cases.Assign{HandlerID: w.handler}, cases.Reply{Text: "修好了。"}, cases.Conclude{Outcome: cases.Resolved}}
	}
	w.do(k.CaseNo, cmds...)
	return k
}

func (w *town) waiting(who context.Context) (list []string) {
	w.t.Helper()
	due, _, err := w.Callbacks(who)
	require.NoError(w.t, err)
	for _, d := range due {
		list = append(list, d.Item.CaseNo)
	}
	return list
}

// lead is the code of the unit that has a case.
func (w *town) lead(k cases.Key) string {
	w.t.Helper()
	var code string
	require.NoError(w.t, w.db.From(w.t.Context()).Raw("SELECT u.code FROM cases c JOIN units u ON u.id = c.unit_id WHERE c.case_no = ?", k.CaseNo).Scan(&code).Error)
	return code
}

func missed() satisfaction.Rang { return satisfaction.Rang{Channel: "phone", Outcome: "not_reached"} }

func said(grade int) satisfaction.Rang {
	return satisfaction.Rang{Channel: "phone", Outcome: "judged", Said: satisfaction.Judgement{Grade: grade, Resolved: "no", Reasons: []string{"slow"}}}
}

func (w *town) tries(who context.Context, k cases.Key, r satisfaction.Rang) *satisfaction.Callback {
	w.t.Helper()
	require.NoError(w.t, w.Take(who, k.CaseNo))
	after, err := w.Record(who, k.CaseNo, r)
	require.NoError(w.t, err)
	return after
}

func TestWhoIsNotRemindedIntoJudgingIsRung(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		agent := w.caller("call_agent", "HL")
		k, judged, unknown := w.called(), w.called(), w.concluded(cases.AnonymousFiler)
		refused := w.called(cases.NotAccept{Reason: cases.NotAcceptReasons[0], Explanation: "請循訴訟途徑。"})
		require.Empty(t, w.waiting(agent), "nobody is rung before the days are over")
		require.ErrorContains(t, w.Take(agent, k.CaseNo), "callback.early")
		require.NoError(t, w.ByKey(w.guest(), judged, good()))
		w.ahead = satisfaction.DefaultCallbackDays*day + time.Second
		require.Equal(t, []string{k.CaseNo}, w.waiting(agent), "not who has judged, cannot be rung, or was answered by the hotline itself")
		require.Equal(t, fault.NotFound, fault.KindOf(w.Take(agent, unknown.CaseNo)))
		require.ErrorContains(t, w.Take(agent, refused.CaseNo), "callback.own_unit")
		require.ElementsMatch(t, []string{k.CaseNo, refused.CaseNo}, w.waiting(w.caller("supervisor", "LJ")))

		require.NoError(t, w.ByKey(w.guest(), k, good()))
		require.Empty(t, w.waiting(agent), "what comes by the link ends the callback")
		require.ErrorContains(t, w.Take(agent, k.CaseNo), "callback.judged")
		w.do(k.CaseNo, cases.Rework{Reason: "又壞了。"}, cases.Reply{Text: "修好了。"}, cases.Conclude{Outcome: cases.Resolved})
		require.Equal(t, 2, w.count("callbacks WHERE case_id = ?", w.the(k).ID), "the new result is asked about anew")
		w.do(k.CaseNo, cases.Rework{Reason: "又壞了。"})
		require.Equal(t, 1, w.count("callbacks WHERE case_id = ? AND state = 'moot'", w.the(k).ID))
	})
}

func TestWhatIsSaidToACallerIsThePersonsOwnWord(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		agent, k := w.caller("call_agent", "HL"), w.called()
		w.ahead = 10 * day
		require.NoError(t, w.Take(agent, k.CaseNo))
		empty := satisfaction.Rang{Channel: "phone", Outcome: "judged"}
		_, err := w.Record(agent, k.CaseNo, empty)
		require.Equal(t, fault.Invalid, fault.KindOf(err), "nothing is filled in")
		require.Zero(t, w.count("evaluations"))
		after, err := w.Record(agent, k.CaseNo, said(1))
		require.NoError(t, err)
		require.Equal(t, satisfaction.CallbackAnswered, after.State)
		require.Equal(t, 1, w.count("evaluations WHERE grade = 1 AND resolved = 'no' AND channel = 'phone' AND callback_id = ?", after.ID))
		require.Equal(t, cases.ToContact, w.the(k).Rectify, "a bad review is work like any other")
		require.ErrorContains(t, w.ByKey(w.guest(), k, good()), "satisfaction.used")
		require.ErrorContains(t, w.Take(agent, k.CaseNo), "callback.closed")
		require.Equal(t, 1, w.count("audit_entries WHERE action = 'callback.attempt' AND object_id = ?", k.CaseNo))
	})
}

func TestNobodyRingsAboutTheirOwnWork(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		k := w.called()
		w.ahead = 10 * day
		of := w.caller("call_agent", w.lead(k))
		require.Empty(t, w.waiting(of))
		require.ErrorContains(t, w.Take(of, k.CaseNo), "callback.own_unit")
		_, err := w.Record(of, k.CaseNo, said(5))
		require.ErrorContains(t, err, "callback.own_unit")
		did := w.caller("call_agent", "HL")
		_, err = w.cases.Access.Give(w.system(), access.Giving{AccountID: actor.From(did).AccountID, Role: "handler", UnitCode: "LJ", Reason: "test"})
		require.NoError(t, err)
		other := w.called(cases.Accept{}, cases.Dispatch{}, cases.SignIn{}, cases.Assign{HandlerID: actor.From(did).AccountID}, cases.Reply{Text: "修好了。"}, cases.Conclude{Outcome: cases.Resolved})
		w.ahead = 20 * day
		require.ErrorContains(t, w.Take(did, other.CaseNo), "callback.own_unit", "who handled it, wherever they are now")
		require.Error(t, w.Take(w.caller("handler", "HL"), k.CaseNo), "handlers have no callbacks")
		require.Zero(t, w.count("evaluations"))
	})
}

func TestACallbackIsTakenByOne(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		one, two, k := w.caller("call_agent", "HL"), w.caller("call_agent", "HL"), w.called()
		w.ahead = 10 * day
		var got atomic.Int32
		var both sync.WaitGroup
		for _, who := range []context.Context{one, two} {
			both.Go(func() {
				if err := w.Take(who, k.CaseNo); err == nil {
					got.Add(1)
				} else if fault.KindOf(err) != fault.Conflict {
					t.Errorf("taken by two: %v", err)
				}
			})
		}
		both.Wait()
		require.EqualValues(t, 1, got.Load())
		_, held, _, err := w.Callback(one, k.CaseNo)
		require.NoError(t, err)
		first, second := one, two
		if !held.Mine(one, now.Add(w.ahead)) {
			first, second = two, one
		}
		require.ErrorContains(t, w.Take(second, k.CaseNo), "callback.taken")
		_, err = w.Record(second, k.CaseNo, missed())
		require.ErrorContains(t, err, "callback.not_taken")
		w.ahead += time.Hour
		require.NoError(t, w.Take(second, k.CaseNo), "whoever goes away does not keep it")
		_, err = w.Record(first, k.CaseNo, missed())
		require.ErrorContains(t, err, "callback.not_taken")
	})
}

func TestNobodyIsGivenUpBeforeThreeAttemptsOnTwoDays(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		agent, k := w.caller("call_agent", "HL"), w.called()
		w.ahead = 10 * day
		for range 4 {
			require.Equal(t, satisfaction.CallbackOpen, w.tries(agent, k, missed()).State, "all on one day")
		}
		later := now.Add(w.ahead + 2*day)
		again := satisfaction.Rang{Channel: "phone", Outcome: "again", Again: &later}
		require.Equal(t, satisfaction.CallbackOpen, w.tries(agent, k, again).State)
		w.ahead += 2*day - time.Minute
		require.Empty(t, w.waiting(agent), "not before the person wishes it")
		w.ahead += time.Hour
		require.Equal(t, []string{k.CaseNo}, w.waiting(agent))
		require.Equal(t, satisfaction.CallbackUnreachable, w.tries(agent, k, missed()).State)
		require.Zero(t, w.count("evaluations"), "silence is silence")
		require.Empty(t, w.waiting(agent))
		require.NoError(t, w.ByKey(w.guest(), k, good()), "the link still works")
	})
}

func TestWhoWishesToBeRungIsRungAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		agent := w.caller("call_agent", "HL")
		k := w.called(cases.Note{Text: "傍晚六點後", Callback: true}, cases.Accept{}, cases.Dispatch{}, cases.SignIn{},
			cases.Assign{HandlerID: w.handler}, cases.Reply{Text: "修好了。"}, cases.Conclude{Outcome: cases.Resolved})
		require.Equal(t, []string{k.CaseNo}, w.waiting(agent))
	})
}

func TestNobodyIsRemindedTwiceOrAfterJudging(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		k, judged, unknown := w.called(), w.called(), w.concluded(cases.Normal)
		remind := func() int {
			n, err := w.Remind(w.system())
			require.NoError(t, err)
			return n
		}
		require.Zero(t, remind(), "not on the first day")
		require.NoError(t, w.ByKey(w.guest(), judged, good()))
		w.ahead = satisfaction.DefaultReminderDays*day + time.Second
		require.Equal(t, 2, remind(), "who can be rung and who cannot")
		require.Zero(t, remind(), "the job runs again")
		require.Equal(t, 2, w.count("river_job WHERE kind = 'satisfaction.reminded'"))
		r := satisfaction.Reminded{CaseID: w.the(unknown).ID}
		require.NoError(t, w.db.From(t.Context()).Raw("SELECT id FROM callbacks WHERE case_id = ?", r.CaseID).Scan(&r.CallbackID).Error)
		waits, err := w.Waits(w.system(), r)
		require.NoError(t, err)
		require.True(t, waits)
		require.NoError(t, w.ByKey(w.guest(), unknown, good()))
		waits, err = w.Waits(w.system(), r)
		require.NoError(t, err)
		require.False(t, waits, "judged before the message was written")
		w.do(k.CaseNo, cases.Rework{Reason: "又壞了。"}, cases.Reply{Text: "修好了。"}, cases.Conclude{Outcome: cases.Resolved})
		require.Zero(t, remind())
		w.ahead += satisfaction.DefaultReminderDays*day + time.Second
		require.Equal(t, 1, remind(), "once for each result")
	})
}

func TestABadReviewIsHeardOfByWhoHandledIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		k, well := w.called(), w.called()
		head := actor.From(w.caller("head", w.lead(k))).AccountID
		before := w.count("river_job WHERE kind = 'case.heard'")
		require.NoError(t, w.ByKey(w.guest(), well, good()))
		require.NoError(t, w.ByKey(w.guest(), k, satisfaction.Judgement{Grade: 2, Resolved: "no", Channel: "web"}))
		require.Equal(t, before+1, w.count("river_job WHERE kind = 'case.heard'"))
		who, err := w.cases.Hearers(w.system(), cases.Heard{CaseID: w.the(k).ID, EventID: db.NewID(now), About: cases.HearBadReview})
		require.NoError(t, err)
		require.ElementsMatch(t, []string{w.handler, head}, who)
		w.do(k.CaseNo, cases.VerifyGrade{Finding: "clear", Note: "問過了。"})
		who, err = w.cases.Hearers(w.system(), cases.Heard{CaseID: w.the(k).ID, EventID: db.NewID(now), About: cases.HearBadReview})
		require.NoError(t, err)
		require.Empty(t, who, "somebody was quicker")
	})
}

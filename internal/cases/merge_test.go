package cases_test

import (
	"encoding/json"
	"sync"
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

// another is a filing of somebody else about the same thing.
func another(f *cases.Filing) {
	f.Title = "湖濱路的燈壞了"
	f.Contact = cases.Contact{Name: "李大同", Phone: "13912345678", Email: "tong@example.org"}
}

func keyOf(r *cases.Receipt) cases.Key { return cases.Key{CaseNo: r.CaseNo, QueryCode: r.QueryCode} }

func (w *town) track(r *cases.Receipt) *cases.View {
	w.t.Helper()
	v, err := w.Track(w.guest(), keyOf(r))
	require.NoError(w.t, err)
	return v
}

// told counts what somebody hears of a case after an act.
func (w *town) told(r *cases.Receipt, a cases.Action) (n int) {
	w.t.Helper()
	args := map[db.Engine]string{db.SQLite: "json(args)", db.PostgreSQL: "args"}[w.db.Engine()]
	var all []string
	require.NoError(w.t, w.db.From(w.t.Context()).Raw("SELECT CAST("+args+" AS TEXT) FROM river_job WHERE kind = 'case.told'").Scan(&all).Error)
	for _, one := range all {
		var t cases.Told
		require.NoError(w.t, decode(one, &t))
		if t.CaseID == r.CaseID && t.Action == a {
			n++
		}
	}
	return n
}

func TestEverybodyWhoseCaseWasMergedGetsTheReplyAndMayJudgeAndAppeal(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		first := w.file(another)
		w.wait(26 * time.Hour) // the lead came in a day later
		lead := w.file()
		w.do(lead.CaseNo, path(w, cases.Handling, w.handler())...)
		require.NotEqual(t, first.DueAt, lead.DueAt)
		merged := w.do(first.CaseNo, cases.Merge{Into: lead.CaseNo, Note: "同一盞燈"})
		require.Equal(t, cases.Merged, merged.Status)
		require.False(t, merged.Duplicate)
		require.Zero(t, w.lists(first.CaseNo), "it waits in no queue of its own")
		one, err := w.View(w.system(), lead.CaseNo)
		require.NoError(t, err)
		require.Equal(t, first.DueAt, one.DueAt.UTC(), "the earliest clock counts")
		require.Equal(t, first.DueAt, one.Clock(clocks.Conclusion).DueAt.UTC())
		require.EqualValues(t, 1, one.MergedCount)
		require.Equal(t, 1, w.told(first, cases.ActMerge))

		require.Equal(t, cases.Handling, w.track(first).Standing(), "its citizen sees how far it is")
		_, err = w.Say(w.guest(), keyOf(first), "昨晚又有一盞不亮。")
		require.NoError(t, err)
		require.Len(t, w.track(lead).Messages, 0, "what one person wrote is nothing for the other")

		w.wait(time.Second)
		w.do(lead.CaseNo, cases.Reply{Text: "電纜已修復。"}, cases.Conclude{Outcome: cases.Resolved})
		for _, r := range []*cases.Receipt{first, lead} {
			v := w.track(r)
			require.Equal(t, "電纜已修復。", v.Messages[len(v.Messages)-1].Text)
			require.NotNil(t, v.ConcludedAt)
			require.Equal(t, cases.Resolved, v.Outcome)
			require.Contains(t, v.Actions, cases.ActAppeal)
			require.Equal(t, 1, w.told(r, cases.ActReply))
			require.Equal(t, 1, w.told(r, cases.ActConclude))
			found, err := w.ByEvaluationToken(w.guest(), w.EvaluationToken(&v.Case))
			require.NoError(t, err)
			require.Equal(t, r.CaseNo, found.CaseNo)
		}

		_, err = w.Appeal(w.guest(), keyOf(first), "還是暗的。")
		require.NoError(t, err)
		one, err = w.View(w.system(), lead.CaseNo)
		require.NoError(t, err)
		require.True(t, one.Appealed)
		w.wait(time.Second)
		w.do(lead.CaseNo, cases.DecideAppeal{Text: "照度合於標準。"})
		require.True(t, w.track(first).AppealDeclined)
		require.Equal(t, 1, w.told(first, cases.ActDecideAppeal))
		mine := w.track(lead)
		require.False(t, mine.AppealDeclined, "who did not appeal still may")
		require.Equal(t, "電纜已修復。", mine.Messages[len(mine.Messages)-1].Text, "and is told nothing of the other's")
		require.Zero(t, w.told(lead, cases.ActDecideAppeal))

		_, err = w.Appeal(w.guest(), keyOf(lead), "也還是暗的。")
		require.NoError(t, err)
		w.wait(time.Second)
		w.do(lead.CaseNo, cases.DecideAppeal{Uphold: true, Text: "重新處理。"})
		require.Nil(t, w.track(first).ConcludedAt, "upheld for one, it is handled again for all")
		require.Equal(t, cases.Handling, w.track(first).Standing())
		w.do(lead.CaseNo, cases.Reply{Text: "換了整排燈。"}, cases.Conclude{Outcome: cases.Resolved})
		require.EqualValues(t, 2, w.track(first).ConclusionNo)
	})
}

func TestUnmergingRestoresACaseAsItWas(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		handler := w.handler()
		first := w.file(another)
		w.wait(time.Minute)
		w.do(first.CaseNo, append(path(w, cases.Handling, handler), cases.RequestExtension{Days: "1", Ground: "待料。"})...)
		w.wait(26 * time.Hour)
		lead, third := w.file(), w.file(func(f *cases.Filing) { another(f); f.Contact.Phone = "13712345678" })
		w.do(lead.CaseNo, path(w, cases.SignedIn, handler)...)
		was, err := w.View(w.system(), first.CaseNo)
		require.NoError(t, err)
		leadWas, err := w.View(w.system(), lead.CaseNo)
		require.NoError(t, err)

		w.do(first.CaseNo, cases.Merge{Into: lead.CaseNo})
		w.do(third.CaseNo, cases.Merge{Into: lead.CaseNo})
		w.do(lead.CaseNo, cases.Redispatch{UnitCode: "CG02", Note: "改派"}) // whoever has the lead reads its followers
		require.Equal(t, "CG02", w.roles(first.CaseNo)["past"])
		w.wait(time.Hour)
		w.do(first.CaseNo, cases.Unmerge{Reason: "不同路段"})

		now, err := w.View(w.system(), first.CaseNo)
		require.NoError(t, err)
		require.Equal(t, was.Status, now.Status)
		require.Equal(t, was.HandlerID, now.HandlerID)
		require.Equal(t, was.DueAt, now.DueAt)
		require.Equal(t, was.ExtensionAsked, now.ExtensionAsked)
		require.ElementsMatch(t, was.Units, now.Units)
		require.Nil(t, now.MergedIntoID)
		require.Equal(t, 1, w.lists(first.CaseNo), "it waits in its queue again")
		for _, k := range []clocks.Kind{clocks.Conclusion, clocks.SignIn} {
			a, b := was.Clock(k), now.Clock(k)
			require.Equal(t, a.DueAt, b.DueAt)
			require.Equal(t, a.State, b.State, "%s", k)
		}
		require.Greater(t, len(now.Events), len(was.Events), "the story goes on, and nothing is taken out of it")
		require.Equal(t, cases.ActUnmerge, now.Events[len(now.Events)-1].Action)
		require.Equal(t, 1, w.told(first, cases.ActUnmerge))
		leadNow, err := w.View(w.system(), lead.CaseNo)
		require.NoError(t, err)
		require.EqualValues(t, 1, leadNow.MergedCount)
		require.Equal(t, leadWas.DueAt, leadNow.DueAt, "the leading case has its own clock back")
		require.Equal(t, leadWas.HandlingLimit, leadNow.HandlingLimit)
		w.do(first.CaseNo, cases.DecideExtension{Approve: true, Text: "待料。"}, cases.Reply{Text: "修好了。"}, cases.Conclude{Outcome: cases.Resolved})
		require.Equal(t, cases.SignedIn, leadWas.Status)
		require.Nil(t, w.track(lead).ConcludedAt)
	})
}

func TestWhatMayNotBeMerged(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		sealed := func(c cases.Confidentiality) func(*cases.Filing) {
			return func(f *cases.Filing) {
				f.Confidentiality = c
				if c == cases.AnonymousFiler {
					f.Contact = cases.Contact{}
				}
			}
		}
		w.member("whistle_officer", "JJ")
		one, lead := w.file(another), w.file()
		followed, follower := w.file(), w.file()
		w.do(follower.CaseNo, cases.Merge{Into: followed.CaseNo})
		gone, stands := w.file(), w.file()
		_, err := w.Withdraw(w.guest(), keyOf(gone), "")
		require.NoError(t, err)
		w.do(stands.CaseNo, append(path(w, cases.SignedIn, ""), suspend())...)
		hidden, anonymous, whistle := w.file(sealed(cases.IdentityHidden)), w.file(sealed(cases.AnonymousFiler)), w.file(sealed(cases.Whistle))
		about := w.file(func(f *cases.Filing) { f.Subject = cases.Subject{UnitCode: "CG03"} })
		w.do(lead.CaseNo, path(w, cases.Dispatched, "")...)

		for name, it := range map[string]struct{ from, into, key string }{
			"itself":             {one.CaseNo, one.CaseNo, "case.merge.itself"},
			"no number":          {one.CaseNo, "", "case.merge.required"},
			"unknown":            {one.CaseNo, w.MakeNumber(2026, 999), "case.merge.unknown"},
			"garbage":            {one.CaseNo, "'; DROP TABLE", "case.merge.unknown"},
			"into a merged one":  {one.CaseNo, follower.CaseNo, "case.merge.into_merged"},
			"into an ended one":  {one.CaseNo, gone.CaseNo, "case.merge.ended"},
			"into one suspended": {one.CaseNo, stands.CaseNo, "case.merge.suspended"},
			"open into hidden":   {one.CaseNo, hidden.CaseNo, "case.merge.sealed"},
			"a whistle-blower's": {whistle.CaseNo, lead.CaseNo, "case.merge.whistle"},
			"into whistle":       {one.CaseNo, whistle.CaseNo, "case.merge.whistle"},
			"to who is meant":    {about.CaseNo, lead.CaseNo, "case.unit.conflict"},
		} {
			_, err := w.Act(w.system(), it.from, 0, cases.Merge{Into: it.into})
			if e, ok := fault.As(err); ok && it.key == "case.merge.whistle" && e.Kind == fault.Conflict {
				continue
			}
			require.Equal(t, fault.Invalid, fault.KindOf(err), "%s: %v", name, err)
			e, _ := fault.As(err)
			require.Equal(t, it.key, e.Fields[0].Key, name)
			require.Equal(t, "into", e.Fields[0].Name, name)
		}
		for name, no := range map[string]string{"one that leads": followed.CaseNo, "merged": follower.CaseNo, "ended": gone.CaseNo, "suspended": stands.CaseNo} {
			_, err := w.Act(w.system(), no, 0, cases.Merge{Into: lead.CaseNo})
			require.Equal(t, fault.Conflict, fault.KindOf(err), "%s: %v", name, err)
		}
		_, err = w.Act(w.system(), followed.CaseNo, 0, cases.NotAccept{Reason: "not_ours", Explanation: "請洽鄰市。"})
		require.Equal(t, fault.Conflict, fault.KindOf(err), "those who follow it would get no reply")
		_, err = w.Act(w.system(), one.CaseNo, 0, cases.Merge{Into: lead.CaseNo, LeadVersion: 1})
		require.Equal(t, fault.Conflict, fault.KindOf(err), "somebody changed the leading case meanwhile")
		_, err = w.Act(w.system(), one.CaseNo, 99, cases.Merge{Into: lead.CaseNo})
		require.Equal(t, fault.Conflict, fault.KindOf(err))

		w.do(hidden.CaseNo, cases.Merge{Into: lead.CaseNo})
		w.do(anonymous.CaseNo, cases.Merge{Into: lead.CaseNo})
		handler := w.as(w.member("handler", "CG03"))
		v, err := w.View(handler, lead.CaseNo)
		require.NoError(t, err)
		require.Len(t, v.People, 1, "the leading case shows nobody but its own")
		h, err := w.View(handler, hidden.CaseNo)
		require.NoError(t, err, "its unit reads what is said in those that follow")
		require.Empty(t, h.People)
		require.Equal(t, "湖濱路路燈不亮", h.Title)
		w.do(lead.CaseNo, cases.SignIn{}, cases.Assign{HandlerID: w.handler()}, cases.Reply{Text: "秘密回覆"}, cases.Conclude{Outcome: cases.Resolved})
		require.NotNil(t, w.track(anonymous).ConcludedAt)
		var clear int
		require.NoError(t, d.From(t.Context()).Raw("SELECT count(*) FROM case_messages WHERE case_id = ? AND text <> ''", hidden.CaseID).Scan(&clear).Error)
		require.Zero(t, clear, "the copy is sealed as the case is")
	})
}

func TestMergingNeedsBothSides(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		a, b := w.file(another), w.file()
		w.do(a.CaseNo, path(w, cases.SignedIn, "")...)
		w.do(b.CaseNo, cases.Accept{}, cases.Dispatch{UnitCode: "CG02"})
		here, reads := w.as(w.member("handler", "CG03")), w.member("handler", "CG03")
		_, err := w.Act(here, a.CaseNo, 0, cases.Merge{Into: b.CaseNo})
		e, _ := fault.As(err)
		require.Equal(t, "case.merge.unknown", e.Fields[0].Key, "of another unit's case they know nothing")
		w.sql("INSERT INTO grants (id, account_id, role, unit_id, valid_from, created_at) SELECT ?, ?, 'call_agent', id, ?, ? FROM units WHERE code = 'CG02'",
			db.NewID(w.clock()), reads, w.clock().Add(-time.Hour), w.clock())
		_, err = w.Act(w.as(reads), a.CaseNo, 0, cases.Merge{Into: b.CaseNo})
		e, _ = fault.As(err)
		require.Equal(t, "case.merge.not_yours", e.Fields[0].Key, "reading is not enough")
		_, err = w.Act(w.as(w.member("call_agent", "LJ")), a.CaseNo, 0, cases.Merge{Into: b.CaseNo})
		require.Equal(t, fault.Forbidden, fault.KindOf(err))
		_, err = w.Act(w.as(w.member("handler", "CG")), a.CaseNo, 0, cases.Merge{Into: b.CaseNo})
		require.NoError(t, err)
	})
}

func TestTwoPeopleNeverMergeInACircle(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		for range 4 {
			a, b := w.file(), w.file(another)
			var done sync.WaitGroup
			errs := make([]error, 2)
			for i, way := range [][2]string{{a.CaseNo, b.CaseNo}, {b.CaseNo, a.CaseNo}} {
				done.Add(1)
				go func() {
					defer done.Done()
					_, errs[i] = w.Act(w.system(), way[0], 1, cases.Merge{Into: way[1], LeadVersion: 1})
				}()
			}
			done.Wait()
			won := 0
			for _, err := range errs {
				if err == nil {
					won++
					continue
				}
				require.Contains(t, []fault.Kind{fault.Conflict, fault.Invalid}, fault.KindOf(err), "%v", err)
			}
			require.Equal(t, 1, won)
		}
	})
}

func TestTheLeadingCitizenWithdrawsAndTheOthersGoOn(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		lead, a, b := w.file(), w.file(another), w.file()
		w.do(lead.CaseNo, path(w, cases.Handling, w.handler())...)
		w.do(a.CaseNo, cases.Merge{Into: lead.CaseNo})
		require.True(t, w.do(b.CaseNo, cases.Merge{Into: lead.CaseNo}).Duplicate == false, "another contact is another person")
		_, err := w.Withdraw(w.guest(), keyOf(b), "修好了")
		require.NoError(t, err)
		v, err := w.View(w.system(), lead.CaseNo)
		require.NoError(t, err)
		require.EqualValues(t, 1, v.MergedCount)
		_, err = w.Withdraw(actor.With(t.Context(), actor.Actor{Kind: actor.Anonymous}), keyOf(lead), "")
		require.NoError(t, err)
		require.Equal(t, cases.Submitted, w.track(a).Status, "it is handled on its own")
		require.Equal(t, cases.Withdrawn, w.track(b).Status)
		require.Equal(t, 1, w.told(a, cases.ActUnmerge))
		var open int
		require.NoError(t, d.From(t.Context()).Raw("SELECT count(*) FROM case_merges WHERE undone_at IS NULL").Scan(&open).Error)
		require.Zero(t, open)
		w.do(a.CaseNo, cases.Accept{})
	})
}

func decode(s string, into any) error { return json.Unmarshal([]byte(s), into) }

// A case that was opened again has had a clock before; the one that runs is the
// one that an earlier promise moves.
func TestWhatWasOpenedAgainTakesAnEarlierClock(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		first := w.file()
		w.wait(24 * time.Hour)
		lead := w.file(another)
		w.do(lead.CaseNo, cases.NotAccept{Reason: "not_ours", Explanation: "請洽鄰市。"})
		w.wait(24 * time.Hour)
		w.do(lead.CaseNo, cases.Reopen{Reason: "屬本市。"}, cases.Accept{})
		w.do(first.CaseNo, cases.Merge{Into: lead.CaseNo})
		one, err := w.View(w.system(), lead.CaseNo)
		require.NoError(t, err)
		k := one.Clock(clocks.Conclusion)
		require.Equal(t, clocks.Running, k.State)
		require.Equal(t, one.DueAt.UTC(), k.DueAt.UTC())
		require.Equal(t, first.DueAt.UTC(), k.DueAt.UTC(), "the first was promised it earlier")
		require.Len(t, w.ticking(lead.CaseNo)[clocks.Conclusion], 2)
	})
}

package cases_test

import (
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

func TestASuspendedCaseWaitsAndComesBackWithWhatWasLeft(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		handler := w.handler()
		r := w.file()
		w.do(r.CaseNo, path(w, cases.Handling, handler)...)
		w.wait(24 * time.Hour) // Wednesday: two of three working days are left
		done := w.do(r.CaseNo, suspend())
		require.Nil(t, done.DueAt)
		require.Equal(t, cases.Handling, done.Status, "a fact beside the status")

		w.wait(5 * 24 * time.Hour)
		for view, want := range map[string]int{cases.ViewOpen: 1, cases.ViewWaiting: 1, cases.ViewOverdue: 0} {
			require.Len(t, w.search(w.system(), cases.Filter{View: view}), want, view)
		}
		tomorrow := w.clock().Add(1000 * time.Hour)
		require.Empty(t, w.search(w.system(), cases.Filter{DueBefore: &tomorrow}), "nothing of it is due")
		counts, err := w.Counts(w.system())
		require.NoError(t, err)
		require.Equal(t, 1, counts[cases.ViewWaiting])
		require.Zero(t, counts[cases.ViewOverdue])

		key := cases.Key{CaseNo: r.CaseNo, QueryCode: r.QueryCode}
		seen, err := w.Track(w.guest(), key)
		require.NoError(t, err)
		require.Equal(t, "appraisal", seen.Suspension)
		require.Equal(t, "2026-12-08", seen.SuspendedUntil.String())
		require.Equal(t, "需送驗，期間不計入期限。", seen.Messages[len(seen.Messages)-1].Text)
		require.Equal(t, cases.ActSuspend, seen.Events[len(seen.Events)-1].Action)
		require.Equal(t, 1, w.jobs(`kind = 'case.told' AND CAST(args AS TEXT) LIKE '%suspend%'`))

		for _, cmd := range []cases.Command{cases.Reply{Text: "已修復。"}, cases.RequestInfo{Question: "何時？"}, suspend(), cases.RequestExtension{Days: "1", Ground: "待料。"}} {
			_, err := w.Act(w.system(), r.CaseNo, 0, cmd)
			require.Equal(t, fault.Conflict, fault.KindOf(err), cmd.Action())
			e, _ := fault.As(err)
			require.Contains(t, e.Args["Possible"], "resume", cmd.Action())
			require.NotContains(t, e.Args["Possible"], string(cmd.Action()))
		}

		// Another unit takes over meanwhile: the pause goes with the case.
		w.do(r.CaseNo, cases.Redispatch{UnitCode: "CG02", Note: "改由市政設施科。"}, cases.SignIn{}, cases.Assign{HandlerID: handler})
		require.Len(t, w.search(w.system(), cases.Filter{View: cases.ViewWaiting}), 1)
		done = w.do(r.CaseNo, cases.Resume{Note: "已送驗完畢。"}) // Monday the 30th
		require.Equal(t, "2026-12-02", done.DueOn.String(), "two working days after it runs again")
		k := w.ticking(r.CaseNo)[clocks.Conclusion][0]
		require.Equal(t, clocks.Running, k.State)
		require.Len(t, k.Pauses, 1)
		require.Equal(t, r.DueAt.UTC(), k.Pauses[0].Before.UTC(), "the trace of the pause has the due time before")
		require.Equal(t, done.DueAt.UTC(), k.Pauses[0].After.UTC(), "and after it")
		require.True(t, k.DueAt.Equal(*done.DueAt))
		require.NotNil(t, k.WarnAt)
		require.Empty(t, w.search(w.system(), cases.Filter{View: cases.ViewWaiting}))
		_, err = w.Act(w.system(), r.CaseNo, 0, cases.Resume{})
		require.Equal(t, fault.Conflict, fault.KindOf(err), "a second click changes nothing")

		trace, err := w.View(w.system(), r.CaseNo)
		require.NoError(t, err)
		explained, err := w.Trace(w.system(), trace)
		require.NoError(t, err)
		require.Equal(t, done.DueAt.UTC(), explained.Due.UTC(), "the trace explains the same due time")
	})
}

func TestASuspensionIsAskedForInTimeAndInFull(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		r := w.file()
		w.do(r.CaseNo, path(w, cases.Handling, w.handler())...)
		for field, change := range map[string]func(*cases.Suspend){
			"reason": func(s *cases.Suspend) { s.Type = "weather" },
			"until":  func(s *cases.Suspend) { s.Until = "2026-11-24" },
			"text":   func(s *cases.Suspend) { s.Notice = " " },
			"ground": func(s *cases.Suspend) { s.Type = "other_body" },
		} {
			bad := suspend()
			change(&bad)
			_, err := w.Act(w.system(), r.CaseNo, 0, bad)
			e, ok := fault.As(err)
			require.True(t, ok, field)
			require.Equal(t, fault.Invalid, e.Kind, "%s: %v", field, err)
			require.Equal(t, field, e.Fields[0].Name)
		}
		w.wait(10 * 24 * time.Hour)
		late := suspend()
		late.Until = "2027-01-08"
		_, err := w.Act(w.system(), r.CaseNo, 0, late)
		require.Equal(t, fault.Conflict, fault.KindOf(err), "a clock that has run out cannot be stopped any more")
	})
}

func TestMoreTimeIsAllowedOnceByAnotherAndInTime(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		head, chief := w.member("head", "CG"), w.member("head", "CG")
		by := func(id string) actor.Actor { return actor.Actor{Kind: actor.Staff, AccountID: id} }
		r := w.file()
		w.do(r.CaseNo, path(w, cases.Handling, w.handler())...)
		ask := cases.RequestExtension{Days: "2", Ground: "零件待料。"}
		_, err := w.Act(actor.With(t.Context(), by(head)), r.CaseNo, 0, ask)
		require.NoError(t, err)
		_, err = w.Act(actor.With(t.Context(), by(head)), r.CaseNo, 0, ask)
		require.Equal(t, fault.Conflict, fault.KindOf(err), "one waits already")
		allow := cases.DecideExtension{Approve: true, Text: "零件到貨需時。"}
		_, err = w.Act(actor.With(t.Context(), by(head)), r.CaseNo, 0, allow)
		require.Equal(t, fault.Forbidden, fault.KindOf(err), "nobody decides on what they asked for")
		own, err := w.View(actor.With(t.Context(), by(head)), r.CaseNo)
		require.NoError(t, err)
		offered, err := w.Offered(actor.With(t.Context(), by(head)), own)
		require.NoError(t, err)
		require.NotContains(t, offered, cases.ActDecideExtension)

		done, err := w.Act(actor.With(t.Context(), by(chief)), r.CaseNo, 0, allow)
		require.NoError(t, err)
		require.Equal(t, "2026-12-01", done.DueOn.String(), "two working days are added to the limit")
		require.Equal(t, "5wd", done.HandlingLimit.String())
		v, err := w.Track(w.guest(), cases.Key{CaseNo: r.CaseNo, QueryCode: r.QueryCode})
		require.NoError(t, err)
		require.Equal(t, "零件到貨需時。", v.Messages[len(v.Messages)-1].Text)
		f := v.Events[len(v.Events)-1].Facts()
		require.Equal(t, []string{"2026-11-27T15:59:59Z", "2026-12-01T15:59:59Z", "2wd"}, []string{f.OldDue, f.NewDue, f.By})
		_, err = w.Act(actor.With(t.Context(), by(head)), r.CaseNo, 0, ask)
		require.Equal(t, fault.Conflict, fault.KindOf(err), "once")

		other := w.file()
		w.do(other.CaseNo, path(w, cases.Handling, w.handler())...)
		for _, days := range []string{"", "0", "-1", "4", "two"} {
			_, err = w.Act(w.system(), other.CaseNo, 0, cases.RequestExtension{Days: days, Ground: "待料。"})
			require.Equal(t, fault.Invalid, fault.KindOf(err), days)
		}
		w.do(other.CaseNo, ask)
		refused := w.do(other.CaseNo, cases.DecideExtension{Text: "可先行搶修。"})
		require.True(t, refused.DueAt.Equal(other.DueAt), "refused, the due time stays")
		seen, err := w.Track(w.guest(), cases.Key{CaseNo: other.CaseNo, QueryCode: other.QueryCode})
		require.NoError(t, err)
		require.NotEqual(t, cases.ActDecideExtension, seen.Events[len(seen.Events)-1].Action, "the person hears nothing of it")
		w.do(other.CaseNo, ask)
		w.wait(10 * 24 * time.Hour)
		_, err = w.Act(w.system(), other.CaseNo, 0, allow)
		require.Equal(t, fault.Conflict, fault.KindOf(err), "what is late cannot be made good")
		w.do(other.CaseNo, cases.DecideExtension{Text: "已逾期。"})
		_, err = w.Act(w.system(), other.CaseNo, 0, ask)
		require.Equal(t, fault.Conflict, fault.KindOf(err), "nor asked for any more")
	})
}

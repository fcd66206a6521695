package cases_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/cases"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
)

func TestARenewedCodeEndsTheOldOne(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		me, err := w.Constituents.Create(w.system(), constituents.Contact{Name: "林小雨"}, "zh-Hant")
		require.NoError(t, err)
		citizen := actor.With(t.Context(), actor.Actor{Kind: actor.Citizen, AccountID: db.NewID(now), ConstituentID: me})
		f := filing()
		f.Contact = cases.Contact{}
		r, err := w.File(citizen, f)
		require.NoError(t, err)
		other := w.file()
		opens := func(code string) bool {
			_, err := w.Track(w.guest(), cases.Key{CaseNo: r.CaseNo, QueryCode: code})
			require.True(t, err == nil || fault.KindOf(err) == fault.NotFound, err)
			return err == nil
		}
		handler := w.handler()
		w.do(r.CaseNo, path(w, cases.Concluded, handler)...)
		one, err := w.View(w.system(), r.CaseNo)
		require.NoError(t, err)
		link := w.EvaluationToken(&one.Case)

		second, err := w.RenewOwnCode(citizen, r.CaseNo)
		require.NoError(t, err)
		require.Len(t, second, 10)
		require.NotEqual(t, r.QueryCode, second)
		require.Equal(t, []bool{false, true}, []bool{opens(r.QueryCode), opens(second)})
		done := w.do(r.CaseNo, cases.RenewCode{Note: "姓名與電話相符"})
		third := w.QueryCode(done)
		require.Equal(t, []bool{false, false, true}, []bool{opens(r.QueryCode), opens(second), opens(third)})
		require.Equal(t, cases.Concluded, done.Status)
		_, err = w.ByEvaluationToken(w.guest(), link)
		require.NoError(t, err, "a link to judge opens no case and goes on")

		seen, err := w.Track(w.guest(), cases.Key{CaseNo: r.CaseNo, QueryCode: third})
		require.NoError(t, err)
		require.Equal(t, cases.ActRenewCode, seen.Events[len(seen.Events)-1].Action, "the citizen sees that it was renewed")
		require.NotContains(t, seen.Actions, cases.ActRenewCode, "the code alone renews nothing")
		mine, err := w.Track(citizen, cases.Key{CaseNo: r.CaseNo})
		require.NoError(t, err)
		require.Contains(t, mine.Actions, cases.ActRenewCode)
		var entries int
		require.NoError(t, d.From(t.Context()).Raw("SELECT count(*) FROM audit_entries WHERE action = 'case.renew_code' AND object_id = ?", r.CaseNo).Scan(&entries).Error)
		require.Equal(t, 2, entries)

		for _, refused := range []struct {
			who actor.Actor
			no  string
		}{{actor.Actor{Kind: actor.Anonymous}, r.CaseNo}, {actor.From(citizen), other.CaseNo}, {actor.Actor{Kind: actor.Staff, AccountID: handler}, r.CaseNo}} {
			_, err = w.RenewOwnCode(actor.With(t.Context(), refused.who), refused.no)
			require.Equal(t, fault.NotFound, fault.KindOf(err), refused)
		}
		_, err = w.Act(w.as(handler), r.CaseNo, 0, cases.RenewCode{Note: "聽聲音"})
		require.Equal(t, fault.Forbidden, fault.KindOf(err), "who handles has no part in it")
		_, err = w.Act(w.as(w.member("call_agent", "LJ")), r.CaseNo, 0, cases.RenewCode{Note: " "})
		require.Equal(t, fault.Invalid, fault.KindOf(err), "without saying how it was made sure")
		_, err = w.Act(w.as(w.member("call_agent", "LJ")), r.CaseNo, 0, cases.RenewCode{Note: "身分證相符"})
		require.NoError(t, err)
	})
}

func TestAnAnonymousCaseHasNoNewCode(t *testing.T) {
	w := newTown(t, dbtest.New(t))
	r := w.file(func(f *cases.Filing) { f.Confidentiality, f.Contact = cases.AnonymousFiler, cases.Contact{} })
	_, err := w.Act(w.system(), r.CaseNo, 0, cases.RenewCode{Note: "聽聲音"})
	require.ErrorContains(t, err, "case.code.anonymous")
	_, err = w.Track(w.guest(), cases.Key{CaseNo: r.CaseNo, QueryCode: r.QueryCode})
	require.NoError(t, err)
}

package cases_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
)

// reports makes a whistle-blower's case about a unit.
func reports(unit string) func(*cases.Filing) {
	return func(f *cases.Filing) {
		f.Kind, f.MatterCode, f.Confidentiality, f.Subject.UnitCode = cases.Report, "", cases.Whistle, unit
		f.Title, f.Description = "採購回扣", "承辦人收受廠商回扣。"
	}
}

func TestAWhistleBlowersCaseIsForItsOfficersAlone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		officer := w.as(w.member("whistle_officer", "JJ"))
		r := w.file(reports("CG"))
		require.Equal(t, "JJ01", r.UnitCode)
		_, err := w.Act(officer, r.CaseNo, 0, cases.Accept{})
		require.NoError(t, err)
		for _, who := range []struct{ role, unit string }{
			{"supervisor", "LJ"}, {"dispatcher", "LJ"}, {"call_agent", "LJ"}, {"head", "JJ"}, {"handler", "JJ01"}, {"head", "CG"}, {"handler", "LJ"},
		} {
			ctx := w.as(w.member(who.role, who.unit))
			_, err := w.View(ctx, r.CaseNo)
			require.Equal(t, fault.NotFound, fault.KindOf(err), "%v", who)
			require.Empty(t, w.search(ctx, cases.Filter{View: cases.ViewOpen}), "%v", who)
			require.Empty(t, w.search(ctx, cases.Filter{Query: r.CaseNo}), "%v", who)
			counts, err := w.Counts(ctx)
			require.NoError(t, err)
			require.Zero(t, counts[cases.ViewOpen], "%v", who)
		}
		require.Equal(t, []string{r.CaseNo}, w.search(officer, cases.Filter{View: cases.ViewOpen}))
		require.Equal(t, []string{r.CaseNo}, w.search(officer, cases.Filter{Query: r.CaseNo}))
		plain := w.file()
		_, err = w.View(officer, plain.CaseNo)
		require.Equal(t, fault.NotFound, fault.KindOf(err), "officers have nothing to do with other cases")

		for unit, key := range map[string]string{"CG03": "case.unit.conflict", "MZ": "case.whistle.unit"} {
			_, err = w.Act(officer, r.CaseNo, 0, cases.Dispatch{UnitCode: unit})
			require.ErrorContains(t, err, key)
		}
		for _, cmd := range []cases.Command{cases.Dispatch{}, cases.SignIn{}, cases.Return{Reason: "unclear_place", Explanation: "先核對。"},
			cases.Dispatch{}, cases.SignIn{}, cases.Assign{}, cases.Reply{Text: "已立案調查。"}, cases.Conclude{Outcome: cases.Resolved}} {
			_, err := w.Act(officer, r.CaseNo, 0, cmd)
			require.NoError(t, err, cmd.Action())
		}
		_, err = w.Appeal(w.guest(), cases.Key{CaseNo: r.CaseNo, QueryCode: r.QueryCode}, "調查不完整。")
		require.NoError(t, err)
		_, err = w.Act(officer, r.CaseNo, 0, cases.DecideAppeal{Uphold: true, Text: "重新調查。"})
		require.NoError(t, err, "nobody is appointed above: the receiving body decides")
		v, err := w.View(officer, r.CaseNo)
		require.NoError(t, err)
		require.Equal(t, "承辦人收受廠商回扣。", v.Description)
		require.Len(t, v.People, 1, "who left a name is masked, and known to the officers")
	})
}

func TestAWhistleBlowersReportGoesPastWhoIsReported(t *testing.T) {
	w := newTown(t, dbtest.New(t))
	refused := func(unit string) {
		f := filing()
		reports(unit)(&f)
		_, err := w.File(w.guest(), f)
		require.ErrorContains(t, err, "case.whistle.nobody")
	}
	refused("CG") // nobody is appointed
	w.member("whistle_officer", "JJ")
	w.wait(time.Minute)
	refused("JJ")
	w.member("whistle_officer", "GB02") // who oversee
	w.wait(time.Minute)
	require.Equal(t, "GB02", w.file(reports("JJ")).UnitCode)
	require.Equal(t, "JJ01", w.file(reports("LJ")).UnitCode, "a report about the whole government is received inside it")
	require.Equal(t, "JJ01", w.file(reports("")).UnitCode)
}

func TestTheTrailDoesNotNameAWhistleBlower(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		w.member("whistle_officer", "JJ")
		account := w.member("call_agent", "LJ") // any account that exists
		first := w.file()
		var person string
		require.NoError(t, d.From(t.Context()).Raw("SELECT constituent_id FROM case_parties WHERE case_id = ? AND role = 'requester'", first.CaseID).Scan(&person).Error)
		ctx := actor.With(t.Context(), actor.Actor{Kind: actor.Citizen, AccountID: account, ConstituentID: person, IP: "203.0.113.9", RequestID: "r-1"})
		f := filing()
		reports("CG")(&f)
		f.Contact = cases.Contact{}
		r, err := w.File(ctx, f)
		require.NoError(t, err)
		_, err = w.Say(ctx, cases.Key{CaseNo: r.CaseNo}, "另有帳冊為證。")
		require.NoError(t, err, "it is theirs all the same")
		var traces []string
		require.NoError(t, d.From(t.Context()).Raw(`SELECT COALESCE(CAST(account_id AS TEXT), '') || COALESCE(ip, '') || COALESCE(request_id, '') FROM audit_entries WHERE object_id = ?
 UNION ALL SELECT COALESCE(CAST(account_id AS TEXT), '') FROM case_events WHERE case_id = ?
 UNION ALL SELECT COALESCE(CAST(account_id AS TEXT), '') FROM case_messages WHERE case_id = ?`, r.CaseNo, r.CaseID, r.CaseID).Scan(&traces).Error)
		require.Len(t, traces, 5)
		require.Empty(t, strings.Join(traces, ""))
	})
}

// A case is taken only where one person at least may see it through: nobody
// reports into the void.
func TestNobodyReportsToABodyThatCannotRead(t *testing.T) {
	for _, verb := range []string{"case.list", "case.read", "case.reply"} {
		w := newTown(t, dbtest.New(t))
		w.member("whistle_officer", "JJ")
		w.file(reports("CG"))
		w.sql("INSERT INTO rule_changes (id, role, verb, gives, reason, status, asked_at, decided_at, decision_no) VALUES (?, 'whistle_officer', ?, ?, 'test', 'approved', ?, ?, 1)",
			db.NewID(w.clock()), verb, false, w.clock(), w.clock())
		w.wait(5 * time.Second)
		f := filing()
		reports("CG")(&f)
		_, err := w.File(w.guest(), f)
		require.ErrorContains(t, err, "case.whistle.nobody", verb)
	}
}

package access_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
)

// decide asks for a change as one and approves it as another.
func decide(t *testing.T, s *access.Service, one, two string, c access.RuleChange) {
	t.Helper()
	c.Reason = "test"
	id, err := s.AskRule(as(one), c)
	require.NoError(t, err)
	require.NoError(t, s.DecideRule(as(two), id, true))
}

func TestASecondPersonDecidesOnARule(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w, one, two, bureau, clerk := pair(t, d)
		w.give(clerk, "handler", "CG01")
		other := w.another()
		rework := access.RuleChange{Role: "handler", Verb: access.CaseRework, Gives: true, Reason: "小組自行重辦"}
		require.Error(t, w.s.Can(as(clerk), access.CaseRework))
		require.Error(t, other.Can(as(clerk), access.CaseRework))

		_, err := w.s.AskRule(as(bureau), rework)
		require.Equal(t, fault.Forbidden, fault.KindOf(err), "rules count everywhere")
		_, err = w.s.AskRule(as(clerk), rework)
		require.Equal(t, fault.Forbidden, fault.KindOf(err))
		id, err := w.s.AskRule(as(one), rework)
		require.NoError(t, err)
		require.Error(t, w.s.Can(as(clerk), access.CaseRework), "asking changes nothing")
		_, err = w.s.AskRule(as(two), rework)
		kindOf(t, err, "access.request.twice")
		kindOf(t, w.s.DecideRule(as(one), id, true), "access.request.own")
		require.Equal(t, fault.Forbidden, fault.KindOf(w.s.DecideRule(as(bureau), id, true)))
		require.NoError(t, w.s.DecideRule(as(two), id, true))
		kindOf(t, w.s.DecideRule(as(two), id, false), "access.request.decided")
		kindOf(t, w.s.DecideRule(as(two), db.NewID(w.now), true), "access.request.missing")

		require.NoError(t, w.s.Can(as(clerk), access.CaseRework), "at once where it was approved")
		w.now = w.now.Add(5 * time.Second)
		require.NoError(t, other.Can(as(clerk), access.CaseRework), "soon on every node")
		require.NoError(t, w.another().Can(as(clerk), access.CaseRework), "and after a start")
		require.Error(t, other.CanOn(as(clerk), access.CaseRework, access.Object{UnitPaths: []string{access.Sealed("LJ/CG/CG01/")}}), "no whistle-blower's case")

		_, err = w.s.AskRule(as(one), rework)
		kindOf(t, err, "access.rules.has")
		decide(t, w.s, two, one, access.RuleChange{Role: "handler", Verb: access.CaseRework})
		w.now = w.now.Add(5 * time.Second)
		require.Error(t, w.s.Can(as(clerk), access.CaseRework))
		require.Error(t, other.Can(as(clerk), access.CaseRework))

		var actions []string
		require.NoError(t, d.From(system()).Raw("SELECT action FROM audit_entries WHERE object_kind = 'access_rule' ORDER BY id").Scan(&actions).Error)
		require.Equal(t, []string{"access.rule_ask", "access.rule_approve", "access.rule_ask", "access.rule_approve"}, actions)
	})
}

func TestARuleThatIsTakenIsGoneForThoseThatIncludeTheRole(t *testing.T) {
	w, one, two, _, clerk := pair(t, dbtest.New(t))
	head := w.account()
	w.give(clerk, "handler", "CG01")
	w.give(head, "head", "CG01")
	take := access.RuleChange{Role: "handler", Verb: access.CaseConclude}
	touched, err := w.s.Effect(as(one), take)
	require.NoError(t, err)
	require.Equal(t, []string{"handler", "head", "supervisor"}, touched)
	decide(t, w.s, one, two, access.RuleChange{Role: "head", Verb: access.CaseConclude, Gives: true})
	touched, err = w.s.Effect(as(one), take)
	require.NoError(t, err)
	require.Equal(t, []string{"handler"}, touched, "the head has a rule of its own by now")
	decide(t, w.s, one, two, take)
	require.Error(t, w.s.Can(as(clerk), access.CaseConclude))
	require.NoError(t, w.s.Can(as(head), access.CaseConclude))

	all, err := w.s.Standings(as(one))
	require.NoError(t, err)
	require.Equal(t, access.Standing{Changed: true}, all["handler"][access.CaseConclude])
	require.Equal(t, access.Standing{May: true, Own: true, Changed: true}, all["head"][access.CaseConclude])
	require.Equal(t, access.Standing{May: true}, all["supervisor"][access.CaseConclude])
	require.Equal(t, access.Standing{May: true, Own: true}, all["whistle_officer"][access.CaseConclude])
}

func TestWhatProtectsPeopleCannotBeChanged(t *testing.T) {
	w, one, two, _, clerk := pair(t, dbtest.New(t))
	for _, c := range []access.RuleChange{
		{Role: "system_admin", Verb: access.CaseRead, Gives: true},
		{Role: "auditor", Verb: access.CaseReveal, Gives: true},
		{Role: "security_admin", Verb: access.AccessGrant},
		{Role: "head", Verb: access.AuditRead, Gives: true},
		{Role: "head", Verb: access.AccessGrant, Gives: true},
		{Role: "staff", Verb: access.CaseRead, Gives: true},
		{Role: "citizen", Verb: access.CaseRead, Gives: true},
		{Role: "head", Verb: "case.*", Gives: true},
		{Role: "head", Verb: "case.explode", Gives: true},
	} {
		c.Reason = "test"
		_, err := w.s.AskRule(as(one), c)
		require.Equal(t, fault.Invalid, fault.KindOf(err), "%s %s", c.Role, c.Verb)
	}
	_, err := w.s.AskRule(as(one), access.RuleChange{Role: "head", Verb: access.CaseFile, Gives: true})
	kindOf(t, err, "access.reason.required")

	// Not for oneself: who works as a handler besides gives handlers nothing.
	w.give(two, "handler", "CG01")
	c := access.RuleChange{Role: "handler", Verb: access.CaseRework, Gives: true, Reason: "test"}
	_, err = w.s.AskRule(as(two), c)
	kindOf(t, err, "access.own_grant")
	id, err := w.s.AskRule(as(one), c)
	require.NoError(t, err)
	kindOf(t, w.s.DecideRule(as(two), id, true), "access.own_grant")
	require.NoError(t, w.s.DecideRule(as(two), id, false), "declining gives nothing")

	// Who asked must still be in office.
	grant := w.give(clerk, "security_admin", "LJ")
	id, err = w.s.AskRule(as(clerk), c)
	require.NoError(t, err)
	require.NoError(t, w.s.Take(system(), grant, "test"))
	kindOf(t, w.s.DecideRule(as(one), id, true), "access.request.void")
}

// Recusal outranks whatever is added.
func TestNoChangedRuleReachesComplaintsAboutOnesOwnUnit(t *testing.T) {
	w, one, two, _, clerk := pair(t, dbtest.New(t))
	w.give(clerk, "official", "CG01")
	mine := access.Object{UnitPaths: []string{"LJ/CG/CG01/"}, SubjectPaths: []string{"LJ/CG/CG01/"}}
	decide(t, w.s, one, two, access.RuleChange{Role: "official", Verb: access.CaseRead, Gives: true})
	require.NoError(t, w.s.CanOn(as(clerk), access.CaseRead, access.Object{UnitPaths: mine.UnitPaths}))
	require.Error(t, w.s.CanOn(as(clerk), access.CaseRead, mine))
}

// A transaction that begins before the rules were ever read knows them too.
func TestRulesAreKnownInTheFirstTransaction(t *testing.T) {
	w, one, two, _, clerk := pair(t, dbtest.New(t))
	w.give(clerk, "handler", "CG01")
	decide(t, w.s, one, two, access.RuleChange{Role: "handler", Verb: access.CaseConclude})
	err := w.d.Tx(as(clerk), func(ctx context.Context) error {
		return w.another().CanOn(ctx, access.CaseConclude, access.Object{UnitPaths: []string{"LJ/CG/CG01/"}})
	})
	require.Equal(t, fault.Forbidden, fault.KindOf(err))
	require.Equal(t, actor.Staff, actor.From(as(clerk)).Kind)
}

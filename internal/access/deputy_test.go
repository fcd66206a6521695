package access_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
)

func TestADeputyStandsInForWhoHoldsTheRole(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.unit("LJ/", "LJ")
		w.unit("LJ/CG/", "CG")
		w.unit("LJ/HB/", "HB")
		one, other, away, stands := w.account(), w.account(), w.account(), w.account()
		w.give(one, "security_admin", "LJ")
		w.give(other, "security_admin", "LJ")
		w.give(away, "head", "CG")
		until := w.now.Add(48 * time.Hour)
		asks := func(change func(*access.Giving)) (string, error) {
			g := access.Giving{AccountID: stands, Role: "head", UnitCode: "CG", Until: &until, DeputyFor: away, Reason: "leave"}
			change(&g)
			return w.s.AskToGive(as(one), g)
		}
		for key, wrong := range map[string]func(*access.Giving){
			"access.deputy.self":      func(g *access.Giving) { g.DeputyFor = stands },
			"access.deputy.until":     func(g *access.Giving) { g.Until = nil },
			"access.deputy.holds_not": func(g *access.Giving) { g.UnitCode = "HB" },
		} {
			_, err := asks(wrong)
			require.ErrorContains(t, err, key)
		}
		id, err := asks(func(*access.Giving) {})
		require.NoError(t, err)
		require.NoError(t, w.s.Decide(as(other), id, true))

		thing := access.Object{UnitPaths: []string{"LJ/CG/"}}
		acts := func(who string) string {
			ctx, err := w.s.For(as(who), access.CaseReviewReply, thing)
			require.NoError(t, err)
			return actor.From(ctx).AsAccountID
		}
		require.NoError(t, w.s.CanOn(as(stands), access.CaseReviewReply, thing))
		require.Equal(t, away, acts(stands))
		require.Empty(t, acts(away), "in their own name")
		_, err = asks(func(g *access.Giving) { g.AccountID, g.DeputyFor = w.account(), stands })
		require.ErrorContains(t, err, "access.deputy.holds_not", "nobody stands in for who stands in")
		w.give(stands, "head", "CG")
		require.Empty(t, acts(stands), "with the role of one's own, in one's own name")
		w.now = until.Add(time.Second)
		require.Empty(t, acts(other))
	})
}

// Two people decide on roles and rules, and who stands in for one of them is none.
func TestADeputyIsNoSecondAdministrator(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w, one, two, _, clerk := pair(t, d)
		stands, until := w.account(), w.now.Add(48*time.Hour)
		_, err := w.s.Give(system(), access.Giving{AccountID: stands, Role: "security_admin", UnitCode: "LJ", Until: &until, DeputyFor: one, Reason: "leave"})
		require.NoError(t, err)
		wish := access.Giving{AccountID: clerk, Role: "handler", UnitCode: "CG01", Reason: "joined"}
		rule := access.RuleChange{Role: "handler", Verb: access.CaseRework, Gives: true, Reason: "test"}
		for _, pair := range [][2]string{{one, stands}, {stands, one}} {
			id, err := w.s.AskToGive(as(pair[0]), wish)
			require.NoError(t, err)
			kindOf(t, w.s.Decide(as(pair[1]), id, true), "access.request.own")
			require.NoError(t, w.s.Decide(as(two), id, false))
			id, err = w.s.AskRule(as(pair[0]), rule)
			require.NoError(t, err)
			kindOf(t, w.s.DecideRule(as(pair[1]), id, true), "access.request.own")
			require.NoError(t, w.s.DecideRule(as(two), id, false))
		}
		var named []string
		require.NoError(t, d.From(system()).Raw("SELECT as_account_id FROM audit_entries WHERE action IN ('access.ask', 'access.rule_ask') AND account_id = ?", stands).Scan(&named).Error)
		require.Equal(t, []string{one, one}, named)
	})
}

func TestARequestForADeputyIsVoidWhenTheRoleIsGone(t *testing.T) {
	d := dbtest.New(t)
	w := newWorld(t, d)
	w.unit("LJ/", "LJ")
	one, other, away, stands := w.account(), w.account(), w.account(), w.account()
	w.give(one, "security_admin", "LJ")
	w.give(other, "security_admin", "LJ")
	held := w.give(away, "head", "LJ")
	until := w.now.Add(48 * time.Hour)
	id, err := w.s.AskToGive(as(one), access.Giving{AccountID: stands, Role: "head", UnitCode: "LJ", Until: &until, DeputyFor: away, Reason: "leave"})
	require.NoError(t, err)
	w.now = w.now.Add(time.Minute)
	require.NoError(t, w.s.Take(system(), held, "left the service"))
	require.ErrorContains(t, w.s.Decide(as(other), id, true), "access.request.void")
}

package access_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"minqing/internal/access"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
)

// TestAnExplanationSaysWhatADecisionSays draws units, dated grants and things.
func TestAnExplanationSaysWhatADecisionSays(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		round := 0
		rapid.Check(t, func(rt *rapid.T) {
			round++
			paths, codes := w.tree(rt, round)
			who := w.account()
			roles := slices.DeleteFunc(slices.Clone(access.Roles), func(r string) bool { return access.IsDuty(r) && r != "auditor" })
			for range rapid.IntRange(0, 4).Draw(rt, "grants") {
				g := access.Giving{AccountID: who, Role: rapid.SampledFrom(roles).Draw(rt, "role"), UnitCode: rapid.SampledFrom(codes).Draw(rt, "unit")}
				g.From = w.now.Add(rapid.SampledFrom([]time.Duration{-2 * time.Hour, -time.Hour, 0, time.Hour}).Draw(rt, "from"))
				if end := rapid.SampledFrom([]time.Duration{0, time.Hour, 3 * time.Hour}).Draw(rt, "for as long as"); end > 0 {
					until := g.From.Add(end)
					g.Until = &until
				}
				_, err := w.s.Give(system(), g)
				require.NoError(rt, err)
			}
			o := access.Object{UnitPaths: rapid.SliceOfN(rapid.SampledFrom(paths), 0, 3).Draw(rt, "units"),
				SubjectPaths: rapid.SliceOfN(rapid.SampledFrom(paths), 0, 1).Draw(rt, "about")}
			verb := rapid.SampledFrom(access.Verbs).Draw(rt, "verb")
			e, err := w.s.Explain(system(), who, verb, o)
			require.NoError(rt, err)
			require.Equal(rt, w.s.CanOn(as(who), verb, o) == nil, e.Allowed)
			require.Equal(rt, e.Allowed, e.Obstacle == access.Nothing, "allowed, or something stands in the way")
			require.Equal(rt, e.Allowed, e.By != nil)
			if e.Allowed {
				require.Equal(rt, access.InForce, e.By.When)
				require.Equal(rt, "allow", e.By.Rule.Effect)
				require.Equal(rt, string(verb), e.By.Rule.Verb)
			}
		})
	})
}

func TestAnExplanationNamesWhatStandsInTheWay(t *testing.T) {
	w := small(t, dbtest.New(t))
	thing := access.Object{UnitPaths: []string{"LJ/CG/CG01/"}}
	give := func(role, unit string, from time.Duration, until *time.Time) string {
		who := w.account()
		_, err := w.s.Give(system(), access.Giving{AccountID: who, Role: role, UnitCode: unit, From: start.Add(from), Until: until})
		require.NoError(t, err)
		return who
	}
	hourAgo := start.Add(-time.Hour)
	for i, c := range []struct {
		who  string
		o    access.Object
		want access.Obstacle
	}{
		{give("handler", "CG01", 0, nil), thing, access.Nothing},
		{give("head", "CG", 0, nil), thing, access.Nothing},
		{give("handler", "CG02", 0, nil), thing, access.Elsewhere},
		{give("handler", "CG01", -2*time.Hour, &hourAgo), thing, access.OutOfDate},
		{give("handler", "CG01", time.Hour, nil), thing, access.OutOfDate},
		{give("auditor", "CG01", 0, nil), thing, access.NoRole},
		{w.account(), thing, access.NoGrant},
		{give("handler", "CG01", 0, nil), access.Object{UnitPaths: thing.UnitPaths, SubjectPaths: []string{"LJ/CG/"}}, access.Recusal},
	} {
		e, err := w.s.Explain(system(), c.who, access.CaseReply, c.o)
		require.NoError(t, err)
		require.Equal(t, c.want, e.Obstacle, fmt.Sprint(i))
		if i == 1 {
			require.Equal(t, "p, handler, case, case.reply, !r.obj.Whistle, allow", e.By.Rule.String(), "the rule of the role that the head inherits")
		}
	}
}

func TestWhoGrantsRolesAsksForDecisionsOnTheirUnits(t *testing.T) {
	w := small(t, dbtest.New(t))
	city, bureau, handler := w.account(), w.account(), w.account()
	w.give(city, "security_admin", "LJ")
	w.give(bureau, "security_admin", "CG")
	w.give(handler, "handler", "CG01")
	in := func(unit string, about ...string) access.Object {
		return access.Object{UnitPaths: []string{unit}, SubjectPaths: about}
	}
	require.NoError(t, w.s.MayExplain(as(city), in("LJ/CG/CG01/", "LJ/CG/")))
	require.NoError(t, w.s.MayExplain(as(bureau), in("LJ/CG/CG01/", "LJ/CG/CG02/")))
	require.Error(t, w.s.MayExplain(as(bureau), in("LJ/CG/CG01/", "LJ/CG/")), "a complaint about their own bureau")
	require.Error(t, w.s.MayExplain(as(bureau), in("LJ/")))
	require.Error(t, w.s.MayExplain(as(handler), in("LJ/CG/CG01/")))
}

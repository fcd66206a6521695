package enterprises_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
)

// asked is a claim as the test knows it.
type asked struct {
	id, way, state string
}

// TestTheListOfClaimsShowsWhatASingleReadAllows draws claims and dated grants. Whose
// an enterprise is, is the whole government's matter: a grant for a part of it opens
// none of them.
func TestTheListOfClaimsShowsWhatASingleReadAllows(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		exec := func(ctx context.Context, sql string, args ...any) {
			require.NoError(t, d.From(ctx).Exec(sql, args...).Error)
		}
		root := db.NewID(h.now())
		exec(system(), "INSERT INTO units (id, code, name, path, kind, valid_from) VALUES (?, 'LJ', '{}', 'LJ/', 'city', '2026-01-01')", root)
		exec(system(), "INSERT INTO units (id, parent_id, code, name, path, kind, valid_from) VALUES (?, ?, 'CG', '{}', 'LJ/CG/', 'bureau', '2026-01-01')", db.NewID(h.now()), root)
		owner := actor.From(h.person("olga")).AccountID
		var pool []asked
		for i := range 4 {
			one := asked{id: db.NewID(h.now())}
			exec(system(), `INSERT INTO enterprise_claims (id, account_id, code_kind, code, name, register_state, way, state, hint, link_key, generation, tries, locale, case_no, reason, expires_at, version, created_at)
 VALUES (?, ?, 'tw_ubn', ?, '茶館', 'unknown', 'staff', 'open', '', 'k1', 0, 0, 'en', '', '', ?, 1, ?)`, one.id, owner, fmt.Sprint("0459525", i), h.now().Add(time.Hour), h.now())
			pool = append(pool, one)
		}
		rapid.Check(t, func(rt *rapid.T) {
			h.pass(4 * time.Second) // longer than grants are kept
			now, may := h.now(), false
			var all []string
			require.NoError(t, d.Tx(system(), func(ctx context.Context) error {
				exec(ctx, "DELETE FROM grants")
				for i := range pool {
					c := &pool[i]
					c.way, c.state = rapid.SampledFrom([]string{"code", "staff", "dispute"}).Draw(rt, "way"), rapid.SampledFrom([]string{"open", "proven", "refused", "lapsed"}).Draw(rt, "state")
					exec(ctx, "UPDATE enterprise_claims SET way = ?, state = ?, code = ? WHERE id = ?", c.way, c.state, db.NewID(now), c.id)
				}
				for range rapid.IntRange(0, 3).Draw(rt, "grants") {
					role, path := rapid.SampledFrom(append([]string{"dispatcher", "dispatcher"}, access.Roles...)).Draw(rt, "as"), rapid.SampledFrom([]string{"LJ/", "LJ/CG/"}).Draw(rt, "for")
					from := now.Add(rapid.SampledFrom([]time.Duration{-time.Hour, 0, time.Minute}).Draw(rt, "from"))
					until := from.Add(rapid.SampledFrom([]time.Duration{time.Minute, 2 * time.Hour}).Draw(rt, "for as long as"))
					exec(ctx, "INSERT INTO grants (id, account_id, role, unit_id, valid_from, valid_until, created_at) SELECT ?, ?, ?, id, ?, ?, ? FROM units WHERE path = ?", db.NewID(now), owner, role, from, until, now, path)
					all = append(all, fmt.Sprint(role, path, from, until))
					may = may || role == "dispatcher" && path == "LJ/" && !from.After(now) && until.After(now)
				}
				return nil
			}))
			h.compareClaims(rt, actor.With(context.Background(), actor.Actor{Kind: actor.Staff, AccountID: owner}), pool, may, all)
		})
	})
}

func (h *house) compareClaims(rt *rapid.T, who context.Context, pool []asked, may bool, grants []string) {
	var want []string
	for _, c := range pool {
		_, _, err := h.Opened(who, c.id)
		if err != nil {
			require.Contains(rt, []fault.Kind{fault.Forbidden, fault.NotFound}, fault.KindOf(err), "%v", err)
		}
		require.Equal(rt, may && c.way != "code", err == nil, "%+v with %v", c, grants)
		if err == nil && c.state == "open" {
			want = append(want, c.id)
		}
	}
	list, err := h.Open(who)
	require.Equal(rt, may, err == nil, "%v with %v", err, grants)
	var got []string
	for _, c := range list {
		got = append(got, c.ID)
	}
	require.ElementsMatch(rt, want, got, grants)
}

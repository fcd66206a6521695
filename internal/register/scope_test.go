package register_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"minqing/internal/access"
	"minqing/internal/calendar"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/register"
)

// drawn is a permit as the test knows it, apart from the product's own reading.
type drawn struct {
	no, path string
	state    register.State
	until    *calendar.Date
	proposed register.Act // empty: nothing waits
	by       string       // who proposed it
}

// held is a grant as the test knows it.
type held struct {
	role, path, deputyFor string
	now                   bool
}

// TestEveryListOfPermitsShowsWhatASingleReadAllows draws trees of units, dated grants
// and deputies, and permits of drawn units, of which some wait for a second person.
// What the list, its filters and the waiting show is compared with each single read
// and decision, and with the rule as it is told to people.
func TestEveryListOfPermitsShowsWhatASingleReadAllows(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		colleague := o.staff("head", "LJ")
		var pool []drawn
		for range 6 {
			pool = append(pool, drawn{no: o.issue()})
		}
		round := 0
		rapid.Check(t, func(rt *rapid.T) {
			round++
			o.now = o.now.Add(time.Second)
			var who string
			var grants []held
			require.NoError(t, o.DB.Tx(system(), func(ctx context.Context) error {
				r := drawing{o, rt, func(sql string, args ...any) { require.NoError(t, o.DB.From(ctx).Exec(sql, args...).Error) }}
				paths := r.tree(round)
				who, grants = r.staff(ctx, paths, colleague)
				for i := range pool {
					r.place(&pool[i], paths, who, colleague)
				}
				return nil
			}))
			o.compare(rt, as(who), who, pool, grants)
		})
	})
}

// drawing writes what was drawn, in one transaction for speed.
type drawing struct {
	*office
	rt   *rapid.T
	exec func(sql string, args ...any)
}

// tree adds units below the city, with codes that are beginnings of one another.
func (r drawing) tree(round int) []string {
	paths, codes := []string{"LJ/", "LJ/CG/"}, []string{fmt.Sprintf("T%du", round)}
	for i := range rapid.IntRange(1, 4).Draw(r.rt, "units") {
		above := rapid.SampledFrom(paths).Draw(r.rt, "above")
		code := fmt.Sprintf("%s%s%d", rapid.SampledFrom(codes).Draw(r.rt, "like"), rapid.SampledFrom([]string{"", "0", "A", ".", "-"}).Draw(r.rt, "then"), i)
		r.exec(`INSERT INTO units (id, code, name, parent_id, path, kind, valid_from) SELECT ?, ?, '{"en": "drawn"}', id, ?, 'section', '2026-01-01' FROM units WHERE path = ?`,
			db.NewID(at), code, above+code+"/", above)
		paths, codes = append(paths, above+code+"/"), append(codes, code)
	}
	return paths
}

// staff is somebody with roles that ended, that count and that will, some of them in
// the place of a colleague.
func (r drawing) staff(ctx context.Context, paths []string, colleague string) (string, []held) {
	id := db.NewID(at)
	r.exec(`INSERT INTO vault_keys (id, owner_kind, suite, ring_key, created_at) VALUES (?, 'account', 'aes256gcm', 'k1', ?)`, id, at)
	r.exec(`INSERT INTO accounts (id, kind, login_index, vault_key_id, email_cipher, locale, status, demo, link_key, created_at)
 VALUES (?, 'staff', ?, ?, ?, 'zh-Hant', 'active', ?, 'k1', ?)`, id, []byte(id), id, []byte{1}, true, at)
	var all []held
	for range rapid.IntRange(0, 3).Draw(r.rt, "grants") {
		g := held{role: rapid.SampledFrom(append([]string{"handler", "head", "head", "official"}, access.Roles...)).Draw(r.rt, "as"), path: rapid.SampledFrom(paths).Draw(r.rt, "for")}
		from := r.now.Add(rapid.SampledFrom([]time.Duration{-time.Hour, 0, time.Minute}).Draw(r.rt, "from"))
		until := from.Add(rapid.SampledFrom([]time.Duration{time.Minute, time.Hour, 2 * time.Hour}).Draw(r.rt, "for as long as"))
		if rapid.IntRange(0, 2).Draw(r.rt, "deputy") == 0 {
			g.deputyFor = colleague
		}
		r.exec(`INSERT INTO grants (id, account_id, role, unit_id, deputy_for_id, valid_from, valid_until, created_at) SELECT ?, ?, ?, id, ?, ?, ?, ? FROM units WHERE path = ?`,
			db.NewID(r.now), id, g.role, db.Ref(g.deputyFor), from, until, r.now, g.path)
		g.now = !from.After(r.now) && until.After(r.now)
		all = append(all, g)
	}
	return id, all
}

// place gives a permit to a drawn unit, with an end before or after today.
func (r drawing) place(p *drawn, paths []string, who, colleague string) {
	p.path, p.state, p.until = rapid.SampledFrom(paths).Draw(r.rt, "of"), rapid.SampledFrom(register.States).Draw(r.rt, "state"), nil
	if n := rapid.IntRange(-2, 40).Draw(r.rt, "ends in"); n < 35 {
		p.until = new(today.Add(n))
	}
	r.exec("UPDATE permits SET unit_path = ?, unit_id = (SELECT id FROM units WHERE path = ?), state = ?, valid_from = ?, valid_until = ? WHERE permit_no = ?", p.path, p.path, p.state, today.Add(-50), p.until, p.no)
	r.exec("DELETE FROM permit_proposals WHERE permit_id = (SELECT id FROM permits WHERE permit_no = ?)", p.no)
	p.proposed = rapid.SampledFrom([]register.Act{"", register.Revoke, register.Cancel}).Draw(r.rt, "proposed")
	if p.proposed == "" {
		return
	}
	p.by = rapid.SampledFrom([]string{who, colleague}).Draw(r.rt, "by")
	r.exec(`INSERT INTO permit_proposals (id, permit_id, act, ground, reason, state, proposed_at, proposed_on, proposed_by_id, note)
 SELECT ?, id, ?, 'deceit', 'x', 'open', ?, '2026-11-24', ?, '' FROM permits WHERE permit_no = ?`, db.NewID(r.now), p.proposed, at, p.by, p.no)
}

// opens is the rule in words: a grant in force of one of the roles, for the unit or
// one above it.
func opens(grants []held, path string, roles ...string) bool {
	return slices.ContainsFunc(grants, func(g held) bool { return g.now && slices.Contains(roles, g.role) && strings.HasPrefix(path, g.path) })
}

// decides adds that nobody decides on what they proposed, nor in the place alone of
// who did.
func decides(grants []held, p drawn, who string) bool {
	own := slices.DeleteFunc(slices.Clone(grants), func(g held) bool { return g.deputyFor != "" && g.deputyFor == p.by })
	return p.proposed != "" && p.by != who && opens(own, p.path, "head", "supervisor")
}

func (o *office) compare(rt *rapid.T, ctx context.Context, who string, pool []drawn, grants []held) {
	var read []drawn
	var waits []register.Wait
	for _, p := range pool {
		got, err := o.Read(ctx, p.no)
		if err != nil {
			require.Equal(rt, fault.NotFound, fault.KindOf(err), "%v", err)
		}
		require.Equal(rt, opens(grants, p.path, "handler", "head", "supervisor", "official"), err == nil, "reading %+v with %+v", p, grants)
		if err != nil {
			continue
		}
		read = append(read, p)
		one, err := o.Open(ctx, got)
		require.NoError(rt, err)
		may := one != nil && o.MayDecide(ctx, got, one)
		require.Equal(rt, decides(grants, p, who), may, "deciding on %+v with %+v", p, grants)
		if may {
			waits = append(waits, register.Wait{PermitNo: p.no, Act: p.proposed})
		}
	}
	got, err := o.Waiting(ctx)
	require.NoError(rt, err)
	require.ElementsMatch(rt, waits, got, "what waits with %+v", grants)
	unit := rapid.SampledFrom([]string{"LJ", "CG"}).Draw(rt, "narrowed to")
	below := map[string]string{"LJ": "LJ/", "CG": "LJ/CG/"}[unit]
	for _, f := range []register.Filter{{}, {State: rapid.SampledFrom(register.States).Draw(rt, "state")}, {Within: 30}, {Unit: unit}} {
		var want []string
		for _, p := range read {
			stands := (&register.Permit{State: p.state, ValidUntil: p.until, ValidFrom: today.Add(-50)}).On(today)
			ends := p.until != nil && *p.until >= today && *p.until <= today.Add(30)
			if (f.State == "" || f.State == stands) && (f.Within == 0 || ends) && (f.Unit == "" || strings.HasPrefix(p.path, below)) {
				want = append(want, p.no)
			}
		}
		require.ElementsMatch(rt, want, o.listed(rt, ctx, f), "%+v with %+v", f, grants)
	}
}

// listed are the numbers on all pages of a list.
func (o *office) listed(rt *rapid.T, ctx context.Context, f register.Filter) (numbers []string) {
	for f.Limit = 2; ; {
		page, err := o.List(ctx, f)
		require.NoError(rt, err)
		for i := range page.Permits {
			numbers = append(numbers, page.Permits[i].PermitNo)
		}
		if f.Cursor = page.Next; page.Next == "" {
			return numbers
		}
	}
}

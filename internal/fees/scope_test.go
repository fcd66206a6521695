package fees_test

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
	"minqing/internal/actor"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/fees"
)

// owed is an order, and come what arrived, as the test knows them.
type owed struct {
	no, path string
	state    fees.State
	asked    bool
}

type come struct {
	id, path string
	settled  bool
}

// held is a grant as the test knows it.
type held struct {
	role, path string
	now        bool
}

// TestEveryListOfFeesShowsWhatASingleReadAllows draws trees of units, dated grants,
// and orders and money in the hands of drawn units. The lists are compared with each
// single read, and both with the rule as it is told to people.
func TestEveryListOfFeesShowsWhatASingleReadAllows(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTill(t, d)
		orders, strays := w.pool()
		round := 0
		rapid.Check(t, func(rt *rapid.T) {
			round++
			w.pass(time.Second)
			var who context.Context
			var grants []held
			w.together(func() {
				paths := w.tree(rt, round)
				who, grants = w.drawnStaff(rt, paths)
				w.place(rt, paths, orders, strays)
			})
			w.compare(rt, who, orders, grants)
			w.compareStrays(rt, who, strays, grants)
		})
	})
}

// pool orders fees, and has money arrive that fits none, to be placed anew in each
// round.
func (w *till) pool() (orders []owed, strays []come) {
	for range 5 {
		orders = append(orders, owed{no: w.charged("CG")})
	}
	for i := range 4 {
		id := db.NewID(start)
		w.exec(`INSERT INTO fee_arrivals (id, provider, provider_ref, unit_path, amount, currency, paid_at, arrived_at, arrived_on, outcome, settlement, version)
 VALUES (?, 'sandbox', ?, '', 100, 'CNY', ?, ?, '2026-11-24', 'unknown', '', 1)`, id, fmt.Sprint("R", i), start, start)
		strays = append(strays, come{id: id})
	}
	return orders, strays
}

// together writes in one transaction, for speed.
func (w *till) together(f func()) {
	require.NoError(w.t, w.d.Tx(context.Background(), func(ctx context.Context) error {
		w.in = ctx
		defer func() { w.in = nil }()
		f()
		return nil
	}))
}

// tree adds units below the city, with codes that are beginnings of one another.
func (w *till) tree(rt *rapid.T, round int) []string {
	paths, codes := []string{"LJ/", "LJ/CG/"}, []string{fmt.Sprintf("T%du", round)}
	for i := range rapid.IntRange(1, 4).Draw(rt, "units") {
		above := rapid.SampledFrom(paths).Draw(rt, "above")
		code := fmt.Sprintf("%s%s%d", rapid.SampledFrom(codes).Draw(rt, "like"), rapid.SampledFrom([]string{"", "0", "A", ".", "-"}).Draw(rt, "then"), i)
		w.exec(`INSERT INTO units (id, code, name, parent_id, path, kind, valid_from) SELECT ?, ?, '{}', id, ?, 'section', '2026-01-01' FROM units WHERE path = ?`,
			db.NewID(start), code, above+code+"/", above)
		paths, codes = append(paths, above+code+"/"), append(codes, code)
	}
	return paths
}

func (w *till) place(rt *rapid.T, paths []string, orders []owed, strays []come) {
	w.exec("DELETE FROM fee_requests")
	for i := range orders {
		o := &orders[i]
		o.path, o.state = rapid.SampledFrom(paths).Draw(rt, "of"), rapid.SampledFrom(fees.States).Draw(rt, "state")
		w.exec("UPDATE fee_orders SET unit_path = ?, unit_id = (SELECT id FROM units WHERE path = ?), state = ?, settled_at = ?, settled_on = '2026-11-24' WHERE order_no = ?", o.path, o.path, o.state, start, o.no)
		if o.asked = rapid.Bool().Draw(rt, "asked"); o.asked {
			w.exec(`INSERT INTO fee_requests (id, order_id, act, reason, state, asked_at, asked_by_id, note)
 SELECT ?, f.id, 'waive', 'x', 'open', ?, a.id, '' FROM fee_orders f, (SELECT id FROM accounts ORDER BY id LIMIT 1) a WHERE order_no = ?`, db.NewID(w.clock()), start, o.no)
		}
	}
	for i := range strays {
		s := &strays[i]
		s.path, s.settled = rapid.SampledFrom(append([]string{""}, paths...)).Draw(rt, "money of"), rapid.Bool().Draw(rt, "settled")
		w.exec("UPDATE fee_arrivals SET unit_path = ?, settled_at = ? WHERE id = ?", s.path, map[bool]*time.Time{true: &start}[s.settled], s.id)
	}
}

// drawnStaff is somebody with roles that ended, that count and that will.
func (w *till) drawnStaff(rt *rapid.T, paths []string) (context.Context, []held) {
	who := w.staff("auditor", "CG")
	id, now := actor.From(who).AccountID, w.clock()
	w.exec("DELETE FROM grants WHERE account_id = ?", id)
	var all []held
	for range rapid.IntRange(0, 3).Draw(rt, "grants") {
		role := rapid.SampledFrom(append([]string{"handler", "head", "supervisor", "supervisor"}, access.Roles...)).Draw(rt, "as")
		path := rapid.SampledFrom(paths).Draw(rt, "for")
		from := now.Add(rapid.SampledFrom([]time.Duration{-time.Hour, 0, time.Minute}).Draw(rt, "from"))
		until := from.Add(rapid.SampledFrom([]time.Duration{time.Minute, time.Hour, 2 * time.Hour}).Draw(rt, "for as long as"))
		w.exec(`INSERT INTO grants (id, account_id, role, unit_id, valid_from, valid_until, created_at) SELECT ?, ?, ?, id, ?, ?, ? FROM units WHERE path = ?`,
			db.NewID(now), id, role, from, until, now, path)
		all = append(all, held{role, path, !from.After(now) && until.After(now)})
	}
	return who, all
}

// opens is the rule in words: a grant in force of one of the roles, for the unit or
// one above it.
func opens(grants []held, path string, roles ...string) bool {
	return slices.ContainsFunc(grants, func(g held) bool { return g.now && slices.Contains(roles, g.role) && strings.HasPrefix(path, g.path) })
}

func (w *till) compare(rt *rapid.T, who context.Context, orders []owed, grants []held) {
	want, waits := map[fees.State][]string{}, []string(nil)
	for _, o := range orders {
		one, err := w.Read(who, o.no)
		if err != nil {
			require.Equal(rt, fault.NotFound, fault.KindOf(err), "%v", err)
		}
		require.Equal(rt, opens(grants, o.path, "handler", "head", "supervisor"), err == nil, "reading %+v with %+v", o, grants)
		if err != nil {
			continue
		}
		require.Equal(rt, o.asked, one.Open() != nil)
		want[""], want[o.state] = append(want[""], o.no), append(want[o.state], o.no)
		if o.asked {
			waits = append(waits, o.no)
		}
	}
	got, marked := w.listed(rt, who, fees.Filter{Limit: 2})
	require.ElementsMatch(rt, want[""], got, "all with %+v", grants)
	require.ElementsMatch(rt, waits, marked, "what waits with %+v", grants)
	state := rapid.SampledFrom(fees.States).Draw(rt, "narrowed to")
	got, _ = w.listed(rt, who, fees.Filter{State: state, Limit: 2})
	require.ElementsMatch(rt, want[state], got, "%s with %+v", state, grants)
}

// listed are the numbers on all pages of a list, and those that wait for somebody.
func (w *till) listed(rt *rapid.T, who context.Context, f fees.Filter) (got, marked []string) {
	for {
		list, asked, next, err := w.List(who, f)
		require.NoError(rt, err)
		for _, o := range list {
			got = append(got, o.OrderNo)
			if asked[o.ID] {
				marked = append(marked, o.OrderNo)
			}
		}
		if f.Cursor = next; next == "" {
			return got, marked
		}
	}
}

// compareStrays takes for the single read that somebody may settle one: without words
// they are asked for them, and others hear that there is no such money.
func (w *till) compareStrays(rt *rapid.T, who context.Context, strays []come, grants []held) {
	want := map[bool][]string{}
	for _, s := range strays {
		err := w.Settle(who, s.id, 1, "")
		may := fault.KindOf(err) == fault.Invalid
		if !may {
			require.Equal(rt, fault.NotFound, fault.KindOf(err), "%v", err)
		}
		path := s.path
		if path == "" {
			path = "LJ/" // what names no order is the whole government's
		}
		require.Equal(rt, opens(grants, path, "supervisor"), may, "settling %+v with %+v", s, grants)
		if may {
			want[s.settled] = append(want[s.settled], s.id)
		}
	}
	for _, settled := range []bool{false, true} {
		list, err := w.Strays(who, settled)
		require.NoError(rt, err)
		var got []string
		for i := range list {
			got = append(got, list[i].ID)
		}
		require.ElementsMatch(rt, want[settled], got, "settled %v with %+v", settled, grants)
	}
}

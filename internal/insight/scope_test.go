package insight_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/insight"
)

// TestAReportCountsTheUnitsOfItsReaderOnly draws dated grants and compares the
// units that a report and its export count with the decision on each unit, and
// with the rule as it is told to people.
func TestAReportCountsTheUnitsOfItsReaderOnly(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newCity(t, d)
		paths := []string{"LJ/CG/", "LJ/GS/", "LJ/HB/"}
		for _, p := range []string{"LJ/CG/01/", "LJ/CG/01/A/", "LJ/CG0/"} {
			id := db.NewID(c.now)
			c.exec("INSERT INTO units (id, code, name, path, kind, valid_from) VALUES (?, ?, '{}', ?, 'section', '2026-01-01')", id, strings.ReplaceAll(p, "/", "-"), p)
			c.units, paths = append(c.units, id), append(paths, p)
		}
		for u := range c.units {
			for range 12 {
				c.file(a{unit: u})
			}
		}
		require.NoError(t, c.s.Rebuild(t.Context()))
		rapid.Check(t, func(rt *rapid.T) { c.reads(rt, paths) })
	})
}

func (c *city) reads(rt *rapid.T, paths []string) {
	who := c.official("CG")
	id := actor.From(who).AccountID
	c.exec("DELETE FROM grants WHERE account_id = ?", id)
	c.a.Forget(id)
	may := map[string]bool{}
	for range rapid.IntRange(0, 3).Draw(rt, "grants") {
		role := rapid.SampledFrom(access.Roles).Draw(rt, "as")
		path := rapid.SampledFrom(append([]string{"LJ/GS/"}, paths...)).Draw(rt, "for")
		from := c.now.Add(rapid.SampledFrom([]time.Duration{-time.Hour, 0, time.Minute}).Draw(rt, "from"))
		until := from.Add(rapid.SampledFrom([]time.Duration{time.Hour, 2 * time.Hour}).Draw(rt, "for as long as"))
		c.exec(`INSERT INTO grants (id, account_id, role, unit_id, valid_from, valid_until, created_at)
 SELECT ?, ?, ?, id, ?, ?, ? FROM units WHERE path = ?`, db.NewID(c.now), id, role, from, until, c.now, path)
		for _, p := range paths {
			reads := role == "head" || role == "supervisor" || role == "official"
			may[p] = may[p] || reads && !from.After(c.now) && until.After(c.now) && strings.HasPrefix(p, path)
		}
	}
	for verb, export := range map[access.Verb]bool{access.ReportRead: false, access.ReportExport: true} {
		var want []string
		for i, p := range paths {
			err := c.a.CanOn(who, verb, access.Object{UnitPaths: []string{p}})
			require.Equal(rt, may[p], err == nil, "%s %s", verb, p)
			if err == nil {
				want = append(want, c.units[i])
			}
		}
		q := insight.Query{From: day(start).Add(-40), To: day(start).Add(200), GroupBy: insight.ByUnit, Export: export}
		r, err := c.s.Performance(who, q)
		require.NoError(rt, err)
		var counted []string
		for _, row := range r.Rows {
			counted = append(counted, row.Key)
		}
		require.ElementsMatch(rt, want, counted, verb)
		for _, q.GroupBy = range insight.Groups {
			r, err := c.s.Performance(who, q)
			require.NoError(rt, err)
			require.EqualValues(rt, 12*len(want), r.Total.Filed.N, fmt.Sprint(verb, " by ", q.GroupBy))
		}
	}
}

// TestTheReceivingBodyReadsTheFiguresOfWhistleCases counts the same cases twice:
// as others, by the roll-ups, and as whistle-blowers', as they stand.
func TestTheReceivingBodyReadsTheFiguresOfWhistleCases(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newCity(t, d)
		r := rand.New(rand.NewPCG(3, 4))
		var ids []string
		for range 60 {
			c.now = c.now.Add(time.Duration(r.IntN(40)) * time.Hour)
			ids = append(ids, c.file(a{unit: r.IntN(3), channel: []string{"web", "phone"}[r.IntN(2)]}))
			c.act(r, ids)
		}
		c.exec("INSERT INTO units (id, code, name, path, kind, valid_from) VALUES (?, 'LJ', '{}', 'LJ/', 'city', '2026-01-01')", db.NewID(c.now))
		official, officer, some := c.official("LJ"), c.staff("whistle_officer", "LJ"), c.staff("whistle_officer", "CG")
		report := func(who context.Context, by insight.Group) insight.Report {
			got, err := c.s.Performance(who, insight.Query{From: day(start).Add(-40), To: day(c.now).Add(60), GroupBy: by})
			require.NoError(t, err)
			require.Equal(t, who != official, got.Whistle)
			got.Whistle = false
			return got
		}
		require.NoError(t, c.s.Rebuild(t.Context()))
		want := map[insight.Group]insight.Report{}
		for _, by := range insight.Groups {
			want[by] = report(official, by)
			require.NotEmpty(t, want[by].Rows)
			require.Empty(t, report(officer, by).Rows, "other people's cases")
		}
		part, err := c.s.Performance(c.official("CG"), insight.Query{From: day(start).Add(-40), To: day(c.now).Add(60), GroupBy: insight.ByUnit})
		require.NoError(t, err)

		c.exec("UPDATE cases SET confidentiality = 'whistle'")
		require.NoError(t, c.s.Rebuild(t.Context()))
		for _, by := range insight.Groups {
			require.Empty(t, report(official, by).Rows, "whistle-blowers' cases")
			require.Equal(t, want[by], report(officer, by), by)
		}
		require.Equal(t, part, report(some, insight.ByUnit), "of their own units only")
		open, whistle, err := c.s.Trees(officer)
		require.NoError(t, err)
		require.True(t, whistle && !open)
		_, err = c.s.Worse(officer, report(officer, insight.ByUnit))
		require.NoError(t, err)
	})
}

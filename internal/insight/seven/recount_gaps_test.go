package seven_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/calendar"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/insight/seven"
)

// wilson is the 95 % interval of a share by its formula (Wilson 1927).
func wilson(x, n float64) (p, low, high float64) {
	const z = 1.959963984540054
	p = x / n
	middle, half := (p+z*z/(2*n))/(1+z*z/n), z*math.Sqrt(p*(1-p)/n+z*z/(4*n*n))/(1+z*z/n)
	return p, middle - half, middle + half
}

// newcombe is the 95 % interval of a difference of two shares (Newcombe 1998, method 10).
func newcombe(x1, n1, x2, n2 float64) (value, low, high float64) {
	p1, low1, high1 := wilson(x1, n1)
	p2, low2, high2 := wilson(x2, n2)
	return p1 - p2, p1 - p2 - math.Hypot(p1-low1, high2-p2), p1 - p2 + math.Hypot(high1-p1, p2-low2)
}

// grouped is what SQL says of a group.
type grouped struct {
	Key         string
	Good, Whole float64
}

// unfair has the people of the first segment served late on the web, and badly everywhere, so
// that the groups are far apart.
func (c *town) unfair() {
	c.t.Helper()
	theirs := "(SELECT p.case_id FROM case_parties p JOIN segment_members g ON g.constituent_id = p.constituent_id WHERE g.segment_id = ?)"
	c.exec("UPDATE cases SET due_at = received_at, due_on = received_on WHERE channel = 'web' AND id IN "+theirs, c.segments[0])
	c.exec("UPDATE evaluations SET grade = 1 WHERE case_id IN "+theirs, c.segments[0])
}

// The gaps are those between the best and the worst group, computed from the cases by SQL
// that shares nothing with the counts.
func TestTheGapsAreThoseOfTheCases(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d)
		c.together(func() { c.fill(70, 1200); c.unfair() })
		c.link()
		require.NoError(t, c.s.Count(t.Context()))
		c.gaps(t, "LJ", "", seven.SegmentGroup)
		c.gaps(t, "CG", " AND x.path LIKE 'LJ/CG/%'", seven.SegmentGroup)

		c.exec("DELETE FROM segment_members WHERE segment_id = ?", c.segments[0]) // one is left: districts are compared
		require.NoError(t, c.s.Count(t.Context()))
		c.gaps(t, "LJ", "", seven.DistrictGroup)
	})
}

func (c *town) gaps(t *testing.T, unit, within, kind string) {
	t.Helper()
	from, to := calendar.NewDate(2025, 6, 1), calendar.NewDate(2026, 9, 30)
	p := c.page(c.official, seven.Query{Page: seven.Profiling, Unit: unit, From: from, To: to})
	groups := "SELECT 'segment:' || CAST(g.segment_id AS text) AS key, %s FROM linked_cases x JOIN segment_members g ON g.constituent_id = x.head"
	if kind == seven.DistrictGroup {
		groups = "SELECT 'district:' || x.district AS key, %s FROM linked_cases x"
	}
	for figure, sql := range map[string][2]string{
		"gap_on_time":      {"x.concluded_at <= x.due_at", " WHERE x.due_on BETWEEN ? AND ? AND x.due_at < ?"},
		"gap_satisfaction": {"e.grade > 2", " JOIN evaluations e ON e.case_id = x.id WHERE e.evaluated_on BETWEEN ? AND ? AND e.evaluated_at < ? AND NOT x.duplicate"},
	} {
		var all []grouped
		good := "SUM(CASE WHEN " + sql[0] + " THEN 1 ELSE 0 END)"
		query := fmt.Sprintf(groups, good+" AS good, COUNT(*) AS whole") + sql[1] + within
		if kind == seven.DistrictGroup {
			query += " AND x.district IS NOT NULL"
		}
		require.NoError(t, c.d.From(t.Context()).Raw(query+" GROUP BY 1 HAVING COUNT(*) >= 30 ORDER BY 1.0 * "+good+" / COUNT(*)", from, to, c.now).Scan(&all).Error)
		require.Len(t, all, 2, figure)
		worst, best := all[0], all[1]
		value, low, high := newcombe(best.Good, best.Whole, worst.Good, worst.Whole)
		if kind == seven.SegmentGroup {
			require.Greater(t, value, 0.05, "%s: the groups are far apart", figure)
		}
		l := line(t, p, figure, "", best.Key+"|"+worst.Key)
		require.InDelta(t, value, *l.Value, 1e-9, figure)
		require.InDelta(t, low, *l.Low, 1e-6, figure)
		require.InDelta(t, high, *l.High, 1e-6, figure)
		for _, g := range all {
			require.Equal(t, [2]int64{int64(g.Good), int64(g.Whole)}, c.first(p, figure, g.Key), "%s of %s", figure, g.Key)
		}
	}
}

// moved is how many people came next by a channel after another.
type moved struct {
	Channel, Follows string
	N                int64
}

// By which channel somebody came next is asked of a bureau too: whoever first came to it by a
// channel in the period counts once, and what comes next counts wherever they went.
func TestRetentionIsWhatTheCasesSayOfAnyPartOfTheTree(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d)
		c.together(func() { c.fill(90, 900) })
		c.link()
		require.NoError(t, c.s.Count(t.Context()))
		from, to := calendar.NewDate(2025, 8, 1), calendar.NewDate(2026, 7, 31)
		for unit, path := range map[string]string{"LJ": "LJ/%", "CG": "LJ/CG/%", "GS": "LJ/GS/%"} {
			var all []moved
			require.NoError(t, d.From(t.Context()).Raw(`SELECT x.channel, x.follows, COUNT(*) AS n FROM (
 SELECT w.*, ROW_NUMBER() OVER (PARTITION BY w.head, w.channel ORDER BY w.received_at, w.id) AS nth FROM (
 SELECT y.id, y.head, y.channel, y.received_at, y.received_on, y.path, LEAD(y.channel) OVER (PARTITION BY y.head ORDER BY y.received_at, y.id) AS follows
 FROM linked_cases y WHERE y.head IS NOT NULL AND y.channel <> 'offer') w WHERE w.follows IS NOT NULL AND w.path LIKE ? AND w.received_on BETWEEN ? AND ?) x
 WHERE x.nth = 1 GROUP BY 1, 2 ORDER BY 1, 2`, path, from, to).Scan(&all).Error)
			require.Greater(t, len(all), 8, unit)
			p := c.page(c.official, seven.Query{Page: seven.Persistency, Unit: unit, From: from, To: to})
			of, stay, whole := map[string]int64{}, map[string]int64{}, [2]int64{}
			for _, m := range all {
				of[m.Channel] += m.N
				whole[1] += m.N
				if m.Channel == m.Follows {
					stay[m.Channel] = m.N
					whole[0] += m.N
				}
			}
			require.Equal(t, whole, c.parts(line(t, p, "retention", "", "")), unit)
			told := 0
			for _, m := range all {
				require.Equal(t, [2]int64{stay[m.Channel], of[m.Channel]}, c.parts(line(t, p, "retention", m.Channel, "")), "%s: %s", unit, m.Channel)
				if l := line(t, p, "retention", m.Channel, m.Follows); !l.Suppressed {
					require.Equal(t, [2]int64{m.N, of[m.Channel]}, c.parts(l), "%s: %s to %s", unit, m.Channel, m.Follows)
					told++
				}
			}
			require.Positive(t, told, unit)
		}
	})
}

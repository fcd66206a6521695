package seven_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/calendar"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/insight/seven"
)

// fill lets people live at random for two years.
func (c *town) fill(people, cases int) {
	r := rand.New(rand.NewPCG(7, 11))
	pick := func(of ...string) string { return of[r.IntN(len(of))] }
	var who []string
	for range people {
		var in []int
		for g := range c.segments {
			if r.IntN(3) == 0 {
				in = append(in, g)
			}
		}
		who = append(who, c.person(pick("person", "person", "enterprise"), pick("", "D1", "D2", "D1-1"), in...))
	}
	for range cases {
		f := a{person: who[r.IntN(people)], unit: pick("LJ/", "LJ/CG/", "LJ/CG/01/", "LJ/GS/"), matter: pick("roads0", "roads1", "tax0", "tax1", ""),
			channel: pick("web", "web", "email", "phone", "counter", "offer"), confidentiality: pick("normal", "normal", "normal", "normal", "anonymous", "whistle"),
			at: c.now.Add(-time.Duration(r.IntN(700*24)) * time.Hour), duplicate: r.IntN(12) == 0, about: r.IntN(9) == 0, asked: r.IntN(5) / 4, grade: r.IntN(6)}
		if r.IntN(4) > 0 {
			f.done = time.Duration(1+r.IntN(240)) * time.Hour
			f.done = min(f.done, c.now.Sub(f.at))
		}
		if r.IntN(3) == 0 {
			f.contact = time.Hour
		}
		c.file(f)
	}
	for i, into := range map[int]int{0: 1, 3: 1, 4: 3, 5: 4, 6: 4} { // a chain of three with two at its end
		c.exec("UPDATE constituents SET merged_into_id = ?, head_id = ? WHERE id = ?", who[into], who[1], who[i])
		c.exec("DELETE FROM segment_members WHERE constituent_id = ?", who[i])
	}
	c.exec("UPDATE constituents SET erased_at = ? WHERE id = ?", c.now, who[2])
}

// linked is a table of cases with the person who asked, as the definitions say,
// written anew.
const linked = "linked_cases"

func (c *town) link() {
	c.exec(`CREATE TABLE linked_people AS WITH RECURSIVE up (under, head, next) AS (SELECT id, id, merged_into_id FROM constituents UNION
 SELECT u.under, c.id, c.merged_into_id FROM up u JOIN constituents c ON c.id = u.next) SELECT under, head FROM up WHERE next IS NULL`)
	c.exec(`CREATE TABLE linked_cases AS SELECT c.*, mt.code AS matter, mt.field_id AS field, p.head, p.kind AS who, p.district, u.path FROM cases c JOIN units u ON u.id = c.unit_id LEFT JOIN matters mt ON mt.id = c.matter_id LEFT JOIN
 (SELECT cp.case_id, h.id AS head, h.kind, CASE WHEN h.district_code LIKE 'D1%' THEN 'D1' WHEN h.district_code LIKE 'D2%' THEN 'D2' END AS district FROM case_parties cp JOIN constituents m ON m.id = cp.constituent_id
 JOIN (WITH RECURSIVE up (id, head, next) AS (SELECT id, id, merged_into_id FROM constituents UNION SELECT u.id, c.id, c.merged_into_id FROM up u JOIN constituents c ON c.id = u.next)
 SELECT u.id AS under, t.* FROM up u JOIN constituents t ON t.id = u.head WHERE u.next IS NULL) h ON h.under = m.id WHERE cp.role = 'requester' AND m.erased_at IS NULL AND h.erased_at IS NULL) p
 ON p.case_id = c.id AND c.confidentiality = 'normal' WHERE c.confidentiality <> 'whistle'`)
	c.exec("CREATE INDEX linked_cases_head_idx ON linked_cases (head)")
	c.exec("ANALYZE linked_cases")
}

// again counts by SQL over every case what the pages tell.
func (c *town) again(query, where string, args ...any) int64 {
	c.t.Helper()
	var n int64
	require.NoError(c.t, c.d.From(c.t.Context()).Raw(fmt.Sprintf(query, linked)+where, args...).Scan(&n).Error)
	return n
}

func (c *town) parts(l seven.Line) [2]int64 {
	c.t.Helper()
	require.False(c.t, l.Suppressed, l)
	require.NotNil(c.t, l.Numerator, l)
	require.NotNil(c.t, l.Denominator, l)
	return [2]int64{int64(*l.Numerator), int64(*l.Denominator)}
}

// days adds days to an instant of the table, on either engine.
func (c *town) later(column, days string) string {
	if c.d.Engine() == db.SQLite {
		return "datetime(" + column + ", '+" + days + " days')"
	}
	return column + " + interval '" + days + " days'"
}

func (c *town) instant(column string) string {
	if c.d.Engine() == db.SQLite {
		return "datetime(" + column + ")"
	}
	return column
}

func TestEveryFigureIsWhatTheCasesSay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d)
		c.together(func() { c.fill(50, 350) })
		c.link()
		require.NoError(t, c.s.Count(t.Context()))
		c.enter(seven.Entry{Kind: seven.Population, Amount: "1000"})
		c.enter(seven.Entry{Kind: seven.Population, Item: "district:D1", Amount: "400"})
		c.enter(seven.Entry{Kind: seven.Population, Item: "segment:" + c.segments[0], Amount: "300"})
		inSegment := " AND EXISTS (SELECT 1 FROM segment_members g WHERE g.constituent_id = x.head AND g.segment_id = '" + c.segments[0] + "')"
		for name, v := range map[string]struct {
			unit, group, within string
			from, to            calendar.Date
		}{
			"everybody":  {"LJ", "", "", calendar.NewDate(2025, 12, 1), calendar.NewDate(2026, 11, 30)},
			"a district": {"LJ", "district:D1", " AND x.district = 'D1'", calendar.NewDate(2025, 3, 1), calendar.NewDate(2026, 4, 30)},
			"a segment":  {"LJ", "segment:" + c.segments[0], inSegment, calendar.NewDate(2025, 1, 1), calendar.NewDate(2026, 10, 31)},
			"a bureau":   {"CG", "", " AND x.path LIKE 'LJ/CG/%'", calendar.NewDate(2026, 1, 1), calendar.NewDate(2026, 9, 30)},
		} {
			t.Run(name, func(t *testing.T) { c.compare(t, v.unit, v.group, v.within, v.from, v.to) })
		}
	})
}

func (c *town) compare(t *testing.T, unit, group, within string, from, to calendar.Date) {
	q := seven.Query{Unit: unit, Group: group, From: from, To: to}
	page := func(id string) *seven.Page { q.Page = id; return c.page(c.official, q) }
	p1, p2, p3 := page(seven.Profiling), page(seven.Persistency), page(seven.PublicValue)
	end := min(to, day(c.now))
	received, concluded := " AND x.received_on BETWEEN ? AND ?"+within, " AND x.concluded_on BETWEEN ? AND ?"+within
	one := func(query, where string, more ...any) int64 {
		return c.again(query, where, append([]any{from, end}, more...)...)
	}

	people := one("SELECT COUNT(DISTINCT x.head) FROM %s x WHERE x.channel <> 'offer'", received)
	filed := one("SELECT COUNT(*) FROM %s x WHERE x.channel <> 'offer' AND NOT x.duplicate", received)
	l := line(t, p1, "penetration", "", "")
	require.EqualValues(t, people, *l.Numerator)
	require.EqualValues(t, filed, *line(t, p1, "contact_rate", "", "").Numerator)
	if l.Denominator != nil {
		require.InDelta(t, float64(people) / *l.Denominator * 1000, *l.Value, 1e-9)
	}
	judged := one("SELECT COUNT(*) FROM %s x JOIN evaluations e ON e.case_id = x.id WHERE NOT x.duplicate AND e.evaluated_on BETWEEN ? AND ?", within)
	good := one("SELECT COUNT(*) FROM %s x JOIN evaluations e ON e.case_id = x.id WHERE NOT x.duplicate AND e.grade >= 3 AND e.evaluated_on BETWEEN ? AND ?", within)
	if group != "" {
		require.Equal(t, [2]int64{good, judged}, c.first(p1, "gap_satisfaction", group))
		due := one("SELECT COUNT(*) FROM %s x WHERE x.due_on BETWEEN ? AND ? AND x.due_at < ?", within, c.now)
		timely := one("SELECT COUNT(*) FROM %s x WHERE x.due_on BETWEEN ? AND ? AND x.due_at < ? AND x.concluded_at <= x.due_at", within, c.now)
		require.Equal(t, [2]int64{timely, due}, c.first(p1, "gap_on_time", group))
	}

	const closed = "SELECT COUNT(*) FROM %s x WHERE x.head IS NOT NULL AND NOT x.duplicate AND x.channel <> 'offer'"
	const ripe = " AND x.concluded_at <= ?"
	follows := func(days string) string {
		return " AND EXISTS (SELECT 1 FROM " + linked + " y WHERE y.head = x.head AND y.field = x.field AND y.id <> x.id AND NOT y.duplicate AND y.channel <> 'offer' AND " +
			c.instant("y.received_at") + " > " + c.instant("x.concluded_at") + " AND " + c.instant("y.received_at") + " <= " + c.later("x.concluded_at", days) + ")"
	}
	month, fortnight := c.now.Add(-30*24*time.Hour), c.now.Add(-14*24*time.Hour)
	require.Equal(t, [2]int64{one(closed, concluded+ripe+follows("30"), month), one(closed, concluded+ripe, month)}, c.parts(line(t, p2, "recontact", "", "")))
	atOnce := " AND (x.contacted_at IS NULL OR x.contacted_at >= x.concluded_at) AND NOT EXISTS (SELECT 1 FROM case_events e WHERE e.case_id = x.id AND e.action = 'request_info')"
	require.Equal(t, [2]int64{one(closed, concluded+ripe+atOnce+" AND NOT "+follows("14")[len(" AND "):], fortnight), one(closed, concluded+ripe, fortnight)},
		c.parts(line(t, p3, "first_contact", "", "")))

	const digital = "SELECT COUNT(*) FROM %s x WHERE x.head IS NOT NULL AND NOT x.duplicate AND x.channel IN ('web', 'email', 'api') AND x.matter IS NOT NULL"
	week := c.now.Add(-7 * 24 * time.Hour)
	turned := " AND EXISTS (SELECT 1 FROM " + linked + " y WHERE y.head = x.head AND y.matter = x.matter AND y.channel IN ('phone', 'counter') AND y.received_at > x.received_at AND " +
		c.instant("y.received_at") + " <= " + c.later("x.received_at", "7") + ")"
	require.Equal(t, [2]int64{one(digital, received+" AND x.received_at <= ?"+turned, week), one(digital, received+" AND x.received_at <= ?", week)}, c.parts(line(t, p2, "fallback", "", "")))

	c.compareUses(t, p2, within, from, end)
	c.compareFailures(t, p3, received, one)
}

// first is the rate of a group, which stands in a line with its ratio to all.
func (c *town) first(p *seven.Page, figure, item string) [2]int64 {
	for _, l := range p.Of(figure) {
		if l.Item == item {
			return c.parts(l)
		}
	}
	require.Fail(c.t, "no line")
	return [2]int64{}
}

func (c *town) compareUses(t *testing.T, p *seven.Page, within string, from, to calendar.Date) {
	later := "x.received_on"
	if c.d.Engine() == db.SQLite {
		later = "date(x.received_on, '+365 days')"
	} else {
		later = "x.received_on + 365"
	}
	const digital = "NOT %[2]s.duplicate AND %[2]s.channel IN ('web', 'email', 'api')"
	cohort := "SELECT COUNT(*) FROM %[1]s x WHERE x.head IS NOT NULL AND " + fmt.Sprintf(digital, "", "x") +
		" AND NOT EXISTS (SELECT 1 FROM %[1]s y WHERE y.head = x.head AND " + fmt.Sprintf(digital, "", "y") + " AND (y.received_at < x.received_at OR y.received_at = x.received_at AND y.id < x.id))" +
		" AND x.received_on BETWEEN ? AND ? AND " + later + " <= ?"
	back := " AND EXISTS (SELECT 1 FROM " + linked + " z WHERE z.head = x.head AND " + fmt.Sprintf(digital, "", "z") + " AND z.matter <> COALESCE(x.matter, '') AND z.received_at >= x.received_at AND z.received_on <= " + later + ")"
	got := line(t, p, "repeat_use", "", "")
	n := c.again(cohort, within, from, to, day(c.now))
	if n > 0 && n < 5 {
		require.True(t, got.Suppressed)
	} else {
		require.Equal(t, [2]int64{c.again(cohort, within+back, from, to, day(c.now)), n}, c.parts(got))
	}

	if p.Unit.Code == "LJ" { // of a part of the tree the next contact may be elsewhere: told by hand below
		next := `SELECT COUNT(*) FROM (SELECT x.*, LEAD(x.channel) OVER (PARTITION BY x.head ORDER BY x.received_at, x.id) AS follows FROM %[1]s x WHERE x.head IS NOT NULL AND x.channel <> 'offer') x
 WHERE x.follows IS NOT NULL AND x.channel = 'web' AND x.received_on BETWEEN ? AND ? AND NOT EXISTS (
 SELECT 1 FROM %[1]s y WHERE y.head = x.head AND y.channel = 'web' AND y.received_on >= ? AND (y.received_at < x.received_at OR y.received_at = x.received_at AND y.id < x.id))`
		require.Equal(t, [2]int64{c.again(next, within+" AND x.follows = 'web'", from, to, from), c.again(next, within, from, to, from)}, c.parts(line(t, p, "retention", "web", "")))
	}
}

func (c *town) compareFailures(t *testing.T, p *seven.Page, received string, one func(string, string, ...any) int64) {
	filed := one("SELECT COUNT(*) FROM %s x WHERE x.channel <> 'offer' AND NOT x.duplicate", received)
	chasers := one("SELECT COUNT(*) FROM %s x WHERE x.channel <> 'offer' AND x.duplicate", received)
	corrections := one("SELECT COUNT(*) FROM %s x JOIN case_events e ON e.case_id = x.id AND e.action = 'request_info' WHERE x.channel <> 'offer'", received)
	repeats := " AND EXISTS (SELECT 1 FROM " + linked + " y WHERE y.head = x.head AND y.field = x.field AND y.id <> x.id AND NOT y.duplicate AND y.channel <> 'offer' AND " +
		c.instant("x.received_at") + " > " + c.instant("y.concluded_at") + " AND " + c.instant("x.received_at") + " <= " + c.later("y.concluded_at", "30") + ")"
	repeat := one("SELECT COUNT(*) FROM %s x WHERE x.channel <> 'offer' AND NOT x.duplicate", received+repeats)
	about := one("SELECT COUNT(*) FROM %s x WHERE x.channel <> 'offer' AND NOT x.duplicate AND EXISTS (SELECT 1 FROM case_parties s WHERE s.case_id = x.id AND s.role = 'subject')",
		received+" AND NOT ("+repeats[len(" AND "):]+")")
	require.Equal(t, [2]int64{chasers + corrections + repeat + about, filed + chasers + corrections}, c.parts(line(t, p, "failure", "", "")))
	for reason, n := range map[string]int64{seven.Chaser: chasers, seven.Correction: corrections, seven.Repeat: repeat, seven.Handling: about} {
		if l := line(t, p, "failure", reason, ""); !l.Suppressed {
			require.EqualValues(t, n, *l.Numerator, reason)
		}
	}
}

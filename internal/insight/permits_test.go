package insight_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/calendar"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/insight"
	"minqing/internal/permittypes"
)

// law gives each type limits of its own: version 2 promises more.
type law struct{}

var limits = map[string][2]int{"food 1": {8, 20}, "food 2": {5, 20}, "sign 1": {10, 20}, "tree 1": {20, 20}}

func (law) Version(_ context.Context, code string, version int64) (*permittypes.Type, error) {
	l := limits[fmt.Sprint(code, " ", version)]
	promised, _ := calendar.NewLimit(l[0], calendar.WorkingDays)
	statutory, err := calendar.NewLimit(l[1], calendar.WorkingDays)
	return &permittypes.Type{Code: code, Version: version, Promised: promised, Statutory: statutory}, err
}

// applied is an application in the life of which chance has its say.
type applied struct {
	unit     int
	code     string
	version  int
	received calendar.Date
	took     int // days to the decision; negative: none yet
	stood    int // of these, days on which the clock stood still
	correct  []string
	answers  []string // questions whose answers were asked for anew
	accepted bool
}

func (c *city) apply(a applied) {
	c.t.Helper()
	at := a.received.Start(taipei).Add(10 * time.Hour)
	id, key, app := db.NewID(at), db.NewID(at), db.NewID(at)
	holder := db.NewID(at)
	c.exec("INSERT INTO vault_keys (id, owner_kind, suite, ring_key, created_at) VALUES (?, 'case', 'aes256gcm', 'k1', ?)", key, at)
	c.exec("INSERT INTO constituents (id, kind, locale, created_at, vault_key_id) VALUES (?, 'person', 'en', ?, ?)", holder, at, key)
	c.exec(`INSERT INTO cases (id, case_no, track, kind, status, confidentiality, channel, locale, unit_id, received_at, received_on, code_key, created_at, updated_at)
 VALUES (?, ?, 'permit', 'permit_application', 'concluded', 'normal', 'web', 'en', ?, ?, ?, 'k1', ?, ?)`, id, id, c.units[a.unit], at, a.received, at, at)
	state, accepted := "submitted", any(nil)
	if a.accepted {
		state, accepted = "accepted", a.received.Add(1)
	}
	if a.took >= 0 {
		state = "granted"
	}
	c.exec(`INSERT INTO permit_applications (id, holder_id, type_code, type_version, state, vault_key_id, case_id, received_at, received_on, accepted_on, created_at, updated_at)
 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, app, holder, a.code, a.version, state, key, id, at, a.received, accepted, at, at)
	if len(a.correct)+len(a.answers) > 0 {
		notice := db.NewID(at)
		c.exec("INSERT INTO permit_notices (id, application_id, no, given_at, given_on, due_on) VALUES (?, ?, 1, ?, ?, ?)", notice, app, at, a.received, a.received.Add(9))
		for _, name := range a.answers {
			c.exec("INSERT INTO permit_notice_answers (notice_id, name, reason) VALUES (?, ?, 'x')", notice, name)
		}
		for _, code := range a.correct {
			m := db.NewID(at)
			c.exec("INSERT INTO permit_materials (id, application_id, code, round, created_at) VALUES (?, ?, ?, 1, ?)", m, app, code, at)
			c.exec("INSERT INTO permit_notice_items (notice_id, material_id, code, reason) VALUES (?, ?, ?, 'x')", notice, m, code)
		}
	}
	if a.took < 0 {
		return
	}
	c.exec("INSERT INTO permit_decisions (id, application_id, no, grants, drafted_at, decided_at, decided_on) VALUES (?, ?, 1, ?, ?, ?, ?)", db.NewID(at), app, true, at, at, a.received.Add(a.took))
	pauses := "[]"
	if a.stood > 0 {
		from := a.received.Add(1).Start(taipei).Add(9 * time.Hour).UTC()
		pauses = fmt.Sprintf(`[{"type":"expert","from":%q,"to":%q,"before":%q}]`, from.Format(time.RFC3339), from.AddDate(0, 0, a.stood).Format(time.RFC3339), from.Format(time.RFC3339))
	}
	c.exec("INSERT INTO case_clocks (case_id, kind, no, time_limit, started_at, due_at, state, pauses) VALUES (?, 'conclusion', 1, '8wd', ?, ?, 'met', ?)", id, at, at, pauses)
	c.exec("INSERT INTO stood_still (case_id, days) VALUES (?, ?)", id, a.stood)
}

// nth is the n-th smallest of what an independent statement gives.
func (c *city) nth(what, where string, share float64) int64 {
	c.t.Helper()
	from := ` FROM cases c, permit_applications a, permit_decisions d, stood_still s WHERE a.case_id = c.id AND d.application_id = a.id AND CAST(s.case_id AS text) = CAST(c.id AS text) AND d.decided_on >= '2026-03-01' AND d.decided_on <= '2026-05-31'` + where
	var n, value int64
	require.NoError(c.t, c.d.From(context.Background()).Raw("SELECT COUNT(*)"+from).Scan(&n).Error)
	place := int64(float64(n)*share+0.999999) - 1
	require.NoError(c.t, c.d.From(context.Background()).Raw(fmt.Sprintf("SELECT %s AS days%s ORDER BY 1 LIMIT 1 OFFSET %d", what, from, place)).Scan(&value).Error)
	return value
}

func TestFiguresOfPermitsAreThoseOfAnotherCount(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newCity(t, d)
		c.s.PermitTypes = law{}
		c.exec("CREATE TABLE stood_still (case_id TEXT, days INTEGER)")
		r := rand.New(rand.NewPCG(7, 7))
		codes, first := []string{"food", "sign", "tree"}, calendar.NewDate(2026, 2, 1)
		for made := range 170 {
			a := applied{unit: r.IntN(3), code: codes[r.IntN(3)], version: 1, received: first.Add(r.IntN(110)), took: r.IntN(30) - 4, accepted: r.IntN(8) > 0}
			if a.code == "food" {
				a.version += r.IntN(2)
			}
			if a.took > 8 && r.IntN(3) == 0 {
				a.stood = 1 + r.IntN(a.took-2)
			}
			for _, m := range []string{"plan", "lease"} {
				if r.IntN(4) == 0 {
					a.correct = append(a.correct, m)
				}
			}
			for _, q := range []string{"area", "plan"} { // a question may be called as a material is
				if r.IntN(4) == 0 {
					a.answers = append(a.answers, q)
				}
			}
			if made%3 == 0 { // something that no list had, and for some two things, which are one cause
				a.correct = append(a.correct, "further_1")
			}
			if made%6 == 0 {
				a.correct = append(a.correct, "further_2")
			}
			c.apply(a)
		}
		q := insight.Query{From: calendar.NewDate(2026, 3, 1), To: calendar.NewDate(2026, 5, 31), GroupBy: insight.ByPermitType}
		report, err := c.s.Permits(system(), q)
		require.NoError(t, err)
		require.Len(t, report.Rows, 3)
		days := map[bool]string{true: "CAST(julianday(d.decided_on) - julianday(a.received_on) AS INTEGER)", false: "(d.decided_on - a.received_on)"}[d.Engine() == db.SQLite]
		for _, row := range append(report.Rows, report.Total) {
			where, kept := "", ""
			if row.Key != "" {
				where = " AND a.type_code = '" + row.Key + "'"
			}
			require.Equal(t, c.nth(days, where, 0.5), *row.Gross.Median, row.Key)
			require.Equal(t, c.nth(days, where, 0.9), *row.Gross.P90, row.Key)
			require.Equal(t, c.nth("s.days", where, 0.5), *row.Suspended.Median, row.Key)
			require.Equal(t, c.nth("s.days", where, 0.9), *row.Suspended.P90, row.Key)
			require.Equal(t, c.nth(days+" - s.days", where, 0.5), *row.Net.Median, row.Key)
			require.Equal(t, c.nth(days+" - s.days", where, 0.9), *row.Net.P90, row.Key)
			var sum struct{ Share float64 }
			require.NoError(t, d.From(t.Context()).Raw(`SELECT AVG(1 - CASE WHEN a.type_code = 'food' AND a.type_version = 1 THEN 0.4 WHEN a.type_code = 'food' THEN 0.25 WHEN a.type_code = 'sign' THEN 0.5 ELSE 1.0 END) AS share
 FROM permit_applications a, permit_decisions d WHERE d.application_id = a.id AND d.decided_on >= '2026-03-01' AND d.decided_on <= '2026-05-31'`+where).Scan(&sum).Error)
			require.InDelta(t, sum.Share, *row.Compression, 1e-9, row.Key)
			var n, right int64
			kept = ` FROM permit_applications a WHERE a.received_on >= '2026-03-01' AND a.received_on <= '2026-05-31'` + where
			require.NoError(t, d.From(t.Context()).Raw("SELECT COUNT(*)"+kept+" AND (a.accepted_on IS NOT NULL OR a.id IN (SELECT application_id FROM permit_notices))").Scan(&n).Error)
			require.NoError(t, d.From(t.Context()).Raw("SELECT COUNT(*)"+kept+" AND a.accepted_on IS NOT NULL AND a.id NOT IN (SELECT application_id FROM permit_notices)").Scan(&right).Error)
			require.Equal(t, []int64{right, n}, []int64{*row.FirstRight.Numerator, *row.FirstRight.Denominator}, row.Key)
		}
		// Counted anew, row by row: an application counts once for whatever was wanted besides
		// its list, however much that was.
		var asked []struct{ ID, TypeCode, Code, Kind string }
		const of = "FROM permit_notices n, %s i, permit_applications a WHERE i.notice_id = n.id AND n.application_id = a.id AND a.received_on >= '2026-03-01' AND a.received_on <= '2026-05-31'"
		require.NoError(t, d.From(t.Context()).Raw("SELECT a.id, a.type_code, i.code, 'material' AS kind "+fmt.Sprintf(of, "permit_notice_items")+
			" UNION ALL SELECT a.id, a.type_code, i.name, 'answer' "+fmt.Sprintf(of, "permit_notice_answers")).Scan(&asked).Error)
		counted := map[string]map[string]bool{}
		for _, one := range asked {
			code := one.Code
			if strings.HasPrefix(code, "further_") {
				code = "further_"
			}
			key := one.Kind + " " + one.TypeCode + " " + code
			if counted[key] == nil {
				counted[key] = map[string]bool{}
			}
			counted[key][one.ID] = true
		}
		further, answers := 0, 0
		for _, cause := range report.Causes {
			kind := "material"
			if cause.Answer {
				kind = "answer"
				answers++
			}
			require.EqualValues(t, len(counted[kind+" "+cause.TypeCode+" "+cause.Code]), *cause.Asked.Numerator, "%s %s", kind, cause.Code)
			if cause.Code == insight.FurtherMaterial {
				further++
			}
		}
		require.Len(t, report.Causes, len(counted))
		require.Equal(t, 3, further, "of each type")
		require.Equal(t, 6, answers, "two of each type")
		q.GroupBy = insight.ByUnit
		byUnit, err := c.s.Permits(system(), q)
		require.NoError(t, err)
		require.Equal(t, report.Total.Gross, byUnit.Total.Gross)
		require.Equal(t, report.Total.FirstRight, byUnit.Total.FirstRight)
		own, err := c.s.Permits(c.official("GS"), q)
		require.NoError(t, err)
		require.Len(t, own.Rows, 1, "of one's own units alone")
	})
}

func TestSmallFiguresOfPermitsAreHidden(t *testing.T) {
	c := newCity(t, dbtest.New(t))
	c.s.PermitTypes = law{}
	c.exec("CREATE TABLE stood_still (case_id TEXT, days INTEGER)")
	day := calendar.NewDate(2026, 4, 1)
	for i := range 3 {
		c.apply(applied{code: "food", version: 1, received: day, took: i, accepted: true, correct: []string{"plan"}})
	}
	for i := range 9 {
		c.apply(applied{code: "sign", version: 1, received: day, took: i, accepted: true})
	}
	for i := range 20 {
		c.apply(applied{code: "tree", version: 1, received: day, took: i, accepted: true})
	}
	q := insight.Query{From: day, To: day.Add(60), GroupBy: insight.ByPermitType}
	r, err := c.s.Permits(system(), q)
	require.NoError(t, err)
	food, sign, tree := r.Rows[0], r.Rows[1], r.Rows[2]
	require.True(t, food.Decided.Suppressed)
	require.Nil(t, food.Gross.Median)
	require.Nil(t, food.Compression)
	require.True(t, food.FirstRight.Suppressed)
	require.True(t, sign.Decided.Suppressed, "or the total less the others would give the small one")
	require.EqualValues(t, 9, *tree.Gross.Median)
	require.Nil(t, tree.Gross.P90, "of too few")
	require.EqualValues(t, 32, r.Total.Decided.N)
	require.Empty(t, r.Causes, "three people are not told apart")
	for _, bad := range []insight.Query{{From: day, To: day.Add(-1), GroupBy: insight.ByUnit}, {From: day, To: day, GroupBy: insight.ByMonth}, {From: 0, To: day, GroupBy: insight.ByUnit}} {
		_, err := c.s.Permits(system(), bad)
		require.Equal(t, fault.Invalid, fault.KindOf(err))
	}
}

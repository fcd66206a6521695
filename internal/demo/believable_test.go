package demo_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/demo"
)

// What hotlines report of themselves: most people are reached and most cases
// are done in time, not all are content, and much of what came in lately is
// still on its way.
func TestAYearOfTheCityIsBelievable(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := loader(t, d)
		l.Filers = map[string]demo.Filer{"citizen@demo.test": filer(t, d, l), "company@demo.test": filer(t, d, l)}
		to := calendar.NewDate(2026, 11, 24)
		_, err := l.Load(system(), demo.LoadOptions{Cases: 1200, Seed: 1, From: to.Add(-364), To: to})
		require.NoError(t, err)
		share := func(part, of, where string, args ...any) float64 {
			t.Helper()
			var c struct{ Part, Whole float64 }
			require.NoError(t, d.From(system()).Raw("SELECT sum(CASE WHEN "+part+" THEN 1.0 ELSE 0 END) AS part, count(*) AS whole FROM "+of+" WHERE "+where, args...).Scan(&c).Error)
			return c.Part / c.Whole
		}
		between := func(low, high, share float64, what string) {
			t.Helper()
			require.True(t, share >= low && share <= high, "%s: %.3f", what, share)
		}
		const open = "status NOT IN ('concluded', 'not_accepted', 'withdrawn', 'transferred', 'archived')"
		between(0.94, 0.995, share("contacted_at <= response_due_at", "cases", "response_due_at < ? AND NOT (status = 'withdrawn' AND contacted_at IS NULL)", loadedAt), "response")
		between(0.90, 0.97, share("concluded_at <= due_at", "cases", "due_at < ? AND status NOT IN ('not_accepted', 'withdrawn', 'transferred')", loadedAt), "on time")
		between(0.77, 0.92, share("resolved = 'yes'", "evaluations", "round = 1"), "resolution")
		between(0.85, 0.93, share("grade >= 3", "evaluations", "round = 1"), "satisfaction")
		between(0.25, 0.50, share("EXISTS (SELECT 1 FROM evaluations e WHERE e.case_id = cases.id)", "cases", "status = 'concluded'"), "participation")
		between(0.09, 0.16, share(open, "cases", "1 = 1"), "open")
		between(0.005, 0.20, share("due_at < ?", "cases", open, loadedAt), "overdue of the open ones")
		between(0.01, 0.08, share("suspended_at IS NOT NULL", "cases", open), "suspended of the open ones")
		between(0.001, 0.04, share("extension_asked <> ''", "cases", open), "more time asked for")
		const told = "EXISTS (SELECT 1 FROM case_events e WHERE e.case_id = cases.id AND e.action = ?)"
		between(0.01, 0.05, share(told, "cases", "1 = 1", string(cases.ActSuspend)), "suspended at some time")
		between(0.01, 0.04, share("extension_count > 0", "cases", "1 = 1"), "extended")

		count := func(query string, args ...any) (n int) {
			t.Helper()
			require.NoError(t, d.From(system()).Raw("SELECT count(*) FROM "+query, args...).Scan(&n).Error)
			return n
		}
		for _, s := range cases.Statuses {
			if s != cases.Merged { // done by real acts, once the city is loaded
				require.Positive(t, count("cases WHERE status = ?", s), s)
			}
		}
		require.Zero(t, count("cases WHERE received_at > ? OR concluded_at > ?", loadedAt, loadedAt), "nothing of the future")
		require.Zero(t, count("case_events e JOIN case_events f ON f.case_id = e.case_id AND f.seq = e.seq + 1 WHERE f.at < e.at"), "one after the other")
		require.Zero(t, count("cases WHERE status IN ('submitted', 'accepted', 'need_info') AND received_at < ?", loadedAt.AddDate(0, 0, -21)), "the desk leaves nothing lying")
		for who, wanted := range map[string]int{"citizen@demo.test": 7, "company@demo.test": 5} {
			id := l.Filers[who].ConstituentID
			require.Equal(t, wanted, count("case_parties WHERE constituent_id = ?", id), who)
			require.Positive(t, count("cases c JOIN case_parties p ON p.case_id = c.id WHERE p.constituent_id = ? AND c.status = 'concluded' AND NOT EXISTS (SELECT 1 FROM evaluations e WHERE e.case_id = c.id)", id), "one to be judged")
		}
		require.Equal(t, 1, count("cases c JOIN case_parties p ON p.case_id = c.id JOIN evaluations e ON e.case_id = c.id WHERE p.constituent_id = ? AND e.grade = 1 AND c.appealed = ?",
			l.Filers["citizen@demo.test"].ConstituentID, true))
	})
}

func filer(t *testing.T, d *db.DB, l *demo.Loader) demo.Filer {
	id, err := l.Cases.Constituents.Create(system(), constituents.Contact{Name: "林小滿"}, "zh-Hant")
	require.NoError(t, err)
	return demo.Filer{ConstituentID: id, AccountID: member(t, d, "enterprise")}
}

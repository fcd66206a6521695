package seven_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/calendar"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
)

// asked is a case as the recount in Go looks at it.
type asked struct {
	Who, Field  string
	ReceivedAt  time.Time
	ReceivedOn  calendar.Date
	ConcludedAt *time.Time
	Duplicate   bool
}

// TestSevenPCountsAMergedChainAsOnePerson merges at random and takes back, in chains,
// and counts people, and those who came back, by walking the chains in Go.
func TestSevenPCountsAMergedChainAsOnePerson(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d)
		c.together(func() { c.fill(30, 250) })
		people := constituents.New(constituents.Deps{DB: d, Now: func() time.Time { return c.now }})
		var who, erased []string
		require.NoError(t, d.From(t.Context()).Raw("SELECT id FROM constituents ORDER BY id").Scan(&who).Error)
		require.NoError(t, d.From(t.Context()).Raw("SELECT id FROM constituents WHERE erased_at IS NOT NULL").Scan(&erased).Error)
		c.exec("UPDATE constituents SET merged_into_id = NULL")
		require.NoError(t, people.Rehang(system()))
		var cases []asked
		require.NoError(t, d.From(t.Context()).Raw(`SELECT p.constituent_id AS who, COALESCE(CAST(mt.field_id AS text), '') AS field, c.received_at, c.received_on, c.concluded_at, c.duplicate
 FROM cases c JOIN case_parties p ON p.case_id = c.id AND p.role = 'requester' LEFT JOIN matters mt ON mt.id = c.matter_id WHERE c.confidentiality = 'normal' AND c.channel <> 'offer'`).Scan(&cases).Error)
		r, into, deep := rand.New(rand.NewPCG(3, 5)), map[string]string{}, 0
		head := func(id string) (string, int) {
			steps := 0
			for ; into[id] != ""; steps++ {
				id = into[id]
			}
			return id, steps
		}
		for round := range 12 {
			for range 8 {
				a, b := who[r.IntN(len(who))], who[r.IntN(len(who))]
				if into[a] != "" && r.IntN(3) == 0 {
					delete(into, a)
					c.exec("UPDATE constituents SET merged_into_id = NULL WHERE id = ?", a)
				} else if top, _ := head(b); into[a] == "" && into[b] == "" && top != a {
					into[a] = b
					c.exec("UPDATE constituents SET merged_into_id = ? WHERE id = ?", b, a)
				}
				require.NoError(t, people.Rehang(system()))
			}
			for _, id := range who {
				if _, steps := head(id); steps > 1 {
					deep++
				}
			}
			require.NoError(t, c.s.Count(t.Context()))
			months, again := map[string]map[string]bool{}, int64(0)
			for i, f := range cases {
				top, _ := head(f.Who)
				if slices.Contains(erased, f.Who) || slices.Contains(erased, top) {
					continue
				}
				month := f.ReceivedOn.String()[:7]
				if months[month] == nil {
					months[month] = map[string]bool{}
				}
				months[month][top] = true
				if f.Duplicate || f.ConcludedAt == nil || f.Field == "" || c.now.Before(f.ConcludedAt.Add(30*24*time.Hour)) {
					continue
				}
				if slices.ContainsFunc(cases, func(o asked) bool {
					his, _ := head(o.Who)
					return o != cases[i] && his == top && !slices.Contains(erased, o.Who) && !o.Duplicate && o.Field == f.Field && o.ReceivedAt.After(*f.ConcludedAt) && !o.ReceivedAt.After(f.ConcludedAt.Add(30*24*time.Hour))
				}) {
					again++
				}
			}
			want := map[string]int64{}
			for month, heads := range months {
				want[month] = int64(len(heads))
			}
			var rows []struct {
				Month calendar.Date
				N     int64
			}
			require.NoError(t, d.From(t.Context()).Raw("SELECT month, CAST(SUM(n) AS bigint) AS n FROM seven_cells WHERE group_key = '' AND measure = 'people' AND unit_id = ? GROUP BY month", c.units["LJ/"]).Scan(&rows).Error)
			got := map[string]int64{}
			for _, one := range rows {
				got[one.Month.String()[:7]] = one.N
			}
			require.Equal(t, want, got, "round %d", round)
			var counted int64
			require.NoError(t, d.From(t.Context()).Raw("SELECT CAST(COALESCE(SUM(n), 0) AS bigint) FROM seven_cells WHERE group_key = '' AND measure = 'again'").Scan(&counted).Error)
			require.Equal(t, again, counted, "round %d", round)
			require.Positive(t, again)
		}
		require.Greater(t, deep, 10, "chains of three and more were tried")
	})
}

package insight_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/calendar"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/insight"
)

// judged makes n concluded cases of a unit, of which some are satisfied.
func (c *city) judged(unit, n, satisfied int, channel string) {
	for i := range n {
		id := c.file(a{unit: unit, channel: channel})
		c.contact(id)
		c.conclude(id)
		if i < satisfied {
			c.judge(id, 4, "yes")
		} else {
			c.judge(id, 1, "no")
		}
	}
}

func TestEveryGroupingAddsUpToTheSameTotal(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newCity(t, d)
		c.judged(0, 12, 9, "web")
		c.now = c.now.AddDate(0, 1, 0)
		c.judged(1, 8, 2, "phone")
		require.NoError(t, c.s.Rebuild(t.Context()))
		for _, g := range insight.Groups {
			r := c.report(system(), g)
			got := rate(r.Total, "satisfaction")
			require.EqualValues(t, 11, *got.Numerator, g)
			require.EqualValues(t, 20, *got.Denominator, g)
			require.InDelta(t, 0.55, *got.Value, 1e-9)
			require.Less(t, *got.Low, 0.55)
			require.Greater(t, *got.High, 0.55)
		}
		require.Len(t, c.report(system(), insight.ByChannel).Rows, 2)
		months := c.report(system(), insight.ByMonth)
		require.Equal(t, "2026-09-01", months.Rows[0].Key)
		require.EqualValues(t, 12, months.Rows[0].Filed.N)
	})
}

func TestOthersSeeOnlyTheirOwnUnits(t *testing.T) {
	c := newCity(t, dbtest.New(t))
	c.judged(0, 12, 9, "web")
	c.judged(1, 8, 2, "phone")
	require.NoError(t, c.s.Rebuild(t.Context()))
	for _, g := range insight.Groups {
		require.EqualValues(t, 8, c.report(c.official("GS"), g).Total.Filed.N, g)
	}
}

func TestSmallCellsAreHiddenAndCannotBeWorkedOut(t *testing.T) {
	c := newCity(t, dbtest.New(t))
	c.judged(0, 3, 1, "web")
	c.judged(1, 8, 2, "web")
	c.judged(2, 40, 30, "web")
	require.NoError(t, c.s.Rebuild(t.Context()))
	r := c.report(system(), insight.ByUnit)
	small, middle, large := rate(r.Rows[0], "satisfaction"), rate(r.Rows[1], "satisfaction"), rate(r.Rows[2], "satisfaction")
	require.True(t, small.Suppressed)
	require.Nil(t, small.Numerator)
	require.True(t, middle.Suppressed, "or the total less the others would give the small one")
	require.False(t, large.Suppressed)
	require.True(t, r.Rows[0].Filed.Suppressed)
	require.EqualValues(t, 51, *rate(r.Total, "satisfaction").Denominator)
}

func TestMattersAreCountedByWholeMonths(t *testing.T) {
	c := newCity(t, dbtest.New(t))
	r, err := c.s.Performance(system(), insight.Query{From: calendar.NewDate(2026, 9, 20), To: calendar.NewDate(2026, 12, 5), GroupBy: insight.ByMatter})
	require.NoError(t, err)
	require.Equal(t, "2026-09-01", r.From.String())
	require.Equal(t, "2026-12-31", r.To.String())
	require.True(t, r.WholeMonths)
}

func TestWhatGotWorseNeedsIntervalsApart(t *testing.T) {
	c := newCity(t, dbtest.New(t))
	c.judged(0, 60, 57, "web")
	c.judged(1, 60, 40, "web")
	c.now = c.now.Add(30 * 24 * time.Hour)
	c.judged(0, 60, 30, "web")
	c.judged(1, 60, 36, "web")
	require.NoError(t, c.s.Rebuild(t.Context()))
	q := insight.Query{From: day(c.now).Add(-9), To: day(c.now).Add(20), GroupBy: insight.ByUnit}
	r, err := c.s.Performance(system(), q)
	require.NoError(t, err)
	changes, err := c.s.Worse(system(), r)
	require.NoError(t, err)
	seen := map[string]bool{}
	for _, ch := range changes {
		if insight.Figures[ch.Figure].ID == "satisfaction" && !ch.Total {
			seen[ch.Key] = true
		}
	}
	require.Equal(t, map[string]bool{c.units[0]: true}, seen)
}

func TestReversedAndEndlessPeriodsAreRefused(t *testing.T) {
	c := newCity(t, dbtest.New(t))
	for _, q := range []insight.Query{
		{From: 20, To: 10, GroupBy: insight.ByUnit}, {From: 0, To: insight.LongestPeriod, GroupBy: insight.ByUnit}, {GroupBy: "colour"},
	} {
		_, err := c.s.Performance(system(), q)
		require.Equal(t, fault.Invalid, fault.KindOf(err))
	}
}

func TestALongPeriodIsTheSumOfItsDays(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newCity(t, d)
		c.now = time.Date(2026, 5, 30, 2, 0, 0, 0, time.UTC)
		for range 100 {
			for range 5 {
				c.file(a{})
			}
			c.now = c.now.Add(26 * time.Hour)
		}
		require.NoError(t, c.s.Rebuild(t.Context()))
		filed := func(from, to calendar.Date) int64 {
			r, err := c.s.Performance(system(), insight.Query{From: from, To: to, GroupBy: insight.ByMonth})
			require.NoError(t, err)
			n := int64(0)
			for _, row := range r.Rows {
				n += row.Filed.N
			}
			return n
		}
		for _, p := range [][2]string{{"2026-05-31", "2026-09-10"}, {"2026-06-01", "2026-08-31"}, {"2026-06-02", "2026-08-30"}, {"2026-05-15", "2026-07-31"}} {
			from, err := calendar.ParseDate(p[0])
			require.NoError(t, err)
			to, err := calendar.ParseDate(p[1])
			require.NoError(t, err)
			sum := int64(0)
			for day := from; day <= to; day++ {
				sum += filed(day, day)
			}
			require.Positive(t, sum)
			require.Equal(t, sum, filed(from, to), p)
		}
	})
}

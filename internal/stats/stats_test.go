package stats_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"minqing/internal/stats"
)

func TestWilsonIntervals(t *testing.T) {
	for _, v := range []struct {
		k, n      int64
		low, high float64
	}{
		{8, 10, 0.4902, 0.9433}, {45, 50, 0.7864, 0.9565}, {90, 100, 0.8256, 0.9448},
		{0, 12, 0, 0.2425}, {5, 5, 0.5655, 1}, {930, 1000, 0.9125, 0.9442},
	} {
		r := stats.Rate{Numerator: v.k, Denominator: v.n}
		require.InDelta(t, v.low, r.Low(), 0.00005, "%d/%d", v.k, v.n)
		require.InDelta(t, v.high, r.High(), 0.00005, "%d/%d", v.k, v.n)
	}
	none := stats.Rate{}
	require.False(t, none.Defined())
	require.True(t, math.IsNaN(none.Value()) && math.IsNaN(none.Low()) && math.IsNaN(none.High()))
	require.Equal(t, stats.Rate{Numerator: 3, Denominator: 15}, stats.Rate{Numerator: 1, Denominator: 5}.Plus(stats.Rate{Numerator: 2, Denominator: 10}))
}

func TestTheIntervalHoldsTheRateAndNarrows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(1, 1_000_000).Draw(t, "n")
		r := stats.Rate{Numerator: rapid.Int64Range(0, n).Draw(t, "k"), Denominator: n}
		require.LessOrEqual(t, 0.0, r.Low())
		require.LessOrEqual(t, r.Low(), r.Value())
		require.LessOrEqual(t, r.Value(), r.High())
		require.LessOrEqual(t, r.High(), 1.0)
		low, high := r.Interval(stats.Z998)
		require.LessOrEqual(t, low, r.Low())
		require.GreaterOrEqual(t, high, r.High())
		ten := stats.Rate{Numerator: 10 * r.Numerator, Denominator: 10 * n}
		require.Less(t, ten.High()-ten.Low(), r.High()-r.Low())
	})
}

func TestNewcombeDifference(t *testing.T) {
	value, low, high := stats.Difference(stats.Rate{Numerator: 180, Denominator: 1000}, stats.Rate{Numerator: 120, Denominator: 1000})
	require.InDelta(t, 0.0600, value, 0.00005)
	require.InDelta(t, 0.0288, low, 0.00005)
	require.InDelta(t, 0.0912, high, 0.00005)
	value, _, _ = stats.Difference(stats.Rate{}, stats.Rate{Numerator: 1, Denominator: 2})
	require.True(t, math.IsNaN(value))
}

func TestHowManyPeopleAComparisonNeeds(t *testing.T) {
	require.EqualValues(t, 2033, stats.PerArm(0.12, 0.15))
	require.EqualValues(t, 2033, stats.PerArm(0.15, 0.12), "either way")
	require.InDelta(t, 0.03, stats.Detectable(0.12, 2033, 2033), 0.0001)
	require.InDelta(t, stats.Detectable(0.1, 360, 360), stats.Detectable(0.1, 1800, 200), 1e-6, "the smaller group decides")
	require.Zero(t, stats.PerArm(0.1, 0.1))
	require.Zero(t, stats.PerArm(math.NaN(), 0.1))
	require.Zero(t, stats.PerArm(0.1, 1.1))
	require.True(t, math.IsNaN(stats.Detectable(0.1, 0, 5)))
	require.True(t, math.IsNaN(stats.Detectable(0.5, 2, 2)), "even certainty would not show")
}

func TestPoissonInterval(t *testing.T) {
	low, high := stats.Poisson(10) // exact: 4.795 to 18.39
	require.InDelta(t, 4.795, low, 0.03)
	require.InDelta(t, 18.39, high, 0.03)
	low, high = stats.Poisson(0) // exact: 0 to 3.689
	require.Zero(t, low)
	require.InDelta(t, 3.689, high, 0.07)
	low, _ = stats.Poisson(-1)
	require.True(t, math.IsNaN(low))
}

func TestSmallCellsAreHiddenTogetherWithAnother(t *testing.T) {
	for _, v := range []struct {
		people []int64
		hide   []bool
		total  bool
	}{
		{[]int64{20, 30, 40}, []bool{false, false, false}, false},
		{[]int64{3, 30, 20}, []bool{true, false, true}, false},         // the smallest other one goes too
		{[]int64{3, 4, 20}, []bool{true, true, false}, false},          // 7 people between two cells
		{[]int64{1, 2, 20}, []bool{true, true, true}, false},           // 3 people would still show
		{[]int64{3, 0, 0}, []bool{true, false, false}, true},           // nothing to hide it behind
		{[]int64{1, 2}, []bool{true, true}, true},                      // the total itself is small
		{[]int64{0, 0, 50}, []bool{false, false, false}, false},        // nobody is shown as nobody
		{[]int64{5, 5, 4, 9}, []bool{true, false, true, false}, false}, // ties: the first
		{[]int64{}, []bool{}, false},
	} {
		hide, total := stats.Suppress(v.people, stats.FloorInside)
		require.Equal(t, v.hide, hide, "%v", v.people)
		require.Equal(t, v.total, total, "%v", v.people)
	}
}

func TestNoHiddenCellFollowsFromTheTotal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		people := rapid.SliceOfN(rapid.Int64Range(0, 30), 1, 12).Draw(t, "people")
		floor := rapid.Int64Range(2, 12).Draw(t, "floor")
		hide, hideTotal := stats.Suppress(people, floor)
		hidden, sum, total := 0, int64(0), int64(0)
		for i, n := range people {
			total += n
			if hide[i] {
				hidden++
				sum += n
			} else {
				require.False(t, n > 0 && n < floor, "small cell %d shown", n)
			}
		}
		if !hideTotal && hidden > 0 {
			require.GreaterOrEqual(t, hidden, 2)
			require.GreaterOrEqual(t, sum, floor)
		}
		require.False(t, !hideTotal && total > 0 && total < floor)
	})
}

func TestReliabilityFloors(t *testing.T) {
	require.Equal(t, stats.TooFew, stats.ReliabilityOf(29))
	require.Equal(t, stats.Weak, stats.ReliabilityOf(30))
	require.Equal(t, stats.Weak, stats.ReliabilityOf(99))
	require.Equal(t, stats.Sound, stats.ReliabilityOf(100))
}

package stats_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"minqing/internal/stats"
)

// Computed by hand: 30 of 100 in the part, 60 of 1,000 in the whole.
func TestLocationQuotientByHand(t *testing.T) {
	q, ok := stats.LocationQuotient(30, 100, 60, 1000)
	require.True(t, ok)
	require.InDelta(t, 5.0, q.Value, 1e-12)
	// se = √(1/30 − 1/100 + 1/60 − 1/1000) = 0.197484; e^(ln 5 ± 1.959964 se)
	require.InDelta(t, 3.395, q.Low, 0.001)
	require.InDelta(t, 7.363, q.High, 0.001)
	require.True(t, q.Marks(30))
	require.False(t, q.Marks(19), "too few to tell")
	q, _ = stats.LocationQuotient(140, 1000, 1000, 10000)
	require.False(t, q.Marks(140), "below 1.5")
	for _, bad := range [][4]int64{{0, 10, 10, 100}, {11, 10, 20, 100}, {5, 10, 4, 100}, {5, 10, 20, 9}, {5, 200, 20, 100}, {-1, 10, 10, 10}} {
		_, ok := stats.LocationQuotient(bad[0], bad[1], bad[2], bad[3])
		require.False(t, ok, bad)
	}
}

func TestLocationQuotientHoldsItsValueAndTheWholeIsOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(1, 1e9).Draw(t, "n")
		ns := rapid.Int64Range(1, n).Draw(t, "ns")
		nm := rapid.Int64Range(1, n).Draw(t, "nm")
		nsm := rapid.Int64Range(1, min(ns, nm)).Draw(t, "nsm")
		q, ok := stats.LocationQuotient(nsm, ns, nm, n)
		require.True(t, ok)
		require.True(t, q.Low <= q.Value && q.Value <= q.High && q.Low > 0)
		whole, _ := stats.LocationQuotient(nm, n, nm, n)
		require.InDelta(t, 1, whole.Value, 1e-9)
		require.False(t, whole.Marks(nm))
	})
}

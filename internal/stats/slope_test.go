package stats_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"minqing/internal/stats"
)

func TestTheilSenByHand(t *testing.T) {
	require.InDelta(t, (2.0+33)/2, stats.TheilSen([]float64{0, 1, 2, 3}, []float64{1, 3, 5, 100}), 1e-9) // slopes 2, 2, 2, 33, 48.5, 95
	require.True(t, math.IsNaN(stats.TheilSen([]float64{1, 1}, []float64{2, 3})))
}

func TestTheilSenFindsALine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		slope := rapid.Float64Range(-50, 50).Draw(t, "slope")
		var x, y []float64
		for i := range rapid.IntRange(2, 12).Draw(t, "n") {
			x, y = append(x, float64(i)), append(y, 7+slope*float64(i))
		}
		require.InDelta(t, slope, stats.TheilSen(x, y), 1e-9)
	})
}

package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// A server that needs more than the usual gets it: the collector always has room.
func TestTheSpaceGrowsWithWhatLives(t *testing.T) {
	require.EqualValues(t, space, limit(0, 0))
	require.EqualValues(t, space-5<<20, limit(0, 5<<20))
	require.EqualValues(t, space, limit(20<<20, 0))
	require.EqualValues(t, 3<<30, limit(1<<30, 5<<20))
}

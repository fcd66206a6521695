package permittypes

import (
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/calendar"
)

// TestTimesOfADuty: the corresponding day, the last of a month that is too short, and
// no second time of a duty that is owed once.
func TestTimesOfADuty(t *testing.T) {
	issued := calendar.NewDate(2026, 1, 31)
	yearly := Duty{First: "1m", Every: "1y"}
	for no, want := range map[int]string{1: "2026-02-28", 2: "2027-02-28", 3: "2028-02-29"} {
		day, ok := yearly.Nominal(issued, no)
		require.True(t, ok)
		require.Equal(t, want, day.String())
	}
	once := Duty{First: "30d"}
	day, ok := once.Nominal(issued, 1)
	require.True(t, ok)
	require.Equal(t, "2026-03-02", day.String())
	_, ok = once.Nominal(issued, 2)
	require.False(t, ok)
	for _, bad := range []string{"", "0d", "1w", "1000d", "y"} {
		_, ok = Duty{First: bad}.Nominal(issued, 1)
		require.False(t, ok, bad)
	}
}

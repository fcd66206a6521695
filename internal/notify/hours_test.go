package notify

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestQuietHoursEndWhenTheySay(t *testing.T) {
	day := func(d, h, m int) time.Time { return time.Date(2026, 3, d, h, m, 0, 0, time.UTC) }
	noon, night := &Hours{720, 780}, &Hours{1320, 420}
	for _, c := range []struct {
		now   time.Time
		hours *Hours
		want  time.Time
	}{
		{day(1, 11, 59), noon, time.Time{}},
		{day(1, 12, 0), noon, day(1, 13, 0)},
		{day(1, 13, 0), noon, time.Time{}},
		{day(31, 22, 0), night, day(32, 7, 0)},
		{day(1, 6, 59), night, day(1, 7, 0)},
		{day(1, 7, 0), night, time.Time{}},
		{day(1, 12, 0), nil, time.Time{}},
	} {
		require.Equal(t, c.want, c.hours.end(c.now), "%v %v", c.now, c.hours)
	}
}

func TestTheNextGatheredMailLeavesAtItsTime(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	day := func(d, h, m int) time.Time { return time.Date(2026, 3, d, h, m, 0, 0, berlin) }
	night := &Hours{1320, 540}
	for _, c := range []struct {
		now   time.Time
		quiet *Hours
		want  time.Time
	}{
		{day(1, 7, 59), nil, day(1, 8, 0)},
		{day(1, 8, 0), nil, day(2, 8, 0)},
		{day(28, 8, 1), nil, day(29, 8, 0)}, // the clocks go forward: 23 hours later
		{day(1, 7, 0), night, day(1, 9, 0)},
		{day(1, 8, 30), night, day(2, 9, 0)},
		{day(1, 7, 0), &Hours{600, 660}, day(1, 8, 0)},
	} {
		require.Equal(t, c.want, nextDigest(DigestUsual, c.quiet, c.now), "%v %v", c.now, c.quiet)
	}
}

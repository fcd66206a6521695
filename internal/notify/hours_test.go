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

package notify

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestQuietHoursEndWhenTheySay(t *testing.T) {
	day := func(d, h, m int) time.Time { return time.Date(2026, 3, d, h, m, 0, 0, time.UTC) }
	noon, night, early := &Hours{720, 780}, &Hours{1320, 420}, &Hours{480, 600}
	for _, c := range []struct {
		now   time.Time
		hours []*Hours
		want  time.Time
	}{
		{day(1, 11, 59), []*Hours{noon}, time.Time{}},
		{day(1, 12, 0), []*Hours{noon}, day(1, 13, 0)},
		{day(1, 13, 0), []*Hours{noon}, time.Time{}},
		{day(31, 22, 0), []*Hours{night}, day(32, 7, 0)},
		{day(1, 6, 59), []*Hours{night}, day(1, 7, 0)},
		{day(1, 7, 0), []*Hours{night}, time.Time{}},
		{day(1, 20, 59), []*Hours{nil, &nights}, time.Time{}},
		{day(1, 21, 0), []*Hours{nil, &nights}, day(2, 8, 0)},
		{day(1, 23, 0), []*Hours{early, &nights}, day(2, 10, 0)}, // one follows the other
		{day(1, 12, 0), []*Hours{nil}, time.Time{}},
	} {
		require.Equal(t, c.want, laterThan(c.now, c.hours), "%v %v", c.now, c.hours)
	}
}

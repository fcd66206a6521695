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

// A clock that warns at night wakes nobody, unless what it warns of is due in that night.
func TestWarningsToStaffLeaveByDay(t *testing.T) {
	taipei, err := time.LoadLocation("Asia/Taipei")
	require.NoError(t, err)
	at := func(d, h, m int) time.Time { return time.Date(2026, 3, d, h, m, 0, 0, taipei) }
	for _, c := range []struct {
		kind           Kind
		now, due, want time.Time
	}{
		{ClockBefore, at(2, 7, 59), at(3, 17, 0), at(2, 8, 0)},
		{ClockBefore, at(2, 8, 0), at(3, 17, 0), time.Time{}},
		{ClockBefore, at(2, 19, 59), at(3, 17, 0), time.Time{}},
		{ClockBefore, at(2, 20, 0), at(3, 17, 0), at(3, 8, 0)},
		{ClockBefore, at(31, 23, 30), at(33, 17, 0), at(32, 8, 0)},
		{ClockBefore, at(2, 23, 0), at(3, 0, 0), time.Time{}}, // due in that night
		{ClockBefore, at(2, 3, 0), at(2, 7, 0), time.Time{}},
		{ClockBefore, at(2, 3, 0), at(2, 8, 0), at(2, 8, 0)},
		{ClockDue, at(2, 0, 0), at(2, 0, 0), at(2, 8, 0)}, // over
		{OrderBefore, at(2, 22, 0), at(4, 12, 0), at(3, 8, 0)},
		{ClockAfter, at(2, 22, 0), at(1, 12, 0), at(3, 8, 0)},
		{PermitAlarm, at(2, 0, 20), time.Time{}, at(2, 8, 0)},
		{Concluded, at(2, 22, 0), time.Time{}, time.Time{}}, // to people as before
	} {
		require.Equal(t, c.want, Telling{Kind: c.kind, ByItself: true, DueAt: c.due}.awake(c.now), "%s at %v", c.kind, c.now)
	}
}

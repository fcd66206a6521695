package clocks_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"minqing/internal/calendar"
	"minqing/internal/catalogue"
	"minqing/internal/clocks"
)

func builtin(t require.TestingT, code string) *calendar.Calendar {
	cal, err := calendar.Builtin(code)
	require.NoError(t, err)
	return cal
}

func begun(cal *calendar.Calendar, l calendar.Limit, at time.Time) clocks.Clock {
	return clocks.Begun(cal, catalogue.ClockRules{}, clocks.Conclusion, l, at)
}

func day(s string) calendar.Date {
	d, err := calendar.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

func TestASuspensionCountsAsTheLawDoes(t *testing.T) {
	cal := builtin(t, "CN")
	at := func(d string) time.Time { return day(d).Start(cal.Zone()).Add(10 * time.Hour) }
	one := begun(cal, limit(t, "20wd"), at("2026-03-02"))
	require.Equal(t, "2026-03-30", calendar.DateOf(*one.DueAt, cal.Zone()).String())
	one = clocks.Suspend(one, "appraisal", at("2026-03-09"), day("2026-03-20"))
	require.Nil(t, one.DueAt, "nothing is due while the clock stands still")
	n, unit := clocks.Left(cal, one)
	require.Equal(t, 15, n)
	require.Equal(t, calendar.WorkingDays, unit)
	one, r := clocks.Resume(cal, one, at("2026-03-20"))
	require.Equal(t, "2026-04-13", r.On.String(), "10 to 20 March left out, five days used")
	require.Equal(t, clocks.Running, one.State)

	one, r, err := clocks.Extend(cal, one, limit(t, "10wd"))
	require.NoError(t, err)
	require.Equal(t, "2026-04-27", r.On.String(), "30 working days, and the pause is not forgotten")
	_, _, err = clocks.Extend(cal, one, limit(t, "5d"))
	require.ErrorIs(t, err, clocks.ErrOtherUnit)
}

// A server's clock that is set back during a suspension neither takes time from the
// limit nor gives any.
func TestAClockThatWasSetBackDuringAPauseLosesNothing(t *testing.T) {
	cal := builtin(t, "CN")
	for _, limit := range []string{"5wd", "10d", "24h", "8wh"} {
		l, err := calendar.ParseLimit(limit)
		require.NoError(t, err)
		began := time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC)
		one := begun(cal, l, began)
		before := *one.DueAt
		stop := began.Add(3 * time.Hour)
		resumed, r := clocks.Resume(cal, clocks.Suspend(one, "expert", stop, calendar.DateOf(stop, cal.Zone()).Add(9)), stop.Add(-2*time.Hour))
		require.Equal(t, before, r.Due, limit)
		require.Equal(t, clocks.Running, resumed.State)
		require.Equal(t, stop, *resumed.Pauses[0].To, limit)
	}
}

func TestWhatRemainsIsTheSameAfterAnyPauses(t *testing.T) {
	cal := builtin(t, "CN")
	rapid.Check(t, func(t *rapid.T) {
		l := limit(t, rapid.SampledFrom([]string{"1wd", "3wd", "5wd", "20wd", "4wh", "30wh", "2h", "24h"}).Draw(t, "limit"))
		from := day("2025-01-01").Start(cal.Zone()).Add(time.Duration(rapid.IntRange(0, 500*24*60).Draw(t, "minute")) * time.Minute)
		one := begun(cal, l, from)
		at := from
		for i := range rapid.IntRange(1, 4).Draw(t, "pauses") {
			room := int(one.DueAt.Sub(at)/time.Minute) - 1 // before it is over
			if room < 0 {
				break
			}
			stop := at.Add(time.Duration(rapid.IntRange(0, room).Draw(t, "stop")) * time.Minute)
			again := stop.Add(time.Duration(rapid.IntRange(0, 60*24*60).Draw(t, "long")) * time.Minute)
			before := *one.DueAt
			paused := clocks.Suspend(one, "expert", stop, calendar.DateOf(again, cal.Zone()))
			resumed, r := clocks.Resume(cal, paused, again)
			require.False(t, resumed.DueAt.Before(again), "a pause makes nobody late")
			require.False(t, resumed.DueAt.Before(before), "nor does it take time away")
			switch l.Unit() {
			case calendar.WorkingDays:
				left := cal.WorkingDaysBetween(calendar.DateOf(stop, cal.Zone()), calendar.DateOf(before, cal.Zone()))
				require.Equal(t, left, cal.WorkingDaysBetween(calendar.DateOf(again, cal.Zone()), r.On), "pause %d", i)
			case calendar.Hours:
				require.Equal(t, before.Sub(stop), resumed.DueAt.Sub(again), "pause %d", i)
			case calendar.OfficeHours:
				require.Equal(t, officeTime(cal, stop, before), officeTime(cal, again, *resumed.DueAt), "pause %d", i)
			}
			one, at = resumed, again
		}
	})
}

// officeTime is how much of a stretch lies inside office hours.
func officeTime(cal *calendar.Calendar, from, to time.Time) (sum time.Duration) {
	for d := calendar.DateOf(from, cal.Zone()); d <= calendar.DateOf(to, cal.Zone()); d++ {
		if !cal.WorkingDay(d) {
			continue
		}
		for _, s := range cal.Shifts() {
			a, b := d.Start(cal.Zone()).Add(time.Duration(s.From)*time.Second), d.Start(cal.Zone()).Add(time.Duration(s.To)*time.Second)
			if a.Before(from) {
				a = from
			}
			if b.After(to) {
				b = to
			}
			if b.After(a) {
				sum += b.Sub(a)
			}
		}
	}
	return sum
}

func TestADueTimeFromElsewhereMovesByWorkingDays(t *testing.T) {
	cal := builtin(t, "CN")
	due := time.Date(2026, 9, 30, 9, 0, 0, 0, time.UTC) // 17:00 on the eve of the holiday
	one := clocks.Clock{Kind: clocks.Conclusion, State: clocks.Running, DueAt: &due}
	one = clocks.Suspend(one, "expert", due.Add(-24*time.Hour), day("2026-10-09"))
	one, r := clocks.Resume(cal, one, time.Date(2026, 10, 9, 2, 0, 0, 0, time.UTC))
	require.Equal(t, "2026-10-10", r.On.String(), "one working day was left, and Saturday the 10th is worked")
	require.Equal(t, time.Date(2026, 10, 10, 9, 0, 0, 0, time.UTC), *one.DueAt)
}

package calendar_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/calendar"
)

func builtin(t testing.TB, code string) *calendar.Calendar {
	t.Helper()
	c, err := calendar.Builtin(code)
	require.NoError(t, err)
	return c
}

func limit(t testing.TB, s string) calendar.Limit {
	t.Helper()
	l, err := calendar.ParseLimit(s)
	require.NoError(t, err)
	return l
}

// local reads a wall-clock time in the calendar's zone.
func local(t testing.TB, c *calendar.Calendar, s string) time.Time {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02T15:04", s, c.Zone())
	require.NoError(t, err)
	return at
}

func TestWorkdaysPerYearAndMonth(t *testing.T) {
	for _, v := range []struct {
		code   string
		year   int
		total  int
		months []int
	}{
		{"CN", 2024, 251, []int{22, 18, 21, 22, 21, 19, 23, 22, 21, 19, 21, 22}},
		{"CN", 2025, 248, []int{19, 19, 21, 22, 19, 20, 23, 21, 23, 18, 20, 23}},
		{"CN", 2026, 248, []int{21, 16, 22, 21, 19, 21, 23, 21, 22, 18, 21, 23}},
		{"TW", 2025, 247, nil},
		{"TW", 2026, 245, nil},
	} {
		c := builtin(t, v.code)
		require.True(t, c.Published(v.year))
		total := c.WorkingDaysBetween(calendar.NewDate(v.year-1, 12, 31), calendar.NewDate(v.year, 12, 31))
		require.Equal(t, v.total, total, "%s %d", v.code, v.year)
		for i, want := range v.months {
			last := calendar.NewDate(v.year, time.Month(i+2), 0)
			got := c.WorkingDaysBetween(calendar.NewDate(v.year, time.Month(i+1), 0), last)
			require.Equal(t, want, got, "%s %d month %d", v.code, v.year, i+1)
		}
	}
}

func TestDueDates(t *testing.T) {
	for _, v := range []struct{ code, from, limit, due string }{
		{"CN", "2025-09-26", "1wd", "2025-09-28"},
		{"CN", "2025-09-26", "5wd", "2025-10-10"},
		{"CN", "2025-09-26", "20wd", "2025-10-30"},
		{"CN", "2025-09-26", "30wd", "2025-11-13"},
		{"CN", "2025-01-24", "3wd", "2025-02-05"},
		{"CN", "2025-12-30", "5wd", "2026-01-07"},
		{"CN", "2026-02-10", "5wd", "2026-02-24"},
		{"CN", "2026-02-10", "20wd", "2026-03-16"},
		{"CN", "2026-02-14", "1wd", "2026-02-24"},
		{"CN", "2026-09-30", "1wd", "2026-10-08"},
		{"CN", "2026-09-30", "5wd", "2026-10-13"},
		{"CN", "2026-10-05", "2wd", "2026-10-09"},
		{"CN", "2024-09-13", "10wd", "2024-09-29"},
		{"CN", "2026-01-16", "30d", "2026-02-24"},
		{"CN", "2025-08-02", "60d", "2025-10-09"},
		{"CN", "2025-12-17", "15d", "2026-01-04"},
		{"TW", "2026-02-12", "6wd", "2026-03-02"},
		{"TW", "2025-01-24", "6wd", "2025-02-08"},
		{"TW", "2025-09-26", "6wd", "2025-10-08"},
		{"TW", "2026-01-08", "30d", "2026-02-09"},
		{"TW", "2026-01-15", "30d", "2026-02-23"},
		{"TW", "2026-01-29", "30d", "2026-03-02"},
	} {
		c := builtin(t, v.code)
		for _, hour := range []string{"T00:00", "T10:00", "T23:59"} {
			from := local(t, c, v.from+hour)
			r := c.Due(from, limit(t, v.limit), nil)
			require.Equal(t, v.due, r.On.String(), "%s %s + %s", v.code, v.from, v.limit)
			require.Equal(t, v.due+"T23:59:59", r.Due.In(c.Zone()).Format("2006-01-02T15:04:05"))
			require.Equal(t, time.UTC, r.Due.Location())
			require.False(t, r.Provisional)
			require.Equal(t, c.ID(), r.CalendarVersion)
		}
	}
}

func TestOfficeHoursRunOnlyInsideShifts(t *testing.T) {
	c := builtin(t, "CN")
	for _, v := range []struct{ from, limit, due string }{
		{"2026-09-18T16:30", "4wh", "2026-09-20T12:00"}, // Friday to a make-up Sunday
		{"2026-09-30T17:00", "2wh", "2026-10-08T10:30"}, // across National Day
		{"2026-11-24T12:30", "1wh", "2026-11-24T14:30"}, // filed over lunch
		{"2026-11-24T05:00", "7wh", "2026-11-24T17:30"}, // a whole day
		{"2026-11-21T11:00", "1wh", "2026-11-23T10:00"}, // filed on a Saturday
		{"2026-11-24T23:30", "2h", "2026-11-25T01:30"},  // round the clock
	} {
		r := c.Due(local(t, c, v.from), limit(t, v.limit), nil)
		require.Equal(t, v.due, r.Due.In(c.Zone()).Format("2006-01-02T15:04"), "%s + %s", v.from, v.limit)
	}
	evening, err := c.WithShifts(calendar.Shift{From: 18 * 3600, To: 24 * 3600})
	require.NoError(t, err)
	r := evening.Due(local(t, c, "2026-11-24T23:00"), limit(t, "2wh"), nil)
	require.Equal(t, "2026-11-25T19:00", r.Due.In(c.Zone()).Format("2006-01-02T15:04"))
	_, err = c.WithShifts(calendar.Shift{From: 10, To: 20}, calendar.Shift{From: 15, To: 30})
	require.Error(t, err)
}

func TestSuspendedTimeIsLeftOut(t *testing.T) {
	c := builtin(t, "CN")
	from := local(t, c, "2026-03-02T09:15")
	require.Equal(t, "2026-03-30", c.Due(from, limit(t, "20wd"), nil).On.String())
	days := c.Closed(date(t, "2026-03-10"), date(t, "2026-03-20"))
	require.Equal(t, "2026-04-13", c.Due(from, limit(t, "20wd"), []calendar.Span{days}).On.String())
	// Served on the 9th the clock stops on the 10th; ended on the 20th it runs from the 21st.
	acts := c.Suspension(limit(t, "20wd"), local(t, c, "2026-03-09T16:00"), local(t, c, "2026-03-20T08:00"))
	require.Equal(t, "2026-04-13", c.Due(from, limit(t, "20wd"), []calendar.Span{acts}).On.String())
	// Overlapping spans count once; a span that ends before it begins counts nothing.
	again := []calendar.Span{acts, days, {From: days.To, To: days.From}}
	require.Equal(t, "2026-04-13", c.Due(from, limit(t, "20wd"), again).On.String())
	// A clock in hours stands still for the very interval, whatever the order of the spans.
	hours := []calendar.Span{
		{From: local(t, c, "2026-03-02T10:15"), To: local(t, c, "2026-03-02T11:15")},
		{From: local(t, c, "2026-03-02T09:45"), To: local(t, c, "2026-03-02T10:15")},
	}
	require.Equal(t, "2026-03-02T14:45", c.Due(from, limit(t, "4h"), hours).Due.In(c.Zone()).Format("2006-01-02T15:04"))
	require.Equal(t, "2026-03-02T16:15", c.Due(from, limit(t, "4wh"), hours).Due.In(c.Zone()).Format("2006-01-02T15:04"))
}

func TestASaturdayEndsTheNextMorningInTaiwanOnly(t *testing.T) {
	tw := builtin(t, "TW")
	r := tw.Due(local(t, tw, "2026-01-08T10:00"), limit(t, "30d"), nil)
	require.Equal(t, "2026-02-09T12:00", r.Strict.In(tw.Zone()).Format("2006-01-02T15:04"))
	holiday := tw.Due(local(t, tw, "2026-01-29T10:00"), limit(t, "30d"), nil) // 02-28 is a holiday before it is a Saturday
	require.Equal(t, holiday.Due, holiday.Strict)
	makeup := tw.Due(local(t, tw, "2025-01-09T10:00"), limit(t, "30d"), nil) // 2025-02-08, a Saturday that is worked
	require.Equal(t, "2025-02-08", makeup.On.String())
	cn := builtin(t, "CN")
	require.False(t, cn.Rules().SaturdayMorning)
}

func TestAYearThatIsNotPublishedMakesTheResultProvisional(t *testing.T) {
	c := builtin(t, "CN")
	require.Equal(t, []int{2024, 2025, 2026}, c.Years())
	for _, v := range []struct {
		from, limit string
		provisional bool
	}{
		{"2026-12-24", "5wd", false}, {"2026-12-24", "6wd", true},
		{"2026-12-01", "30d", false}, {"2026-12-02", "30d", true},
		{"2026-12-31", "30h", false}, {"2026-12-31", "9wh", true},
		{"2023-12-20", "3wd", true},
	} {
		r := c.Due(local(t, c, v.from+"T10:00"), limit(t, v.limit), nil)
		require.Equal(t, v.provisional, r.Provisional, "%s + %s = %s", v.from, v.limit, r.On)
	}
}

func TestWorkingDaysLeft(t *testing.T) {
	c := builtin(t, "CN")
	due := c.Due(local(t, c, "2026-11-20T10:00"), limit(t, "3wd"), nil).Due
	for now, want := range map[string]int{
		"2026-11-20T10:00": 3, "2026-11-21T10:00": 3, "2026-11-23T00:00": 2, "2026-11-25T23:59": 0,
		"2026-11-26T00:00": -1, "2026-11-27T10:00": -2, "2026-11-29T10:00": -2,
	} {
		require.Equal(t, want, c.Remaining(local(t, c, now), due), now)
	}
	friday := c.Due(local(t, c, "2026-11-20T09:00"), limit(t, "2h"), nil).Due
	require.Equal(t, -1, c.Remaining(local(t, c, "2026-11-20T11:30"), friday))
	require.Equal(t, "2026-10-08", c.AddWorkingDays(date(t, "2026-09-30"), 1).String())
	require.Equal(t, "2026-09-30", c.AddWorkingDays(date(t, "2026-10-08"), -1).String())
	require.Equal(t, "2026-11-25", c.ReceivedOn(time.Date(2026, 11, 24, 16, 30, 0, 0, time.UTC)).String())
}

func TestATraceExplainsEachDay(t *testing.T) {
	c := builtin(t, "CN")
	span := c.Closed(date(t, "2025-09-29"), date(t, "2025-09-29"))
	r := c.Due(local(t, c, "2025-09-26T10:00"), limit(t, "2wd"), []calendar.Span{span})
	got := ""
	for _, s := range r.Trace {
		got += s.On.String()[5:] + " " + string(s.Kind) + "\n"
	}
	require.Equal(t, "09-26 start_excluded\n09-27 weekend\n09-28 makeup\n09-29 suspended\n09-30 counted\n09-30 due\n", got)
	roll := c.Due(local(t, c, "2026-02-09T10:00"), limit(t, "6d"), nil)
	require.Equal(t, calendar.Rolled, roll.Trace[6].Kind)
	require.Equal(t, 6, roll.Trace[6].Count)
	require.Equal(t, "春節", roll.Trace[6].Name["zh-Hant"])
	require.Equal(t, "2026-02-24", roll.On.String())
	hours := c.Due(local(t, c, "2026-09-18T16:30"), limit(t, "4wh"), nil)
	require.Equal(t, calendar.OfficeShift, hours.Trace[0].Kind)
	require.Equal(t, "2026-09-18T17:30:00+08:00", hours.Trace[0].To.Format(time.RFC3339))
}

func TestTheFastPathAgreesAndDoesNotAllocate(t *testing.T) {
	c := builtin(t, "CN")
	from, l := local(t, c, "2025-09-26T10:00"), limit(t, "60wd")
	spans := []calendar.Span{c.Closed(date(t, "2025-10-20"), date(t, "2025-10-24"))}
	slow := c.Due(from, l, spans)
	slow.Trace = nil
	require.Equal(t, slow, c.DueFast(from, l, spans))
	require.Zero(t, testing.AllocsPerRun(100, func() { c.DueFast(from, l, spans) }))
}

func BenchmarkDueFast(b *testing.B) {
	c := builtin(b, "CN")
	from, l := local(b, c, "2025-09-26T10:00"), limit(b, "20wd")
	for b.Loop() {
		c.DueFast(from, l, nil)
	}
}

// Reconsideration (行政复议法, 2023): what is to be done in three, five, seven or ten days has so many
// working days, longer times are days of the calendar (art. 88): five to ask for a correction and
// ten to answer it (art. 31), five to accept (art. 30), sixty to apply (art. 20) and to decide, thirty in
// the simplified procedure (art. 62).
func TestTheDaysOfReconsideration(t *testing.T) {
	cn := builtin(t, "CN")
	for _, c := range []struct{ from, limit, on string }{
		{"2026-09-17", "5wd", "2026-09-23"},  // with the make-up Sunday of the 20th
		{"2026-09-17", "10wd", "2026-10-08"}, // 25 to 27 and the week of the National Day are off
		{"2026-09-17", "30d", "2026-10-19"},  // Saturday the 17th moves to Monday
		{"2026-09-17", "60d", "2026-11-16"},
		{"2026-08-07", "60d", "2026-10-08"}, // 6 October is a holiday
		{"2026-08-11", "60d", "2026-10-10"}, // a Saturday that is worked
	} {
		r := cn.Due(local(t, cn, c.from+"T10:00"), limit(t, c.limit), nil)
		require.Equal(t, c.on, r.On.String(), "%s after %s", c.limit, c.from)
		require.False(t, r.Provisional)
	}
}

package calendar_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"minqing/internal/calendar"
)

var units = []calendar.Unit{calendar.WorkingDays, calendar.Days, calendar.OfficeHours, calendar.Hours}

func drawTime(t *rapid.T, name string) time.Time {
	return time.Unix(rapid.Int64Range(1704067200, 1830000000).Draw(t, name), 0).UTC() // 2024 to 2027
}

func drawLimit(t *rapid.T, name string) calendar.Limit {
	l, err := calendar.NewLimit(rapid.IntRange(1, 90).Draw(t, name), rapid.SampledFrom(units).Draw(t, name+" unit"))
	require.NoError(t, err)
	return l
}

func drawSpans(t *rapid.T) []calendar.Span {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) calendar.Span {
		from := drawTime(t, "span")
		return calendar.Span{From: from, To: from.Add(time.Duration(rapid.IntRange(-5, 900).Draw(t, "hours")) * time.Hour)}
	}), 0, 4).Draw(t, "spans")
}

func either(t *rapid.T) *calendar.Calendar {
	c, err := calendar.Builtin(rapid.SampledFrom([]string{"CN", "TW"}).Draw(t, "calendar"))
	require.NoError(t, err)
	return c
}

func TestDueGrowsWithStartAndLimit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, from, l, spans := either(t), drawTime(t, "from"), drawLimit(t, "limit"), drawSpans(t)
		due := c.DueFast(from, l, spans).Due
		require.False(t, due.Before(from))
		later := from.Add(time.Duration(rapid.IntRange(0, 500).Draw(t, "later")) * time.Hour)
		require.False(t, c.DueFast(later, l, spans).Due.Before(due), "later start")
		more, err := calendar.NewLimit(1, l.Unit())
		require.NoError(t, err)
		more, err = l.Extend(more)
		require.NoError(t, err)
		longer := c.DueFast(from, more, spans).Due
		require.False(t, longer.Before(due), "longer limit")
		if l.Unit() != calendar.Days { // rolled calendar days may share a due date
			require.True(t, longer.After(due), "longer limit")
		}
		require.False(t, due.Before(c.DueFast(from, l, nil).Due), "suspension never shortens")
	})
}

func TestTheTraceAddsUpToTheLimit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, from, l, spans := either(t), drawTime(t, "from"), drawLimit(t, "limit"), drawSpans(t)
		r := c.Due(from, l, spans)
		days, worked, seen := 0, time.Duration(0), false
		for _, s := range r.Trace {
			days = max(days, s.Count)
			if s.Kind == calendar.OfficeShift || s.Kind == calendar.RoundTheClock {
				worked += s.To.Sub(*s.From)
			}
			seen = seen || s.Provisional
		}
		if l.Unit() == calendar.Hours || l.Unit() == calendar.OfficeHours {
			require.Equal(t, time.Duration(l.Number())*time.Hour, worked)
		} else {
			require.Equal(t, l.Number(), days)
		}
		require.False(t, r.Provisional && !seen, "provisional without a provisional day")
		last := r.Trace[len(r.Trace)-1]
		require.Equal(t, calendar.DueHere, last.Kind)
		require.True(t, last.To.Equal(r.Due))
		r.Trace = nil
		require.Equal(t, c.DueFast(from, l, spans), r)
	})
}

func TestAnotherHolidayNeverMakesItDueEarlier(t *testing.T) {
	base := builtin(t, "CN")
	rapid.Check(t, func(t *rapid.T) {
		from, l, spans := drawTime(t, "from"), drawLimit(t, "limit"), drawSpans(t)
		c := base
		var lines []string
		for _, n := range rapid.SliceOfNDistinct(rapid.IntRange(0, 364), 1, 20, rapid.ID).Draw(t, "days") {
			d := calendar.NewDate(2027, 1, 1).Add(n)
			lines = append(lines, fmt.Sprintf("%q", d.String()))
		}
		parse := func(days []string) *calendar.Calendar {
			text := "extends = \"CN\"\nversion = \"2027.1\"\nsource = \"test\"\n[[year]]\nyear = 2027\n"
			if len(days) > 0 {
				text += "[[year.holiday]]\nname = { en = \"Day off\" }\ndays = [" + strings.Join(days, ",") + "]\n"
			}
			got, err := calendar.Parse(strings.NewReader(text))
			require.NoError(t, err)
			return got
		}
		for i := range lines {
			next := parse(lines[:i+1])
			require.False(t, next.DueFast(from, l, spans).Due.Before(c.DueFast(from, l, spans).Due))
			c = next
		}
	})
}

func TestSuspendThenResumeEqualsTheRemainingDays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, from := either(t), drawTime(t, "from")
		total := rapid.IntRange(2, 60).Draw(t, "total")
		unit := rapid.SampledFrom(units[:1]).Draw(t, "unit")
		l, err := calendar.NewLimit(total, unit)
		require.NoError(t, err)
		due := c.DueFast(from, l, nil)
		start := c.ReceivedOn(from)
		// Suspended somewhere before the due day, for some days.
		served := start.Add(rapid.IntRange(0, int(due.On-start)-1).Draw(t, "served"))
		ended := served.Add(rapid.IntRange(0, 100).Draw(t, "length"))
		span := c.Suspension(l, served.Start(c.Zone()).Add(10*time.Hour), ended.Start(c.Zone()).Add(10*time.Hour))
		used := c.WorkingDaysBetween(start, served)
		rest, err := calendar.NewLimit(total-used, unit)
		require.NoError(t, err)
		want := c.DueFast(ended.Start(c.Zone()), rest, nil).Due
		require.Equal(t, want, c.DueFast(from, l, []calendar.Span{span}).Due)
	})
}

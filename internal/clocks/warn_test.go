package clocks_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/calendar"
	"minqing/internal/catalogue"
	"minqing/internal/clocks"
)

func TestWarningsOfOfficeHoursAreCountedInOfficeHours(t *testing.T) {
	cal := builtin(t, "CN")
	at := func(d string, hour, minute int) time.Time {
		return day(d).Start(cal.Zone()).Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute)
	}
	one := begun(cal, limit(t, "4wh"), at("2026-03-06", 16, 30)) // a Friday; due on Monday at noon
	require.True(t, at("2026-03-09", 12, 0).Equal(*one.DueAt))
	warns := func(r catalogue.ClockRules) [3]time.Time { return clocks.Warnings(cal, r, one) }
	require.WithinDuration(t, at("2026-03-09", 11, 0), warns(catalogue.ClockRules{})[0], 0, "three of four office hours are used")
	hours := warns(catalogue.ClockRules{WarnBefore: limit(t, "2wh"), WarnAfter: limit(t, "6wh")})
	require.WithinDuration(t, at("2026-03-09", 10, 0), hours[0], 0)
	require.WithinDuration(t, at("2026-03-10", 11, 0), hours[2], 0, "four on Monday afternoon, two on Tuesday")
	far := warns(catalogue.ClockRules{WarnBefore: limit(t, "2h"), WarnAfter: limit(t, "6h")})
	require.WithinDuration(t, at("2026-03-09", 18, 0), far[2], 0, "hours go on after the office has closed")

	require.WithinDuration(t, at("2026-03-06", 16, 30), cal.AddOfficeTime(at("2026-03-09", 9, 0), -time.Hour), 0, "back over the weekend")
	require.Equal(t, 4*time.Hour, cal.OfficeTime(at("2026-03-06", 16, 30), at("2026-03-09", 12, 0)))
	require.Equal(t, calendar.OfficeHours, one.TimeLimit.Unit())
}

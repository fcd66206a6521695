package clocks

import (
	"time"

	"minqing/internal/calendar"
	"minqing/internal/catalogue"
)

// Level is how loudly a clock warns.
type Level int64

// The levels, in their order.
const (
	None   Level = iota
	Before       // to the handler: the limit will soon be over
	Due          // to the unit's head: it is over
	After        // to the supervisor: it has been over for a while
)

// Levels lists them.
var Levels = []Level{Before, Due, After}

// String names the level in messages and addresses.
func (l Level) String() string { return [...]string{"none", "before", "due", "after"}[l] }

// What counts where neither matter nor unit nor a standard of the day on which the
// limit is over says: a limit in days warns on the
// working day before, one in hours when three quarters are used; the supervisor
// hears on the working day after (written chasers of the hotline regulations).
var (
	defaultBefore = must(calendar.ParseLimit("1wd"))
	defaultAfter  = must(calendar.ParseLimit("1wd"))
)

const defaultShare = 75

// Warnings says when a running clock warns at each level.
func Warnings(cal *calendar.Calendar, r catalogue.ClockRules, c Clock) [3]time.Time {
	due := *c.DueAt
	after := r.WarnAfter
	if after.IsZero() {
		after = defaultAfter
		if s := r.Standards.On(catalogue.StdWarnAfter, calendar.DateOf(due, cal.Zone())); s != nil {
			after = s.TimeLimit
		}
	}
	return [3]time.Time{before(cal, r, c, due), due, later(cal, after, due)}
}

func before(cal *calendar.Calendar, r catalogue.ClockRules, c Clock, due time.Time) time.Time {
	lead, share := r.WarnBefore, r.WarnShare
	if lead.IsZero() && share == 0 {
		lead, share = defaultBefore, defaultShare
		if s := r.Standards.On(catalogue.StdWarnBefore, calendar.DateOf(due, cal.Zone())); s != nil {
			lead, share = s.TimeLimit, int(s.Share)
		}
		if u := c.TimeLimit.Unit(); u == calendar.Hours || u == calendar.OfficeHours {
			lead = calendar.Limit{}
		}
	}
	start := c.StartedAt
	if n := len(c.Pauses); n > 0 && c.Pauses[n-1].To != nil {
		start = *c.Pauses[n-1].To
	}
	if !lead.IsZero() {
		if at := earlier(cal, lead, due); at.After(start) {
			return at
		}
	}
	if share <= 0 || share >= 100 {
		share = defaultShare
	}
	at := used(cal, c.TimeLimit, start, due, share).Truncate(time.Second)
	if at.Before(start) {
		return due
	}
	return at
}

// used is when a share of the time to a due time is used: of office time, where
// the limit counts that.
func used(cal *calendar.Calendar, l calendar.Limit, start, due time.Time, share int) time.Time {
	part := func(whole time.Duration) time.Duration { return time.Duration(float64(whole) * float64(share) / 100) }
	if l.Unit() == calendar.OfficeHours {
		return cal.AddOfficeTime(start, part(cal.OfficeTime(start, due)))
	}
	return start.Add(part(due.Sub(start)))
}

// earlier goes back from a due time by a limit: to the opening of that day for
// limits in days.
func earlier(cal *calendar.Calendar, by calendar.Limit, due time.Time) time.Time {
	day := calendar.DateOf(due, cal.Zone())
	switch by.Unit() {
	case calendar.WorkingDays:
		return cal.Opens(cal.AddWorkingDays(day, -by.Number()))
	case calendar.Days:
		return cal.Opens(day.Add(-by.Number()))
	case calendar.OfficeHours:
		return cal.AddOfficeTime(due, -time.Duration(by.Number())*time.Hour)
	}
	return due.Add(-time.Duration(by.Number()) * time.Hour)
}

func later(cal *calendar.Calendar, by calendar.Limit, due time.Time) time.Time {
	day := calendar.DateOf(due, cal.Zone())
	switch by.Unit() {
	case calendar.WorkingDays:
		return cal.Opens(cal.AddWorkingDays(day, by.Number()))
	case calendar.Days:
		return cal.Opens(day.Add(by.Number()))
	case calendar.OfficeHours:
		return cal.AddOfficeTime(due, time.Duration(by.Number())*time.Hour)
	}
	return due.Add(time.Duration(by.Number()) * time.Hour)
}

// Armed is the clock with its next warning after a time. Levels whose time has
// gone by are not made up for.
func Armed(cal *calendar.Calendar, r catalogue.ClockRules, c Clock, now time.Time) Clock {
	c.WarnAt, c.WarnLevel = nil, None
	if c.State != Running || c.DueAt == nil {
		return c
	}
	if at := before(cal, r, c, *c.DueAt); at.After(now) { // as of nearly all that start
		c.WarnAt, c.WarnLevel = &at, Before
		return c
	}
	for i, at := range Warnings(cal, r, c) {
		if at.After(now) {
			c.WarnAt, c.WarnLevel = &at, Levels[i]
			break
		}
	}
	return c
}

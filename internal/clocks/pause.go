package clocks

import (
	"errors"
	"time"

	"minqing/internal/calendar"
)

// Suspend lets a running clock stand still from a time, until about a day.
func Suspend(c Clock, why string, at time.Time, until calendar.Date) Clock {
	p := Pause{Type: why, From: at, Until: &until, Before: *c.DueAt}
	c.Pauses = append(append(Pauses(nil), c.Pauses...), p)
	c.State, c.DueAt = Paused, nil
	return c
}

// Await lets a running clock stand still from a time until something comes of which
// nobody knows when. The limit that it then gets is another clock's.
func Await(c Clock, why string, at time.Time) Clock {
	c.Pauses = append(append(Pauses(nil), c.Pauses...), Pause{Type: why, From: at, Before: *c.DueAt})
	c.State, c.DueAt = Paused, nil
	return c
}

// Resume lets a clock run on with what remained when it was stopped. The zero
// result says that it was not paused.
func Resume(cal *calendar.Calendar, c Clock, at time.Time) (Clock, calendar.Result) {
	if c.Pauses.Open() == nil {
		return c, calendar.Result{}
	}
	c.Pauses = append(Pauses(nil), c.Pauses...)
	p := c.Pauses.Open()
	if at.Before(p.From) { // the server's clock was set back meanwhile
		at = p.From
	}
	p.To = &at
	c.State = Running
	var r calendar.Result
	if c.TimeLimit.IsZero() { // the due time came from elsewhere: the working days that were left go on
		r = moved(cal, *p)
	} else {
		r = Count(cal, c)
	}
	due := r.Due
	c.DueAt, p.After, c.CalendarVersion = &due, &due, cal.ID()
	return c, r
}

// moved shifts a due time without a limit by the working days that were left.
func moved(cal *calendar.Calendar, p Pause) calendar.Result {
	zone := cal.Zone()
	was := calendar.DateOf(p.Before, zone)
	left := cal.WorkingDaysBetween(calendar.DateOf(p.From, zone), was)
	on := cal.AddWorkingDays(calendar.DateOf(*p.To, zone), left)
	due := on.Start(zone).Add(p.Before.Sub(was.Start(zone)))
	return calendar.Result{Due: due, On: on, Strict: due, CalendarVersion: cal.ID()}
}

// Spans are the stretches that a clock's limit leaves out.
func Spans(cal *calendar.Calendar, c Clock) []calendar.Span {
	var spans []calendar.Span
	for _, p := range c.Pauses {
		if p.To != nil {
			spans = append(spans, cal.Suspension(c.TimeLimit, p.From, *p.To))
		}
	}
	return spans
}

// Count computes when the limit of a clock is over, with all its pauses.
func Count(cal *calendar.Calendar, c Clock) calendar.Result {
	return floor(cal, c, cal.DueFast(c.StartedAt, c.TimeLimit, Spans(cal, c)))
}

// Explain is Count with its trace.
func Explain(cal *calendar.Calendar, c Clock) calendar.Result {
	return floor(cal, c, cal.Due(c.StartedAt, c.TimeLimit, Spans(cal, c)))
}

// floor keeps the last day whole: a clock that was stopped on it has no day
// left to count, and is due at the end of the day on which it runs again.
func floor(cal *calendar.Calendar, c Clock, r calendar.Result) calendar.Result {
	if u := c.TimeLimit.Unit(); u != calendar.WorkingDays && u != calendar.Days && u != calendar.Months {
		return r
	}
	for _, p := range c.Pauses {
		if p.To == nil {
			continue
		}
		if day := calendar.DateOf(*p.To, cal.Zone()); r.On < day {
			r.On, r.Due = day, day.End(cal.Zone())
			r.Strict = r.Due
		}
	}
	return r
}

// ErrOtherUnit says that an extension does not count what the limit counts.
var ErrOtherUnit = errors.New("an extension counts in the unit of its limit")

// Extend makes a clock's limit longer and counts anew. A due time without a
// limit moves by working days.
func Extend(cal *calendar.Calendar, c Clock, by calendar.Limit) (Clock, calendar.Result, error) {
	if c.TimeLimit.IsZero() {
		if by.Unit() != calendar.WorkingDays || c.DueAt == nil {
			return c, calendar.Result{}, ErrOtherUnit
		}
		zone := cal.Zone()
		was := calendar.DateOf(*c.DueAt, zone)
		on := cal.AddWorkingDays(was, by.Number())
		due := on.Start(zone).Add(c.DueAt.Sub(was.Start(zone)))
		c.DueAt = &due
		return c, calendar.Result{Due: due, On: on, Strict: due, CalendarVersion: cal.ID()}, nil
	}
	longer, err := c.TimeLimit.Extend(by)
	if err != nil {
		return c, calendar.Result{}, ErrOtherUnit
	}
	c.TimeLimit = longer
	r := Count(cal, c)
	due := r.Due
	if c.State == Running {
		c.DueAt, c.CalendarVersion = &due, cal.ID()
		return c, r, nil
	}
	c.Pauses = append(Pauses(nil), c.Pauses...)
	if p := c.Pauses.Open(); p != nil { // more is left when it runs again
		p.Before = due
	}
	return c, r, nil
}

// Left is what remains of a paused clock once it runs again: working days,
// calendar days or hours, in the unit of its limit.
func Left(cal *calendar.Calendar, c Clock) (n int, unit calendar.Unit) {
	p := c.Pauses.Open()
	if p == nil {
		return 0, ""
	}
	from, to := calendar.DateOf(p.From, cal.Zone()), calendar.DateOf(p.Before, cal.Zone())
	switch u := c.TimeLimit.Unit(); u {
	case calendar.Hours, calendar.OfficeHours:
		return int(p.Before.Sub(p.From) / time.Hour), calendar.Hours
	case calendar.Days, calendar.Months:
		return int(to - from), calendar.Days
	}
	return cal.WorkingDaysBetween(from, to), calendar.WorkingDays
}

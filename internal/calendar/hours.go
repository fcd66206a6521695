package calendar

import (
	"slices"
	"time"
)

// dueHours counts round the clock from the moment itself.
func (c *Calendar) dueHours(from time.Time, n int, spans []Span, tr *tracer) Result {
	left := time.Duration(n) * time.Hour
	at := from.UTC()
	for {
		at = skip(at, spans, tr)
		end := nextStop(at, spans)
		if end.IsZero() || end.Sub(at) >= left {
			tr.hours(RoundTheClock, at, at.Add(left))
			return c.atInstant(at.Add(left))
		}
		tr.hours(RoundTheClock, at, end)
		left -= end.Sub(at)
		at = end
	}
}

// dueOffice counts only inside the shifts of working days.
func (c *Calendar) dueOffice(from time.Time, n int, spans []Span, tr *tracer) Result {
	left := time.Duration(n) * time.Hour
	provisional := false
	for d := DateOf(from, c.zone); ; d++ {
		flags := c.at(d)
		provisional = provisional || !flags.published()
		if !flags.works() {
			tr.day(d, "", 0)
			continue
		}
		if flags&dayMakeup != 0 {
			tr.day(d, Makeup, 0)
		}
		for _, s := range c.shifts {
			opens, closes := d.at(s.From, c.zone), d.at(s.To, c.zone)
			if opens.Before(from) {
				opens = from.UTC()
			}
			var end time.Time
			if end, left = work(opens, closes, left, spans, tr); left == 0 {
				r := c.atInstant(end)
				r.Provisional = provisional
				return r
			}
		}
	}
}

// work takes time from one shift until nothing is left or the shift is over. It
// returns where it stopped and what is still left.
func work(at, closes time.Time, left time.Duration, spans []Span, tr *tracer) (time.Time, time.Duration) {
	for at.Before(closes) {
		if next := skip(at, spans, nil); next.After(at) {
			tr.hours(Suspended, at, earlier(next, closes))
			at = next
			continue
		}
		end := closes
		if stop := nextStop(at, spans); !stop.IsZero() {
			end = earlier(stop, closes)
		}
		if end.Sub(at) >= left {
			tr.hours(OfficeShift, at, at.Add(left))
			return at.Add(left), 0
		}
		tr.hours(OfficeShift, at, end)
		left -= end.Sub(at)
		at = end
	}
	return at, left
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// skip moves the instant to the end of every span that it lies in.
func skip(at time.Time, spans []Span, tr *tracer) time.Time {
	for i := 0; i < len(spans); i++ {
		if s := spans[i]; !at.Before(s.From) && at.Before(s.To) {
			tr.hours(Suspended, at, s.To.UTC())
			at = s.To.UTC()
			i = -1 // the end may lie in another span
		}
	}
	return at
}

// nextStop is the earliest beginning of a span after the instant, or zero.
func nextStop(at time.Time, spans []Span) time.Time {
	var stop time.Time
	for _, s := range spans {
		if s.From.After(at) && s.From.Before(s.To) && (stop.IsZero() || s.From.Before(stop)) {
			stop = s.From
		}
	}
	if stop.IsZero() {
		return stop
	}
	return stop.UTC()
}

func (c *Calendar) atInstant(t time.Time) Result {
	return Result{Due: t, Strict: t, On: DateOf(t, c.zone)}
}

// OfficeTime is how much of a stretch of time lies in shifts of working days.
func (c *Calendar) OfficeTime(from, to time.Time) (sum time.Duration) {
	last := DateOf(to, c.zone)
	for d := DateOf(from, c.zone); d <= last; d++ {
		if !c.at(d).works() {
			continue
		}
		for _, s := range c.shifts {
			opens, closes := later(d.at(s.From, c.zone), from), earlier(d.at(s.To, c.zone), to)
			sum += max(0, closes.Sub(opens))
		}
	}
	return sum
}

// AddOfficeTime goes from an instant through so much office time, back when it
// is negative. It ends within a shift, or where one closes; back, where one opens.
func (c *Calendar) AddOfficeTime(at time.Time, by time.Duration) time.Time {
	if by < 0 {
		return c.backOfficeTime(at, -by)
	}
	for d := DateOf(at, c.zone); by > 0; d++ {
		if !c.at(d).works() {
			continue
		}
		for _, s := range c.shifts {
			opens, closes := later(d.at(s.From, c.zone), at), d.at(s.To, c.zone)
			if room := closes.Sub(opens); room >= by {
				return opens.Add(by).UTC()
			} else if room > 0 {
				by -= room
			}
		}
	}
	return at.UTC()
}

func (c *Calendar) backOfficeTime(at time.Time, by time.Duration) time.Time {
	for d := DateOf(at, c.zone); ; d-- {
		if !c.at(d).works() {
			continue
		}
		for _, s := range slices.Backward(c.shifts) {
			opens, closes := d.at(s.From, c.zone), earlier(d.at(s.To, c.zone), at)
			if room := closes.Sub(opens); room >= by {
				return closes.Add(-by).UTC()
			} else if room > 0 {
				by -= room
			}
		}
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

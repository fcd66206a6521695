package calendar

import "time"

// Span is a stretch of time in which a clock stands still, From included, To
// excluded. For limits in days every local day that the span touches is left
// out; for limits in hours the very interval is. Make spans with Closed or
// Suspension rather than by hand. A span that does not end after it begins is
// empty.
type Span struct{ From, To time.Time }

// Closed is the span of whole local days, both ends included.
func (c *Calendar) Closed(from, to Date) Span {
	return Span{From: from.Start(c.zone), To: (to + 1).Start(c.zone)}
}

// Suspension is the span by which a legal suspension stops the clock of a
// limit. Limits in days stop on the day after the suspending act was served and
// run again on the day after the cause ended; limits in hours stand still for
// exactly that interval.
func (c *Calendar) Suspension(l Limit, served, ended time.Time) Span {
	if l.unit == Hours || l.unit == OfficeHours {
		return Span{From: served, To: ended}
	}
	return c.Closed(DateOf(served, c.zone)+1, DateOf(ended, c.zone))
}

// Result is a due time and why.
type Result struct {
	Due    time.Time // UTC instant; limits in days end at 23:59:59 local
	On     Date      // the local date of Due
	Strict time.Time // UTC; when the law already holds the limit missed: Due, or noon by the Saturday rule
	// Provisional: a day that mattered lies in a year whose calendar is not
	// published; compute again when it is.
	Provisional     bool
	CalendarVersion string // code and version, as Calendar.ID
	Trace           []Step // nil from DueFast
}

// Due computes when a limit that starts at the instant ends, leaving out the
// suspensions, and explains it. The zero Limit gives the zero Result.
func (c *Calendar) Due(from time.Time, limit Limit, suspensions []Span) Result {
	tr := &tracer{calendar: c}
	r := c.due(from, limit, suspensions, tr)
	r.Trace = tr.steps
	return r
}

// DueFast is Due without the trace; it does not allocate per day.
func (c *Calendar) DueFast(from time.Time, limit Limit, suspensions []Span) Result {
	return c.due(from, limit, suspensions, nil)
}

func (c *Calendar) due(from time.Time, limit Limit, suspensions []Span, tr *tracer) Result {
	if limit.IsZero() {
		return Result{}
	}
	var r Result
	switch limit.unit {
	case Hours:
		r = c.dueHours(from, int(limit.n), suspensions, tr)
	case OfficeHours:
		r = c.dueOffice(from, int(limit.n), suspensions, tr)
	default:
		if limit.unit == Months { // as many days as they have, so that a suspension moves the end
			start := DateOf(from, c.zone)
			limit = Limit{n: int32(start.AddMonths(int(limit.n)) - start), unit: Days}
		}
		var room [8]dates // keeps the usual few spans off the heap
		r = c.dueDays(DateOf(from, c.zone), limit, c.localSpans(room[:0], suspensions), tr)
	}
	r.CalendarVersion = c.ID()
	tr.due(r)
	return r
}

// dates is a run of local dates, both included.
type dates struct{ from, to Date }

func (c *Calendar) localSpans(out []dates, spans []Span) []dates {
	for _, s := range spans {
		if s.From.Before(s.To) {
			out = append(out, dates{DateOf(s.From, c.zone), DateOf(s.To.Add(-1), c.zone)})
		}
	}
	return out
}

func inside(d Date, spans []dates) bool {
	for _, s := range spans {
		if s.from <= d && d <= s.to {
			return true
		}
	}
	return false
}

// dueDays counts working or calendar days after the start day.
func (c *Calendar) dueDays(start Date, limit Limit, spans []dates, tr *tracer) Result {
	var r Result
	tr.day(start, StartExcluded, 0)
	d := start
	for n := 0; n < int(limit.n); {
		d++
		flags := c.at(d)
		switch {
		case inside(d, spans):
			tr.day(d, Suspended, 0)
			continue
		case limit.unit == Days:
			n++
			if n < int(limit.n) || !c.rules.Roll || flags.works() {
				tr.day(d, Counted, n)
			}
			continue
		}
		r.Provisional = r.Provisional || !flags.published()
		if flags.works() {
			n++
		}
		tr.workingDay(d, flags, n)
	}
	noon := false
	if limit.unit == Days && c.rules.Roll {
		saturday := c.rules.SaturdayMorning && d.Weekday() == time.Saturday && c.at(d)&(dayOff|dayHoliday) == dayOff
		last := d
		d = c.roll(d, int(limit.n), spans, tr)
		noon = saturday && d != last
		for day := last; day <= d; day++ {
			r.Provisional = r.Provisional || !c.at(day).published()
		}
	}
	r.On, r.Due = d, d.End(c.zone)
	r.Strict = r.Due
	if noon {
		r.Strict = d.at(12*3600, c.zone)
	}
	return r
}

// roll moves a last day that is off to the next day that is worked and not
// suspended.
func (c *Calendar) roll(d Date, n int, spans []dates, tr *tracer) Date {
	for ; !c.at(d).works() || inside(d, spans); d++ {
		tr.day(d, Rolled, n)
		n = 0 // only the last day itself carries the count
	}
	return d
}

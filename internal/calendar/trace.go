package calendar

import "time"

// Kind says what a day, or a stretch of a day, was to a limit. Pages translate
// it; it is also what a calendar says of a date.
type Kind string

// What a calendar says of a date.
const (
	Workday Kind = "workday"
	Weekend Kind = "weekend"
	Holiday Kind = "holiday"
	Makeup  Kind = "makeup" // a weekend day that is worked; in a trace it counted
)

// What a limit made of it.
const (
	StartExcluded Kind = "start_excluded" // the day of receipt does not count
	Counted       Kind = "counted"
	Suspended     Kind = "suspended"
	Rolled        Kind = "rolled" // the limit ended here, or had moved here, and moved on
	OfficeShift   Kind = "shift"  // office hours that counted
	RoundTheClock Kind = "hours"  // hours round the clock that counted
	DueHere       Kind = "due"    // always the last step
)

// Step is one line of a trace.
type Step struct {
	On          Date       `json:"on"`
	Kind        Kind       `json:"kind"`
	Day         Kind       `json:"day"`                   // what the calendar says of the date
	Name        Names      `json:"name,omitempty"`        // of the holiday
	Count       int        `json:"count,omitempty"`       // how many days counted so far, on days that count
	From        *time.Time `json:"from,omitempty"`        // for stretches of hours, in the calendar's zone
	To          *time.Time `json:"to,omitempty"`          // likewise; on the due step the due time
	Provisional bool       `json:"provisional,omitempty"` // the date lies in a year that is not published
}

// tracer collects steps; a nil tracer collects nothing, which is the fast path.
type tracer struct {
	calendar *Calendar
	steps    []Step
}

// day adds a step for a date; an empty kind stands for what the calendar says.
func (t *tracer) day(d Date, kind Kind, count int) {
	if t == nil {
		return
	}
	about := t.calendar.Day(d)
	if kind == "" {
		kind = about.Kind
	}
	t.steps = append(t.steps, Step{On: d, Kind: kind, Day: about.Kind, Name: about.Name, Count: count,
		Provisional: !about.Published})
}

// workingDay adds a step for a date of a limit in working days.
func (t *tracer) workingDay(d Date, flags day, n int) {
	switch {
	case t == nil:
	case flags&dayMakeup != 0:
		t.day(d, Makeup, n)
	case flags.works():
		t.day(d, Counted, n)
	default:
		t.day(d, "", 0)
	}
}

func (t *tracer) hours(kind Kind, from, to time.Time) {
	if t == nil || !from.Before(to) {
		return
	}
	zone := t.calendar.zone
	t.day(DateOf(from, zone), kind, 0)
	a, b := from.In(zone), to.In(zone)
	step := &t.steps[len(t.steps)-1]
	step.From, step.To = &a, &b
}

func (t *tracer) due(r Result) {
	if t == nil {
		return
	}
	t.day(r.On, DueHere, 0)
	at := r.Due.In(t.calendar.zone)
	t.steps[len(t.steps)-1].To = &at
}

// Package calendar does the arithmetic of working time: local dates, official
// calendars with days off and make-up workdays, limits such as "5wd" or "2h",
// office hours, suspensions, and the due time that follows from them together
// with a trace that explains it day by day.
//
// The package is pure: no clock, no database, no files except the calendars
// that are built in. Instants that it returns are UTC; days are local days of
// the calendar's zone.
package calendar

import (
	"maps"
	"slices"
	"time"
	_ "time/tzdata" // zones must resolve in a container without system files
)

// Names is a text in several languages, keyed "zh-Hant", "zh-Hans", "en".
type Names map[string]string

// Calendar is one administration's official working calendar. It is immutable:
// share it freely between goroutines. A year that nobody has published counts
// its weekends as days off and makes results provisional.
type Calendar struct {
	code, version, source string
	id                    string // code and version
	name                  Names
	zone                  *time.Location
	rules                 Rules
	shifts                []Shift
	weekend               weekdays
	years                 map[int]string // published year → its source
	holidays              map[Date]Names
	first                 Date  // date of days[0]
	days                  []day // every day from the first published year to the last
}

// Rules says how limits in calendar days end. The working-day rules are the
// same everywhere: the start day does not count, then working days count.
type Rules struct {
	// Roll moves a last day that is a day off to the next working day
	// (PRC Civil Code art. 203; Taiwan Administrative Procedure Act art. 48).
	Roll bool
	// SaturdayMorning: when the last day is an ordinary Saturday, the limit
	// ends on the next working day at noon; work is still shown as due at the
	// end of that day, the noon is Result.Strict (Taiwan, same article).
	SaturdayMorning bool
}

// weekdays is a set of days of the week, one bit each, Sunday lowest.
type weekdays uint8

func (w weekdays) has(d time.Weekday) bool { return w&(1<<d) != 0 }

// day packs what is known of one date.
type day uint8

const (
	dayOff       day = 1 << iota // not worked
	dayHoliday                   // a listed holiday, on whatever weekday
	dayMakeup                    // a weekend day that is worked
	dayPublished                 // the year of the date is published
)

func (d day) works() bool     { return d&dayOff == 0 }
func (d day) published() bool { return d&dayPublished != 0 }

// at looks a date up without allocating.
func (c *Calendar) at(d Date) day {
	if i := int(d) - int(c.first); i >= 0 && i < len(c.days) {
		return c.days[i]
	}
	if c.weekend.has(d.Weekday()) {
		return dayOff
	}
	return 0
}

// Code is the short name by which configuration and units refer to it: "CN".
func (c *Calendar) Code() string { return c.code }

// Version tells publications of the same calendar apart: "2026.1".
func (c *Calendar) Version() string { return c.version }

// ID is code and version, "CN@2026.1", as results and events store it.
func (c *Calendar) ID() string { return c.id }

// Source says where the data come from.
func (c *Calendar) Source() string { return c.source }

// Name is what people call the calendar.
func (c *Calendar) Name() Names { return maps.Clone(c.name) }

// Zone is the time zone whose days and office hours count.
func (c *Calendar) Zone() *time.Location { return c.zone }

// Rules is how limits in calendar days end.
func (c *Calendar) Rules() Rules { return c.rules }

// Shifts are the office hours of a working day, in order.
func (c *Calendar) Shifts() []Shift { return slices.Clone(c.shifts) }

// Opens is when the office opens on a day, whether or not it is worked.
func (c *Calendar) Opens(d Date) time.Time {
	if len(c.shifts) == 0 {
		return d.Start(c.zone)
	}
	return d.at(c.shifts[0].From, c.zone)
}

// Years lists the published years, ascending.
func (c *Calendar) Years() []int { return slices.Sorted(maps.Keys(c.years)) }

// Published reports whether the official calendar of the year is known.
func (c *Calendar) Published(year int) bool { _, ok := c.years[year]; return ok }

// SourceOf says where the data of a published year come from.
func (c *Calendar) SourceOf(year int) string { return c.years[year] }

// Plain is what a date is by its weekday alone.
func (c *Calendar) Plain(d Date) Kind {
	if c.weekend.has(d.Weekday()) {
		return Weekend
	}
	return Workday
}

// WorkingDay reports whether the date is worked: not a weekend day or listed
// holiday, or a weekend day that is a listed make-up workday.
func (c *Calendar) WorkingDay(d Date) bool { return c.at(d).works() }

// Day describes one date, for calendar pages and traces.
type Day struct {
	On        Date
	Kind      Kind  // Workday, Weekend, Holiday or Makeup
	Name      Names // of the holiday, else nil
	Published bool  // false: the year is not published, weekends only
}

// Day describes the date.
func (c *Calendar) Day(d Date) Day {
	flags := c.at(d)
	out := Day{On: d, Kind: Workday, Published: flags.published()}
	switch {
	case flags&dayHoliday != 0:
		out.Kind, out.Name = Holiday, c.holidays[d]
	case flags&dayMakeup != 0:
		out.Kind = Makeup
	case flags&dayOff != 0:
		out.Kind = Weekend
	}
	return out
}

// WithShifts is the same calendar with other office hours, for a unit that
// keeps its own. The shifts must be in order and must not overlap.
func (c *Calendar) WithShifts(shifts ...Shift) (*Calendar, error) {
	if err := checkShifts(shifts); err != nil {
		return nil, err
	}
	out := *c
	out.shifts = slices.Clone(shifts)
	return &out, nil
}

// AddWorkingDays is the n-th working day after the date, or before it when n is
// negative; zero is the date itself, worked or not.
func (c *Calendar) AddWorkingDays(d Date, n int) Date {
	step := Date(1)
	if n < 0 {
		step, n = -1, -n
	}
	for n > 0 {
		d += step
		if c.at(d).works() {
			n--
		}
	}
	return d
}

// WorkingDaysBetween counts the working days after a, up to and including b. It
// is negative when b is before a.
func (c *Calendar) WorkingDaysBetween(a, b Date) int {
	if b < a {
		return -c.WorkingDaysBetween(b, a)
	}
	n := 0
	for d := a + 1; d <= b; d++ {
		if c.at(d).works() {
			n++
		}
	}
	return n
}

// Remaining is how many working days are left from now until the due time: 0 on
// the due day itself, negative once the due time has passed, by the working
// days since then and at least 1.
func (c *Calendar) Remaining(now, due time.Time) int {
	today, last := DateOf(now, c.zone), DateOf(due, c.zone)
	if now.After(due) {
		return -max(1, c.WorkingDaysBetween(last, today))
	}
	return c.WorkingDaysBetween(today, last)
}

// ReceivedOn is the legal date of receipt: the real local date, also outside
// office hours and on days off. Limits count from it.
func (c *Calendar) ReceivedOn(t time.Time) Date { return DateOf(t, c.zone) }

package calendar

import (
	"fmt"
	"maps"
	"strings"
	"time"
)

// addYear publishes a year, replacing what was known of it.
func (c *Calendar) addYear(y fileYear) error {
	if y.Year < 1900 || y.Year > 2200 {
		return fmt.Errorf("calendar: year %d must be from 1900 to 2200", y.Year)
	}
	c.cover(y.Year)
	first, next := NewDate(y.Year, time.January, 1), NewDate(y.Year+1, time.January, 1)
	maps.DeleteFunc(c.holidays, func(d Date, _ Names) bool { return first <= d && d < next })
	for d := first; d < next; d++ {
		c.days[d-c.first] = dayPublished | c.plain(d)
	}
	c.years[y.Year] = y.Source
	for _, h := range y.Holidays {
		if len(h.Name) == 0 || len(h.Days) == 0 {
			return fmt.Errorf("calendar: each holiday of %d needs a name and days", y.Year)
		}
		for _, text := range h.Days {
			if err := c.addHoliday(y.Year, h.Name, text); err != nil {
				return err
			}
		}
	}
	return c.addMakeups(y)
}

// plain is what an unpublished year would say of the date.
func (c *Calendar) plain(d Date) day {
	if c.weekend.has(d.Weekday()) {
		return dayOff
	}
	return 0
}

// cover makes the table reach over the year; gaps stay unpublished.
func (c *Calendar) cover(year int) {
	from, to := year, year
	for y := range c.years {
		from, to = min(from, y), max(to, y)
	}
	first, next := NewDate(from, time.January, 1), NewDate(to+1, time.January, 1)
	days := make([]day, next-first)
	for i := range days {
		d := first + Date(i)
		days[i] = c.plain(d)
		if old := int(d) - int(c.first); old >= 0 && old < len(c.days) {
			days[i] = c.days[old]
		}
	}
	c.first, c.days = first, days
}

func (c *Calendar) addHoliday(year int, name Names, text string) error {
	from, to, err := parseRange(text)
	if err != nil {
		return err
	}
	if from.Year() != year || to.Year() != year {
		return fmt.Errorf("calendar: %q does not lie in %d", text, year)
	}
	for d := from; d <= to; d++ {
		at := &c.days[d-c.first]
		if *at&dayHoliday != 0 {
			return fmt.Errorf("calendar: %s is listed as a holiday twice", d)
		}
		*at |= dayOff | dayHoliday
		c.holidays[d] = name
	}
	return nil
}

// addMakeups marks the weekend days that are worked.
func (c *Calendar) addMakeups(y fileYear) error {
	for _, text := range y.Work {
		d, err := ParseDate(text)
		if err != nil {
			return err
		}
		if d.Year() != y.Year {
			return fmt.Errorf("calendar: make-up workday %s does not lie in %d", d, y.Year)
		}
		at := &c.days[d-c.first]
		if *at&dayHoliday != 0 || *at&dayOff == 0 {
			return fmt.Errorf("calendar: make-up workday %s must be a weekend day that is no holiday", d)
		}
		*at = dayPublished | dayMakeup
	}
	return nil
}

// parseRange reads "2026-10-01" or "2026-10-01..2026-10-07".
func parseRange(s string) (from, to Date, err error) {
	a, b, ranged := strings.Cut(s, "..")
	if from, err = ParseDate(a); err != nil {
		return 0, 0, err
	}
	if !ranged {
		return from, from, nil
	}
	if to, err = ParseDate(b); err != nil {
		return 0, 0, err
	}
	if to < from {
		return 0, 0, fmt.Errorf("calendar: range %q ends before it begins", s)
	}
	return from, to, nil
}

// Merge is the calendar with the years of another publication of it, which
// replace years already known; version and source become the other's. Both must
// have the same code, zone and weekend.
func (c *Calendar) Merge(newer *Calendar) (*Calendar, error) {
	if c.code != newer.code || c.zone.String() != newer.zone.String() || c.weekend != newer.weekend {
		return nil, fmt.Errorf("calendar: %s and %s differ in code, zone or weekend", c.ID(), newer.ID())
	}
	out := c.clone()
	out.version, out.source, out.id = newer.version, newer.source, newer.id
	for year, source := range newer.years {
		out.cover(year)
		out.years[year] = source
		first, next := NewDate(year, time.January, 1), NewDate(year+1, time.January, 1)
		for d := first; d < next; d++ {
			out.days[d-out.first] = newer.days[d-newer.first]
			delete(out.holidays, d)
			if name, ok := newer.holidays[d]; ok {
				out.holidays[d] = name
			}
		}
	}
	return out, nil
}

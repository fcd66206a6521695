package calendar

import (
	"database/sql/driver"
	"fmt"
	"time"
)

// Date is a civil date without zone: the number of days since 1970-01-01 in
// the proleptic Gregorian calendar. It is written as "2026-11-24" in text,
// JSON and the database.
type Date int32

const secondsPerDay = 86400

// NewDate is the date of a year, month and day; values out of range carry over
// as in time.Date.
func NewDate(year int, month time.Month, day int) Date {
	return Date(floorDiv(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix(), secondsPerDay))
}

// DateOf is the local date that the instant falls on in the zone.
func DateOf(t time.Time, loc *time.Location) Date {
	_, offset := t.In(loc).Zone()
	return Date(floorDiv(t.Unix()+int64(offset), secondsPerDay))
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// ParseDate reads "2026-11-24", exactly; a day that does not exist is an error.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil || len(s) != len(time.DateOnly) {
		return 0, fmt.Errorf("calendar: %q is not a date like 2026-11-24", s)
	}
	return Date(floorDiv(t.Unix(), secondsPerDay)), nil
}

// UTC is midnight at the start of the date in UTC, for formatting.
func (d Date) UTC() time.Time { return time.Unix(int64(d)*secondsPerDay, 0).UTC() }

// Start is the first instant of the date in the zone, in UTC.
func (d Date) Start(loc *time.Location) time.Time { return d.at(0, loc) }

// End is the last counted second of the date in the zone, 23:59:59 local, in
// UTC. Day limits are due at this instant.
func (d Date) End(loc *time.Location) time.Time { return d.at(secondsPerDay-1, loc) }

// at is the instant of a second of the local day, as the wall clock shows it.
func (d Date) at(second int, loc *time.Location) time.Time {
	y, m, day := d.UTC().Date()
	return time.Date(y, m, day, 0, 0, second, 0, loc).UTC()
}

// Add moves the date by a number of days, which may be negative.
func (d Date) Add(days int) Date { return d + Date(days) }

// AddMonths is the corresponding day so many months later, or the last of that month
// where it has none (PRC Civil Code art. 202; Taiwan, Administrative Procedure Act art. 48).
func (d Date) AddMonths(n int) Date {
	year, month := d.YearMonth()
	first := time.Date(year, month+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return NewDate(first.Year(), first.Month(), min(d.UTC().Day(), last))
}

// Weekday is the day of the week.
func (d Date) Weekday() time.Weekday {
	return time.Weekday(((int64(d)+4)%7 + 7) % 7) // 1970-01-01 was a Thursday
}

// Year is the Gregorian year.
func (d Date) Year() int { return d.UTC().Year() }

// YearMonth is the Gregorian year and month.
func (d Date) YearMonth() (int, time.Month) {
	y, m, _ := d.UTC().Date()
	return y, m
}

// String is the ISO form, "2026-11-24".
func (d Date) String() string { return d.UTC().Format(time.DateOnly) }

// MarshalText writes the ISO form, in JSON too.
func (d Date) MarshalText() ([]byte, error) {
	return d.UTC().AppendFormat(nil, time.DateOnly), nil
}

// UnmarshalText reads the ISO form.
func (d *Date) UnmarshalText(text []byte) error {
	v, err := ParseDate(string(text))
	if err == nil {
		*d = v
	}
	return err
}

// Value stores the ISO form, which both engines accept for a DATE column.
func (d Date) Value() (driver.Value, error) { return d.String(), nil }

// Scan reads a DATE column: a time (its own year, month and day count, no zone
// is applied) or text that begins with the ISO form. NULL needs a *Date field.
func (d *Date) Scan(src any) error {
	switch v := src.(type) {
	case time.Time:
		y, m, day := v.Date()
		*d = NewDate(y, m, day)
		return nil
	case []byte:
		return d.scanText(string(v))
	case string:
		return d.scanText(v)
	}
	return fmt.Errorf("calendar: cannot read a date from %T", src)
}

// scanText also takes "2026-11-24 00:00:00+00:00" and "2026-11-24T00:00:00Z",
// as drivers write a date that went through a time.
func (d *Date) scanText(s string) error {
	if n := len(time.DateOnly); len(s) > n && (s[n] == ' ' || s[n] == 'T') {
		s = s[:n]
	}
	return d.UnmarshalText([]byte(s))
}

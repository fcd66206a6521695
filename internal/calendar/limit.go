package calendar

import (
	"database/sql/driver"
	"fmt"
	"strconv"
	"strings"
)

// Unit is what a limit counts.
type Unit string

// The units, as they are written behind the number of a limit.
const (
	WorkingDays Unit = "wd" // working days; the start day does not count
	Days        Unit = "d"  // calendar days; the start day does not count, a last day off may roll
	Months      Unit = "mo" // calendar months, to the corresponding day or the last of the month; a last day off may roll
	OfficeHours Unit = "wh" // hours inside the shifts of working days
	Hours       Unit = "h"  // hours round the clock, from the moment itself
)

// most is the largest number for each unit: about ten years of days, about one
// year of hours. Larger numbers are typing errors.
var most = map[Unit]int{WorkingDays: 2500, Days: 3660, Months: 120, OfficeHours: 2500, Hours: 8784}

// Limit is a length of time in one unit, such as 5 working days. It is
// comparable. The zero Limit means "no limit" and is written "".
type Limit struct {
	n    int32
	unit Unit
}

// NewLimit makes a limit; n must be from 1 to the most that the unit allows.
func NewLimit(n int, unit Unit) (Limit, error) {
	top, ok := most[unit]
	if !ok {
		return Limit{}, fmt.Errorf("calendar: unknown unit %q; use wd, d, mo, wh or h", unit)
	}
	if n < 1 || n > top {
		return Limit{}, fmt.Errorf("calendar: a limit in %s must be from 1 to %d, not %d", unit, top, n)
	}
	return Limit{n: int32(n), unit: unit}, nil
}

// ParseLimit reads "5wd" (working days), "30d" (calendar days), "2mo" (months), "4wh"
// (office hours) or "2h" (hours); case and outer spaces do not matter.
func ParseLimit(s string) (Limit, error) {
	trimmed := strings.ToLower(strings.TrimSpace(s))
	digits := len(trimmed) - len(strings.TrimLeft(trimmed, "0123456789"))
	if digits == 0 || digits > 5 || trimmed[0] == '0' || most[Unit(trimmed[digits:])] == 0 {
		return Limit{}, fmt.Errorf("calendar: %q is not a limit like 5wd, 30d, 2mo, 4wh or 2h", s)
	}
	n, err := strconv.Atoi(trimmed[:digits])
	if err != nil {
		return Limit{}, fmt.Errorf("calendar: %q: %w", s, err)
	}
	return NewLimit(n, Unit(trimmed[digits:]))
}

// Number is how many units; 0 for no limit.
func (l Limit) Number() int { return int(l.n) }

// Unit is what is counted; "" for no limit.
func (l Limit) Unit() Unit { return l.unit }

// IsZero reports "no limit".
func (l Limit) IsZero() bool { return l.n == 0 }

// Extend adds an extension to the limit itself, never to "today": 20wd extended
// by 10wd is 30wd from the same start. Both must count the same unit.
func (l Limit) Extend(by Limit) (Limit, error) {
	if l.unit != by.unit {
		return Limit{}, fmt.Errorf("calendar: cannot extend %s by %s", l, by)
	}
	return NewLimit(int(l.n)+int(by.n), l.unit)
}

// String writes the form that ParseLimit reads.
func (l Limit) String() string {
	if l.n == 0 {
		return ""
	}
	return strconv.Itoa(int(l.n)) + string(l.unit)
}

// MarshalText writes "5wd", or nothing for no limit.
func (l Limit) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (l *Limit) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*l = Limit{}
		return nil
	}
	v, err := ParseLimit(string(text))
	if err == nil {
		*l = v
	}
	return err
}

// Value stores "5wd", or "" for no limit.
func (l Limit) Value() (driver.Value, error) { return l.String(), nil }

// Scan reads text; NULL and "" are no limit.
func (l *Limit) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*l = Limit{}
		return nil
	case string:
		return l.UnmarshalText([]byte(v))
	case []byte:
		return l.UnmarshalText(v)
	}
	return fmt.Errorf("calendar: cannot read a limit from %T", src)
}

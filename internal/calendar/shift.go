package calendar

import (
	"fmt"
	"strings"
	"time"
)

// Shift is one stretch of office hours on a working day, from the first second
// to the last excluded, in seconds of the local day as the wall clock shows.
type Shift struct{ From, To int }

// defaultShifts are the office hours of a calendar that names none.
var defaultShifts = []Shift{{9 * 3600, 12 * 3600}, {13*3600 + 30*60, 17*3600 + 30*60}}

// ParseShift reads "09:00-12:00"; "24:00" may end a shift.
func ParseShift(s string) (Shift, error) {
	from, to, ok := strings.Cut(s, "-")
	a, okA := clockSeconds(from)
	b, okB := clockSeconds(to)
	if !ok || !okA || !okB || a >= b {
		return Shift{}, fmt.Errorf("calendar: %q is not a shift like 09:00-12:00", s)
	}
	return Shift{From: a, To: b}, nil
}

// String writes the form that ParseShift reads.
func (s Shift) String() string {
	return fmt.Sprintf("%02d:%02d-%02d:%02d", s.From/3600, s.From/60%60, s.To/3600, s.To/60%60)
}

func clockSeconds(s string) (int, bool) {
	if s == "24:00" {
		return secondsPerDay, true
	}
	t, err := time.Parse("15:04", s)
	if err != nil || len(s) != len("15:04") {
		return 0, false
	}
	return t.Hour()*3600 + t.Minute()*60, true
}

func checkShifts(shifts []Shift) error {
	if len(shifts) == 0 {
		return fmt.Errorf("calendar: a working day needs at least one shift")
	}
	last := 0
	for _, s := range shifts {
		if s.From < last || s.To <= s.From || s.To > secondsPerDay {
			return fmt.Errorf("calendar: shifts must be in order, within a day and not overlap: %v", s)
		}
		last = s.To
	}
	return nil
}

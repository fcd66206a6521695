package catalogue

import (
	"minqing/internal/calendar"
	"minqing/internal/fault"
	"minqing/internal/i18n"
)

// SuspensionType is a reason for which the clock of a case may stand still, with
// the legal ground that it usually has.
type SuspensionType struct {
	Record   `gorm:"embedded"`
	Name     i18n.Text `json:"name"`
	Ground   i18n.Text `json:"ground"` // may be empty: then it has to be written
	Position int64     `json:"position"`

	Notice  bool           `json:"notice"`  // the person has to be told in writing
	Longest calendar.Limit `json:"longest"` // in working days or days; none: nothing bounds it
	Usual   calendar.Limit `json:"usual"`   // how long it takes where nobody says; none: it has to be said
	Matters Codes          `json:"matters"` // for cases of these matters alone; none: for all
}

// TableName binds the type to its table.
func (SuspensionType) TableName() string { return "suspension_types" }

// Last is the latest day on which a suspension that begins on a day may be expected
// to end; false where nothing bounds it.
func (t *SuspensionType) Last(from calendar.Date, cal *calendar.Calendar) (calendar.Date, bool) {
	return ends(t.Longest, from, cal)
}

// Expected is the day on which a suspension that begins on a day ends by the time that
// the reason usually takes; false where nothing says.
func (t *SuspensionType) Expected(from calendar.Date, cal *calendar.Calendar) (calendar.Date, bool) {
	return ends(t.Usual, from, cal)
}

// ends is the last day of a limit that begins on a day, which does not count.
func ends(l calendar.Limit, from calendar.Date, cal *calendar.Calendar) (calendar.Date, bool) {
	switch l.Unit() {
	case calendar.WorkingDays:
		return cal.AddWorkingDays(from, l.Number()), true
	case calendar.Days:
		return from.Add(l.Number()), true
	}
	return 0, false
}

// Fits says whether the reason may be given for a case of the matter, which may be nil.
func (t *SuspensionType) Fits(m *Matter) bool {
	return len(t.Matters) == 0 || m != nil && t.Matters.Has(m.Code)
}

// SuspensionsOn lists the types in force on the day for cases of a matter, which may be
// nil, in their order.
func (s *Snapshot) SuspensionsOn(day calendar.Date, m *Matter) []*SuspensionType {
	var list []*SuspensionType
	for _, t := range s.Suspensions {
		if t.On(day) && t.Fits(m) {
			list = append(list, t)
		}
	}
	return list
}

// Suspension finds a type by its code, in force or not.
func (s *Snapshot) Suspension(code string) (*SuspensionType, error) {
	for _, t := range s.Suspensions {
		if t.Code == code {
			return t, nil
		}
	}
	return nil, fault.New(fault.NotFound, "catalogue.suspension.missing")
}

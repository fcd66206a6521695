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
}

// TableName binds the type to its table.
func (SuspensionType) TableName() string { return "suspension_types" }

// Last is the latest day on which a suspension that begins on a day may be expected
// to end; false where nothing bounds it.
func (t *SuspensionType) Last(from calendar.Date, cal *calendar.Calendar) (calendar.Date, bool) {
	switch t.Longest.Unit() {
	case calendar.WorkingDays:
		return cal.AddWorkingDays(from, t.Longest.Number()), true
	case calendar.Days:
		return from.Add(t.Longest.Number()), true
	}
	return 0, false
}

// SuspensionsOn lists the types in force on the day, in their order.
func (s *Snapshot) SuspensionsOn(day calendar.Date) []*SuspensionType {
	var list []*SuspensionType
	for _, t := range s.Suspensions {
		if t.On(day) {
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

package catalogue

import (
	"sort"
	"strings"

	"minqing/internal/calendar"
)

// Root is the unit at the top of the tree; nil while the catalogue is empty.
// An import keeps its own branch below the same root.
func (s *Snapshot) Root() *Unit {
	for _, u := range s.Units {
		if u.ParentID == nil {
			return u
		}
	}
	return nil
}

// Parent is the unit above; nil for the root.
func (s *Snapshot) Parent(u *Unit) *Unit {
	if u.ParentID == nil {
		return nil
	}
	return s.units[*u.ParentID]
}

// Ancestors are the units above, nearest first.
func (s *Snapshot) Ancestors(u *Unit) []*Unit {
	var above []*Unit
	for p := s.Parent(u); p != nil; p = s.Parent(p) {
		above = append(above, p)
	}
	return above
}

// Government is the government at whose level a unit stands: the nearest of the unit and
// those above it that is a city or a district, else the root.
func (s *Snapshot) Government(u *Unit) *Unit {
	for at := u; at != nil; at = s.Parent(at) {
		if at.Kind == UnitCity || at.Kind == UnitDistrict {
			return at
		}
	}
	return s.Root()
}

// Descendants are the units below, not the unit itself, by path.
func (s *Snapshot) Descendants(u *Unit) []*Unit {
	from := sort.Search(len(s.Units), func(i int) bool { return s.Units[i].Path > u.Path })
	to := from
	for to < len(s.Units) && strings.HasPrefix(s.Units[to].Path, u.Path) {
		to++
	}
	return s.Units[from:to:to]
}

// Children are the units right below, by path.
func (s *Snapshot) Children(u *Unit) []*Unit {
	var below []*Unit
	for _, d := range s.Descendants(u) {
		if d.ParentID != nil && *d.ParentID == u.ID {
			below = append(below, d)
		}
	}
	return below
}

// Zone is the time zone in force for the unit, its own or the nearest above;
// empty when no unit says, so that the environment's default counts.
func (s *Snapshot) Zone(u *Unit) string {
	return s.inherited(u, func(u *Unit) *string { return u.Zone })
}

// Calendar is the code of the calendar that counts the unit's working days.
func (s *Snapshot) Calendar(u *Unit) string {
	return s.inherited(u, func(u *Unit) *string { return u.Calendar })
}

// LegalProfile says which law counts the unit's days.
func (s *Snapshot) LegalProfile(u *Unit) string {
	return s.inherited(u, func(u *Unit) *string { return u.LegalProfile })
}

// OfficeHours are the shifts of the unit's working day.
func (s *Snapshot) OfficeHours(u *Unit) OfficeHours {
	for ; u != nil; u = s.Parent(u) {
		if len(u.OfficeHours) > 0 {
			return u.OfficeHours
		}
	}
	return nil
}

func (s *Snapshot) inherited(u *Unit, of func(*Unit) *string) string {
	for ; u != nil; u = s.Parent(u) {
		if v := of(u); v != nil && *v != "" {
			return *v
		}
	}
	return ""
}

// Serving are the units that serve the district on the day, of one kind and
// duty; an empty duty takes units without a duty of their own.
func (s *Snapshot) Serving(districtID string, kind UnitKind, duty string, day calendar.Date) []*Unit {
	var list []*Unit
	for _, u := range s.serving[districtID] {
		if u.Kind == kind && u.Duty == duty && u.On(day) {
			list = append(list, u)
		}
	}
	return list
}

// WithDuty are the units in force on the day that carry the duty and serve no
// single district, by path.
func (s *Snapshot) WithDuty(duty string, day calendar.Date) []*Unit {
	var list []*Unit
	for _, u := range s.Units {
		if u.Duty == duty && u.DistrictID == nil && u.On(day) {
			list = append(list, u)
		}
	}
	return list
}

package catalogue

import (
	"database/sql/driver"

	"minqing/internal/calendar"
)

// ClockRules are settings of the clocks of cases. A matter's count before the
// unit's, a unit's before those of the units above it, and what nobody sets has
// a default (package clocks).
type ClockRules struct {
	Acceptance    calendar.Limit `json:"acceptance,omitzero" yaml:"acceptance"`         // until the intake desk decides
	WarnBefore    calendar.Limit `json:"warn_before,omitzero" yaml:"warn_before"`       // the handler hears this long before expiry
	WarnShare     int            `json:"warn_share,omitempty" yaml:"warn_share"`        // or when this share of the limit is used, in percent
	WarnAfter     calendar.Limit `json:"warn_after,omitzero" yaml:"warn_after"`         // the supervisor hears this long after expiry
	Extensions    *int           `json:"extensions,omitempty" yaml:"extensions"`        // how often the limit may be extended
	ExtensionMost calendar.Limit `json:"extension_most,omitzero" yaml:"extension_most"` // and by how much each time; zero: by the limit itself
}

// sound says whether the rules make sense by themselves.
func (r ClockRules) sound() bool {
	return r.WarnShare >= 0 && r.WarnShare < 100 && (r.Extensions == nil || *r.Extensions >= 0)
}

// Value writes the rules as JSON.
func (r ClockRules) Value() (driver.Value, error) { return toJSON(r) }

// Scan reads the JSON object.
func (r *ClockRules) Scan(src any) error { return fromJSON(src, r) }

// GormDataType keeps gorm from looking into the struct.
func (ClockRules) GormDataType() string { return "text" }

// ClockRules are those in force for a matter (which may be nil) at a unit.
func (s *Snapshot) ClockRules(u *Unit, m *Matter) ClockRules {
	var r ClockRules
	if m != nil {
		r = m.ClockRules
	}
	for ; u != nil; u = s.Parent(u) {
		r.fill(u.ClockRules)
	}
	return r
}

// fill takes what is not set yet from the rules further up.
func (r *ClockRules) fill(above ClockRules) {
	if r.Acceptance.IsZero() {
		r.Acceptance = above.Acceptance
	}
	if r.WarnBefore.IsZero() && r.WarnShare == 0 {
		r.WarnBefore, r.WarnShare = above.WarnBefore, above.WarnShare
	}
	if r.WarnAfter.IsZero() {
		r.WarnAfter = above.WarnAfter
	}
	if r.Extensions == nil {
		r.Extensions = above.Extensions
	}
	if r.ExtensionMost.IsZero() {
		r.ExtensionMost = above.ExtensionMost
	}
}

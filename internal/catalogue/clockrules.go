package catalogue

import (
	"database/sql/driver"

	"minqing/internal/calendar"
)

// ClockRules are settings of the clocks of cases. A matter's count before the
// unit's, a unit's before those of the units above it, and what nobody sets has
// a default (package clocks).
type ClockRules struct {
	Acceptance    calendar.Limit `json:"acceptance,omitzero" yaml:"acceptance,omitzero"`         // until the intake desk decides
	WarnBefore    calendar.Limit `json:"warn_before,omitzero" yaml:"warn_before,omitzero"`       // the handler hears this long before expiry
	WarnShare     int            `json:"warn_share,omitempty" yaml:"warn_share,omitempty"`       // or when this share of the limit is used, in percent
	WarnAfter     calendar.Limit `json:"warn_after,omitzero" yaml:"warn_after,omitzero"`         // the supervisor hears this long after expiry
	Extensions    *int           `json:"extensions,omitempty" yaml:"extensions,omitempty"`       // how often the limit may be extended
	ExtensionMost calendar.Limit `json:"extension_most,omitzero" yaml:"extension_most,omitzero"` // and by how much each time; zero: by the limit itself

	Return  calendar.Limit `json:"return,omitzero" yaml:"return,omitzero"`     // until a unit may send a case back
	Archive calendar.Limit `json:"archive,omitzero" yaml:"archive,omitzero"`   // after the conclusion
	Returns *int           `json:"returns,omitempty" yaml:"returns,omitempty"` // from which return on the unit above decides

	// Correction is of a matter alone: who is asked by then, counted from the receipt,
	// for what the application lacks gets the whole limit anew once it comes (政府信息公开条例
	// art. 30). None: the limit runs on.
	Correction calendar.Limit `json:"correction,omitzero" yaml:"correction,omitzero"`

	Standards Standards `json:"-" yaml:"-"` // what counts for warnings that are not set
}

// sound says whether the rules make sense by themselves.
func (r ClockRules) sound() bool {
	return r.WarnShare >= 0 && r.WarnShare < 100 && (r.Extensions == nil || *r.Extensions >= 0) && (r.Returns == nil || *r.Returns >= 0)
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
	r.Standards = s.Standards
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
	if r.Return.IsZero() {
		r.Return = above.Return
	}
	if r.Archive.IsZero() {
		r.Archive = above.Archive
	}
	if r.Returns == nil {
		r.Returns = above.Returns
	}
}

package catalogue

import (
	"regexp"
	"slices"

	"minqing/internal/calendar"
	"minqing/internal/fault"
	"minqing/internal/i18n"
)

// Content is catalogue data as files and imports bring it. Items refer to each
// other by code; what they refer to is either in the same content or in the
// database already.
type Content struct {
	Source     string         `yaml:"source,omitempty"`    // none: what stands keeps its source
	ValidFrom  calendar.Date  `yaml:"valid_from,omitzero"` // for items without a day of their own; none: what stands keeps its day, and new ones hold from today
	Units      []UnitDef      `yaml:"units,omitempty"`
	Fields     []FieldDef     `yaml:"fields,omitempty"`
	Matters    []MatterDef    `yaml:"matters,omitempty"`
	Situations []SituationDef `yaml:"situations,omitempty"`
	Rules      []RuleDef      `yaml:"rules,omitempty"`
}

// Life is the dated part of an item.
type Life struct {
	Code      string         `yaml:"code,omitempty"`
	ValidFrom *calendar.Date `yaml:"valid_from,omitempty"`
	ValidTo   *calendar.Date `yaml:"valid_to,omitempty"`
	Successor string         `yaml:"successor,omitempty"`
}

// UnitDef describes a unit; Parent and District are codes.
type UnitDef struct {
	Life         `yaml:",inline"`
	Name         i18n.Text   `yaml:"name,omitempty"`
	Parent       string      `yaml:"parent,omitempty"`
	Kind         UnitKind    `yaml:"kind,omitempty"`
	Duty         string      `yaml:"duty,omitempty"`
	District     string      `yaml:"district,omitempty"`
	Zone         string      `yaml:"zone,omitempty"`
	Calendar     string      `yaml:"calendar,omitempty"`
	LegalProfile string      `yaml:"legal_profile,omitempty"`
	OfficeHours  OfficeHours `yaml:"office_hours,omitempty"`
	Phone        string      `yaml:"phone,omitempty"`
	ClockRules   ClockRules  `yaml:"clock_rules,omitzero"`
}

// FieldDef describes a field of matters.
type FieldDef struct {
	Life       `yaml:",inline"`
	Name       i18n.Text `yaml:"name,omitempty"`
	Summary    i18n.Text `yaml:"summary,omitempty"`
	SevenHaves string    `yaml:"seven_haves,omitempty"`
	Position   int64     `yaml:"position,omitempty"`
}

// MatterDef describes a matter; Field and Unit are codes. Schema wins over
// Questions when both are given.
type MatterDef struct {
	Life          `yaml:",inline"`
	Field         string         `yaml:"field,omitempty"`
	Name          i18n.Text      `yaml:"name,omitempty"`
	Summary       i18n.Text      `yaml:"summary,omitempty"`
	Guide         i18n.Text      `yaml:"guide,omitempty"`
	Keywords      Words          `yaml:"keywords,omitempty"`
	Kinds         Codes          `yaml:"kinds,omitempty"`
	Questions     []Question     `yaml:"questions,omitempty"`
	Schema        Schema         `yaml:"schema,omitempty"`
	Track         string         `yaml:"track,omitempty"`
	HandlingLimit calendar.Limit `yaml:"handling_limit,omitzero"`
	ResponseLimit calendar.Limit `yaml:"response_limit,omitzero"`
	SigninLimit   calendar.Limit `yaml:"signin_limit,omitzero"`
	Urgent        bool           `yaml:"urgent,omitempty"`
	NeedsPlace    bool           `yaml:"needs_place,omitempty"`
	ReplyReview   bool           `yaml:"reply_review,omitempty"`
	Callback      bool           `yaml:"callback,omitempty"`
	NotEvaluable  bool           `yaml:"not_evaluable,omitempty"`
	Sensitive     bool           `yaml:"sensitive,omitempty"`
	Unit          string         `yaml:"unit,omitempty"`
	LegalBasis    i18n.Text      `yaml:"legal_basis,omitempty"`
	ClockRules    ClockRules     `yaml:"clock_rules,omitzero"`
}

// SituationDef describes a life situation.
type SituationDef struct {
	Life     `yaml:",inline"`
	Name     i18n.Text `yaml:"name,omitempty"`
	Summary  i18n.Text `yaml:"summary,omitempty"`
	Keywords Words     `yaml:"keywords,omitempty"`
	Matters  Codes     `yaml:"matters,omitempty"`
	Position int64     `yaml:"position,omitempty"`
}

// RuleDef describes a routing rule; its references are codes.
type RuleDef struct {
	Life       `yaml:",inline"`
	Name       i18n.Text `yaml:"name,omitempty"`
	Priority   int64     `yaml:"priority,omitempty"`
	Field      string    `yaml:"field,omitempty"`
	Matter     string    `yaml:"matter,omitempty"`
	District   string    `yaml:"district,omitempty"`
	Kind       string    `yaml:"kind,omitempty"`
	Unit       string    `yaml:"unit,omitempty"`
	TargetKind UnitKind  `yaml:"target_kind,omitempty"`
	TargetDuty string    `yaml:"target_duty,omitempty"`
	Reason     i18n.Text `yaml:"reason,omitempty"`
}

// CaseKinds are the kinds of cases that a matter may allow.
var CaseKinds = Codes{"complaint", "help_request", "enquiry", "suggestion", "compliment", "report", "permit_application"}

var unitKinds = []UnitKind{UnitCity, UnitBureau, UnitSection, UnitDistrict, UnitSubdistrict, UnitCentre}

var codeShape = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

// Validate says what is wrong with the content itself; references are checked
// when it is loaded. Fields are named "kind.code.field".
func (c Content) Validate() error {
	var check fault.Check
	c.validateUnits(&check)
	for _, f := range c.Fields {
		f.Life.validate(&check, "field", f.Name)
	}
	for _, m := range c.Matters {
		m.validate(&check)
	}
	for _, s := range c.Situations {
		s.Life.validate(&check, "situation", s.Name)
	}
	for _, r := range c.Rules {
		r.Life.validate(&check, "rule", r.Reason)
		check.That((r.Unit == "") != (r.TargetKind == ""), "rule."+r.Code+".unit", "catalogue.rule.target")
		check.That(r.Kind == "" || CaseKinds.Has(r.Kind), "rule."+r.Code+".kind", "catalogue.kind.unknown")
	}
	return check.Err()
}

func (c Content) validateUnits(check *fault.Check) {
	for _, u := range c.Units {
		u.Life.validate(check, "unit", u.Name)
		check.That(slices.Contains(unitKinds, u.Kind), "unit."+u.Code+".kind", "catalogue.kind.unknown")
		check.That(u.ClockRules.sound(), "unit."+u.Code+".clock_rules", "catalogue.clock_rules.invalid")
	}
}

func (l Life) validate(check *fault.Check, kind string, name i18n.Text) {
	at := kind + "." + l.Code
	check.That(codeShape.MatchString(l.Code), at+".code", "catalogue.code.invalid")
	check.That(!name.Empty(), at+".name", "catalogue.name.required")
	check.That(l.ValidTo == nil || l.ValidFrom == nil || *l.ValidFrom <= *l.ValidTo, at+".valid_to", "catalogue.dates.reversed")
}

func (m MatterDef) validate(check *fault.Check) {
	m.Life.validate(check, "matter", m.Name)
	at := "matter." + m.Code
	check.That(m.Track == TrackHotline || m.Track == TrackPetition || m.Track == TrackPermit, at+".track", "catalogue.track.unknown")
	check.That(m.ClockRules.sound(), at+".clock_rules", "catalogue.clock_rules.invalid")
	check.That(len(m.Kinds) > 0, at+".kinds", "catalogue.kinds.required")
	for _, k := range m.Kinds {
		check.That(CaseKinds.Has(k), at+".kinds", "catalogue.kind.unknown")
	}
	check.That(!m.HandlingLimit.IsZero(), at+".handling_limit", "catalogue.limit.required")
}

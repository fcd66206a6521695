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
	Source     string         `yaml:"source"`
	ValidFrom  calendar.Date  `yaml:"valid_from"` // for items without a date of their own
	Units      []UnitDef      `yaml:"units"`
	Fields     []FieldDef     `yaml:"fields"`
	Matters    []MatterDef    `yaml:"matters"`
	Situations []SituationDef `yaml:"situations"`
	Rules      []RuleDef      `yaml:"rules"`
}

// Life is the dated part of an item.
type Life struct {
	Code      string         `yaml:"code"`
	ValidFrom *calendar.Date `yaml:"valid_from"`
	ValidTo   *calendar.Date `yaml:"valid_to"`
	Successor string         `yaml:"successor"`
}

// UnitDef describes a unit; Parent and District are codes.
type UnitDef struct {
	Life         `yaml:",inline"`
	Name         i18n.Text   `yaml:"name"`
	Parent       string      `yaml:"parent"`
	Kind         UnitKind    `yaml:"kind"`
	Duty         string      `yaml:"duty"`
	District     string      `yaml:"district"`
	Zone         string      `yaml:"zone"`
	Calendar     string      `yaml:"calendar"`
	LegalProfile string      `yaml:"legal_profile"`
	OfficeHours  OfficeHours `yaml:"office_hours"`
	Phone        string      `yaml:"phone"`
	ClockRules   ClockRules  `yaml:"clock_rules"`
}

// FieldDef describes a field of matters.
type FieldDef struct {
	Life       `yaml:",inline"`
	Name       i18n.Text `yaml:"name"`
	Summary    i18n.Text `yaml:"summary"`
	SevenHaves string    `yaml:"seven_haves"`
	Position   int64     `yaml:"position"`
}

// MatterDef describes a matter; Field and Unit are codes. Schema wins over
// Questions when both are given.
type MatterDef struct {
	Life          `yaml:",inline"`
	Field         string         `yaml:"field"`
	Name          i18n.Text      `yaml:"name"`
	Summary       i18n.Text      `yaml:"summary"`
	Guide         i18n.Text      `yaml:"guide"`
	Keywords      Words          `yaml:"keywords"`
	Kinds         Codes          `yaml:"kinds"`
	Questions     []Question     `yaml:"questions"`
	Schema        Schema         `yaml:"-"`
	Track         string         `yaml:"track"`
	HandlingLimit calendar.Limit `yaml:"handling_limit"`
	ResponseLimit calendar.Limit `yaml:"response_limit"`
	SigninLimit   calendar.Limit `yaml:"signin_limit"`
	Urgent        bool           `yaml:"urgent"`
	NeedsPlace    bool           `yaml:"needs_place"`
	ReplyReview   bool           `yaml:"reply_review"`
	Callback      bool           `yaml:"callback"`
	NotEvaluable  bool           `yaml:"not_evaluable"`
	Unit          string         `yaml:"unit"`
	LegalBasis    i18n.Text      `yaml:"legal_basis"`
	ClockRules    ClockRules     `yaml:"clock_rules"`
}

// SituationDef describes a life situation.
type SituationDef struct {
	Life     `yaml:",inline"`
	Name     i18n.Text `yaml:"name"`
	Summary  i18n.Text `yaml:"summary"`
	Keywords Words     `yaml:"keywords"`
	Matters  Codes     `yaml:"matters"`
	Position int64     `yaml:"position"`
}

// RuleDef describes a routing rule; its references are codes.
type RuleDef struct {
	Life       `yaml:",inline"`
	Name       i18n.Text `yaml:"name"`
	Priority   int64     `yaml:"priority"`
	Field      string    `yaml:"field"`
	Matter     string    `yaml:"matter"`
	District   string    `yaml:"district"`
	Kind       string    `yaml:"kind"`
	Unit       string    `yaml:"unit"`
	TargetKind UnitKind  `yaml:"target_kind"`
	TargetDuty string    `yaml:"target_duty"`
	Reason     i18n.Text `yaml:"reason"`
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

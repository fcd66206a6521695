// Package catalogue holds what the government offers and who does it: units in
// a tree, fields, matters with their questions and limits, life situations,
// routing rules and published calendar years. Everything is dated, carries a
// version and is never deleted.
//
// Reading goes through a Snapshot, an immutable picture in memory, because
// filing and pages look things up all the time; writing goes through Load and
// the Ensure functions, which keep what each version said.
package catalogue

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/db"
	"minqing/internal/i18n"
)

// Service reads and writes the catalogue.
type Service struct {
	db    *db.DB
	audit *audit.Service
	now   func() time.Time

	current   atomic.Pointer[Snapshot] // what everybody sees
	private   atomic.Pointer[Snapshot] // what a transaction sees that has not ended
	checked   atomic.Int64             // when the revision was last looked at, unix nanoseconds
	uncertain atomic.Int64             // until when a change made here may be uncommitted
	loading   sync.Mutex
	moved     []func(ctx context.Context, from, to string) error
	timed     []func(ctx context.Context) error
}

// WhenTimed is told, in the same transaction, that somebody changed what clocks are
// counted by. It is called while the program is put together.
func (s *Service) WhenTimed(f func(ctx context.Context) error) { s.timed = append(s.timed, f) }

// WhenMoved is told of every unit that goes elsewhere in the tree, in the same
// transaction: its path before and after, and with it those of all units below.
// It is called while the program is put together.
func (s *Service) WhenMoved(f func(ctx context.Context, from, to string) error) {
	s.moved = append(s.moved, f)
}

// New makes the service.
func New(d *db.DB, a *audit.Service, now func() time.Time) *Service {
	return &Service{db: d, audit: a, now: now}
}

// Record is what every item has: identity, life span and version.
type Record struct {
	ID          string         `json:"id"`
	Code        string         `json:"code"`
	ValidFrom   calendar.Date  `json:"valid_from"`
	ValidTo     *calendar.Date `json:"valid_to,omitempty"` // the last day on which it holds
	SuccessorID *string        `json:"successor_id,omitempty"`
	Version     int64          `json:"version"`
	Source      string         `json:"source,omitempty"` // where the entry comes from
}

// On says whether the item is in force on that local day.
func (r Record) On(day calendar.Date) bool {
	return r.ValidFrom <= day && (r.ValidTo == nil || day <= *r.ValidTo)
}

func (r *Record) record() *Record { return r }

// UnitKind is a unit's place in the order of the government.
type UnitKind string

// The kinds of units.
const (
	UnitCity        UnitKind = "city"        // the government itself, the root
	UnitBureau      UnitKind = "bureau"      // a department of the city
	UnitSection     UnitKind = "section"     // a desk, section or brigade inside another unit
	UnitDistrict    UnitKind = "district"    // a district government
	UnitSubdistrict UnitKind = "subdistrict" // a sub-district or town office
	UnitCentre      UnitKind = "centre"      // the hotline or a service centre
)

// Duties that the program itself asks for; others are free words of the data.
const (
	DutyIntake      = "intake"      // takes what no rule claims
	DutySupervision = "supervision" // 督辦: chases, and takes complaints about departments
	DutyOversight   = "oversight"   // takes complaints about those who supervise
	DutyWhistle     = "whistle"     // receives what whistle-blowers report
)

// Unit is an organisation that handles cases.
type Unit struct {
	Record       `gorm:"embedded"`
	Name         i18n.Text   `json:"name"`
	ParentID     *string     `json:"parent_id,omitempty"`
	Path         string      `json:"path"` // codes from the root joined with "/", with a trailing "/": "LJ/CG/CG03/"
	Kind         UnitKind    `json:"kind"`
	Duty         string      `json:"duty,omitempty"` // what rules look for inside a district: "city_management"
	DistrictID   *string     `json:"district_id,omitempty"`
	Zone         *string     `json:"zone,omitempty"`                          // IANA name; nil: as the unit above
	Calendar     *string     `json:"calendar,omitempty"`                      // calendar code; nil: as the unit above
	LegalProfile *string     `json:"legal_profile,omitempty"`                 // which law counts the days; nil: as the unit above
	OfficeHours  OfficeHours `gorm:"type:text" json:"office_hours,omitempty"` // empty: as the unit above
	Phone        string      `json:"phone,omitempty"`
	ClockRules   ClockRules  `json:"clock_rules,omitzero"` // what is empty: as the unit above
}

// Within says whether the unit is the other one or stands below it.
func (u *Unit) Within(other *Unit) bool {
	return len(u.Path) >= len(other.Path) && u.Path[:len(other.Path)] == other.Path
}

// Field groups matters.
type Field struct {
	Record     `gorm:"embedded"`
	Name       i18n.Text `json:"name"`
	Summary    i18n.Text `json:"summary"`
	SevenHaves string    `json:"seven_haves,omitempty"` // 七有 tag: childcare schooling labour health ageing housing weak
	Position   int64     `json:"position"`
}

// The tracks that a matter's cases follow.
const (
	TrackHotline  = "hotline"
	TrackPetition = "petition"
	TrackPermit   = "permit"
)

// Matter is one thing that people ask the government for.
type Matter struct {
	Record        `gorm:"embedded"`
	FieldID       string         `json:"field_id"`
	Name          i18n.Text      `json:"name"`
	Summary       i18n.Text      `json:"summary"`
	Guide         i18n.Text      `json:"guide"`          // paragraphs divided by an empty line
	Keywords      Words          `json:"keywords"`       // what people type when they mean it
	Kinds         Codes          `json:"kinds"`          // kinds of cases that may be filed under it
	Questions     Schema         `json:"questions"`      // JSON Schema 2020-12, see questions.go
	Track         string         `json:"track"`          // hotline, petition or permit
	HandlingLimit calendar.Limit `json:"handling_limit"` // until the case must be replied to
	ResponseLimit calendar.Limit `json:"response_limit"` // until first contact with the person
	SigninLimit   calendar.Limit `json:"signin_limit"`   // until the unit signs in
	Urgent        bool           `json:"urgent"`         // danger to life: emergency numbers, top of each queue
	NeedsPlace    bool           `json:"needs_place"`
	ReplyReview   bool           `json:"reply_review"` // a second person reads the reply before it is sent
	Callback      bool           `json:"callback"`     // the person is called after the reply
	Evaluable     bool           `json:"evaluable"`
	Sensitive     bool           `json:"sensitive"`         // its cases are never published
	UnitID        *string        `json:"unit_id,omitempty"` // who takes it when no rule matches
	LegalBasis    i18n.Text      `json:"legal_basis"`
	ClockRules    ClockRules     `json:"clock_rules,omitzero"` // what is empty: as the unit's
}

// Allows says whether cases of that kind may be filed under the matter.
func (m *Matter) Allows(kind string) bool { return m.Kinds.Has(kind) }

// Situation is a life situation that leads to several matters, in order.
type Situation struct {
	Record      `gorm:"embedded"`
	Name        i18n.Text `json:"name"`
	Summary     i18n.Text `json:"summary"`
	Keywords    Words     `json:"keywords"`
	MatterCodes Codes     `json:"matter_codes"`
	Position    int64     `json:"position"`
}

// Rule sends cases to a unit. Empty conditions match everything; the target is
// either UnitID, or the unit of TargetKind (and TargetDuty, if set) that serves
// the district of the case.
type Rule struct {
	Record     `gorm:"embedded"`
	Name       i18n.Text `json:"name"`
	Priority   int64     `json:"priority"` // the higher one is asked first
	FieldID    *string   `json:"field_id,omitempty"`
	MatterID   *string   `json:"matter_id,omitempty"`
	DistrictID *string   `json:"district_id,omitempty"` // with everything below it
	Kind       string    `json:"kind,omitempty"`
	UnitID     *string   `json:"unit_id,omitempty"`
	TargetKind UnitKind  `json:"target_kind,omitempty"`
	TargetDuty string    `json:"target_duty,omitempty"`
	Reason     i18n.Text `json:"reason"` // may name {matter}, {district} and {unit}
}

// TableName and its fellows bind the types to their tables.
func (Unit) TableName() string      { return "units" }
func (Field) TableName() string     { return "matter_fields" }
func (Matter) TableName() string    { return "matters" }
func (Situation) TableName() string { return "situations" }
func (Rule) TableName() string      { return "routing_rules" }

// Package duties follows what the holders of permits owe after these are issued:
// reports, papers that run out, inspections. A type of permit declares them; each
// time that one falls due is a row, which the holder meets by handing something in,
// or officials by an inspection, and of which the unit says how it was met.
package duties

import (
	"context"
	"fmt"
	"time"

	"minqing/internal/access"
	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/files"
	"minqing/internal/jobs"
	"minqing/internal/permittypes"
	"minqing/internal/register"
)

// State is where one time of a duty stands.
type State string

// The states. Met and Unmet are what the unit said; Dropped is a duty of a permit
// that ended before.
const (
	Due      State = "due"
	Received State = "received" // something was handed in, and nobody has looked yet
	Met      State = "met"
	Unmet    State = "unmet"
	Dropped  State = "dropped"
)

// Happening is what somebody is told of a duty.
type Happening string

// What is told. Missed goes to the unit too.
const (
	Near     Happening = "near"
	Missed   Happening = "missed"
	Returned Happening = "returned"
	Settled  Happening = "settled"
	Visit    Happening = "visit" // officials come
)

// Duty is one time that a duty falls due: a row of permit_duties.
type Duty struct {
	ID           string
	PermitID     string
	Code         string
	No           int64         // from 1
	NominalOn    calendar.Date // before days off are looked at
	DueOn        calendar.Date // the last day, which counts whole
	Provisional  bool          // the calendar of its year is not published yet
	State        State
	Statement    string // of the holder
	StatedByID   *string
	ReceivedAt   *time.Time
	ReceivedOn   *calendar.Date
	Reason       string // of the unit: what is missing, or how it was settled
	SettledAt    *time.Time
	SettledOn    *calendar.Date
	SettledByID  *string
	InspectionID *string // the last appointment, of a duty to let officials in
	LookOn       *calendar.Date
	Version      int64
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

// TableName names the table for gorm.
func (Duty) TableName() string { return "permit_duties" }

// Owner is under what the papers lie that were handed in.
func (d *Duty) Owner() files.Owner { return files.Owner{Kind: files.Material, ID: d.ID} }

// Overdue says that its day is over and nothing came.
func (d *Duty) Overdue(today calendar.Date) bool { return d.State == Due && today > d.DueOn }

// Open says that somebody has still to do something.
func (d *Duty) Open() bool { return d.State == Due || d.State == Received }

// Deps are what the service works with.
type Deps struct {
	DB       *db.DB
	Audit    *audit.Service
	Jobs     *jobs.Queue
	Access   *access.Service
	Files    *files.Service
	Register *register.Service
	Zone     *time.Location // of the government: whose days count
	Now      func() time.Time

	// TypeOf is the version of the type that a permit was issued under.
	TypeOf func(ctx context.Context, code string, version int64) (*permittypes.Type, error)

	// CalendarOf gives the calendar by which a unit counts working days.
	CalendarOf func(ctx context.Context, unitID string) (*calendar.Calendar, error)

	// Held is a permit of whom the actor acts for, and whether they may write for it;
	// to everybody else it does not exist.
	Held func(ctx context.Context, permitNo string) (p *register.Permit, writes bool, err error)

	// Tell notes what the holder, and of a missed one the unit, is told, in the open
	// transaction. cause is a fresh id for each happening.
	Tell func(ctx context.Context, what Happening, d *Duty, p *register.Permit, cause string) error
}

// Service is the only writer of duties.
type Service struct{ Deps }

// New makes the service.
func New(d Deps) *Service { return &Service{d} }

var (
	errMissing = fault.New(fault.NotFound, "duty.missing")
	errChanged = fault.New(fault.Conflict, "duty.changed")
)

func (s *Service) now() time.Time { return s.Now().UTC().Truncate(time.Microsecond) }

// Today is the local day of the government.
func (s *Service) Today() calendar.Date { return calendar.DateOf(s.Now(), s.Zone) }

// View is a duty with its permit and what its type says of it.
type View struct {
	Duty
	Permit *register.Permit
	Def    permittypes.Duty
	Files  []files.File
	Writes bool // the actor may hand in
}

// Visit is the inspection that a duty is met by; empty when there is none.
func (v *View) Visit() string {
	if v.InspectionID == nil {
		return ""
	}
	return *v.InspectionID
}

func (s *Service) view(ctx context.Context, d *Duty, p *register.Permit) (*View, error) {
	v, err := s.bare(ctx, d, p)
	if err == nil && d.State != Dropped {
		v.Files, err = s.Files.List(ctx, d.Owner())
	}
	return v, err
}

// bare is a duty without its papers.
func (s *Service) bare(ctx context.Context, d *Duty, p *register.Permit) (*View, error) {
	t, err := s.TypeOf(ctx, p.TypeCode, p.TypeVersion)
	if err != nil {
		return nil, err
	}
	def := t.DutyOf(d.Code)
	if def == nil {
		return nil, errMissing
	}
	return &View{Duty: *d, Permit: p, Def: *def}, nil
}

// of lists the duties of permits, those first that are due first.
func (s *Service) of(ctx context.Context, permitIDs ...string) (list []Duty, err error) {
	if len(permitIDs) == 0 {
		return nil, nil
	}
	err = s.DB.From(ctx).Where("permit_id IN ?", permitIDs).Order("due_on, code, id").Limit(ofMost).Find(&list).Error
	if err != nil {
		return nil, fmt.Errorf("list the duties of permits: %w", db.Fault(err, "", ""))
	}
	return list, nil
}

// ofMost bounds what is listed of the permits of one holder.
const ofMost = 1000

func (s *Service) one(ctx context.Context, p *register.Permit, id string) (*Duty, error) {
	if !db.IsID(id) {
		return nil, errMissing
	}
	var d Duty
	if err := s.DB.From(ctx).Where("id = ? AND permit_id = ?", id, p.ID).Take(&d).Error; err != nil {
		return nil, db.Fault(err, "duty.missing", "")
	}
	return &d, nil
}

// save writes some columns of a duty that nobody changed since it was read.
func (s *Service) save(ctx context.Context, d *Duty, columns map[string]any) error {
	columns["version"], columns["updated_at"] = d.Version+1, s.now()
	res := s.DB.From(ctx).Model(&Duty{}).Where("id = ? AND version = ?", d.ID, d.Version).Updates(columns)
	if res.Error != nil {
		return fmt.Errorf("change a duty: %w", db.Fault(res.Error, "", ""))
	}
	if res.RowsAffected == 0 {
		return errChanged
	}
	d.Version++
	return nil
}

func (s *Service) record(ctx context.Context, p *register.Permit, d *Duty, e audit.Entry) error {
	e.Kind, e.ID = "permit", p.PermitNo
	e.Fields = append([]audit.Change{{Field: "duty", After: fmt.Sprintf("%s %d", d.Code, d.No)}}, e.Fields...)
	return s.Audit.Record(ctx, e)
}

// Package register keeps the permits that were issued: number, holder, how long
// each is valid and where it stands. It issues the paper and the credential, which
// others check without us, publishes what was withdrawn, and follows every permit
// to its end. Of the case of an application it knows the id and the number only.
package register

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"time"

	"minqing/internal/access"
	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/catalogue"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/jobs"
	"minqing/internal/vault"
)

// State is where a permit stands.
type State string

// The states. A permit that is not in force yet is valid.
const (
	Valid     State = "valid"
	Suspended State = "suspended"
	Revoked   State = "revoked"   // taken back by decision
	Cancelled State = "cancelled" // struck off: replaced, given up, or its holder is no more
	Expired   State = "expired"
)

// States lists them in the order in which pages show them.
var States = []State{Valid, Suspended, Revoked, Cancelled, Expired}

// Future is how a valid permit is shown before its first day. No row has it.
const Future State = "future"

// Deps are what the service works with.
type Deps struct {
	DB           *db.DB
	Vault        *vault.Vault
	Audit        *audit.Service
	Jobs         *jobs.Queue
	Access       *access.Service
	Catalogue    *catalogue.Service
	Constituents *constituents.Service
	Words        *i18n.Bundle
	Zone         *time.Location // of the government: whose days count
	BaseURL      string         // of the portal, in QR codes and credentials; no slash at its end
	Prefix       string         // of case numbers, two to four letters; "LJ" when empty
	Now          func() time.Time

	// TypeName is what a version of a permit type is called.
	TypeName func(ctx context.Context, code string, version int64) (i18n.Text, error)

	// Says gives the public facts of a permit in the words of its type; nil: all, as
	// they are, by their own names.
	Says func(ctx context.Context, p *Permit) ([]Fact, error)

	// Tell notes what the holder is told of an event, in the open transaction.
	Tell func(ctx context.Context, t Telling) error

	// Issued hears of every permit that is entered, in the open transaction; nil:
	// nobody listens.
	Issued func(ctx context.Context, p *Permit) error

	// CalendarOf gives the calendar by which a unit counts working days; nil: alarms
	// count days of the calendar.
	CalendarOf func(ctx context.Context, unitID string) (*calendar.Calendar, error)

	// Renewals knows of applications to renew that nobody has decided; nil: none
	// are made here.
	Renewals Renewals
}

// Service is the only writer of the register.
type Service struct {
	Deps
	issuer issuer
	list   statusList
}

// New makes the service.
func New(d Deps) *Service {
	if d.Prefix == "" {
		d.Prefix = "LJ"
	}
	return &Service{Deps: d}
}

// Permit is a row of permits.
type Permit struct {
	ID          string
	PermitNo    string
	CaseID      *string
	CaseNo      string
	TypeCode    string
	TypeVersion int64
	TypeName    i18n.Text
	UnitID      string
	UnitPath    string
	HolderID    string
	HolderKind  constituents.Kind
	HolderShown string // the name of an enterprise, the masked name of a person; empty once erased
	ValidFrom   calendar.Date
	ValidUntil  *calendar.Date // the last day; nil: without end
	Particulars Facts
	State       State
	Ground      string // of the last act that changed the state
	Since       time.Time
	SinceOn     calendar.Date
	IssuedAt    time.Time
	IssuedOn    calendar.Date
	ReplacesID  *string
	NextOn      *calendar.Date
	NoticeDays  int64
	Version     int64
	UpdatedAt   time.Time

	renewing bool
}

// TableName names the table for gorm.
func (Permit) TableName() string { return "permits" }

// Renewing says that the last day is over, that its renewal was asked for in time and was
// not refused, and that the job has not entered it yet: by law it is renewed.
func (p *Permit) Renewing() bool { return p.renewing }

// On is where the permit stands on a day, whether or not the daily job was there:
// the last day counts whole, and what counts as renewed goes on.
func (p *Permit) On(day calendar.Date) State {
	switch {
	case p.renewing:
		return p.State
	case (p.State == Valid || p.State == Suspended) && p.ValidUntil != nil && day > *p.ValidUntil:
		return Expired
	case p.State == Valid && day < p.ValidFrom:
		return Future
	}
	return p.State
}

// Facts are public facts of a permit by their names: place, scope.
type Facts map[string]string

// Fact is a public fact of a permit in words.
type Fact struct {
	Name         string
	Label, Value i18n.Text
}

// Value stores the facts as JSON.
func (f Facts) Value() (driver.Value, error) {
	if f == nil {
		return "{}", nil
	}
	raw, err := json.Marshal(map[string]string(f))
	return string(raw), err
}

// Scan reads what Value stored.
func (f *Facts) Scan(src any) error {
	switch v := src.(type) {
	case string:
		return json.Unmarshal([]byte(v), (*map[string]string)(f))
	case []byte:
		return json.Unmarshal(v, (*map[string]string)(f))
	}
	return fmt.Errorf("register: cannot read facts from %T", src)
}

// Event is one step in the life of a permit.
type Event struct {
	ID        string
	PermitID  string
	At        time.Time
	OnDay     calendar.Date
	Act       Act
	State     State
	Ground    string
	Reason    string
	Days      int64 // of a notice: how long before the end
	Changed   Facts // of a change: what stood there before
	AccountID *string
}

// TableName names the table for gorm.
func (Event) TableName() string { return "permit_events" }

// Today is the local day of the government.
func (s *Service) Today() calendar.Date { return calendar.DateOf(s.Now(), s.Zone) }

var errMissing = fault.New(fault.NotFound, "register.missing")

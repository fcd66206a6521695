// Package enterprises knows who may act for an enterprise: its members with their
// roles, which the enterprise gives out itself, and agents by an authority with a
// scope and an end. An enterprise is a constituent; the register of enterprises
// says what it is called and whether it exists.
package enterprises

import (
	"context"
	"slices"
	"time"

	"minqing/internal/access"
	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/files"
	"minqing/internal/jobs"
	"minqing/internal/notify"
	"minqing/internal/vault"
)

// Role is what a member may do for the enterprise.
type Role string

// The roles, the strongest first. Whoever has one may do what the later ones may.
const (
	Owner     Role = "owner"     // hands the enterprise over, makes and removes owners
	Manager   Role = "manager"   // invites, changes roles, appoints agents
	Applicant Role = "applicant" // files and speaks for the enterprise
	Reader    Role = "reader"    // sees what the enterprise filed
)

// Roles lists them, the strongest first.
var Roles = []Role{Owner, Manager, Applicant, Reader}

// Act is what somebody wants to do for an enterprise.
type Act string

// The acts, each for one role and those above it.
const (
	Read   Act = "read"
	Apply  Act = "apply"
	Manage Act = "manage"
	Own    Act = "own"
)

var needs = map[Act]Role{Read: Reader, Apply: Applicant, Manage: Manager, Own: Owner}

// May says whether the role covers the act.
func (r Role) May(act Act) bool {
	least, known := needs[act]
	mine := slices.Index(Roles, r)
	return known && mine >= 0 && mine <= slices.Index(Roles, least)
}

// Membership is by what an account acts for an enterprise. Agents act until a day,
// that one included, and for the permit types of their scope; an empty scope covers
// all types.
type Membership struct {
	EnterpriseID string
	Name         string
	Role         Role
	Agent        bool
	Since        time.Time
	Until        *calendar.Date
	Scope        []string
}

// Covers says whether the membership is for a permit type.
func (m Membership) Covers(typeCode string) bool {
	return !m.Agent || len(m.Scope) == 0 || slices.Contains(m.Scope, typeCode)
}

// Deps are what the service works with. Zone is where days of authorities begin.
type Deps struct {
	DB           *db.DB
	Vault        *vault.Vault
	Audit        *audit.Service
	Constituents *constituents.Service
	Access       *access.Service
	Files        *files.Service
	Jobs         *jobs.Queue
	Zone         *time.Location
	Now          func() time.Time

	Mails    bool                                                             // mail leaves the house: without it nobody gets a code
	Registry Registry                                                         // nil: staff look at every enterprise
	Tell     func(ctx context.Context, t notify.Telling) error                // notes a mail in the open transaction
	AskStaff func(ctx context.Context, q Question) (caseNo string, err error) // files the case in which staff look at documents
	Left     func(ctx context.Context, enterpriseID string) error             // hears in the transaction that somebody may act for it no more; may be nil
}

// Service is the only writer of enterprises, their members and their agents.
type Service struct{ Deps }

// New makes the service.
func New(d Deps) *Service {
	if d.Zone == nil {
		d.Zone = time.UTC
	}
	return &Service{Deps: d}
}

var (
	errMissing   = fault.New(fault.NotFound, "enterprises.missing")
	errForbidden = fault.New(fault.Forbidden, "enterprises.forbidden")
	errChanged   = fault.New(fault.Conflict, "fault.conflict")
)

func (s *Service) today() calendar.Date { return calendar.DateOf(s.Now(), s.Zone) }

// hold lets nobody else change who may act for an enterprise until the transaction
// ends, and then asks whether the actor still may.
func (s *Service) hold(ctx context.Context, enterpriseID string, act Act) error {
	if !db.IsID(enterpriseID) {
		return errMissing
	}
	res := s.DB.From(ctx).Exec("UPDATE enterprises SET version = version WHERE id = ?", enterpriseID)
	if res.Error != nil {
		return db.Fault(res.Error, "enterprises.missing", "")
	}
	if res.RowsAffected == 0 {
		return errMissing
	}
	return s.Can(ctx, enterpriseID, act)
}

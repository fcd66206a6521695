// Package permits holds what only permits have: the application with its materials
// before it is sent, whether it is complete, what has to be corrected, and how it
// is decided. Once it is sent, an application is a case of the permit track; this
// package is the guard of that track.
package permits

import (
	"context"
	"sync"
	"time"

	"minqing/internal/access"
	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/catalogue"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/files"
	"minqing/internal/i18n"
	"minqing/internal/identity"
	"minqing/internal/jobs"
	"minqing/internal/permittypes"
	"minqing/internal/vault"
)

// State is how far an application is, beside the status of its case.
type State string

// The states.
const (
	Draft       State = "draft" // seen by the applicant's side alone
	Submitted   State = "submitted"
	Correcting  State = "correcting"
	Accepted    State = "accepted"
	NotAccepted State = "not_accepted"
	Granted     State = "granted"
	Refused     State = "refused"
	Withdrawn   State = "withdrawn"
)

// Statement is the version of what applicants sign. Its words are
// permit.statement.N; a change of the words is a new version.
const Statement = 1

// Types gives the types of permits, in force today or as an application keeps them.
type Types interface {
	Type(ctx context.Context, code string) (*permittypes.Type, error)
	Version(ctx context.Context, code string, version int64) (*permittypes.Type, error)
}

// Holders says for whom the actor may apply. Strangers get NotFound, members
// whose role does not cover it Forbidden.
type Holders interface {
	// Acting is the enterprise that the actor has chosen to act for, empty for
	// themselves.
	Acting(ctx context.Context) (holderID string, err error)
	// Can checks a holder that is not the actor in person.
	Can(ctx context.Context, holderID, typeCode string, write bool) error
	// Was says that the actor acted for a holder once, and does so no more.
	Was(ctx context.Context, holderID string) (bool, error)
	// Names are those of enterprises; persons are not among them.
	Names(ctx context.Context, ids ...string) (map[string]string, error)
}

// Grant is what the register makes a permit of.
type Grant struct {
	CaseID, CaseNo string
	TypeCode       string
	TypeVersion    int64
	HolderID       string
	UnitID         string
	ValidFrom      calendar.Date
	ValidUntil     *calendar.Date // nil: without an end
	Conditions     string
	Replaces       string            // number of the permit that this one renews or changes
	Facts          map[string]string // public facts: what the permit before said
	Silent         bool              // nobody decided in time
}

// Register issues permits within the caller's transaction, once per case.
type Register interface {
	Issue(ctx context.Context, g Grant) (no string, err error)
	// Standing counts the permits of a type that stand today.
	Standing(ctx context.Context, typeCode string) (int64, error)
}

// Visits knows whether officials may come again after a permit is issued, and hears
// that they do, within the caller's transaction.
type Visits interface {
	// Visitable fails with fault.Conflict where the permit owes no inspection now.
	Visitable(ctx context.Context, permitNo string) error
	// Appointed hears when they come, and tells the holder.
	Appointed(ctx context.Context, permitNo, inspectionID string) error
	// Inspected hears what they found.
	Inspected(ctx context.Context, permitNo, inspectionID string, passed bool, found string) error
}

// Deps are what the service works with. Register may be nil: then a grant is
// decided and the permit follows by hand.
type Deps struct {
	DB        *db.DB
	Vault     *vault.Vault
	Audit     *audit.Service
	Jobs      *jobs.Queue
	Access    *access.Service
	Cases     *cases.Service
	Catalogue *catalogue.Service
	Types     Types
	Events    Events // nil: nothing is applied for in one go
	Holders   Holders
	Houses    Houses // nil: no enterprise applies at a counter
	Files     *files.Service
	People    *identity.Service // who goes on site
	Register  Register
	Holds     Holds   // who holds what; set with Register
	Entries   Entries // nil: there is no register of enterprises
	Fees      Fees    // nil: nothing is charged
	Visits    Visits  // inspections after the permit is issued; nil: none are made
	// Reminds tells an applicant of a correction, within the caller's transaction; nil:
	// nobody is told.
	Reminds func(ctx context.Context, r Reminder) error
	// TellsAccepted tells an applicant that their application was accepted, within the
	// caller's transaction; nil: nobody is told.
	TellsAccepted func(ctx context.Context, a Acceptance) error
	// TellsInterested sends a third party the notice with their link, within the caller's
	// transaction; nil: nobody is written to.
	TellsInterested func(ctx context.Context, interestedID string) error
	Words           *i18n.Bundle
	Now             func() time.Time
}

// Service is the only writer of applications and what belongs to them.
type Service struct {
	Deps
	questions sync.Map // of versions of types, by id
}

// New makes the service and sets it as the guard of the permit track.
func New(d Deps) *Service {
	s := &Service{Deps: d}
	d.Cases.GuardBy(catalogue.TrackPermit, guard{s})
	return s
}

// Application is a row of permit_applications.
type Application struct {
	ID            string
	HolderID      string
	TypeCode      string
	TypeVersion   int64
	State         State
	VaultKeyID    string
	AnswersCipher []byte
	CaseID        *string
	CaseNo        string
	RenewsNo      string // the permit that it is about, of a renewal or change
	Purpose       Purpose
	BundleID      *string // the applications that are sent in one go with this one
	BegunByID     *string
	ChangedByID   *string
	SignedByID    *string
	SignerCipher  []byte
	Statement     int64
	ReceivedAt    *time.Time
	ReceivedOn    *calendar.Date
	CompleteAt    *time.Time // when the papers that count came in
	CompleteOn    *calendar.Date
	AcceptedAt    *time.Time
	AcceptedOn    *calendar.Date
	Deemed        bool // nobody spoke within the limit
	Version       int64
	CreatedAt     time.Time
	UpdatedAt     time.Time

	CounterUnitID *string // the desk that wrote it down; nil: the applicant did
	CounterCipher []byte

	Answers map[string]any `gorm:"-"`
	Signer  string         `gorm:"-"`
	Counter *Counter       `gorm:"-"` // nil: not at a counter
}

// TableName names the table for gorm.
func (Application) TableName() string { return "permit_applications" }

// Purposes that bind a ciphertext to its place.
const (
	purposeAnswers = "permit.answers"
	purposeSigner  = "permit.signer"
	purposeCounter = "permit.counter"
)

// KeyOwner says what the data key of an application seals.
func KeyOwner() vault.Owner {
	return vault.Owner{Kind: "application", Table: "permit_applications", Sealed: []vault.Sealed{
		{Table: "permit_applications", ID: "id", Owner: "id", Column: "answers_cipher", Purpose: "'" + purposeAnswers + "'"},
		{Table: "permit_applications", ID: "id", Owner: "id", Column: "signer_cipher", Purpose: "'" + purposeSigner + "'"},
		{Table: "permit_applications", ID: "id", Owner: "id", Column: "counter_cipher", Purpose: "'" + purposeCounter + "'"},
		{Table: "permit_already_held", ID: "id", Owner: "application_id", Column: "held_cipher", Purpose: "'" + purposeAlready + "'"},
		{Table: "permit_already_held", ID: "id", Owner: "application_id", Column: "reason_cipher", Purpose: "'" + purposeWhy + "'"},
		{Table: "permit_notices", ID: "id", Owner: "application_id", Column: "answers_cipher", Purpose: "'" + purposeTyped + "'"},
		{Table: "permit_answer_changes", ID: "id", Owner: "application_id", Column: "before_cipher", Purpose: "'" + purposeBefore + "'"},
		{Table: "permit_answer_changes", ID: "id", Owner: "application_id", Column: "after_cipher", Purpose: "'" + purposeAfter + "'"},
		{Table: "permit_answer_changes", ID: "id", Owner: "application_id", Column: "agreed_cipher", Purpose: "'" + purposeAgreed + "'"},
		{Table: "permit_hearings", ID: "id", Owner: "application_id", Column: "others_cipher", Purpose: "'" + purposeOthers + "'"},
		{Table: "permit_hearings", ID: "id", Owner: "application_id", Column: "record_cipher", Purpose: "'" + purposeHearing + "'"},
		{Table: "permit_interested", ID: "id", Owner: "application_id", Column: "name_cipher", Purpose: "'" + purposeInterestedName + "'"},
		{Table: "permit_interested", ID: "id", Owner: "application_id", Column: "mail_cipher", Purpose: "'" + purposeInterestedMail + "'"},
		{Table: "permit_interested", ID: "id", Owner: "application_id", Column: "statement_cipher", Purpose: "'" + purposeInterestedSays + "'"},
	}}
}

// errMissing answers alike for what does not exist and what is somebody else's.
var errMissing = fault.New(fault.NotFound, "permit.missing")

func (s *Service) now() time.Time { return s.Now().UTC().Truncate(time.Microsecond) }

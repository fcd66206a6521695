// Package cases holds the one object behind every contact with the government:
// a case, from receipt to conclusion. It owns the state machine, the parties,
// the units that have to do with a case, its events and its messages.
package cases

import (
	"context"
	"encoding/json"
	"time"

	"minqing/internal/access"
	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/catalogue"
	"minqing/internal/clocks"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/i18n"
	"minqing/internal/jobs"
	"minqing/internal/place"
	"minqing/internal/vault"
)

// Kind is what a person wants from the government (訴求類型).
type Kind string

// The kinds that people may file.
const (
	Complaint   Kind = "complaint"
	HelpRequest Kind = "help_request"
	Enquiry     Kind = "enquiry"
	Suggestion  Kind = "suggestion"
	Compliment  Kind = "compliment"
	Report      Kind = "report"
)

// Kinds lists them in the order in which forms show them.
var Kinds = []Kind{HelpRequest, Complaint, Enquiry, Suggestion, Report, Compliment}

// Confidentiality says who may learn who filed, and what.
type Confidentiality string

// From open to sealed. Everything but Normal keeps its texts encrypted.
const (
	Normal         Confidentiality = "normal"
	IdentityHidden Confidentiality = "identity_hidden"
	AnonymousFiler Confidentiality = "anonymous"
	Whistle        Confidentiality = "whistle"
)

// Sealed says whether the texts of the case are stored encrypted.
func (c Confidentiality) Sealed() bool { return c != Normal }

// Channels by which a case comes in.
const (
	ChannelWeb     = "web"
	ChannelAPI     = "api"
	ChannelPhone   = "phone"
	ChannelCounter = "counter"
	ChannelImport  = "import"
	ChannelEmail   = "email"
	ChannelOffer   = "offer" // nobody asked: the government came by itself
)

// StaffChannels are those by which a case comes in when a member of staff writes
// it down for somebody, the usual one first.
var StaffChannels = []string{ChannelPhone, ChannelCounter}

// Outcome says how a case was concluded.
type Outcome string

// The outcomes; NotSupported and Referred need their grounds in the reply.
const (
	Resolved     Outcome = "resolved"
	PartlySolved Outcome = "partly"
	Explained    Outcome = "explained"
	NotSupported Outcome = "not_supported"
	Referred     Outcome = "referred"
)

// Outcomes lists them in the order in which forms show them.
var Outcomes = []Outcome{Resolved, PartlySolved, Explained, NotSupported, Referred}

// NoDue stands in queue_at where a case has no due time, so that it sorts last.
var NoDue = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)

// Case is a row of cases. Title, Description and Answers of a sealed case are
// empty here until Service.unseal fills them for somebody who may read them.
type Case struct {
	ID              string
	CaseNo          string
	Track           string
	Kind            Kind
	Status          Status
	ResumeStatus    Status
	Confidentiality Confidentiality
	Channel         string
	Locale          string
	MatterID        *string
	MatterVersion   int64
	UnitID          string
	DistrictID      *string
	HandlerID       *string
	Title           string
	Description     string
	Answers         string
	VaultKeyID      *string
	TextCipher      []byte
	AddressCipher   []byte
	Lat             *float64
	Lng             *float64
	Urgent          bool
	RouteRule       string
	RouteVersion    int64
	RouteUnitID     *string
	RouteReason     i18n.Text
	HandlingLimit   calendar.Limit
	ReceivedAt      time.Time
	ReceivedOn      calendar.Date
	ResponseDueAt   *time.Time
	ResponseDueOn   *calendar.Date
	DueAt           *time.Time
	DueOn           *calendar.Date
	DueProvisional  bool
	DueFixed        bool
	CalendarVersion string
	AcceptedAt      *time.Time
	DispatchedAt    *time.Time
	SignedInAt      *time.Time
	ContactedAt     *time.Time
	ContactedOn     *calendar.Date
	RepliedAt       *time.Time
	ConcludedAt     *time.Time
	ConcludedOn     *calendar.Date
	Outcome         Outcome
	ConclusionNo    int64
	ReturnedCount   int64
	ReworkCount     int64
	Appealed        bool // and nobody has decided on it yet
	AppealDeclined  bool // the newest result stands
	EventCount      int64
	CodeGeneration  int
	CodeKey         string
	Source          string
	SourceID        *string
	Version         int64
	CreatedAt       time.Time
	UpdatedAt       time.Time

	SuspendedAt    *time.Time     // the clock stands still since then; there is no due time
	SuspendedUntil *calendar.Date // as expected
	Suspension     string         // why: the code of a type of the catalogue
	ExtensionAsked calendar.Limit // more time that somebody has asked for and nobody decided on
	ExtensionByID  *string        // who asked
	ExtensionAsID  *string        // and for whom, as a deputy
	ExtensionCount int64          // how often the limit was extended

	Grade        int64      // how the person judged the newest result, 5 to 1; 0: not yet
	Rectify      Rectifying // how far the answer to a bad review is
	RectifyDueAt *time.Time // of what the unit has to do next about it

	Objection       Deciding // somebody sent the case back and nobody decided on it
	ObjectionReason string
	ProposedID      *string // the unit that shall have it instead, as who sent it back says
	RulerID         *string // the unit above that decides
	BoundUnitID     *string // designated by a superior: may not send it back

	ReopenedCount int64
	ArchiveAt     *time.Time // goes to the archive by itself
	SupervisedDue *time.Time // the unit above wants something by then
	MergedIntoID  *string    // the case that leads it
	MergedCount   int64      // how many cases follow this one
	Duplicate     bool       // the same person asks in the case that leads: figures count them once

	ParentID  *string // the case that this one is a part of
	PartsOpen int64   // parts of this one that have not ended
	JointOpen int64   // joint units that are still awaited

	Voice   Voice   // whether question and answer may be published, or are
	VoiceID *string // under which; nothing else leads from it to the case

	Concerns int64 // how many others say that what is published concerns them too

	FrozenAt     *time.Time // who asked was erased: the file is kept and not used
	AnonymisedAt *time.Time // its term is over: nothing that somebody wrote is left
}

// TableName names the table for gorm.
func (Case) TableName() string { return "cases" }

// AnswerMap reads the answers to the matter's questions.
func (c *Case) AnswerMap() map[string]any {
	out := map[string]any{}
	if json.Unmarshal([]byte(c.Answers), &out) != nil {
		return map[string]any{} // written by this package only; an unreadable value shows as none
	}
	return out
}

// OnTime is the verdict on a case: true when it was concluded by its due time,
// false when it was not or is overdue while open, nil while undecided or where
// no due time exists.
func (c *Case) OnTime(now time.Time) *bool {
	if c.DueAt == nil || c.Status == Merged { // the leading case is judged
		return nil
	}
	switch {
	case c.ConcludedAt != nil:
		v := !c.ConcludedAt.After(*c.DueAt)
		return &v
	case c.Status.Ended():
		return nil
	case now.After(*c.DueAt):
		v := false
		return &v
	}
	return nil
}

// Deps are what the service works with.
type Deps struct {
	DB           *db.DB
	Vault        *vault.Vault
	Audit        *audit.Service
	Jobs         *jobs.Queue
	Catalogue    *catalogue.Service
	Places       *place.Service
	Access       *access.Service
	Constituents *constituents.Service
	Clocks       *clocks.Service
	Now          func() time.Time
	Prefix       string // of case numbers, two to four letters; "LJ" when empty
	Attachments  Attachments

	// StaffAt finds the account of a member of staff by its email address; empty
	// when there is none.
	StaffAt     func(ctx context.Context, email string) (accountID string, err error)
	Names       func(ctx context.Context, accountIDs ...string) (map[string]string, error) // of staff; nil: nobody is found by name
	Represented Represented                                                                // nil: everybody acts for themselves alone

	Acted func(Done) // hears of each act once it is committed, and returns at once; may be nil
}

// Done is an act on a case that is committed.
type Done struct {
	CaseNo    string
	Action    Action
	Version   int64  // of the case after it
	AccountID string // of the member of staff who did it; empty for citizens and the program
}

// Attachments looks at the files of a draft and hands them of a draft over to the case that it becomes.
type Attachments interface {
	Adopt(ctx context.Context, fromKind, fromID, toKind, toID string) error
	Discreet(ctx context.Context, ownerKind, ownerID string) error // none says who made it
}

// Service is the only writer of the tables of cases.
type Service struct {
	Deps
	numbers numbers
	known   known
	counted counted
	index   textIndex
	bell    indexBell

	excluded func(ctx context.Context, caseID string, no int64) error
	mendDue  func(ctx context.Context, list []MendDue) error
	moved    func(ctx context.Context, was, is *Case, at time.Time) error
	guards   map[string]Guard // by track
	gone     []func(ctx context.Context, caseIDs []string) error
}

// New makes the service.
func New(d Deps) *Service {
	if d.Prefix == "" {
		d.Prefix = "LJ"
	}
	s := &Service{Deps: d, index: newTextIndex(d.DB)}
	if d.Catalogue != nil {
		d.Catalogue.WhenMoved(s.follow)
	}
	return s
}

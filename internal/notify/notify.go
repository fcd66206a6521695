// Package notify tells people what happened to their cases: in the portal
// always, by mail when there is an address, by text where no mail arrives or
// somebody wishes it, in the person's language, with a log of every delivery. Nothing is sent inside a request: a message is a row
// and a job of the transaction that causes it, and its text is made from ids
// when it is sent.
//
// A message that may have left is never sent again by itself: its delivery becomes
// `uncertain` and waits for a person.
package notify

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"sync"
	"time"

	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/i18n"
	"minqing/internal/jobs"
	"minqing/internal/vault"
)

// Kind is what a message is about.
type Kind string

// The kinds of messages. Each has its templates in templates/mail and its words
// under "notify.<kind>" in the locale files.
const (
	CaseReceived   Kind = "case_received"
	InfoRequested  Kind = "info_requested"
	NotAccepted    Kind = "not_accepted"
	Replied        Kind = "replied"
	Concluded      Kind = "concluded"
	ConfirmAddress Kind = "confirm_address"
	CodeRenewed    Kind = "code_renewed"
	AppealDecided  Kind = "appeal_decided"
	ClockSuspended Kind = "clock_suspended"
	ClockResumed   Kind = "clock_resumed"
	ClockExtended  Kind = "clock_extended"
	Transferred    Kind = "transferred"
	Reopened       Kind = "reopened"
	CaseMerged     Kind = "case_merged"
	CaseUnmerged   Kind = "case_unmerged"
	JudgeReminder  Kind = "judge_reminder" // once for each result
	SiteVisit      Kind = "site_visit"     // when officials come, or what they found
	HearingStep    Kind = "hearing"        // the right to one, when it is, its record
	AnswersAmended Kind = "amended"        // what the office corrected on the spot
	ThirdParty     Kind = "third_party"    // others whose interests it concerns are heard
)

// What staff are told of the clocks of their cases.
const (
	ClockBefore Kind = "clock_before"
	ClockDue    Kind = "clock_due"
	ClockAfter  Kind = "clock_after"
)

// What staff are told of a case that was sent back, of orders from above, and of
// joint handling.
const (
	ObjectionWaits   Kind = "objection_waits"
	ObjectionDecided Kind = "objection_decided"

	Assigned  Kind = "assigned"  // to handle it
	Mentioned Kind = "mentioned" // in a note

	OrderGiven    Kind = "order_given" // the unit above wants something
	OrderAnswered Kind = "order_answered"
	OrderMoved    Kind = "order_moved" // closed, or more time
	OrderBefore   Kind = "order_before"
	OrderDue      Kind = "order_due"
	OrderAfter    Kind = "order_after"

	JointAsked    Kind = "joint_asked"
	JointAnswered Kind = "joint_answered"
	JointReleased Kind = "joint_released"
	PartEnded     Kind = "part_ended" // of the case that it belongs to
	PartGiven     Kind = "part_given"

	BadReview      Kind = "bad_review" // the person is to be spoken with
	ExtensionAsked Kind = "extension_asked"
)

// StaffKinds lists what staff are told.
var StaffKinds = []Kind{ClockBefore, ClockDue, ClockAfter, ObjectionWaits, ObjectionDecided, Assigned, Mentioned, OrderGiven, OrderAnswered, OrderMoved,
	OrderBefore, OrderDue, OrderAfter, JointAsked, JointAnswered, JointReleased, PartEnded, PartGiven, BadReview, ExtensionAsked, PermitAlarm, RenewalStalled, RenewalLapsed}

func (k Kind) ofStaff() bool { return slices.Contains(StaffKinds, k) }

// Kinds lists every kind.
var Kinds = []Kind{CaseReceived, InfoRequested, NotAccepted, Replied, Concluded, ConfirmAddress, CodeRenewed, AppealDecided, ClockSuspended, ClockResumed, ClockExtended,
	Transferred, Reopened, CaseMerged, CaseUnmerged, JudgeReminder, SiteVisit, HearingStep, AnswersAmended, ThirdParty, CallbackMissed}

// What accounts are told: by mail or text only, and never in the portal, where
// whoever reads it is inside already.
const (
	SignInCode        Kind = "sign_in_code"
	PhoneCode         Kind = "phone_code" // by text only
	ResetPassword     Kind = "reset_password"
	PasswordChanged   Kind = "password_changed"
	PasskeyAdded      Kind = "passkey_added"
	SecondFactorOff   Kind = "second_factor_off"
	ProviderConnected Kind = "provider_connected"
)

// AccountKinds lists what accounts are told by mail.
var AccountKinds = []Kind{SignInCode, ResetPassword, PasswordChanged, PasskeyAdded, SecondFactorOff, ProviderConnected}

// What those hear who follow a published question by mail.
const (
	FollowConfirm   Kind = "follow_confirm" // with the link that proves the address
	FollowReplied   Kind = "follow_replied" // other words are published
	FollowConcluded Kind = "follow_concluded"
	FollowReopened  Kind = "follow_reopened"
)

// FollowKinds lists what followers are told.
var FollowKinds = []Kind{FollowConfirm, FollowReplied, FollowConcluded, FollowReopened}

// What goes to an address that belongs to nobody's record yet: the proof that an
// enterprise is somebody's, the wish that somebody acts for one, and the notice to third
// parties.
const (
	EnterpriseProof  Kind = "enterprise_proof"
	EnterpriseInvite Kind = "enterprise_invite"

	// InterestedTold tells somebody whose interests an application concerns, with the link
	// by which they state their case.
	InterestedTold Kind = "interested_told"
)

// LetterKinds lists those.
var LetterKinds = []Kind{EnterpriseProof, EnterpriseInvite, InterestedTold}

func (k Kind) ofFollower() bool {
	return slices.Contains(FollowKinds, k) || slices.Contains(LetterKinds, k)
}

// What people are told of what they may get without asking.
const (
	OfferMade  Kind = "offer_made"
	OfferEnded Kind = "offer_ended" // nothing comes of it
)

// OfferKinds lists what people are told of offers.
var OfferKinds = []Kind{OfferMade, OfferEnded}

func (k Kind) ofOffer() bool { return slices.Contains(OfferKinds, k) }

// OfferFacts are what a message may say of an offer.
type OfferFacts struct {
	Title    string // in the language of the message
	LinkPath string // which opens it without an account
}

// Offers knows what messages say of offers. The package of offers fills it.
type Offers interface {
	// OfferFacts are of the offers of which there is anything to say, by their ids.
	OfferFacts(ctx context.Context, offerIDs []string, l i18n.Lang) (map[string]OfferFacts, error)
}

// MailTooLarge answers somebody whose mail was not read; it is about no case.
const MailTooLarge Kind = "mail_too_large"

// secret says whether a message carries a code or link that opens something.
func (k Kind) secret() bool { return k == SignInCode || k == PhoneCode || k == ResetPassword }

func (k Kind) ofAccount() bool { return k == PhoneCode || slices.Contains(AccountKinds, k) }

// Channel is the way that a message takes.
type Channel string

// The channels.
const (
	InApp Channel = "inapp"
	Mail  Channel = "mail"
	SMS   Channel = "sms"
)

// Status is where a delivery stands.
type Status string

// The statuses.
const (
	Queued     Status = "queued"
	Sending    Status = "sending" // a process is at it, or died over it
	Sent       Status = "sent"    // the mail server took it; in the portal: it is there
	Failed     Status = "failed"
	Uncertain  Status = "uncertain"  // it may or may not have left
	Suppressed Status = "suppressed" // not to be sent; Reason says why
	Read       Status = "read"       // opened in the portal
)

// Reasons of a delivery that was not sent.
const (
	NoTransport = "no_transport" // no mail server is configured
	Erased      = "erased"       // the person was erased meanwhile
	Interrupted = "interrupted"  // the process ended in the middle of sending
	Over        = "over"         // the code that it would carry works no more
)

// Recipient is who gets a message: a constituent, or an account that has none.
type Recipient struct {
	ConstituentID string
	AccountID     string
}

// Contact is how to reach somebody, in the clear.
type Contact struct {
	Locale       string
	Mail         string
	MailProven   bool   // only then anything but the case number may go there
	ConfirmToken string // for the link that proves the address; empty when it is proven
	VaultKeyID   string // the person's data key: erasing the person erases the log's addresses
	Bounced      bool   // mails to it come back: only a link to prove it goes there
	NoNews       bool   // the person wants no mail but what is always sent

	Phone       string // takes texts; empty when there is none, or the gateway said that it is wrong
	PhoneProven bool
	PhoneToken  string // for the link that proves it; empty when it is proven

	Pending map[string]string // other addresses that are to be proven, and the tokens of their links
}

// Directory knows how to reach people. The packages of people fill it.
type Directory interface {
	// Contact fails with fault.NotFound for somebody unknown or erased.
	Contact(ctx context.Context, r Recipient) (Contact, error)
}

// Secret is what a message about a step of signing in carries, and where it goes.
type Secret struct {
	Locale     string
	Mail       string // one of the two
	Phone      string
	Code       string
	LinkPath   string // below the portal's address
	VaultKeyID string
}

// Secrets knows what such messages carry. The package of accounts fills it.
type Secrets interface {
	// Secret fails with fault.NotFound when the step is over.
	Secret(ctx context.Context, k Kind, aboutID string) (Secret, error)
}

// Follower is who follows a published question: an address, and nobody's record.
type Follower struct {
	Locale     string
	Mail       string
	VaultKeyID string
	Title      string // of what is published; empty while it is out of sight
	LinkPath   string // to prove the address, or else to what is published
	Code       string // to type where it was asked for
	StopPath   string // to be told no more
}

// Followers knows who follows. The package of published questions fills it.
type Followers interface {
	// Follower fails with fault.NotFound when nothing of the kind may go there.
	Follower(ctx context.Context, k Kind, id string) (Follower, error)
	// FollowerBounced hears that no mail gets through.
	FollowerBounced(ctx context.Context, id string) error
}

// Facts are what a message may say of a case. Codes are derived anew for each.
type Facts struct {
	CaseNo          string
	QueryCode       string
	EvaluationToken string
	ReplyCode       string // for the address to answer to; empty when the case takes no answers by mail
	Urgent          bool   // somebody may be in danger
	ByMail          bool   // the case came by mail: the address that it came from may answer unproven
	Spoken          bool   // staff wrote the case down when they spoke with the person, and the number too
	Silent          bool   // no text may speak of it
	Hotline         string // that people may ring instead; may be empty
}

// Cases knows what messages say of a case. The package of cases fills it.
type Cases interface {
	Facts(ctx context.Context, caseID string) (Facts, error)
}

// Deps are what the service works with. Transport may be nil: then mail is
// recorded as suppressed, and the portal's own messages still appear.
type Deps struct {
	DB        *db.DB
	Vault     *vault.Vault
	Audit     *audit.Service
	Jobs      *jobs.Queue
	Words     *i18n.Bundle
	Templates fs.FS // holds templates/mail
	Directory Directory
	Cases     Cases
	Transport Transport
	Texts     TextTransport // may be nil too
	Secrets   Secrets
	Followers Followers
	Campaigns Campaigns
	Offers    Offers
	Permits   Permits
	News      News
	Rings     Rings
	BaseURL   string // of the portal, for links; no slash at its end
	Now       func() time.Time
	Zone      *time.Location // of quiet hours; UTC when nil

	TextsADay int // most texts about cases that a number gets on a day; 0 is the usual

	// Replies is the mailbox that is read for answers and for mails that come
	// back; empty when none is. Unreachable, which may be nil, hears of addresses
	// that take no mail and of numbers that take no texts, in the transaction that
	// notes it.
	Replies     string
	Unreachable func(ctx context.Context, r Recipient, by Channel, address string) error
}

// Service owns the deliveries.
type Service struct {
	Deps
	pages sync.Map // of page, by pageKey: what was sent since the start
}

// New makes the service and registers its job with the queue.
func New(d Deps) (*Service, error) {
	if d.BaseURL == "" {
		return nil, errors.New("messages need the portal's address for their links")
	}
	s := &Service{Deps: d}
	jobs.Work(d.Jobs, s.send)
	jobs.Work(d.Jobs, s.gather)
	jobs.Work(d.Jobs, s.sendDigest)
	jobs.Work(d.Jobs, s.sweepTexts)
	d.Jobs.Every(sweepTextsEvery, SweepTexts{})
	return s, nil
}

// Package identity knows who has an account: sign-in with a password, sessions,
// access tokens for programs, registration with a proven mailbox. Addresses and
// names stand in its tables only as ciphertext, tokens only as hashes.
package identity

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-webauthn/webauthn/webauthn"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/i18n"
	"minqing/internal/idcode"
	"minqing/internal/vault"
)

// Kind says whom an account belongs to.
type Kind string

// The kinds of accounts.
const (
	Citizen Kind = "citizen" // a person or an enterprise's member
	Staff   Kind = "staff"
	Program Kind = "service" // a machine that calls the interfaces
)

// Status is where an account stands.
type Status string

// The states of an account.
const (
	Unconfirmed Status = "unconfirmed" // the mailbox is not proven yet
	Active      Status = "active"
	Disabled    Status = "disabled"
)

// Purposes bind a ciphertext, hash or code to its use.
const (
	purposeEmail   = "account.email"
	purposeName    = "account.name"
	purposeLogin   = "account.login"
	purposeAddress = "sign_in.address"
	purposeDevice  = "sign_in.device"
	purposePlace   = "session.address"
	purposeConfirm = "identity.confirm"

	purposeSecond   = "account.second_factor"
	purposeRecovery = "account.recovery_code"

	purposeSubject = "external.subject"
	purposeHint    = "session.hint"

	purposePhone  = "account.phone"
	purposeCode   = "identity.code"
	purposeReset  = "identity.reset"
	purposeAsking = "identity.asking"
	purposeAgain  = "identity.again"

	purposePasskey     = "passkey.record"
	purposePasskeyName = "passkey.name"
)

// Deps are what the service works with.
type Deps struct {
	DB           *db.DB
	Vault        *vault.Vault
	Audit        *audit.Service
	Access       *access.Service
	Constituents *constituents.Service
	Now          func() time.Time
}

// Options are the settings. The zero value suits a test.
type Options struct {
	Demo   bool // demo accounts may sign in, and limits are a hundredfold
	Secure bool // served by https: cookies say so

	SecondFor []string // roles that nobody uses without a second factor

	Providers []Provider // OpenID providers by which people sign in

	BaseURL string // of the portal: passkeys belong to its host; without one, or on a bare address, there are none
}

// Messages sends what accounts have to be told.
type Messages interface {
	// Enrol adds a job that runs the method of that name of the service.
	Enrol(ctx context.Context, registrationID string) error
	// ConfirmAccount sends the link that proves the mailbox, by a job added in
	// the open transaction; Reach gives the link's token when the job runs.
	ConfirmAccount(ctx context.Context, accountID string) error
	// SendStep and SendReset send the code or link of a step or a reset, if it has
	// an account: SecretOf tells when the job runs, so that asking takes the same
	// work whether there is one or not.
	SendStep(ctx context.Context, stepID string) error
	SendReset(ctx context.Context, resetID string) error
	// Changed tells the owner of an account what was changed in it.
	Changed(ctx context.Context, accountID string, what Change) error
}

// Change is something that the owner of an account is told of by mail.
type Change string

// The changes.
const (
	ChangedPassword  Change = "password"
	ChangedPasskey   Change = "passkey"
	ChangedSecondOff Change = "second_off"
	ChangedProvider  Change = "provider"
)

// changed tells the owner in the open transaction; where no mail is sent, nobody
// is told.
func (s *Service) changed(ctx context.Context, accountID string, what Change) error {
	if s.messages == nil {
		return nil
	}
	return s.messages.Changed(ctx, accountID, what)
}

// Service is the only writer of accounts, sessions and access tokens.
type Service struct {
	Deps
	o        Options
	hashing  chan struct{} // as many places as hashes may run at once
	dummy    string
	messages Messages
	texts    Messages
	passkeys *webauthn.WebAuthn // nil where there are none

	mu     sync.Mutex
	visits map[[32]byte]visit
	names  map[string]named
}

// New makes the service.
func New(d Deps, o Options) (*Service, error) {
	for _, role := range o.SecondFor {
		if !slices.Contains(access.Roles, role) {
			return nil, fmt.Errorf("a second factor cannot be compulsory for %q: the roles are %s", role, strings.Join(access.Roles, ", "))
		}
	}
	for _, p := range o.Providers {
		if err := p.check(); err != nil {
			return nil, err
		}
	}
	dummy, err := unmatched()
	if err != nil {
		return nil, err
	}
	keys, err := relyingParty(o.BaseURL)
	if err != nil {
		return nil, err
	}
	s := &Service{passkeys: keys, Deps: d, o: o, hashing: make(chan struct{}, mostHashes), dummy: dummy,
		visits: map[[32]byte]visit{}, names: map[string]named{}}
	if d.Access != nil {
		d.Access.WhenGiven(s.demand)
	}
	return s, nil
}

// SendBy says who sends mail; until then nobody can register.
func (s *Service) SendBy(m Messages) { s.messages = m }

// TextBy says who sends text messages; until then nobody signs in by phone.
func (s *Service) TextBy(m Messages) { s.texts = m }

// CanText says whether text messages are sent.
func (s *Service) CanText() bool { return s.texts != nil }

// Account is an account as other packages may know it: ids only.
type Account struct {
	ID            string
	Kind          Kind
	ConstituentID string
	UnitID        string
	Locale        string
	Status        Status
	Demo          bool

	login []byte // keyed hash of the address, for the device cookie
}

// row is an account as it stands in the table.
type row struct {
	ID            string
	Kind          Kind
	LoginIndex    []byte
	VaultKeyID    string
	EmailCipher   []byte
	NameCipher    []byte
	ConstituentID *string
	UnitID        *string
	PasswordHash  string
	Locale        string
	Status        Status
	Demo          bool
	LinkKey       string
	Generation    int
	Version       int64
	CreatedAt     time.Time

	LockAskedByID *string
	LockAskedAsID *string // the absent colleague in whose place
	LockAskedAt   *time.Time
}

// TableName names the table for gorm.
func (row) TableName() string { return "accounts" }

func (r row) account() *Account {
	return &Account{ID: r.ID, Kind: r.Kind, ConstituentID: deref(r.ConstituentID), UnitID: deref(r.UnitID), Locale: r.Locale, Status: r.Status, Demo: r.Demo, login: r.LoginIndex}
}

func deref(p *string) string {
	if p == nil {
		return ""
	}
	return *p
}

// allowed says whether the account may be used at all.
func (s *Service) allowed(status Status, demo bool) bool {
	return status == Active && (!demo || s.o.Demo)
}

// actorOf is who acts when the account is used.
func actorOf(ctx context.Context, r row) actor.Actor {
	a := actor.From(ctx)
	a.Kind, a.AccountID, a.Locale = actor.Citizen, r.ID, r.Locale
	if r.Kind != Citizen {
		a.Kind = actor.Staff
	}
	a.ConstituentID, a.UnitID = deref(r.ConstituentID), deref(r.UnitID)
	return a
}

// login is the keyed hash by which an account is found, however its address was
// typed.
func (s *Service) login(email string) []byte {
	return s.Vault.BlindIndex(purposeLogin, normal(email))
}

// logins are the hashes that an account may stand under while keys change.
func (s *Service) logins(email string) [][]byte {
	return s.Vault.BlindIndexes(purposeLogin, normal(email))
}

func normal(email string) string {
	if mail, err := idcode.NormaliseEmail(email); err == nil {
		return mail
	}
	return strings.ToLower(strings.TrimSpace(email))
}

func language(locale string) string {
	if l, ok := i18n.ParseLang(locale); ok {
		return string(l)
	}
	return string(i18n.ZhHant)
}

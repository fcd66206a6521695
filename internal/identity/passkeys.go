package identity

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/vault"
)

// MostPasskeys is how many an account may have.
const MostPasskeys = 20

// relyingParty is who we are to passkeys (WebAuthn Level 3): the host of the
// portal. A bare network address cannot have any.
func relyingParty(base string) (*webauthn.WebAuthn, error) {
	u, err := url.Parse(base)
	if err != nil || u.Hostname() == "" || net.ParseIP(u.Hostname()) != nil {
		return nil, nil //nolint:nilerr,nilnil // then there are no passkeys
	}
	limit := webauthn.TimeoutConfig{Enforce: true, Timeout: passkeyLife, TimeoutUVD: passkeyLife}
	return webauthn.New(&webauthn.Config{
		RPID: u.Hostname(), RPDisplayName: "Minqing", RPOrigins: []string{u.Scheme + "://" + u.Host},
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementPreferred, UserVerification: protocol.VerificationRequired},
		Timeouts:                          webauthn.TimeoutsConfig{Login: limit, Registration: limit},
		ExtensionsUnsolicitedOutputPolicy: protocol.UnsolicitedOutputPolicyIgnore, // some password managers add what nobody asked for
	})
}

// CanPasskey says whether there are passkeys here.
func (s *Service) CanPasskey() bool { return s.passkeys != nil }

var (
	errNoPasskeys  = fault.New(fault.NotFound, "identity.passkey.none_here")
	errBadPasskey  = fault.New(fault.Unauthenticated, "identity.passkey.refused")
	errPasskeyMine = fault.New(fault.Forbidden, "identity.passkey.not_here")
)

type passkeyRow struct {
	ID           string
	AccountID    string
	CredentialID []byte
	RecordCipher []byte
	NameCipher   []byte
	SignCount    uint32
	CreatedAt    time.Time
	UsedAt       *time.Time
}

// TableName names the table for gorm.
func (passkeyRow) TableName() string { return "passkeys" }

// holder is an account as the library wants to see it.
type holder struct {
	row   row
	email string
	name  string
	rows  []passkeyRow
	keys  []webauthn.Credential
}

// handleOf is the account's id as bytes: it says nothing to anybody.
func handleOf(accountID string) []byte {
	raw, _ := hex.DecodeString(strings.ReplaceAll(accountID, "-", ""))
	return raw
}

// WebAuthnID is the account to the authenticator.
func (h *holder) WebAuthnID() []byte { return handleOf(h.row.ID) }

// WebAuthnName is shown when there are several.
func (h *holder) WebAuthnName() string { return h.email }

// WebAuthnDisplayName is the person's name.
func (h *holder) WebAuthnDisplayName() string { return h.name }

// WebAuthnCredentials are the account's passkeys.
func (h *holder) WebAuthnCredentials() []webauthn.Credential { return h.keys }

// holder reads an account's passkeys.
func (s *Service) holder(ctx context.Context, r row) (*holder, error) {
	h := &holder{row: r}
	if err := s.DB.From(ctx).Where("account_id = ?", r.ID).Order("id").Find(&h.rows).Error; err != nil {
		return nil, fmt.Errorf("read passkeys: %w", db.Fault(err, "", ""))
	}
	for _, one := range h.rows {
		raw, err := s.Vault.Open(ctx, purposePasskey, one.RecordCipher)
		if err != nil {
			return nil, err
		}
		var c webauthn.Credential
		if err := json.Unmarshal(raw, &c); err != nil {
			return nil, fmt.Errorf("read a passkey: %w", err)
		}
		c.Authenticator.SignCount = one.SignCount
		h.keys = append(h.keys, c)
	}
	email, err := s.Vault.Open(ctx, purposeEmail, r.EmailCipher)
	if err != nil {
		return nil, err
	}
	if h.name, err = s.display(ctx, r); err != nil {
		return nil, err
	}
	if h.email = string(email); h.email == "" {
		h.email = h.name
	}
	return h, nil
}

func (s *Service) countPasskeys(ctx context.Context, accountID string) (n int64, err error) {
	if err := s.DB.From(ctx).Raw("SELECT count(*) FROM passkeys WHERE account_id = ?", accountID).Scan(&n).Error; err != nil {
		return 0, fmt.Errorf("count passkeys: %w", db.Fault(err, "", ""))
	}
	return n, nil
}

// Passkey is a passkey as its owner sees it.
type Passkey struct {
	ID   string
	Name string
	Made time.Time
	Used *time.Time
}

// PasskeyList is what the owner of an account sees of passkeys.
type PasskeyList struct {
	May         bool // the account may have some
	HasPassword bool // it is asked for before a new one
	Passkeys    []Passkey
}

// Passkeys lists the actor's passkeys.
func (s *Service) Passkeys(ctx context.Context) (PasskeyList, error) {
	r, err := s.me(ctx)
	if err != nil || s.passkeys == nil || r.Demo {
		return PasskeyList{}, err
	}
	list := PasskeyList{May: true, HasPassword: r.PasswordHash != ""}
	var rows []passkeyRow
	err = s.DB.From(ctx).Raw("SELECT id, name_cipher, created_at, used_at FROM passkeys WHERE account_id = ? ORDER BY id", r.ID).Scan(&rows).Error
	if err != nil {
		return PasskeyList{}, fmt.Errorf("read passkeys: %w", db.Fault(err, "", ""))
	}
	for _, one := range rows {
		name, err := s.Vault.Open(ctx, purposePasskeyName, one.NameCipher)
		if err != nil && !errors.Is(err, vault.ErrErased) {
			return PasskeyList{}, err
		}
		list.Passkeys = append(list.Passkeys, Passkey{ID: one.ID, Name: string(name), Made: one.CreatedAt, Used: one.UsedAt})
	}
	return list, nil
}

// RemovePasskey takes one of the actor's passkeys away and says whether there was
// one. Where a role asks for a second factor and none is left, all sessions end:
// the next sign-in begins with a new one. It takes a sign-in or a password of a
// moment ago.
func (s *Service) RemovePasskey(ctx context.Context, id string) (removed bool, err error) {
	r, err := s.me(ctx)
	if err != nil {
		return false, err
	}
	if err := s.still(ctx); err != nil || !uuidLike(id) {
		return false, err
	}
	err = s.DB.Tx(ctx, func(ctx context.Context) error {
		if err := s.keepAWayIn(ctx, r); err != nil {
			return err
		}
		res := s.DB.From(ctx).Exec("DELETE FROM passkeys WHERE id = ? AND account_id = ?", id, r.ID)
		if res.Error != nil {
			return fmt.Errorf("remove a passkey: %w", db.Fault(res.Error, "", ""))
		}
		if removed = res.RowsAffected > 0; !removed {
			return nil
		}
		if err := s.endUnproven(ctx, r); err != nil {
			return err
		}
		return s.Audit.Record(actor.With(ctx, actorOf(ctx, r)), audit.Entry{Action: "identity.passkey_remove", Kind: "account", ID: r.ID,
			Fields: []audit.Change{{Field: "passkey", Before: id}}})
	})
	return removed, err
}

// keepAWayIn refuses to take the last way into an account that has neither a
// password nor a provider nor a second passkey.
func (s *Service) keepAWayIn(ctx context.Context, r row) error {
	if r.PasswordHash != "" {
		return nil
	}
	var n int64
	err := s.DB.From(ctx).Raw("SELECT (SELECT count(*) FROM passkeys WHERE account_id = ?) + (SELECT count(*) FROM external_identities WHERE account_id = ?)",
		r.ID, r.ID).Scan(&n).Error
	if err != nil {
		return fmt.Errorf("count the ways in: %w", db.Fault(err, "", ""))
	}
	if n < 2 {
		return fault.New(fault.Conflict, "identity.passkey.last")
	}
	return nil
}

// endUnproven ends the sessions of somebody whose role asks for a second factor
// when there is none left.
func (s *Service) endUnproven(ctx context.Context, r row) error {
	must, err := s.mustHaveSecond(ctx, r)
	if err != nil || !must {
		return err
	}
	f, err := s.factor(ctx, r.ID)
	if err != nil || f.on() {
		return err
	}
	if n, err := s.countPasskeys(ctx, r.ID); err != nil || n > 0 {
		return err
	}
	return s.end(ctx, "account_id = ?", r.ID)
}

// refusePasskey leaves a trace of why, and counts it against the network address.
func (s *Service) refusePasskey(ctx context.Context, accountID, why string) error {
	from := s.address(ctx)
	err := s.DB.Tx(ctx, func(ctx context.Context) error {
		if from != nil {
			if _, err := s.count(ctx, from, addressMost); err != nil {
				return err
			}
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "identity.passkey_refused", Kind: "account", ID: accountID, Fields: []audit.Change{{Field: "why", After: why}}})
	})
	if err != nil {
		return err
	}
	return errBadPasskey
}

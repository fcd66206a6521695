package identity

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/text"
)

const (
	passkeyNameMost = 50
)

// NewPasskey gives what the browser needs to make a passkey, in JSON, and the
// step's token. It takes the password: a session alone must not make another way
// in. Who has none must have signed in just now.
func (s *Service) NewPasskey(ctx context.Context, current string) (options []byte, token string, err error) {
	r, err := s.me(ctx)
	switch {
	case err != nil:
		return nil, "", err
	case s.passkeys == nil:
		return nil, "", errNoPasskeys
	case r.Demo:
		return nil, "", errPasskeyMine
	}
	if err := s.proveAgain(ctx, r, current); err != nil {
		return nil, "", err
	}
	h, err := s.holder(ctx, r)
	if err != nil {
		return nil, "", err
	}
	if len(h.rows) >= MostPasskeys {
		return nil, "", fault.New(fault.Conflict, "identity.passkey.many").With("Max", MostPasskeys)
	}
	var known []protocol.CredentialDescriptor
	for _, k := range h.keys {
		known = append(known, k.Descriptor())
	}
	creation, session, err := s.passkeys.BeginRegistration(h, webauthn.WithExclusions(known))
	if err != nil {
		return nil, "", fmt.Errorf("begin a passkey: %w", err)
	}
	if token, err = s.beginStep(ctx, stepNewPasskey, r.ID, session); err != nil {
		return nil, "", err
	}
	options, err = json.Marshal(creation)
	return options, token, err
}

// proveAgain asks for the password, or for a sign-in of a moment ago where the
// account has none.
func (s *Service) proveAgain(ctx context.Context, r row, current string) error {
	if r.PasswordHash != "" {
		return s.checkCurrent(ctx, r, current)
	}
	recent, err := s.Recent(ctx)
	if err == nil && !recent {
		err = fault.New(fault.Conflict, "identity.passkey.sign_in_again")
	}
	return err
}

// AddPasskey keeps the passkey that the browser made.
func (s *Service) AddPasskey(ctx context.Context, token, name, made string) error {
	r, err := s.me(ctx)
	if err != nil {
		return err
	}
	if s.passkeys == nil {
		return errNoPasskeys
	}
	var c fault.Check
	name = text.Line(name)
	c.That(utf8.RuneCountInString(name) <= passkeyNameMost, "name", "identity.passkey.name_long", "Max", passkeyNameMost)
	if err := c.Err(); err != nil {
		return err
	}
	var session webauthn.SessionData
	step, err := s.takeStep(ctx, token, &session, stepNewPasskey)
	if err != nil {
		return err
	}
	if deref(step.AccountID) != r.ID { // signed in as somebody else meanwhile
		return errStepOver
	}
	parsed, err := protocol.ParseCredentialCreationResponseBody(strings.NewReader(made))
	if err != nil {
		return s.refusePasskey(ctx, r.ID, "form")
	}
	h, err := s.holder(ctx, r)
	if err != nil {
		return err
	}
	cred, err := s.passkeys.CreateCredential(h, session, parsed)
	if err != nil {
		return s.refusePasskey(ctx, r.ID, "attestation")
	}
	return s.keepPasskey(ctx, r, name, cred)
}

func (s *Service) keepPasskey(ctx context.Context, r row, name string, cred *webauthn.Credential) error {
	record, err := s.sealPasskey(ctx, r, cred)
	if err != nil {
		return err
	}
	label, err := s.Vault.Seal(ctx, r.VaultKeyID, purposePasskeyName, []byte(name))
	if err != nil {
		return err
	}
	if label == nil {
		label = []byte{}
	}
	now := s.Now().UTC()
	id := db.NewID(now)
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		stmt := db.Insert("passkeys", "id, account_id, credential_id, record_cipher, name_cipher, sign_count, created_at",
			id, r.ID, cred.ID, record, label, int64(cred.Authenticator.SignCount), now)
		if err := s.DB.From(ctx).Exec(stmt.SQL, stmt.Args...).Error; err != nil {
			return fmt.Errorf("store a passkey: %w", db.Fault(err, "", "identity.passkey.known"))
		}
		if err := s.forgive(ctx, r.LoginIndex); err != nil {
			return err
		}
		if err := s.changed(ctx, r.ID, ChangedPasskey); err != nil {
			return err
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "identity.passkey_add", Kind: "account", ID: r.ID, Fields: []audit.Change{{Field: "passkey", After: id}}})
	})
}

// sealPasskey keeps what later sign-ins are checked against; what the maker
// vouched for is not kept.
func (s *Service) sealPasskey(ctx context.Context, r row, cred *webauthn.Credential) ([]byte, error) {
	kept := *cred
	kept.Attestation = webauthn.CredentialAttestation{}
	raw, err := json.Marshal(kept)
	if err != nil {
		return nil, fmt.Errorf("write a passkey down: %w", err)
	}
	return s.Vault.Seal(ctx, r.VaultKeyID, purposePasskey, raw)
}

package identity

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"minqing/internal/db"
)

// AskPasskey gives what the browser needs to sign in by a passkey, in JSON, and
// the step's token. It names no account and no key, so that the authenticator
// must know its own; except in a browser in which the owner of the address has
// signed in before: there the account's keys are listed, for authenticators that
// keep none. Nobody else learns who has an account.
func (s *Service) AskPasskey(ctx context.Context, email string) (options []byte, token string, err error) {
	if s.passkeys == nil {
		return nil, "", errNoPasskeys
	}
	if err := s.checkAddress(ctx, s.address(ctx)); err != nil {
		return nil, "", err
	}
	if login := s.login(email); s.device(ctx, login) != nil {
		r, err := s.byLogin(ctx, s.logins(email)...)
		if err != nil {
			return nil, "", err
		}
		h, err := s.holder(ctx, r)
		if err != nil {
			return nil, "", err
		}
		if len(h.keys) > 0 {
			return s.askHolder(ctx, stepPasskey, h, protocol.VerificationRequired)
		}
	}
	asked, session, err := s.passkeys.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return nil, "", fmt.Errorf("ask for a passkey: %w", err)
	}
	return s.askPasskey(ctx, stepPasskey, "", asked, session)
}

// askHolder asks for one of the keys of an account.
func (s *Service) askHolder(ctx context.Context, kind stepKind, h *holder, verify protocol.UserVerificationRequirement) (options []byte, token string, err error) {
	asked, session, err := s.passkeys.BeginLogin(h, webauthn.WithUserVerification(verify))
	if err != nil {
		return nil, "", fmt.Errorf("ask for a passkey: %w", err)
	}
	return s.askPasskey(ctx, kind, h.row.ID, asked, session)
}

func (s *Service) askPasskey(ctx context.Context, kind stepKind, accountID string, asked *protocol.CredentialAssertion, session *webauthn.SessionData) (options []byte, token string, err error) {
	if token, err = s.beginStep(ctx, kind, accountID, session); err != nil {
		return nil, "", err
	}
	options, err = json.Marshal(asked)
	return options, token, err
}

// SignInPasskey opens a session by a passkey whose owner was verified by it: two
// factors in one, so that no code is asked for.
func (s *Service) SignInPasskey(ctx context.Context, token, answer string) (session string, _ *Account, err error) {
	if s.passkeys == nil {
		return "", nil, errNoPasskeys
	}
	var data webauthn.SessionData
	if _, err := s.takeStep(ctx, token, &data, stepPasskey); err != nil {
		return "", nil, err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBody(strings.NewReader(answer))
	if err != nil {
		return "", nil, s.refusePasskey(ctx, "", "form")
	}
	h, err := s.holderOf(ctx, parsed.RawID)
	if err != nil {
		return "", nil, err
	}
	if h == nil {
		return "", nil, s.refusePasskey(ctx, "", "unknown")
	}
	cred, err := s.verifyPasskey(h, data, parsed)
	switch {
	case err != nil:
		return "", nil, s.refusePasskey(ctx, h.row.ID, "assertion")
	case !s.allowed(h.row.Status, h.row.Demo):
		return "", nil, s.refusePasskey(ctx, h.row.ID, "account")
	}
	err = s.DB.Tx(ctx, func(ctx context.Context) error {
		if err := s.usePasskey(ctx, h, cred); err != nil {
			return err
		}
		session, err = s.open(withVia(ctx, via{passkey: true}), h.row)
		return err
	})
	if errors.Is(err, errCloned) {
		return "", nil, s.refusePasskey(ctx, h.row.ID, "counter")
	}
	return session, h.row.account(), err
}

// verifyPasskey checks an answer; h is who has the key that answered.
func (s *Service) verifyPasskey(h *holder, data webauthn.SessionData, parsed *protocol.ParsedCredentialAssertionData) (*webauthn.Credential, error) {
	if len(data.UserID) > 0 { // the keys were listed
		return s.passkeys.ValidateLogin(h, data, parsed)
	}
	_, cred, err := s.passkeys.ValidatePasskeyLogin(func(_, handle []byte) (webauthn.User, error) {
		if !bytes.Equal(handle, h.WebAuthnID()) {
			return nil, errBadPasskey
		}
		return h, nil
	}, data, parsed)
	return cred, err
}

// holderOf finds who has a passkey; nil when nobody has.
func (s *Service) holderOf(ctx context.Context, credentialID []byte) (*holder, error) {
	var rows []row
	err := s.DB.From(ctx).Raw("SELECT a.* FROM passkeys p JOIN accounts a ON a.id = p.account_id WHERE p.credential_id = ?", credentialID).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("find who has a passkey: %w", db.Fault(err, "", ""))
	}
	if len(rows) == 0 {
		return nil, nil //nolint:nilnil // nobody has it
	}
	return s.holder(ctx, rows[0])
}

var errCloned = errors.New("identity: the counter of a passkey did not go up")

// usePasskey notes the use. A counter that did not go up may be a copy's: it is
// refused. So is the slower of two uses at once.
func (s *Service) usePasskey(ctx context.Context, h *holder, cred *webauthn.Credential) error {
	if cred.Authenticator.CloneWarning {
		return errCloned
	}
	for _, one := range h.rows {
		if !bytes.Equal(one.CredentialID, cred.ID) {
			continue
		}
		record, err := s.sealPasskey(ctx, h.row, cred)
		if err != nil {
			return err
		}
		res := s.DB.From(ctx).Exec("UPDATE passkeys SET record_cipher = ?, sign_count = ?, used_at = ? WHERE id = ? AND sign_count = ?",
			record, int64(cred.Authenticator.SignCount), s.Now().UTC(), one.ID, int64(one.SignCount))
		if res.Error != nil {
			return fmt.Errorf("note the use of a passkey: %w", db.Fault(res.Error, "", ""))
		}
		if res.RowsAffected == 1 {
			return nil
		}
	}
	return errCloned
}

// HalfMeans says what may finish a half sign-in.
type HalfMeans struct{ Code, Passkey bool }

// HalfMeans says by what a half sign-in may be finished; one that is over is
// Unauthenticated.
func (s *Service) HalfMeans(ctx context.Context, half string) (HalfMeans, error) {
	_, r, err := s.half(ctx, half)
	if err != nil {
		return HalfMeans{}, err
	}
	f, err := s.factor(ctx, r.ID)
	if err != nil {
		return HalfMeans{}, err
	}
	n, err := s.countPasskeys(ctx, r.ID)
	return HalfMeans{Code: f.on(), Passkey: n > 0 && s.passkeys != nil}, err
}

// AskSecondPasskey asks whoever gave the password for one of their passkeys.
func (s *Service) AskSecondPasskey(ctx context.Context, half string) (options []byte, token string, err error) {
	_, r, err := s.half(ctx, half)
	if err != nil {
		return nil, "", err
	}
	if s.passkeys == nil {
		return nil, "", errNoPasskeys
	}
	h, err := s.holder(ctx, r)
	if err != nil {
		return nil, "", err
	}
	if len(h.keys) == 0 {
		return nil, "", errBadPasskey
	}
	return s.askHolder(ctx, stepSecond, h, protocol.VerificationPreferred)
}

// SignInSecondPasskey opens the session by a passkey after the password.
func (s *Service) SignInSecondPasskey(ctx context.Context, half, token, answer string) (session string, _ *Account, err error) {
	w, r, err := s.half(ctx, half)
	if err != nil {
		return "", nil, err
	}
	if s.passkeys == nil {
		return "", nil, errNoPasskeys
	}
	var data webauthn.SessionData
	step, err := s.takeStep(ctx, token, &data, stepSecond)
	if err == nil && deref(step.AccountID) != r.ID {
		err = errStepOver
	}
	if err != nil {
		return "", nil, err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBody(strings.NewReader(answer))
	if err != nil {
		return "", nil, s.refusePasskey(ctx, r.ID, "form")
	}
	h, err := s.holder(ctx, r)
	if err != nil {
		return "", nil, err
	}
	cred, err := s.passkeys.ValidateLogin(h, data, parsed)
	if err != nil {
		return "", nil, s.refusePasskey(ctx, r.ID, "assertion")
	}
	err = s.DB.Tx(ctx, func(ctx context.Context) error {
		if err := s.useHalf(ctx, w); err != nil {
			return err
		}
		if err := s.usePasskey(ctx, h, cred); err != nil {
			return err
		}
		session, err = s.open(w.via(ctx), r)
		return err
	})
	if errors.Is(err, errCloned) {
		return "", nil, s.refusePasskey(ctx, r.ID, "counter")
	}
	return session, r.account(), err
}

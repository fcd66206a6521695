package identity

import (
	"context"
	"fmt"
	"strings"
	"time"

	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/idcode"
	"minqing/internal/vault"
)

// resetLife is how long a link for a new password works.
const resetLife = 30 * time.Minute

var errNoReset = fault.New(fault.NotFound, "identity.reset.over")

type resetRow struct {
	ID         string
	LoginIndex []byte
	LinkKey    string
}

// AskReset sends a link for a new password to an address, if it has an account
// with one. The answer and the work are the same if it has none, and if too many
// were asked for.
func (s *Service) AskReset(ctx context.Context, email string) error {
	if s.messages == nil {
		return fault.New(fault.Unavailable, "identity.reset.closed")
	}
	var c fault.Check
	_, err := idcode.NormaliseEmail(email)
	c.That(strings.TrimSpace(email) != "", "email", "identity.email.required")
	c.That(strings.TrimSpace(email) == "" || err == nil, "email", "identity.email.form")
	if err := c.Err(); err != nil {
		return err
	}
	if err := s.checkAddress(ctx, s.address(ctx)); err != nil {
		return err
	}
	may, err := s.asked(ctx, s.login(email))
	if err != nil {
		return err
	}
	now := s.Now().UTC()
	id := db.NewID(now)
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		login, err := s.standsUnder(ctx, "accounts", "login_index", s.logins(email))
		if err != nil {
			return err
		}
		stmt := db.Insert("password_resets", "id, login_index, link_key, expires_at", id, login, s.Vault.CurrentKey(), now.Add(resetLife))
		if err := s.DB.From(ctx).Exec(stmt.SQL, stmt.Args...).Error; err != nil {
			return fmt.Errorf("note a wish for a new password: %w", db.Fault(err, "", ""))
		}
		if !may {
			return nil
		}
		return s.messages.SendReset(ctx, id)
	})
}

// reset reads a link that still works and whose account it opens.
func (s *Service) reset(ctx context.Context, id string) (resetRow, row, error) {
	var rows []resetRow
	err := s.DB.From(ctx).Raw("SELECT id, login_index, link_key FROM password_resets WHERE id = ? AND used_at IS NULL AND expires_at > ?", id, s.Now().UTC()).Scan(&rows).Error
	if err != nil {
		return resetRow{}, row{}, fmt.Errorf("read a wish for a new password: %w", db.Fault(err, "", ""))
	}
	if len(rows) == 0 {
		return resetRow{}, row{}, errNoReset
	}
	r, err := s.byLogin(ctx, rows[0].LoginIndex)
	switch {
	case err != nil:
		return resetRow{}, row{}, err
	case r.ID == "" || r.Demo || !s.allowed(r.Status, r.Demo),
		r.Kind != Citizen && r.PasswordHash == "": // staff who come from a provider only stay its affair
		return resetRow{}, row{}, errNoReset
	}
	return rows[0], r, nil
}

func (s *Service) resetCode(w resetRow) string {
	return s.Vault.DeriveWith(w.LinkKey, purposeReset, w.ID, 0, vault.LinkLength)
}

// ResetSecret is what the mail with a link carries: the link's token as the code.
func (s *Service) ResetSecret(ctx context.Context, id string) (Secret, error) {
	w, r, err := s.reset(ctx, id)
	if err != nil {
		return Secret{}, err
	}
	email, err := s.Vault.Open(ctx, purposeEmail, r.EmailCipher)
	return Secret{AccountID: r.ID, Locale: r.Locale, Email: string(email), Code: w.ID + "." + s.resetCode(w), VaultKeyID: r.VaultKeyID}, err
}

// byResetToken finds what a link opens.
func (s *Service) byResetToken(ctx context.Context, token string) (resetRow, row, error) {
	id, code, ok := strings.Cut(token, ".")
	if !ok || !uuidLike(id) {
		return resetRow{}, row{}, errNoReset
	}
	w, r, err := s.reset(ctx, id)
	if err == nil && !vault.Matches(code, s.resetCode(w)) {
		err = errNoReset
	}
	return w, r, err
}

// CanReset says whether a link still works.
func (s *Service) CanReset(ctx context.Context, token string) error {
	_, _, err := s.byResetToken(ctx, token)
	return err
}

// Reset gives the account a new password. The link works once; every session,
// access token, half sign-in and other link of the account ends. The second
// factor stays. The account is for the device cookie.
func (s *Service) Reset(ctx context.Context, token, password string) (*Account, error) {
	w, r, err := s.byResetToken(ctx, token)
	if err != nil {
		return nil, err
	}
	email, err := s.Vault.Open(ctx, purposeEmail, r.EmailCipher)
	if err != nil {
		return nil, err
	}
	var c fault.Check
	if err := s.checkPassword(ctx, &c, password, string(email)); err != nil {
		return nil, err
	}
	if err := c.Err(); err != nil {
		return nil, err
	}
	hash, err := s.hash(ctx, password) // first: no transaction waits for it
	if err != nil {
		return nil, err
	}
	return r.account(), s.DB.Tx(actor.With(ctx, actorOf(ctx, r)), func(ctx context.Context) error {
		now := s.Now().UTC()
		res := s.DB.From(ctx).Exec("UPDATE password_resets SET used_at = ?, account_id = ? WHERE id = ? AND used_at IS NULL AND expires_at > ?", now, r.ID, w.ID, now)
		if res.Error != nil {
			return fmt.Errorf("use a link for a new password: %w", db.Fault(res.Error, "", ""))
		}
		if res.RowsAffected == 0 {
			return errNoReset
		}
		if err := s.DB.From(ctx).Exec("UPDATE password_resets SET used_at = ? WHERE login_index = ? AND used_at IS NULL", now, w.LoginIndex).Error; err != nil {
			return fmt.Errorf("end other links for a new password: %w", db.Fault(err, "", ""))
		}
		if err := s.replacePassword(ctx, r, hash); err != nil {
			return err
		}
		if err := s.getsMail(ctx, r.ID); err != nil {
			return err
		}
		if err := s.end(ctx, "account_id = ?", r.ID); err != nil {
			return err
		}
		if err := s.revokeTokens(ctx, r.ID); err != nil {
			return err
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "identity.password_reset", Kind: "account", ID: r.ID, Fields: []audit.Change{{Field: "password"}}})
	})
}

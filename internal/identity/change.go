package identity

import (
	"context"
	"fmt"

	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/fault"
)

// ChangePassword replaces the actor's own password after asking for the current
// one. Every other session
// and every access token ends; this session goes on under a new token, so that
// a copy of the old cookie is worthless. It gives that token and how many other
// sessions ended. Demo accounts keep their public password.
func (s *Service) ChangePassword(ctx context.Context, current, next string) (token string, ended int64, err error) {
	a := actor.From(ctx)
	if a.SessionID == "" {
		return "", 0, errNoSession
	}
	var r row
	if err := s.DB.From(ctx).Where("id = ?", a.AccountID).Take(&r).Error; err != nil {
		return "", 0, db.Fault(err, "identity.account.missing", "")
	}
	if r.Demo {
		return "", 0, fault.New(fault.Conflict, "identity.password.demo")
	}
	if err := s.checkChange(ctx, r, current, next); err != nil {
		return "", 0, err
	}
	hash, err := s.hash(ctx, next) // first: no transaction waits for it
	if err != nil {
		return "", 0, err
	}
	token, digest := newSecret()
	err = s.DB.Tx(ctx, func(ctx context.Context) error {
		if err := s.replacePassword(ctx, r, hash); err != nil {
			return err
		}
		if ended, err = s.endOthers(ctx); err != nil {
			return err
		}
		res := s.DB.From(ctx).Exec("UPDATE sessions SET token_hash = ? WHERE id = ?", digest[:], a.SessionID)
		if res.Error != nil {
			return fmt.Errorf("renew a session: %w", db.Fault(res.Error, "", ""))
		}
		if res.RowsAffected == 0 { // ended meanwhile
			return errNoSession
		}
		s.DB.AfterCommit(ctx, s.forgetVisits)
		if err := s.revokeTokens(ctx, r.ID); err != nil {
			return err
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "identity.password", Kind: "account", ID: r.ID, Fields: []audit.Change{{Field: "password"}}})
	})
	if err != nil {
		return "", 0, err
	}
	return token, ended, nil
}

// checkChange says what is wrong with the current or the new password. A new
// one that could not be taken costs no try.
func (s *Service) checkChange(ctx context.Context, r row, current, next string) error {
	email, err := s.Vault.Open(ctx, purposeEmail, r.EmailCipher)
	if err != nil {
		return err
	}
	var c fault.Check
	c.That(current != "", "current", "identity.password.current_required")
	if err := s.checkPassword(ctx, &c, next, string(email)); err != nil {
		return err
	}
	c.That(next == "" || next != current, "password", "identity.password.same")
	if err := c.Err(); err != nil {
		return err
	}
	return s.checkCurrent(ctx, r, current)
}

// checkCurrent asks for the account's password again. A wrong one counts.
func (s *Service) checkCurrent(ctx context.Context, r row, current string) error {
	if current == "" {
		return fault.InvalidInput(fault.Field{Name: "current", Key: "identity.password.current_required"})
	}
	return s.checkAgain(ctx, r, "current", current)
}

// checkAgain compares what was typed in a field with the account's password, and
// counts it for the session: whoever stole it does not guess for long.
func (s *Service) checkAgain(ctx context.Context, r row, field, current string) error {
	counted := s.fresh(ctx, r)
	locked, err := s.count(ctx, counted, nameMost)
	if err != nil {
		return err
	}
	ok, err := s.matches(ctx, current, r.PasswordHash)
	if err != nil {
		return err
	}
	if ok && !locked {
		return s.forgive(ctx, counted)
	}
	if err := s.refuse(ctx, r, r.LoginIndex, s.address(ctx)); err != nil {
		return err
	}
	return fault.InvalidInput(fault.Field{Name: field, Key: "identity.password.current_wrong"})
}

// replacePassword stores the hash unless somebody changed the account since it
// was read; what locked its sign-in is forgiven.
func (s *Service) replacePassword(ctx context.Context, r row, hash string) error {
	res := s.DB.From(ctx).Exec("UPDATE accounts SET password_hash = ?, version = version + 1 WHERE id = ? AND version = ?", hash, r.ID, r.Version)
	if res.Error != nil {
		return fmt.Errorf("store a password: %w", db.Fault(res.Error, "", ""))
	}
	if res.RowsAffected == 0 {
		return fault.New(fault.Conflict, "fault.conflict")
	}
	if err := s.endHalves(ctx, r.ID); err != nil {
		return err
	}
	if err := s.changed(ctx, r.ID, ChangedPassword); err != nil {
		return err
	}
	return s.forgive(ctx, r.LoginIndex)
}

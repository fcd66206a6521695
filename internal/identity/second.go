package identity

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"

	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/fault"
)

const recoveryCodes = 10

// factorRow is an account's second factor; it counts once it is confirmed.
type factorRow struct {
	AccountID    string
	SecretCipher []byte
	LastStep     int64
	CreatedAt    time.Time
	ConfirmedAt  *time.Time
}

// TableName names the table for gorm.
func (factorRow) TableName() string { return "second_factors" }

func (f factorRow) on() bool { return f.ConfirmedAt != nil }

// Factor is where the actor's second factor stands. Secret and URI are there
// only until a first code confirms it.
type Factor struct {
	May       bool // this account may have one
	On        bool
	CodesLeft int64
	Secret    string
	URI       string
}

// factor reads the second factor of an account; there may be none.
func (s *Service) factor(ctx context.Context, accountID string) (factorRow, error) {
	var f factorRow
	err := s.DB.From(ctx).Where("account_id = ?", accountID).Take(&f).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return factorRow{}, nil
	}
	if err != nil {
		return factorRow{}, fmt.Errorf("read a second factor: %w", db.Fault(err, "", ""))
	}
	return f, nil
}

// me is the account of the session that asks.
func (s *Service) me(ctx context.Context) (r row, err error) {
	a := actor.From(ctx)
	if a.SessionID == "" {
		return row{}, errNoSession
	}
	if err := s.DB.From(ctx).Where("id = ?", a.AccountID).Take(&r).Error; err != nil {
		return row{}, db.Fault(err, "identity.account.missing", "")
	}
	return r, nil
}

// mayHaveSecond says who can have a second factor: staff, but not the accounts
// of the demo, which many share.
func mayHaveSecond(r row) bool { return r.Kind == Staff && !r.Demo }

// SecondFactor says where the actor's second factor stands.
func (s *Service) SecondFactor(ctx context.Context) (Factor, error) {
	r, err := s.me(ctx)
	if err != nil || !mayHaveSecond(r) {
		return Factor{}, err
	}
	f, err := s.factor(ctx, r.ID)
	if err != nil || f.AccountID == "" {
		return Factor{May: true}, err
	}
	if f.on() {
		var left int64
		err := s.DB.From(ctx).Raw("SELECT count(*) FROM recovery_codes WHERE account_id = ? AND used_at IS NULL", r.ID).Scan(&left).Error
		if err != nil {
			return Factor{}, fmt.Errorf("count recovery codes: %w", db.Fault(err, "", ""))
		}
		return Factor{May: true, On: true, CodesLeft: left}, nil
	}
	return s.pending(ctx, r, f)
}

// pending shows the secret of a second factor that is not confirmed.
func (s *Service) pending(ctx context.Context, r row, f factorRow) (Factor, error) {
	secret, err := s.Vault.Open(ctx, purposeSecond, f.SecretCipher)
	if err != nil {
		return Factor{}, err
	}
	email, err := s.Vault.Open(ctx, purposeEmail, r.EmailCipher)
	if err != nil {
		return Factor{}, err
	}
	text := base32Plain.EncodeToString(secret)
	return Factor{May: true, Secret: text, URI: totpURI(text, string(email))}, nil
}

// BeginSecond makes a new secret, sealed, that does nothing until it is
// confirmed.
func (s *Service) BeginSecond(ctx context.Context) error {
	r, err := s.me(ctx)
	if err != nil {
		return err
	}
	if !mayHaveSecond(r) {
		return fault.New(fault.Forbidden, "identity.second.not_here")
	}
	return s.begin(ctx, r)
}

func (s *Service) begin(ctx context.Context, r row) error {
	secret := make([]byte, totpSecret)
	_, _ = rand.Read(secret) // never fails
	sealed, err := s.Vault.Seal(ctx, r.VaultKeyID, purposeSecond, secret)
	if err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		res := s.DB.From(ctx).Exec(`INSERT INTO second_factors (account_id, secret_cipher, last_step, created_at) VALUES (?, ?, 0, ?)
 ON CONFLICT (account_id) DO UPDATE SET secret_cipher = excluded.secret_cipher, created_at = excluded.created_at WHERE second_factors.confirmed_at IS NULL`,
			r.ID, sealed, s.Now().UTC())
		if res.Error != nil {
			return fmt.Errorf("begin a second factor: %w", db.Fault(res.Error, "", ""))
		}
		if res.RowsAffected == 0 {
			return fault.New(fault.Conflict, "identity.second.already")
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "identity.second_begin", Kind: "account", ID: r.ID})
	})
}

// ConfirmSecond turns the second factor on with a first code, ends all other
// sessions, and gives the recovery codes, which nobody can read again.
func (s *Service) ConfirmSecond(ctx context.Context, code string) (recovery []string, err error) {
	r, err := s.me(ctx)
	if err != nil {
		return nil, err
	}
	return s.confirm(ctx, r, code, func(ctx context.Context) error {
		_, err := s.endOthers(ctx)
		return err
	})
}

// confirm turns a second factor on, and does the rest in the same transaction.
func (s *Service) confirm(ctx context.Context, r row, code string, rest func(context.Context) error) (recovery []string, err error) {
	f, err := s.factor(ctx, r.ID)
	if err != nil {
		return nil, err
	}
	if f.AccountID == "" || f.on() {
		return nil, fault.New(fault.Conflict, "identity.second.already")
	}
	counted := s.fresh(ctx, r)
	locked, err := s.count(ctx, counted, nameMost)
	if err != nil {
		return nil, err
	}
	step, ok, err := s.codeFits(ctx, f, code)
	if err != nil {
		return nil, err
	}
	if !ok || locked {
		return nil, s.refuseCode(ctx, r)
	}
	err = s.DB.Tx(ctx, func(ctx context.Context) error {
		res := s.DB.From(ctx).Exec("UPDATE second_factors SET confirmed_at = ?, last_step = ? WHERE account_id = ? AND confirmed_at IS NULL AND secret_cipher = ?",
			s.Now().UTC(), step, r.ID, f.SecretCipher)
		if res.Error != nil {
			return fmt.Errorf("confirm a second factor: %w", db.Fault(res.Error, "", ""))
		}
		if res.RowsAffected == 0 {
			return fault.New(fault.Conflict, "identity.second.already")
		}
		if recovery, err = s.newRecovery(ctx, r.ID); err != nil {
			return err
		}
		if err := s.forgive(ctx, counted); err != nil {
			return err
		}
		if err := s.Audit.Record(ctx, audit.Entry{Action: "identity.second_on", Kind: "account", ID: r.ID}); err != nil {
			return err
		}
		return rest(ctx)
	})
	if err != nil {
		return nil, err
	}
	return recovery, nil
}

// RemoveSecond turns the second factor off; it takes the password and a code.
// Where a role asks for one, every session of the account ends: the next sign-in
// begins with a new one.
func (s *Service) RemoveSecond(ctx context.Context, password, code string) error {
	r, err := s.me(ctx)
	if err != nil {
		return err
	}
	var c fault.Check
	c.That(password != "", "password", "identity.password.required")
	c.That(strings.TrimSpace(code) != "", "code", "identity.second.code_required")
	if err := c.Err(); err != nil {
		return err
	}
	counted := s.fresh(ctx, r)
	locked, err := s.count(ctx, counted, nameMost)
	if err != nil {
		return err
	}
	ok, err := s.matches(ctx, password, r.PasswordHash)
	if err != nil {
		return err
	}
	if !ok || locked {
		return s.refuseCode(ctx, r)
	}
	must, err := s.mustHaveSecond(ctx, r)
	if err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		if must {
			if err := s.end(ctx, "account_id = ?", r.ID); err != nil {
				return err
			}
		}
		if err := s.spend(ctx, r, code); err != nil {
			return err
		}
		for _, table := range []string{"recovery_codes", "second_factors"} {
			if err := s.DB.From(ctx).Exec("DELETE FROM "+table+" WHERE account_id = ?", r.ID).Error; err != nil {
				return fmt.Errorf("remove a second factor: %w", db.Fault(err, "", ""))
			}
		}
		if err := s.forgive(ctx, counted); err != nil {
			return err
		}
		if err := s.changed(ctx, r.ID, ChangedSecondOff); err != nil {
			return err
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "identity.second_off", Kind: "account", ID: r.ID})
	})
}

// refuseCode leaves the same trace as a refused sign-in.
func (s *Service) refuseCode(ctx context.Context, r row) error {
	if err := s.refuse(ctx, r, r.LoginIndex, s.address(ctx)); err != nil {
		return err
	}
	return errCode
}

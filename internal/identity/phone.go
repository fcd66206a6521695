package identity

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/idcode"
	"minqing/internal/vault"
)

// PhoneState is what the owner of an account sees of the phone that opens it.
type PhoneState struct {
	May   bool   // this account may have one
	Phone string // masked; empty when there is none
}

// mayPhone says who signs in by phone: citizens, not the demo's.
func (s *Service) mayPhone(r row) bool { return s.texts != nil && r.Kind == Citizen && !r.Demo }

// Phone says which phone opens the actor's account.
func (s *Service) Phone(ctx context.Context) (PhoneState, error) {
	r, err := s.me(ctx)
	if err != nil || !s.mayPhone(r) {
		return PhoneState{}, err
	}
	sealed, err := s.phoneCipher(ctx, r.ID)
	if err != nil {
		return PhoneState{}, err
	}
	number, err := s.Vault.Open(ctx, purposePhone, sealed)
	if errors.Is(err, vault.ErrErased) || len(number) == 0 {
		return PhoneState{May: true}, nil
	}
	return PhoneState{May: true, Phone: idcode.MaskPhone(string(number))}, err
}

// phoneCipher is an account's phone, sealed; nil when there is none.
func (s *Service) phoneCipher(ctx context.Context, accountID string) ([]byte, error) {
	var rows []struct{ PhoneCipher []byte }
	if err := s.DB.From(ctx).Raw("SELECT phone_cipher FROM account_phones WHERE account_id = ?", accountID).Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("read the phone of an account: %w", db.Fault(err, "", ""))
	}
	if len(rows) == 0 {
		return nil, nil
	}
	return rows[0].PhoneCipher, nil
}

// BeginPhone sends a code to a number that is to open the actor's account. It
// takes the password, and gives the token that the browser keeps.
func (s *Service) BeginPhone(ctx context.Context, number, current string) (token string, err error) {
	r, err := s.me(ctx)
	if err != nil {
		return "", err
	}
	if !s.mayPhone(r) {
		return "", fault.New(fault.Forbidden, "identity.phone.not_here")
	}
	e164, ok := s.phone(number)
	var c fault.Check
	c.That(strings.TrimSpace(number) != "", "phone", "identity.phone.required")
	c.That(number == "" || ok, "phone", "identity.phone.form")
	if err := c.Err(); err != nil {
		return "", err
	}
	if err := s.proveAgain(ctx, r, current); err != nil {
		return "", err
	}
	indexes := s.Vault.BlindIndexes(purposePhone, e164)
	may, err := s.asked(ctx, indexes[0])
	if err != nil {
		return "", err
	}
	if !may {
		return "", fault.InvalidInput(fault.Field{Name: "phone", Key: "identity.phone.many"})
	}
	sealed, err := s.Vault.Seal(ctx, r.VaultKeyID, purposePhone, []byte(e164))
	if err != nil {
		return "", err
	}
	err = s.DB.Tx(ctx, func(ctx context.Context) error {
		token, err = s.beginStep(ctx, stepNewPhone, r.ID, codeTrip{Ring: s.Vault.CurrentKey(), Indexes: indexes, Phone: sealed})
		if err != nil {
			return err
		}
		return s.texts.SendStep(ctx, s.stepID(ctx, token))
	})
	return token, err
}

// ProvePhone takes the code that was sent to the number. A number belongs to who
// proved it last: carriers give numbers to others.
func (s *Service) ProvePhone(ctx context.Context, token, code string) error {
	r, err := s.me(ctx)
	if err != nil {
		return err
	}
	step, trip, err := s.codeStep(ctx, token, stepNewPhone)
	if err != nil {
		return err
	}
	if deref(step.AccountID) != r.ID {
		return errStepOver
	}
	if strings.TrimSpace(code) == "" {
		return fault.InvalidInput(fault.Field{Name: "code", Key: "identity.second.code_required"})
	}
	right, err := s.tryCode(ctx, step, trip, code)
	if err != nil {
		return err
	}
	if !right {
		return errSentCode
	}
	number, err := s.Vault.Open(ctx, purposePhone, trip.Phone)
	if err != nil {
		return err
	}
	return s.DB.Tx(actor.With(ctx, actorOf(ctx, r)), func(ctx context.Context) error {
		if err := s.dropStep(ctx, step.ID); err != nil {
			return err
		}
		err := s.DB.From(ctx).Exec("DELETE FROM account_phones WHERE phone_index IN ? OR account_id = ?", trip.Indexes, r.ID).Error
		if err == nil {
			stmt := db.Insert("account_phones", "account_id, phone_index, phone_cipher, verified_at", r.ID, trip.index(), trip.Phone, s.Now().UTC())
			err = s.DB.From(ctx).Exec(stmt.SQL, stmt.Args...).Error
		}
		if err != nil {
			return fmt.Errorf("keep the phone of an account: %w", db.Fault(err, "", "fault.conflict"))
		}
		if r.ConstituentID != nil {
			if _, err := s.Constituents.Attach(ctx, *r.ConstituentID, constituents.Phone, string(number), true); err != nil {
				return err
			}
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "identity.phone", Kind: "account", ID: r.ID, Fields: []audit.Change{{Field: "phone"}}})
	})
}

// RemovePhone lets no phone open the actor's account any more.
func (s *Service) RemovePhone(ctx context.Context) error {
	r, err := s.me(ctx)
	if err != nil {
		return err
	}
	if err := s.still(ctx); err != nil {
		return err
	}
	return s.DB.Tx(actor.With(ctx, actorOf(ctx, r)), func(ctx context.Context) error {
		res := s.DB.From(ctx).Exec("DELETE FROM account_phones WHERE account_id = ?", r.ID)
		if res.Error != nil || res.RowsAffected == 0 {
			return db.Fault(res.Error, "", "")
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "identity.phone_remove", Kind: "account", ID: r.ID})
	})
}

package identity

import (
	"context"
	"fmt"
	"time"
	"unicode/utf8"

	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/text"
)

// Hanging are the tables of what belongs to an account and ends with it.
var Hanging = []string{"sessions", "half_sign_ins", "access_tokens", "second_factors", "recovery_codes", "external_identities", "passkeys", "account_phones", "password_resets", "sign_in_steps", "voice_concerns",
	"enterprise_claims", "enterprise_members"}

// Erase ends every account of the constituents, in the open transaction, and
// destroys their keys: nobody signs in with them again, and the address is free
// for somebody new.
func (s *Service) Erase(ctx context.Context, constituentIDs []string) (accountIDs []string, err error) {
	return s.eraseWhere(ctx, "constituent_id IN ?", constituentIDs)
}

func (s *Service) eraseWhere(ctx context.Context, which string, ids []string) (accountIDs []string, err error) {
	var rows []row
	if err := s.DB.From(ctx).Where(which, ids).Order("id").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("find the accounts of somebody: %w", db.Fault(err, "", ""))
	}
	for _, r := range rows {
		for _, table := range Hanging {
			if err := s.DB.From(ctx).Exec("DELETE FROM "+table+" WHERE account_id = ?", r.ID).Error; err != nil {
				return nil, fmt.Errorf("erase the %s of an account: %w", table, db.Fault(err, "", ""))
			}
		}
		if err := s.forgive(ctx, r.LoginIndex); err != nil {
			return nil, err
		}
		if err := s.Vault.Destroy(ctx, r.VaultKeyID); err != nil {
			return nil, err
		}
		err := s.DB.From(ctx).Exec(`UPDATE accounts SET status = ?, login_index = ?, email_cipher = ?, name_cipher = NULL, password_hash = '',
 generation = generation + 1, version = version + 1 WHERE id = ?`, Disabled, lastIndex(r.ID), []byte{}, r.ID).Error
		if err != nil {
			return nil, fmt.Errorf("erase an account: %w", db.Fault(err, "", ""))
		}
		if err := s.Audit.Record(ctx, audit.Entry{Action: "identity.erased", Kind: "account", ID: r.ID}); err != nil {
			return nil, err
		}
		accountIDs = append(accountIDs, r.ID)
	}
	s.DB.AfterCommit(ctx, s.forgetVisits)
	s.DB.AfterCommit(ctx, func() { s.forgetNames(accountIDs) })
	return accountIDs, nil
}

func (s *Service) forgetNames(ids []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range ids {
		delete(s.names, id)
	}
}

// Own is the actor's account in the clear, for nobody else.
type Own struct {
	ID        string
	Kind      Kind
	Email     string
	Name      string
	Locale    string
	Demo      bool
	CreatedAt time.Time

	MailBounces bool // mails to the address come back
	HasPassword bool // or comes in by a provider, a passkey or codes only
}

// Own shows somebody their own account.
func (s *Service) Own(ctx context.Context) (*Own, error) {
	r, err := s.me(ctx)
	if err != nil {
		return nil, err
	}
	email, err := s.Vault.Open(ctx, purposeEmail, r.EmailCipher)
	if err != nil {
		return nil, err
	}
	name, err := s.Vault.Open(ctx, purposeName, r.NameCipher)
	if err != nil {
		return nil, err
	}
	bounces, err := s.bounces(ctx, r.ID)
	if err != nil {
		return nil, err
	}
	return &Own{ID: r.ID, MailBounces: bounces, Kind: r.Kind, Email: string(email), Name: string(name), Locale: r.Locale, Demo: r.Demo, CreatedAt: r.CreatedAt, HasPassword: r.PasswordHash != ""}, nil
}

// Rename corrects the actor's own name, in the account and in the record of the
// person.
func (s *Service) Rename(ctx context.Context, name string) error {
	var c fault.Check
	name = text.Line(name)
	c.That(name != "", "name", "identity.name.required")
	c.That(utf8.RuneCountInString(name) <= nameMostRunes, "name", "identity.name.long", "Max", nameMostRunes)
	if err := c.Err(); err != nil {
		return err
	}
	r, err := s.me(ctx)
	if err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		cipher, err := s.Vault.Seal(ctx, r.VaultKeyID, purposeName, []byte(name))
		if err != nil {
			return err
		}
		res := s.DB.From(ctx).Exec("UPDATE accounts SET name_cipher = ?, version = version + 1 WHERE id = ? AND version = ?", cipher, r.ID, r.Version)
		if res.Error != nil {
			return fmt.Errorf("correct a name: %w", db.Fault(res.Error, "", ""))
		}
		if res.RowsAffected == 0 {
			return fault.New(fault.Conflict, "fault.conflict")
		}
		s.DB.AfterCommit(ctx, s.forgetVisits)
		s.DB.AfterCommit(ctx, func() { s.forgetNames([]string{r.ID}) })
		if id := actor.From(ctx).ConstituentID; id != "" {
			if err := s.Constituents.Rename(ctx, id, name); err != nil {
				return err
			}
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "identity.correct", Kind: "account", ID: r.ID, Fields: []audit.Change{{Field: "name"}}})
	})
}

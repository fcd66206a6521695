package identity

import (
	"context"
	"fmt"

	"minqing/internal/audit"
	"minqing/internal/db"
)

// Bounced notes in the open transaction that mails to an address come back, for
// the account that signs in with it, and gives whose record the account is. The
// name to sign in by stays; its owner is shown that mails do not arrive.
func (s *Service) Bounced(ctx context.Context, email string) (constituentID string, err error) {
	r, err := s.byLogin(ctx, s.logins(email)...)
	if err != nil || r.ID == "" {
		return "", err
	}
	if err := s.DB.From(ctx).Exec("UPDATE accounts SET bounced_at = ? WHERE id = ? AND bounced_at IS NULL", s.Now().UTC(), r.ID).Error; err != nil {
		return "", fmt.Errorf("note that an account gets no mail: %w", db.Fault(err, "", ""))
	}
	if r.ConstituentID != nil {
		constituentID = *r.ConstituentID
	}
	return constituentID, s.Audit.Record(ctx, audit.Entry{Action: "identity.bounced", Kind: "account", ID: r.ID, Fields: []audit.Change{{Field: "email"}}})
}

// getsMail notes that a mail to an account's address arrived: what it carried
// was used.
func (s *Service) getsMail(ctx context.Context, accountID string) error {
	if err := s.DB.From(ctx).Exec("UPDATE accounts SET bounced_at = NULL WHERE id = ? AND bounced_at IS NOT NULL", accountID).Error; err != nil {
		return fmt.Errorf("note that an account gets mail again: %w", db.Fault(err, "", ""))
	}
	return nil
}

// bounces says whether mails to an account's address come back.
func (s *Service) bounces(ctx context.Context, accountID string) (bool, error) {
	var n int64
	if err := s.DB.From(ctx).Raw("SELECT count(*) FROM accounts WHERE id = ? AND bounced_at IS NOT NULL", accountID).Scan(&n).Error; err != nil {
		return false, fmt.Errorf("look whether an account gets mail: %w", db.Fault(err, "", ""))
	}
	return n > 0, nil
}

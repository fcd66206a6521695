package identity

import (
	"context"
	"fmt"
	"time"

	"minqing/internal/actor"
	"minqing/internal/db"
	"minqing/internal/fault"
)

// provedFor is how long somebody who signed in, or gave the password again, need
// not do so once more.
const provedFor = 10 * time.Minute

// Recent says whether whoever is signed in showed a moment ago that it is them.
// Nobody sits behind an access token.
func (s *Service) Recent(ctx context.Context) (bool, error) {
	a := actor.From(ctx)
	if a.SessionID == "" {
		return false, nil
	}
	var found []struct {
		CreatedAt time.Time
		ProvedAt  *time.Time
	}
	err := s.DB.From(ctx).Raw("SELECT created_at, proved_at FROM sessions WHERE id = ?", a.SessionID).Scan(&found).Error
	if err != nil {
		return false, fmt.Errorf("read when somebody last signed in: %w", db.Fault(err, "", ""))
	}
	if len(found) == 0 {
		return false, nil
	}
	at := found[0].CreatedAt
	if found[0].ProvedAt != nil {
		at = *found[0].ProvedAt
	}
	return s.Now().Sub(at) < provedFor, nil
}

// still makes sure that who is signed in sits there, before a session or a passkey
// goes: a stolen or unattended session does not throw its owner out. Again is how
// they show it.
func (s *Service) still(ctx context.Context) error {
	recent, err := s.Recent(ctx)
	if err == nil && !recent {
		err = fault.InvalidInput(fault.Field{Name: "again_password", Key: "identity.again.first"})
	}
	return err
}

func (s *Service) proved(ctx context.Context) error {
	err := s.DB.From(ctx).Exec("UPDATE sessions SET proved_at = ? WHERE id = ?", s.Now().UTC(), db.Ref(actor.From(ctx).SessionID)).Error
	if err != nil {
		return fmt.Errorf("note that somebody gave their password: %w", db.Fault(err, "", ""))
	}
	return nil
}

// Again asks whoever is signed in for their password once more, before something
// that cannot be undone. An account without a password must have signed in a moment ago.
func (s *Service) Again(ctx context.Context, password string) error {
	r, err := s.me(ctx)
	if err != nil {
		return err
	}
	if r.PasswordHash == "" {
		recent, err := s.Recent(ctx)
		if err == nil && !recent {
			err = fault.InvalidInput(fault.Field{Name: "password", Key: "identity.again.sign_in"})
		}
		return err
	}
	if password == "" {
		return fault.InvalidInput(fault.Field{Name: "password", Key: "identity.password.required"})
	}
	if err := s.checkAgain(ctx, r, "password", password); err != nil {
		return err
	}
	return s.proved(ctx)
}

// fresh is what the tries of a session are counted under that give the account's
// password or a code once more. What strangers try at the sign-in page counts for
// nothing here, and theirs is not forgiven by what succeeds here.
func (s *Service) fresh(ctx context.Context, r row) []byte {
	return s.Vault.BlindIndex(purposeAgain, r.ID+"."+actor.From(ctx).SessionID)
}

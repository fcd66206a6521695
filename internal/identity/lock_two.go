package identity

import (
	"context"
	"fmt"
	"slices"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/db"
)

// takesTwo says whether an account is locked by two people: one that administers,
// unless the program itself does it.
func takesTwo(ctx context.Context, grants []access.Grant) bool {
	return actor.From(ctx).Kind != actor.System && slices.ContainsFunc(grants, func(g access.Grant) bool { return access.IsDuty(g.Role) })
}

// lockAsked says whether somebody's wish to lock an account still stands.
func (s *Service) lockAsked(r row) bool {
	return r.LockAskedByID != nil && r.LockAskedAt != nil && s.Now().Before(r.LockAskedAt.Add(lockAskedFor))
}

// agreed says whether another person wants the account locked too, who is neither
// the deputy of the first nor the one in whose place that was asked. The first one's
// wish is written down.
func (s *Service) agreed(ctx context.Context, r row, w Steer) (bool, error) {
	me := actor.From(ctx)
	if s.lockAsked(r) {
		if me.Is(r.LockAskedByID, r.LockAskedAsID) {
			return false, errLockTwice
		}
		return true, nil
	}
	res := s.DB.From(ctx).Exec("UPDATE accounts SET lock_asked_by_id = ?, lock_asked_as_id = ?, lock_asked_at = ?, version = version + 1 WHERE id = ? AND version = ? AND status = ?",
		db.Ref(me.AccountID), db.Ref(me.AsAccountID), s.Now().UTC(), r.ID, w.Version, Active)
	if res.Error != nil {
		return false, fmt.Errorf("ask for an account to be locked: %w", db.Fault(res.Error, "", ""))
	}
	if res.RowsAffected == 0 {
		return false, errLockStale
	}
	return false, s.Audit.Record(ctx, audit.Entry{Action: "identity.account_lock_ask", Kind: "account", ID: r.ID, Reason: w.Reason})
}

// UnlockByEmail opens an account again from the command line, and forgives what
// wrong passwords locked. It says whether there was anything to lift.
func (s *Service) UnlockByEmail(ctx context.Context, email string) (bool, error) {
	r, err := s.byEmail(ctx, email)
	if err != nil {
		return false, err
	}
	lifted := false
	err = s.DB.Tx(ctx, func(ctx context.Context) error {
		var counts int64
		err := s.DB.From(ctx).Raw("SELECT count(*) FROM sign_in_counts WHERE subject = ? AND locked_until > ?", r.LoginIndex, s.Now().UTC()).Scan(&counts).Error
		if err != nil {
			return fmt.Errorf("read what locks an account: %w", db.Fault(err, "", ""))
		}
		lifted = counts > 0 || r.Status == Disabled || s.lockAsked(r)
		if err := s.forgive(ctx, r.LoginIndex); err != nil || !lifted {
			return err
		}
		err = s.DB.From(ctx).Exec("UPDATE accounts SET status = CASE WHEN status = ? THEN ? ELSE status END, lock_asked_by_id = NULL, lock_asked_as_id = NULL, lock_asked_at = NULL, version = version + 1 WHERE id = ?",
			Disabled, Active, r.ID).Error
		if err != nil {
			return fmt.Errorf("open an account: %w", db.Fault(err, "", ""))
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "identity.account_unlock", Kind: "account", ID: r.ID,
			Fields: []audit.Change{{Field: "status", Before: string(r.Status), After: string(Active)}}})
	})
	return lifted, err
}

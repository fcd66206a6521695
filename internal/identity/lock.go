package identity

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/fault"
)

// Security administrators lock an account of the government, open it again, and
// end its sessions. Whose account that may be is access.InCharge's rule; one's own
// it is never, so that somebody is always left to undo it.

const lockReasonMost = 500

// lockAskedFor is how long the wish to lock an administrator waits for a second person.
const lockAskedFor = 24 * time.Hour

var (
	errNotInCharge = fault.New(fault.NotFound, "identity.lock.missing")
	errLockOwn     = fault.New(fault.Forbidden, "identity.lock.own")
	errLockTwice   = fault.New(fault.Conflict, "identity.lock.twice")
	errLockStale   = fault.New(fault.Conflict, "identity.lock.stale")
)

// Standing is how an account stands.
type Standing struct {
	ID       string
	Version  int64
	Name     string
	Email    string
	Locked   bool
	Own      bool      // of the actor, who does not lock themselves out
	SignedIn time.Time // the last time; zero when never
	Sessions int64
	Tokens   int64 // access tokens that work
	Second   bool  // an app's codes or a passkey
	Grants   []access.Grant
	Two      bool // an administrator, whom two people lock together
	Asked    bool // one of them wants it
}

// Standing tells how an account stands to who may lock it. Others have no such
// account.
func (s *Service) Standing(ctx context.Context, id string) (*Standing, error) {
	r, grants, err := s.inCharge(ctx, id)
	if err != nil {
		return nil, err
	}
	email, err := s.Vault.Open(ctx, purposeEmail, r.EmailCipher)
	if err != nil {
		return nil, err
	}
	one := &Standing{ID: r.ID, Version: r.Version, Email: string(email), Locked: r.Status == Disabled, Own: actor.From(ctx).AccountID == r.ID, Grants: grants,
		Two: takesTwo(ctx, grants), Asked: s.lockAsked(r)}
	if one.Name, err = s.display(ctx, r); err != nil {
		return nil, err
	}
	if one.SignedIn, err = s.Audit.Last(ctx, "identity.sign_in", "account", r.ID); err != nil {
		return nil, err
	}
	now := s.Now().UTC()
	var n struct{ Sessions, Tokens, Apps, Passkeys int64 }
	err = s.DB.From(ctx).Raw(`SELECT
 (SELECT count(*) FROM sessions WHERE account_id = ? AND seen_at > ? AND expires_at > ?) AS sessions,
 (SELECT count(*) FROM access_tokens WHERE account_id = ? AND revoked_at IS NULL AND expires_at > ?) AS tokens,
 (SELECT count(*) FROM second_factors WHERE account_id = ? AND confirmed_at IS NOT NULL) AS apps,
 (SELECT count(*) FROM passkeys WHERE account_id = ?) AS passkeys`, r.ID, now.Add(-idleStaff), now, r.ID, now, r.ID, r.ID).Scan(&n).Error
	if err != nil {
		return nil, fmt.Errorf("count what an account has: %w", db.Fault(err, "", ""))
	}
	one.Sessions, one.Tokens, one.Second = n.Sessions, n.Tokens, n.Apps+n.Passkeys > 0
	return one, nil
}

// inCharge reads an account of the government that the actor may lock, and what
// it holds.
func (s *Service) inCharge(ctx context.Context, id string) (r row, _ []access.Grant, err error) {
	if !uuidLike(id) {
		return row{}, nil, errNotInCharge
	}
	var rows []row
	if err := s.DB.From(ctx).Where("id = ? AND kind <> ?", id, Citizen).Find(&rows).Error; err != nil {
		return row{}, nil, fmt.Errorf("read an account: %w", db.Fault(err, "", ""))
	}
	below, err := s.Access.InCharge(ctx, access.AccountLock, id)
	if err != nil {
		return row{}, nil, err
	}
	grants, in := below[id]
	if !in || len(rows) == 0 || erasedIndex(rows[0].LoginIndex) {
		return row{}, nil, errNotInCharge
	}
	return rows[0], grants, nil
}

// Steer is a change of an account by an administrator: which one, as it was seen,
// and why.
type Steer struct {
	ID      string
	Version int64
	Reason  string
}

// Lock keeps an account's owner out: every session, access token, half sign-in
// and link for a new password ends. An administrator's is locked by two: the first
// one's wish waits a day for another who does the same, so that one session alone,
// perhaps stolen, does not put everybody else out. Sessions can be ended at once.
func (s *Service) Lock(ctx context.Context, w Steer) error {
	return s.steer(ctx, w, Active, Disabled, "identity.account_lock")
}

// Unlock lets the owner in again, by the password and second factor of before.
// What the lock ended stays ended.
func (s *Service) Unlock(ctx context.Context, w Steer) error {
	return s.steer(ctx, w, Disabled, Active, "identity.account_unlock")
}

// EndSessions ends every session and half sign-in of an account, and its access
// tokens; the owner may sign in again.
func (s *Service) EndSessions(ctx context.Context, w Steer) error {
	return s.steer(ctx, w, Active, Active, "identity.account_sign_out")
}

func (s *Service) steer(ctx context.Context, w Steer, from, to Status, action string) error {
	w.Reason = strings.TrimSpace(w.Reason)
	var c fault.Check
	c.That(w.Reason != "", "reason", "identity.lock.reason")
	c.That(utf8.RuneCountInString(w.Reason) <= lockReasonMost, "reason", "access.reason.long", "Max", lockReasonMost)
	if err := c.Err(); err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		r, grants, err := s.inCharge(ctx, w.ID)
		if err != nil {
			return err
		}
		if ctx, err = s.Access.For(ctx, access.AccountLock, placesOf(grants)); err != nil {
			return err
		}
		if actor.From(ctx).AccountID == r.ID {
			return errLockOwn
		}
		if to == Disabled && takesTwo(ctx, grants) {
			if agreed, err := s.agreed(ctx, r, w); err != nil || !agreed {
				return err
			}
		}
		settled := ", lock_asked_by_id = NULL, lock_asked_as_id = NULL, lock_asked_at = NULL"
		if from == to { // sessions that end take back nobody's wish to lock
			settled = ""
		}
		res := s.DB.From(ctx).Exec("UPDATE accounts SET status = ?"+settled+", version = version + 1 WHERE id = ? AND version = ? AND status = ?", to, r.ID, w.Version, from)
		if res.Error != nil {
			return fmt.Errorf("lock or open an account: %w", db.Fault(res.Error, "", ""))
		}
		if res.RowsAffected == 0 {
			return errLockStale
		}
		n, err := s.endAll(ctx, r)
		if err != nil {
			return err
		}
		return s.Audit.Record(ctx, audit.Entry{Action: action, Kind: "account", ID: r.ID, Reason: w.Reason,
			Fields: []audit.Change{{Field: "status", Before: string(from), After: string(to)}, {Field: "sessions", Before: fmt.Sprint(n)}}})
	})
}

// placesOf is where somebody works, by what they hold.
func placesOf(grants []access.Grant) (o access.Object) {
	for _, g := range grants {
		o.UnitPaths = append(o.UnitPaths, g.UnitPath)
	}
	return o
}

// endAll ends whatever opens an account without its password.
func (s *Service) endAll(ctx context.Context, r row) (sessions int64, err error) {
	if sessions, err = s.endCounted(ctx, "account_id = ?", r.ID); err != nil {
		return 0, err
	}
	if err := s.revokeTokens(ctx, r.ID); err != nil {
		return 0, err
	}
	if err := s.endHalves(ctx, r.ID); err != nil {
		return 0, err
	}
	err = s.DB.From(ctx).Exec("UPDATE password_resets SET used_at = ? WHERE login_index = ? AND used_at IS NULL", s.Now().UTC(), r.LoginIndex).Error
	if err != nil {
		return 0, fmt.Errorf("end links for a new password: %w", db.Fault(err, "", ""))
	}
	return sessions, nil
}

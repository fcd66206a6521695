package identity

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"minqing/internal/actor"
	"minqing/internal/db"
	"minqing/internal/fault"
)

// Attempts to sign in are counted per typed name, known or not, and failed ones
// per network address. Too many within the window lock the name or address for
// a time that doubles with each lock and ends by itself. A browser in which the
// owner has signed in before is counted by itself; see device.go.
const (
	nameMost      = 5
	addressMost   = 30
	window        = 15 * time.Minute
	firstLock     = 15 * time.Minute
	longestLock   = 4 * time.Hour
	locksForgiven = 24 * time.Hour
	demoFactor    = 100
)

type attempts struct {
	Attempts    int64
	Locks       int64
	Since       time.Time
	LockedUntil *time.Time
}

func (a attempts) locked(now time.Time) bool {
	return a.LockedUntil != nil && now.Before(*a.LockedUntil)
}

// next is the state after one more attempt, which a has counted already.
func (a attempts) next(now time.Time, most int64) attempts {
	switch {
	case a.LockedUntil != nil:
		if now.Sub(*a.LockedUntil) > locksForgiven {
			a.Locks = 0
		}
		a.Attempts, a.Since, a.LockedUntil = 1, now, nil
	case now.Sub(a.Since) > window:
		if now.Sub(a.Since) > locksForgiven {
			a.Locks = 0
		}
		a.Attempts, a.Since = 1, now
	}
	if a.Attempts >= most {
		until := now.Add(min(firstLock<<min(a.Locks, 10), longestLock))
		a.LockedUntil = &until
		a.Locks++
	}
	return a
}

func (s *Service) limit(most int64) int64 {
	if s.o.Demo {
		return most * demoFactor
	}
	return most
}

// count notes an attempt and says whether the subject was locked before it. The
// one that reaches the limit sets the lock itself, before its outcome is known,
// so that many at once gain nothing; success takes the row away.
func (s *Service) count(ctx context.Context, subject []byte, most int64) (locked bool, err error) {
	now := s.Now().UTC()
	err = s.DB.Tx(ctx, func(ctx context.Context) error {
		var a attempts
		err := s.DB.From(ctx).Raw(`INSERT INTO sign_in_counts (attempts, locks, since, subject) VALUES (1, 0, ?, ?)
 ON CONFLICT (subject) DO UPDATE SET attempts = sign_in_counts.attempts + 1 RETURNING attempts, locks, since, locked_until`, now, subject).Scan(&a).Error
		if err != nil {
			return fmt.Errorf("count an attempt to sign in: %w", db.Fault(err, "", ""))
		}
		if locked = a.locked(now); locked {
			return nil
		}
		n := a.next(now, s.limit(most))
		if n == a {
			return nil
		}
		err = s.DB.From(ctx).Exec(`UPDATE sign_in_counts SET attempts = ?, locks = ?, since = ?, locked_until = ? WHERE subject = ?`,
			n.Attempts, n.Locks, n.Since, n.LockedUntil, subject).Error
		if err != nil {
			return fmt.Errorf("count an attempt to sign in: %w", db.Fault(err, "", ""))
		}
		return nil
	})
	return locked, err
}

func (s *Service) forgive(ctx context.Context, subject []byte) error {
	if err := s.DB.From(ctx).Exec("DELETE FROM sign_in_counts WHERE subject = ?", subject).Error; err != nil {
		return fmt.Errorf("forget attempts to sign in: %w", db.Fault(err, "", ""))
	}
	return nil
}

// address is the keyed hash of where the request comes from; nil when nobody
// knows. A household's IPv6 network counts as one address.
func (s *Service) address(ctx context.Context) []byte {
	ip, err := netip.ParseAddr(actor.From(ctx).IP)
	if err != nil {
		return nil
	}
	bits := 32
	if ip = ip.Unmap(); ip.Is6() {
		bits = 64
	}
	network, err := ip.Prefix(bits)
	if err != nil {
		return nil
	}
	return s.Vault.BlindIndex(purposeAddress, network.String())
}

// checkAddress refuses an address from which too many attempts failed. It says
// nothing about any account, so the answer may name the reason.
func (s *Service) checkAddress(ctx context.Context, subject []byte) error {
	if subject == nil {
		return nil
	}
	var a attempts
	err := s.DB.From(ctx).Raw("SELECT attempts, locks, since, locked_until FROM sign_in_counts WHERE subject = ?", subject).Scan(&a).Error
	if err != nil {
		return fmt.Errorf("read the attempts of an address: %w", db.Fault(err, "", ""))
	}
	now := s.Now()
	if !a.locked(now) {
		return nil
	}
	return fault.New(fault.Throttled, "identity.sign_in.throttled").With("RetryAfter", int(a.LockedUntil.Sub(now).Seconds())+1)
}

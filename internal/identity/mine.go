package identity

import (
	"context"
	"errors"
	"fmt"
	"time"

	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/vault"
)

// mostSessions is how many open sessions the list shows, newest use first.
const mostSessions = 100

// Session is an open session as its owner sees it.
type Session struct {
	ID      string
	This    bool // the one that asks
	Begun   time.Time
	Seen    time.Time
	Browser Browser
	Address string // masked; may be empty
}

type mineRow struct {
	ID            string
	CreatedAt     time.Time
	SeenAt        time.Time
	Browser       string
	AddressCipher []byte
}

// Sessions lists the actor's open sessions. It takes a session, not an access
// token, to see them.
func (s *Service) Sessions(ctx context.Context) ([]Session, error) {
	a := actor.From(ctx)
	if a.SessionID == "" {
		return nil, errNoSession
	}
	idle, now := idleStaff, s.Now().UTC()
	if a.Kind == actor.Citizen {
		idle = idleCitizen
	}
	var rows []mineRow
	err := s.DB.From(ctx).Raw(`SELECT id, created_at, seen_at, browser, address_cipher FROM sessions
 WHERE account_id = ? AND seen_at > ? AND expires_at > ? ORDER BY seen_at DESC, id DESC LIMIT ?`,
		a.AccountID, now.Add(-idle), now, mostSessions).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read the sessions of an account: %w", db.Fault(err, "", ""))
	}
	out := make([]Session, 0, len(rows))
	for _, r := range rows {
		one := Session{ID: r.ID, This: r.ID == a.SessionID, Begun: r.CreatedAt, Seen: r.SeenAt, Browser: browserLabelled(r.Browser)}
		if len(r.AddressCipher) > 0 {
			plain, err := s.Vault.Open(ctx, purposePlace, r.AddressCipher)
			if err != nil && !errors.Is(err, vault.ErrErased) {
				return nil, err
			}
			one.Address = string(plain)
		}
		out = append(out, one)
	}
	return out, nil
}

// EndSession ends one of the actor's sessions and says whether there was one to
// end. It takes a sign-in or a password of a moment ago, as EndOthers does. What is over already, or belongs to somebody else, stays as it is.
func (s *Service) EndSession(ctx context.Context, id string) (ended bool, err error) {
	a := actor.From(ctx)
	if a.SessionID == "" {
		return false, errNoSession
	}
	if err := s.still(ctx); err != nil || !uuidLike(id) {
		return false, err
	}
	err = s.DB.Tx(ctx, func(ctx context.Context) error {
		n, err := s.endCounted(ctx, "id = ? AND account_id = ?", id, a.AccountID)
		if ended = n > 0; err != nil || !ended {
			return err
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "identity.session_end", Kind: "account", ID: a.AccountID,
			Fields: []audit.Change{{Field: "session", Before: id}}})
	})
	return ended, err
}

// EndOthers ends every session of the actor but this one, and says how many
// there were.
func (s *Service) EndOthers(ctx context.Context) (n int64, err error) {
	if actor.From(ctx).SessionID == "" {
		return 0, errNoSession
	}
	if err := s.still(ctx); err != nil {
		return 0, err
	}
	err = s.DB.Tx(ctx, func(ctx context.Context) error {
		n, err = s.endOthers(ctx)
		return err
	})
	return n, err
}

func (s *Service) endOthers(ctx context.Context) (int64, error) {
	a := actor.From(ctx)
	n, err := s.endCounted(ctx, "account_id = ? AND id <> ?", a.AccountID, a.SessionID)
	if err != nil || n == 0 {
		return n, err
	}
	return n, s.Audit.Record(ctx, audit.Entry{Action: "identity.sessions_end", Kind: "account", ID: a.AccountID,
		Fields: []audit.Change{{Field: "sessions", Before: fmt.Sprint(n)}}})
}

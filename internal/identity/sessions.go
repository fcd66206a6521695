package identity

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"time"

	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/db"
	"minqing/internal/fault"
)

// How long sessions live. A session that is not used ends after the idle time;
// any session ends after the longest. What ended elsewhere is noticed here when
// the kept answer grows old.
const (
	idleStaff      = 15 * time.Minute
	idleCitizen    = 30 * time.Minute
	longestSession = 12 * time.Hour
	touchEvery     = time.Minute
	visitLife      = 4 * time.Second
	mostVisits     = 20_000
)

var errNoSession = fault.New(fault.Unauthenticated, "access.sign_in")

// newSecret makes a token of 256 random bits and the hash that is stored.
func newSecret() (string, [32]byte) {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // never fails
	token := base64.RawURLEncoding.EncodeToString(raw)
	return token, sha256.Sum256([]byte(token))
}

// visit is who stands behind a token, kept for a few seconds.
type visit struct {
	who   actor.Actor
	name  string
	until time.Time
}

func (s *Service) kept(digest [32]byte) (visit, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v, ok := s.visits[digest]
	return v, ok && s.Now().Before(v.until)
}

func (s *Service) keep(digest [32]byte, v visit) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.visits) >= mostVisits {
		clear(s.visits)
	}
	s.visits[digest] = v
}

// ForgetVisit drops the kept answer of the session that a request is from, after it
// read messages that are counted there.
func (s *Service) ForgetVisit(ctx context.Context) {
	c, ok := ctx.Value(credentialKey{}).(credential)
	if !ok || c.session == "" {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.visits, sha256.Sum256([]byte(c.session)))
}

// forgetVisits drops every kept answer, after a session or token ended here.
func (s *Service) forgetVisits() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.visits)
}

// sessionRow is a session or access token with its account.
type sessionRow struct {
	SessionID     string
	TokenID       string
	LastUsedOn    *calendar.Date
	SeenAt        time.Time
	ExpiresAt     time.Time
	AccountID     string
	Kind          Kind
	ConstituentID *string
	UnitID        *string
	EmailCipher   []byte
	NameCipher    []byte
	Locale        string
	Status        Status
	Demo          bool
	Unread        int
}

func (r sessionRow) row() row {
	return row{ID: r.AccountID, Kind: r.Kind, ConstituentID: r.ConstituentID, UnitID: r.UnitID, EmailCipher: r.EmailCipher,
		NameCipher: r.NameCipher, Locale: r.Locale, Status: r.Status, Demo: r.Demo}
}

// ends is when the session is over unless it is used before.
func (r sessionRow) ends() time.Time {
	idle := idleStaff
	if r.Kind == Citizen {
		idle = idleCitizen
	}
	if at := r.SeenAt.Add(idle); at.Before(r.ExpiresAt) {
		return at
	}
	return r.ExpiresAt
}

// unread counts in the statement that reads the session, so that no page asks once
// more, the messages in the portal that were not opened: those of the enterprise
// that the session acts for, where the account is a member of it, or else the
// person's own and of what was joined to them.
const unread = `(SELECT COUNT(*) FROM (SELECT 1 FROM deliveries d WHERE d.channel = 'inapp' AND d.status = 'sent' AND d.constituent_id IN (
 SELECT h.enterprise_id FROM enterprise_acting h JOIN enterprise_members m ON m.enterprise_id = h.enterprise_id AND m.account_id = a.id AND m.ended_at IS NULL WHERE h.session_id = s.id
 UNION ALL SELECT a.constituent_id WHERE NOT EXISTS (SELECT 1 FROM enterprise_acting h WHERE h.session_id = s.id)
 UNION ALL SELECT c.id FROM constituents c WHERE c.merged_into_id = a.constituent_id AND c.merged_how IS NULL AND NOT EXISTS (SELECT 1 FROM enterprise_acting h WHERE h.session_id = s.id)
 ) LIMIT 100) u) AS unread`

const accountColumns = `a.id AS account_id, a.kind, a.constituent_id, a.unit_id, a.email_cipher, a.name_cipher, a.locale, a.status, a.demo`

// Resolve says who is behind a session token and the name to show, with one
// read at most every few seconds. A session that is unknown, idle too long or
// too old is Unauthenticated.
func (s *Service) Resolve(ctx context.Context, token string) (actor.Actor, string, error) {
	digest := sha256.Sum256([]byte(token))
	if v, ok := s.kept(digest); ok {
		return v.who, v.name, nil
	}
	var rows []sessionRow
	err := s.DB.From(ctx).Raw(`SELECT s.id AS session_id, s.seen_at, s.expires_at, `+unread+`, `+accountColumns+`
 FROM sessions s JOIN accounts a ON a.id = s.account_id WHERE s.token_hash = ?`, digest[:]).Scan(&rows).Error
	if err != nil {
		return actor.Actor{}, "", fmt.Errorf("read a session: %w", db.Fault(err, "", ""))
	}
	now := s.Now().UTC()
	if len(rows) == 0 || !now.Before(rows[0].ends()) || !s.allowed(rows[0].Status, rows[0].Demo) {
		return actor.Actor{}, "", errNoSession
	}
	r := rows[0]
	attended := ctx.Value(unattendedKey{}) == nil
	if attended && now.Sub(r.SeenAt) >= touchEvery {
		if err := s.touch(ctx, r.SessionID, now); err == nil {
			r.SeenAt = now
		} // a full disk shortens the session but does not close the house
	}
	name, err := s.display(ctx, r.row())
	if err != nil {
		return actor.Actor{}, "", err
	}
	who := actorOf(context.Background(), r.row())
	who.SessionID, who.Unread = r.SessionID, r.Unread
	until := now.Add(visitLife)
	if e := r.ends(); e.Before(until) {
		until = e
	}
	if attended { // what comes next may be, and is to be noted
		s.keep(digest, visit{who: who, name: name, until: until})
	}
	return who, name, nil
}

func (s *Service) touch(ctx context.Context, sessionID string, now time.Time) error {
	return s.DB.From(ctx).Exec("UPDATE sessions SET seen_at = ? WHERE id = ?", now, sessionID).Error
}

// SignOut ends the actor's session. Signing out twice does no harm.
func (s *Service) SignOut(ctx context.Context) error {
	a := actor.From(ctx)
	if a.SessionID == "" {
		return nil
	}
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		if err := s.end(ctx, "id = ?", a.SessionID); err != nil {
			return err
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "identity.sign_out", Kind: "account", ID: a.AccountID})
	})
}

func (s *Service) end(ctx context.Context, where string, value any) error {
	_, err := s.endCounted(ctx, where, value)
	return err
}

func (s *Service) endCounted(ctx context.Context, where string, values ...any) (int64, error) {
	res := s.DB.From(ctx).Exec("DELETE FROM sessions WHERE "+where, values...)
	if res.Error != nil {
		return 0, fmt.Errorf("end a session: %w", db.Fault(res.Error, "", ""))
	}
	s.DB.AfterCommit(ctx, s.forgetVisits)
	return res.RowsAffected, nil
}

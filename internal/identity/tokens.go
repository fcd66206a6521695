package identity

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"math/big"
	"strings"
	"time"

	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/db"
	"minqing/internal/fault"
)

const (
	tokenPrefix = "mq_"
	tokenDigits = 43 // 32 bytes in base 62
	// TokenMost is how long an access token may live.
	TokenMost = 366 * 24 * time.Hour
)

var errNoToken = fault.New(fault.Unauthenticated, "identity.token.invalid")

func newToken() (string, [32]byte) {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // never fails
	digits := new(big.Int).SetBytes(raw).Text(62)
	token := tokenPrefix + strings.Repeat("0", tokenDigits-len(digits)) + digits
	return token, sha256.Sum256([]byte(token))
}

// CreateToken makes a personal access token for the account and gives it once:
// the table keeps its hash.
func (s *Service) CreateToken(ctx context.Context, email string, ttl time.Duration) (string, error) {
	var c fault.Check
	c.That(ttl >= time.Minute && ttl <= TokenMost, "ttl", "identity.token.ttl")
	if err := c.Err(); err != nil {
		return "", err
	}
	r, err := s.byEmail(ctx, email)
	if err != nil {
		return "", err
	}
	token, digest := newToken()
	now := s.Now().UTC()
	id := db.NewID(now)
	err = s.DB.Tx(ctx, func(ctx context.Context) error {
		stmt := db.Insert("access_tokens", "id, account_id, token_hash, created_at, expires_at", id, r.ID, digest[:], now, now.Add(ttl))
		if err := s.DB.From(ctx).Exec(stmt.SQL, stmt.Args...).Error; err != nil {
			return fmt.Errorf("store an access token: %w", db.Fault(err, "", ""))
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "identity.token_create", Kind: "account", ID: r.ID, Fields: []audit.Change{{Field: "token", After: id}}})
	})
	if err != nil {
		return "", err
	}
	return token, nil
}

// RevokeTokens ends every access token of an account.
func (s *Service) RevokeTokens(ctx context.Context, accountID string) error {
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		if err := s.revokeTokens(ctx, accountID); err != nil {
			return err
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "identity.token_revoke", Kind: "account", ID: accountID})
	})
}

func (s *Service) revokeTokens(ctx context.Context, accountID string) error {
	err := s.DB.From(ctx).Exec("UPDATE access_tokens SET revoked_at = ? WHERE account_id = ? AND revoked_at IS NULL", s.Now().UTC(), accountID).Error
	if err != nil {
		return fmt.Errorf("revoke access tokens: %w", db.Fault(err, "", ""))
	}
	s.DB.AfterCommit(ctx, s.forgetVisits)
	return nil
}

// ResolveToken says who is behind an access token. One that is unknown, past
// its time or revoked is Unauthenticated.
func (s *Service) ResolveToken(ctx context.Context, token string) (actor.Actor, string, error) {
	if len(token) != len(tokenPrefix)+tokenDigits || !strings.HasPrefix(token, tokenPrefix) {
		return actor.Actor{}, "", errNoToken
	}
	digest := sha256.Sum256([]byte(token))
	if v, ok := s.kept(digest); ok {
		return v.who, v.name, nil
	}
	now := s.Now().UTC()
	var rows []sessionRow
	err := s.DB.From(ctx).Raw(`SELECT t.id AS token_id, t.expires_at, t.last_used_on, `+accountColumns+`
 FROM access_tokens t JOIN accounts a ON a.id = t.account_id WHERE t.token_hash = ? AND t.revoked_at IS NULL`, digest[:]).Scan(&rows).Error
	if err != nil {
		return actor.Actor{}, "", fmt.Errorf("read an access token: %w", db.Fault(err, "", ""))
	}
	if len(rows) == 0 || !now.Before(rows[0].ExpiresAt) || !s.allowed(rows[0].Status, rows[0].Demo) {
		return actor.Actor{}, "", errNoToken
	}
	r := rows[0]
	if today := calendar.DateOf(now, time.UTC); r.LastUsedOn == nil || *r.LastUsedOn != today {
		// Only a help for those who tidy up; the token holds without it.
		_ = s.DB.From(ctx).Exec("UPDATE access_tokens SET last_used_on = ? WHERE id = ?", today, r.TokenID).Error
	}
	name, err := s.display(ctx, r.row())
	if err != nil {
		return actor.Actor{}, "", err
	}
	who := actorOf(context.Background(), r.row())
	until := now.Add(visitLife)
	if r.ExpiresAt.Before(until) {
		until = r.ExpiresAt
	}
	s.keep(digest, visit{who: who, name: name, until: until})
	return who, name, nil
}

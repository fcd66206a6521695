package identity

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"minqing/internal/cookie"
	"minqing/internal/db"
	"minqing/internal/fault"
)

// What a browser has begun and comes back to finish: a way to a provider, a
// challenge to a passkey, a code that was sent. The browser keeps a random token
// in a cookie, the table its hash: what was begun elsewhere cannot be finished
// here, and each step works once.

type stepKind string

const (
	stepProvider stepKind = "provider" // to sign in there
	stepConnect  stepKind = "connect"  // to connect an account that is signed in

	stepNewPasskey stepKind = "new_passkey"
	stepPasskey    stepKind = "passkey"        // to sign in
	stepSecond     stepKind = "second_passkey" // after the password

	stepMailCode  stepKind = "mail_code" // to sign in
	stepPhoneCode stepKind = "phone_code"
	stepNewPhone  stepKind = "new_phone" // to prove a number
)

const (
	stepLife    = 10 * time.Minute
	passkeyLife = 5 * time.Minute
)

// life is how long a step may take.
func (k stepKind) life() time.Duration {
	switch k {
	case stepNewPasskey, stepPasskey, stepSecond:
		return passkeyLife
	}
	return stepLife
}

var errStepOver = fault.New(fault.Unauthenticated, "identity.step.over")

type stepRow struct {
	ID        string
	Kind      stepKind
	AccountID *string
	Body      string
	Tries     int
}

// beginStep notes a step and gives the browser's token.
func (s *Service) beginStep(ctx context.Context, kind stepKind, accountID string, body any) (token string, err error) {
	raw, err := json.Marshal(body)
	if err != nil {
		return "", fmt.Errorf("write a step down: %w", err)
	}
	token, digest := newSecret()
	now := s.Now().UTC()
	stmt := db.Insert("sign_in_steps", "id, token_hash, kind, account_id, body, expires_at",
		db.NewID(now), digest[:], string(kind), db.Ref(accountID), string(raw), now.Add(kind.life()))
	if err := s.DB.From(ctx).Exec(stmt.SQL, stmt.Args...).Error; err != nil {
		return "", fmt.Errorf("note a step: %w", db.Fault(err, "", ""))
	}
	return token, nil
}

// takeStep takes a step away and reads it; only one of two at once can.
func (s *Service) takeStep(ctx context.Context, token string, body any, kinds ...stepKind) (stepRow, error) {
	digest := sha256.Sum256([]byte(token))
	var rows []stepRow
	err := s.DB.From(ctx).Raw("DELETE FROM sign_in_steps WHERE token_hash = ? AND kind IN ? AND expires_at > ? RETURNING id, kind, account_id, body, tries",
		digest[:], kinds, s.Now().UTC()).Scan(&rows).Error
	if err != nil {
		return stepRow{}, fmt.Errorf("take a step: %w", db.Fault(err, "", ""))
	}
	if len(rows) == 0 {
		return stepRow{}, errStepOver
	}
	if err := json.Unmarshal([]byte(rows[0].Body), body); err != nil {
		return stepRow{}, fmt.Errorf("read a step: %w", err)
	}
	return rows[0], nil
}

// endSteps ends what was begun for an account.
func (s *Service) endSteps(ctx context.Context, accountID string) error {
	if err := s.DB.From(ctx).Exec("DELETE FROM sign_in_steps WHERE account_id = ?", accountID).Error; err != nil {
		return fmt.Errorf("end what was begun: %w", db.Fault(err, "", ""))
	}
	return nil
}

// StepCookie carries a step's token; an empty one takes the cookie away.
func (s *Service) StepCookie(token string) *http.Cookie { return s.jar().Make(cookie.Step, token) }

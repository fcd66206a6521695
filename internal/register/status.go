package register

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"minqing/internal/db"
)

// Withdrawn is a permit that is not in force though its credential says so.
type Withdrawn struct {
	State State `json:"state"`
	Since int64 `json:"since"` // Unix seconds
}

// StatusClaims are what the list of withdrawn permits says. A permit that is not in
// it stands as its credential says. Those whose last day is past are left out.
type StatusClaims struct {
	Issuer   string               `json:"iss"`
	IssuedAt int64                `json:"iat"`
	Expires  int64                `json:"exp"`
	Lives    int64                `json:"ttl"` // seconds until a newer one is made
	Permits  map[string]Withdrawn `json:"permits"`
}

// Flattened is a JWS in the flattened JSON form (RFC 7515, 7.2.2).
type Flattened struct {
	Payload   string `json:"payload"`
	Protected string `json:"protected"`
	Signature string `json:"signature"`
}

// StatusLives is how long a list is given out before it is made anew, and how long
// one may be kept: with two of these a withdrawal is seen everywhere.
const StatusLives = time.Minute

// statusTrusted is how long somebody without a connection may go by a list.
const statusTrusted = 24 * time.Hour

type statusList struct {
	mu    sync.Mutex
	made  time.Time
	under string
	body  []byte
}

// StatusList is the signed list of all permits that were withdrawn before their end.
func (s *Service) StatusList(ctx context.Context) ([]byte, error) {
	k, err := s.key(ctx)
	if err != nil {
		return nil, err
	}
	l, now := &s.list, s.Now().UTC()
	l.mu.Lock() // one makes it, the others wait for that one
	defer l.mu.Unlock()
	if l.body != nil && l.under == k.id && !now.Before(l.made) && now.Sub(l.made) < StatusLives {
		return l.body, nil
	}
	claims := StatusClaims{Issuer: s.BaseURL, IssuedAt: now.Unix(), Expires: now.Add(statusTrusted).Unix(), Lives: int64(StatusLives / time.Second), Permits: map[string]Withdrawn{}}
	type row struct {
		PermitNo string
		State    State
		Since    time.Time
	}
	var rows []row
	err = s.DB.Together(ctx, db.Rows(&rows, `SELECT permit_no, state, since FROM permits
 WHERE state IN ('suspended', 'revoked', 'cancelled') AND (valid_until IS NULL OR valid_until >= ?) ORDER BY state, permit_no`, s.Today()))
	if err != nil {
		return nil, fmt.Errorf("read the withdrawn permits: %w", db.Fault(err, "", ""))
	}
	for _, r := range rows {
		claims.Permits[r.PermitNo] = Withdrawn{r.State, r.Since.Unix()}
	}
	var out Flattened
	if out.Protected, out.Payload, out.Signature, err = k.parts(typeStatus, claims); err != nil {
		return nil, err
	}
	body, err := json.Marshal(out)
	if err != nil {
		return nil, err
	}
	l.made, l.under, l.body = now, k.id, body
	return body, nil
}

package register

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"minqing/internal/audit"
	"minqing/internal/db"
)

// keyRow is a public key that signs or has signed credentials.
type keyRow struct {
	ID        string
	RingKey   string
	Algorithm string
	Public    []byte
	CreatedAt time.Time
}

// TableName names the table for gorm.
func (keyRow) TableName() string { return "permit_keys" }

// JWK is a public key as RFC 8037 writes it.
type JWK struct {
	KeyType   string `json:"kty"`
	Curve     string `json:"crv"`
	X         string `json:"x"`
	KeyID     string `json:"kid"`
	Use       string `json:"use"`
	Algorithm string `json:"alg"`
}

// thumbprint is the id of a key: RFC 7638 over its required members.
func thumbprint(public ed25519.PublicKey) string {
	sum := sha256.Sum256([]byte(`{"crv":"Ed25519","kty":"OKP","x":"` + b64.EncodeToString(public) + `"}`))
	return b64.EncodeToString(sum[:])
}

// issuer remembers which key is published already.
type issuer struct {
	mu    sync.Mutex
	known string
}

// key is what signs now. Its public half is published before it signs the first
// time: every process that meets a new ring key does so, and only the first counts.
func (s *Service) key(ctx context.Context) (signer, error) {
	k := s.Vault.Ring().CredentialKey()
	id := thumbprint(k.Public)
	s.issuer.mu.Lock()
	known := s.issuer.known == id
	s.issuer.mu.Unlock()
	if known {
		return signer{id, k.Sign}, nil
	}
	err := s.DB.Tx(ctx, func(ctx context.Context) error {
		res := s.DB.From(ctx).Exec("INSERT INTO permit_keys (id, ring_key, algorithm, public, created_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
			id, k.RingKey, Algorithm, []byte(k.Public), s.Now().UTC())
		if res.Error != nil {
			return fmt.Errorf("publish a key: %w", db.Fault(res.Error, "", ""))
		}
		s.DB.AfterCommit(ctx, func() {
			s.issuer.mu.Lock()
			defer s.issuer.mu.Unlock()
			s.issuer.known = id
		})
		if res.RowsAffected == 0 {
			return nil
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "permit.key_published", Kind: "permit_key", ID: id, Fields: []audit.Change{{Field: "ring_key", After: k.RingKey}}})
	})
	return signer{id, k.Sign}, err
}

func (s *Service) keys(ctx context.Context) (rows []keyRow, err error) {
	if err := s.DB.Reader(ctx).Order("created_at DESC, id").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read the public keys: %w", db.Fault(err, "", ""))
	}
	return rows, nil
}

// keyOf finds a public key by its id.
func (s *Service) keyOf(ctx context.Context) (func(id string) ed25519.PublicKey, error) {
	rows, err := s.keys(ctx)
	return func(id string) ed25519.PublicKey {
		for _, r := range rows {
			if r.ID == id && len(r.Public) == ed25519.PublicKeySize {
				return r.Public
			}
		}
		return nil
	}, err
}

// JWKS is the set of all public keys, the newest first (RFC 7517).
func (s *Service) JWKS(ctx context.Context) ([]byte, error) {
	if _, err := s.key(ctx); err != nil {
		return nil, err
	}
	rows, err := s.keys(ctx)
	if err != nil {
		return nil, err
	}
	set := struct {
		Keys []JWK `json:"keys"`
	}{Keys: []JWK{}}
	for _, r := range rows {
		set.Keys = append(set.Keys, JWK{KeyType: "OKP", Curve: "Ed25519", X: b64.EncodeToString(r.Public), KeyID: r.ID, Use: "sig", Algorithm: r.Algorithm})
	}
	return json.Marshal(set)
}

// CheckKeys says what is wrong with the keys of credentials, in words for an
// operator: one that is no longer what its id says, or a ring that makes another
// key than the one which stands published under its name.
func (s *Service) CheckKeys(ctx context.Context) (problems []string, err error) {
	rows, err := s.keys(ctx)
	if err != nil {
		return nil, err
	}
	now := s.Vault.Ring().CredentialKey()
	for _, r := range rows {
		if len(r.Public) != ed25519.PublicKeySize || thumbprint(r.Public) != r.ID {
			problems = append(problems, fmt.Sprintf("the public key %s was changed: restore the table permit_keys from a backup", r.ID))
		} else if r.RingKey == now.RingKey && r.ID != thumbprint(now.Public) {
			problems = append(problems, fmt.Sprintf("the ring key %q makes another credential key than the published %s: put back the key file that issued permits", r.RingKey, r.ID))
		}
	}
	return problems, nil
}

// Published counts the public keys, and says whether the one that signs now is among
// them; it is published when it signs the first time.
func (s *Service) Published(ctx context.Context) (n int, current bool, err error) {
	rows, err := s.keys(ctx)
	now := thumbprint(s.Vault.Ring().CredentialKey().Public)
	for _, r := range rows {
		current = current || r.ID == now
	}
	return len(rows), current, err
}

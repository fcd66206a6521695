package identity

import (
	"sync/atomic"
	"time"
)

// CodeAt is what an authenticator app shows, for tests.
func CodeAt(secret string, at time.Time) string {
	raw, err := base32Plain.DecodeString(secret)
	if err != nil {
		panic(err)
	}
	return totpCode(raw, at.Unix()/totpSeconds)
}

// CountHashes counts the passwords that are hashed or compared from now on, one at
// a time.
func (s *Service) CountHashes() *atomic.Int64 {
	var n atomic.Int64
	gate := make(chan struct{})
	s.hashing = gate
	go func() {
		for range gate {
			n.Add(1)
			gate <- struct{}{}
		}
	}()
	return &n
}

package identity

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"
	"golang.org/x/text/unicode/norm"

	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/i18n"
)

// mostHashes bounds the memory and time that sign-ins may take at once.
const mostHashes = 2

// work is about 20 ms. Of the choices for argon2id that OWASP's Password Storage
// Cheat Sheet holds for equally strong, this one takes the least memory: each
// sign-in leaves that much behind for the collector, and a few in a row would
// double what the program holds. A hash carries its own parameters, so older
// ones go on working.
var work = argon2id.Params{Memory: 7 * 1024, Iterations: 5, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// Bounds of a password, in characters.
const (
	PasswordLeast = 10
	PasswordMost  = 200
	distinctLeast = 5
	placeLeast    = 2 // of a word in the government's name
)

// unmatched is a hash that no password has, to do the same work for an address
// that nobody uses.
func unmatched() (string, error) {
	raw := make([]byte, work.SaltLength+work.KeyLength)
	if _, err := rand.Read(raw); err != nil {
		return "", err
	}
	code := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s", work.Memory, work.Iterations, work.Parallelism,
		code.EncodeToString(raw[:work.SaltLength]), code.EncodeToString(raw[work.SaltLength:])), nil
}

// checkPassword notes what keeps a new password from being good enough.
func (s *Service) checkPassword(ctx context.Context, c *fault.Check, password, email string) error {
	places, err := s.places(ctx)
	if err != nil {
		return err
	}
	n := utf8.RuneCountInString(password)
	local, _, _ := strings.Cut(normal(email), "@")
	switch {
	case password == "":
		c.That(false, "password", "identity.password.required")
	case n < PasswordLeast:
		c.That(false, "password", "identity.password.short", "Min", PasswordLeast)
	case n > PasswordMost:
		c.That(false, "password", "identity.password.long", "Max", PasswordMost)
	case distinct(password) < distinctLeast:
		c.That(false, "password", "identity.password.easy")
	case len(local) > 3 && strings.Contains(strings.ToLower(password), local):
		c.That(false, "password", "identity.password.named")
	case common(password, places...):
		c.That(false, "password", "identity.password.common")
	}
	return nil
}

// places are the words in the government's own name, in every language: in this
// city everybody thinks of them.
func (s *Service) places(ctx context.Context) ([]string, error) {
	var names []i18n.Text
	err := s.DB.From(ctx).Raw("SELECT name FROM units WHERE parent_id IS NULL ORDER BY path LIMIT 10").Scan(&names).Error
	if err != nil {
		return nil, fmt.Errorf("read the name of the government: %w", db.Fault(err, "", ""))
	}
	var words []string
	for _, name := range names {
		for _, in := range name {
			for _, w := range strings.Fields(strings.ToLower(norm.NFKC.String(in))) {
				if w = bare(w); utf8.RuneCountInString(w) >= placeLeast {
					words = append(words, w)
				}
			}
		}
	}
	return words, nil
}

func distinct(s string) int {
	seen := map[rune]bool{}
	for _, r := range s {
		seen[r] = true
	}
	return len(seen)
}

// enter waits for a place among the running hashes.
func (s *Service) enter(ctx context.Context) (leave func(), err error) {
	select {
	case s.hashing <- struct{}{}:
		return func() { <-s.hashing }, nil
	case <-ctx.Done():
		return nil, fault.New(fault.Unavailable, "fault.slow").Because(ctx.Err())
	}
}

func (s *Service) hash(ctx context.Context, password string) (string, error) {
	leave, err := s.enter(ctx)
	if err != nil {
		return "", err
	}
	defer leave()
	return argon2id.CreateHash(norm.NFKC.String(password), &work)
}

// matches compares in the same time whether the account exists or not.
func (s *Service) matches(ctx context.Context, password, hash string) (bool, error) {
	if hash == "" || utf8.RuneCountInString(password) > PasswordMost {
		password, hash = "", s.dummy
	}
	leave, err := s.enter(ctx)
	if err != nil {
		return false, err
	}
	defer leave()
	ok, err := argon2id.ComparePasswordAndHash(norm.NFKC.String(password), hash)
	if err != nil {
		return false, fmt.Errorf("compare a password: %w", err)
	}
	return ok, nil
}

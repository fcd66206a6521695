package permits

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Digest is one number for all files that came with applications, with how many they
// are: the SHA-256 of the list of the files' own, sorted, one a line. Whoever has the
// files makes it anew; nobody reads from it what they say. Nothing of it is kept,
// since the digest of a known paper would tell who handed it in.
func (s *Service) Digest(ctx context.Context, parts ...*Own) (digest string, count int, err error) {
	var all []string
	for _, o := range parts {
		for i := range o.Items {
			it := &o.Items[i]
			if it.Now == nil || it.Now.SentAt == nil {
				continue
			}
			for _, f := range it.Files {
				one, err := s.digestOf(ctx, it.Now, f.ID)
				if err != nil {
					return "", 0, err
				}
				all = append(all, one)
			}
		}
	}
	slices.Sort(all)
	sum := sha256.New()
	for _, one := range all {
		_, _ = io.WriteString(sum, one+"\n") //nolint:errcheck // a hash takes everything
	}
	return hex.EncodeToString(sum.Sum(nil)), len(all), nil
}

func (s *Service) digestOf(ctx context.Context, m *Material, fileID string) (string, error) {
	content, err := s.Files.Open(ctx, m.owner(), fileID)
	if err != nil {
		return "", err
	}
	defer content.Close() //nolint:errcheck // nothing is written
	sum := sha256.New()
	if _, err := io.Copy(sum, content); err != nil {
		return "", fmt.Errorf("read a file for its digest: %w", err)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// Grouped writes a digest in groups of eight, to be compared by eye.
func Grouped(digest string) string {
	var parts []string
	for part := range slices.Chunk([]byte(digest), 8) {
		parts = append(parts, string(part))
	}
	return strings.Join(parts, " ")
}

package vault_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/vault"
)

// FuzzParseRing reads key files that a hand or a disk has spoilt: a clear error, or
// a ring with a current key.
func FuzzParseRing(f *testing.F) {
	path := filepath.Join(f.TempDir(), "keys")
	_, err := vault.CreateRing(path)
	require.NoError(f, err)
	whole, err := os.ReadFile(path)
	require.NoError(f, err)
	f.Add(whole)
	f.Add(whole[:len(whole)/2])
	f.Add([]byte(`{"current":"k1","keys":[]}`))
	f.Add([]byte("null"))
	f.Fuzz(func(t *testing.T, body []byte) {
		ring, err := vault.ParseRing(body)
		if err == nil && vault.New(nil, ring, nil).CurrentKey() == "" {
			t.Fatalf("%q is a ring without a key", body)
		}
	})
}

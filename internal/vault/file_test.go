package vault_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/vault"
)

func keyFile(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "keys.json")
	_, err := vault.CreateRing(path)
	require.NoError(t, err)
	return path
}

func TestAKeyFileThatOthersMayOpenIsRefused(t *testing.T) {
	path := keyFile(t)
	for _, mode := range []os.FileMode{0o644, 0o640, 0o604, 0o620, 0o601} {
		require.NoError(t, os.Chmod(path, mode))
		_, err := vault.LoadRing(path)
		require.ErrorContains(t, err, "chmod 600 "+path)
		require.ErrorContains(t, vault.PromoteKey(path, "k1"), "chmod 600")
	}
	require.NoError(t, os.Chmod(path, 0o400))
	_, err := vault.LoadRing(path)
	require.NoError(t, err)
}

func TestAKeyIsAddedPromotedRetiredAndDropped(t *testing.T) {
	path := keyFile(t)
	whole, err := vault.LoadRing(path)
	require.NoError(t, err)
	id, err := vault.AddKey(path, "k2", "k3")
	require.NoError(t, err)
	require.Equal(t, "k4", id, "names that were used are not used again")
	require.ErrorContains(t, vault.RetireKey(path, "k1"), "current")
	require.ErrorContains(t, vault.PromoteKey(path, "k9"), "k9")
	require.NoError(t, vault.PromoteKey(path, "k4"))
	require.ErrorContains(t, vault.DropKey(path, "k1"), "not retired")
	require.NoError(t, vault.RetireKey(path, "k1"))
	require.NoError(t, vault.RetireKey(path, "k1"), "twice is no error")
	require.ErrorContains(t, vault.PromoteKey(path, "k1"), "k1")
	is, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), is.Mode().Perm())

	r, err := vault.LoadRing(path)
	require.NoError(t, err)
	require.Equal(t, "k4", r.Current())
	require.False(t, r.Wraps("k1"))
	require.True(t, r.Derives("k1"))
	require.Nil(t, r.BackupKeyOf("k1"))
	require.Equal(t, "retired:"+whole.Fingerprints()["k1"], r.Fingerprints()["k1"])
	require.True(t, whole.Covers("k1", r.Fingerprints()["k1"]), "a whole key does what a retired one does")
	require.False(t, r.Covers("k1", whole.Fingerprints()["k1"]))
	before, after := vault.New(nil, whole, time.Now), vault.New(nil, r, time.Now)
	require.Equal(t, before.Derive("x", someID, 1), after.DeriveWith("k1", "x", someID, 1, vault.LinkLength))
	require.Contains(t, after.BlindIndexes(purpose, "value"), before.BlindIndex(purpose, "value"))
	key, signature := whole.Sign("report", []byte("text"))
	good, known := r.Verify(key, "report", []byte("text"), signature)
	require.True(t, good && known)
	good, _ = r.Verify(key, "report", []byte("Text"), signature)
	require.False(t, good)

	require.NoError(t, vault.DropKey(path, "k1"))
	r, err = vault.LoadRing(path)
	require.NoError(t, err)
	require.Equal(t, []string{"k4"}, r.IDs())
	_, known = r.Verify(key, "report", []byte("text"), signature)
	require.False(t, known)
}

func TestTwoDoNotChangeAKeyFileAtOnce(t *testing.T) {
	path := keyFile(t)
	require.NoError(t, os.WriteFile(path+".new", nil, 0o600))
	_, err := vault.AddKey(path)
	require.ErrorContains(t, err, "remove "+path+".new")
	require.NoError(t, os.Remove(path+".new"))
	_, err = vault.AddKey(path)
	require.NoError(t, err)
}

func TestARingMayStandInTheSettingItself(t *testing.T) {
	path := keyFile(t)
	body, err := os.ReadFile(path)
	require.NoError(t, err)
	r, err := vault.LoadRing(string(body))
	require.NoError(t, err)
	require.Equal(t, "k1", r.Current())
}

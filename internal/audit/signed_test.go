package audit_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/vault"
)

// signed is a trail whose links are signed, and its ring.
func signed(t *testing.T, d *db.DB, now func() time.Time) (*audit.Service, *vault.Vault) {
	t.Helper()
	ring, err := vault.CreateRing(t.TempDir() + "/keys")
	require.NoError(t, err)
	v := vault.New(d, ring, now)
	s := audit.New(d, now)
	s.SignWith(v)
	return s, v
}

// Who can write the database, and does not have the key file, makes no seal that holds.
func TestASealCannotBeForgedWithoutTheKey(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		now := func() time.Time { return start }
		s, v := signed(t, d, now)
		for i := range 6 {
			record(t, d, s, entry(i))
		}
		require.Equal(t, 6, sealAll(t, s))
		requireHolds(t, s, 6)
		key := v.CurrentKey()

		// They change an entry, and seal what follows as the program did before it had a key.
		forger := audit.New(d, now)
		unprotect(t, d)
		_, err := d.SQL().Exec("DELETE FROM audit_seals WHERE seq > 3")
		require.NoError(t, err)
		require.Equal(t, 3, sealAll(t, forger))
		requireBroken(t, s, 4, "link")

		// Or under another key, that they name as they like.
		other, _ := signed(t, d, now)
		_, err = d.SQL().Exec("DELETE FROM audit_seals WHERE seq > 3")
		require.NoError(t, err)
		require.Equal(t, 3, sealAll(t, other))
		_, err = s.Verify(t.Context())
		require.Error(t, err)

		// Without its ring the chain is not believed either, unless the key is named.
		_, err = d.SQL().Exec("DELETE FROM audit_seals WHERE seq > 3")
		require.NoError(t, err)
		requireBroken(t, forger, 1, "key")
		n, err := forger.Verify(t.Context(), key)
		require.NoError(t, err)
		require.EqualValues(t, 3, n)
	})
}

// The chain needs an anchor that is not older than a day.
func TestAChainWithoutAnchorsIsNotBelieved(t *testing.T) {
	d, now := dbtest.New(t), start
	s := audit.New(d, func() time.Time { return now })
	require.NoError(t, s.CheckAnchors(t.Context(), nil), "nothing happened yet")
	record(t, d, s, entry(1))
	sealAll(t, s)
	require.NoError(t, s.CheckAnchors(t.Context(), nil), "a young chain")
	path := t.TempDir() + "/anchors"
	require.NoError(t, s.Anchor(t.Context(), path))
	now = now.Add(26 * time.Hour)
	record(t, d, s, entry(2))
	sealAll(t, s)
	require.ErrorIs(t, s.CheckAnchors(t.Context(), nil), audit.ErrUnanchored)
	list, err := audit.ReadAnchors(path)
	require.NoError(t, err)
	require.ErrorIs(t, s.CheckAnchors(t.Context(), list), audit.ErrUnanchored)
	require.NoError(t, s.Anchor(t.Context(), path))
	list, err = audit.ReadAnchors(path)
	require.NoError(t, err)
	require.NoError(t, s.CheckAnchors(t.Context(), list))
}

// An entry of a machine whose clock was fast keeps none of the others out.
func TestAFastClockDoesNotEndTheChain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := &clock{at: start}
		s := audit.New(d, c.now)
		fast := audit.New(d, func() time.Time { return c.now().Add(3 * time.Hour) })
		record(t, d, fast, entry(1))
		require.Equal(t, 1, sealAll(t, s))
		for i := range 3 {
			c.advance(time.Minute)
			record(t, d, s, entry(2+i))
		}
		require.Equal(t, 3, sealAll(t, s))
		requireHolds(t, s, 4)
	})
}

package identity_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/vault"
)

func TestAPersonOfAProviderIsFoundWhileAndAfterKeysChange(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := settle(t, d, nil)
		file := filepath.Join(t.TempDir(), "keys.json")
		ring, err := vault.CreateRing(file)
		require.NoError(t, err)
		h.v.ReloadBy(func() (*vault.Ring, error) { return vault.LoadRing(file) })
		_, err = h.v.Reload()
		require.NoError(t, err)
		comes := func() string {
			a, err := h.walk(visitor("192.0.2.1"), "public")
			require.NoError(t, err)
			return a.Account.ID
		}
		me, old := comes(), ring.Current()
		fresh, err := vault.AddKey(file)
		require.NoError(t, err)
		require.NoError(t, vault.PromoteKey(file, fresh))
		_, err = h.v.Reload()
		require.NoError(t, err)
		require.Equal(t, me, comes(), "under the key before")

		people := h.s.Subjects()
		under := func(key string) int64 {
			n, err := people.IndexedUnder(t.Context(), key)
			require.NoError(t, err)
			return n
		}
		require.EqualValues(t, 1, under(old))
		_, n, stuck, err := people.Reindex(system(), "00000000-0000-0000-0000-000000000000", 10)
		require.NoError(t, err)
		require.Equal(t, 1, n)
		require.Empty(t, stuck)
		require.EqualValues(t, 0, under(old))
		require.EqualValues(t, 1, under(fresh))
		require.Equal(t, me, comes(), "under the new one")
	})
}

package vault_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/vault"
)

const purpose = "contact.phone"

var phone = []byte("+886912345678")

// ring gives a ring of known keys; the last one is current.
func ring(t testing.TB, ids ...string) *vault.Ring {
	t.Helper()
	r, err := vault.ParseRing(ringFile(ids...))
	require.NoError(t, err)
	return r
}

// ringFile fills the secret of k1 with 0, 1, 2 …, and of k2 with 100, 101 ….
func ringFile(ids ...string) []byte {
	var keys []string
	for _, id := range ids {
		secret := make([]byte, 32)
		for i := range secret {
			secret[i] = byte(i + 100*int(id[1]-'1'))
		}
		keys = append(keys, fmt.Sprintf(`{"id": %q, "suite": "aes256gcm", "secret": %q}`, id, base64.StdEncoding.EncodeToString(secret)))
	}
	return fmt.Appendf(nil, `{"current": %q, "keys": [%s]}`, ids[len(ids)-1], strings.Join(keys, ", "))
}

func open(t testing.TB, d *db.DB) *vault.Vault {
	t.Helper()
	return vault.New(d, ring(t, "k1"), time.Now)
}

func newKey(t testing.TB, v *vault.Vault) string {
	t.Helper()
	id, err := v.NewKey(t.Context(), vault.OwnerConstituent)
	require.NoError(t, err)
	return id
}

func seal(t testing.TB, v *vault.Vault, key string) []byte {
	t.Helper()
	sealed, err := v.Seal(t.Context(), key, purpose, phone)
	require.NoError(t, err)
	return sealed
}

func TestASealedValueOpensAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		v := open(t, d)
		key := newKey(t, v)
		for _, plain := range [][]byte{phone, []byte("王小明"), {0}, bytes.Repeat([]byte("長"), 100_000)} {
			sealed, err := v.Seal(t.Context(), key, purpose, plain)
			require.NoError(t, err)
			require.False(t, len(plain) > 4 && bytes.Contains(sealed, plain))
			named, err := vault.KeyOf(sealed)
			require.NoError(t, err)
			require.Equal(t, key, named)
			for _, reader := range []*vault.Vault{v, open(t, d)} { // from the cache, and from the table
				got, err := reader.Open(t.Context(), purpose, sealed)
				require.NoError(t, err)
				require.Equal(t, plain, got)
			}
		}
		require.NotEqual(t, seal(t, v, key), seal(t, v, key), "equal values must not look equal")
	})
}

func TestAnEmptyValueStaysEmpty(t *testing.T) {
	v := open(t, dbtest.New(t))
	sealed, err := v.Seal(t.Context(), newKey(t, v), purpose, nil)
	require.NoError(t, err)
	require.Nil(t, sealed)
	plain, err := v.Open(t.Context(), purpose, nil)
	require.NoError(t, err)
	require.Nil(t, plain)
}

func TestAValueOpensOnlyForItsPurposeAndPerson(t *testing.T) {
	v := open(t, dbtest.New(t))
	mine, other := newKey(t, v), newKey(t, v)
	sealed := seal(t, v, mine)
	_, err := v.Open(t.Context(), "contact.email", sealed)
	require.Error(t, err)
	require.NotContains(t, err.Error(), string(phone))

	moved := append(append([]byte{}, seal(t, v, other)[:17]...), sealed[17:]...)
	_, err = v.Open(t.Context(), purpose, moved)
	require.Error(t, err)

	for i := range sealed {
		bent := bytes.Clone(sealed)
		bent[i] ^= 1
		_, err = v.Open(t.Context(), purpose, bent)
		require.Error(t, err, "byte %d", i)
	}
	_, err = v.Seal(t.Context(), db.NewID(time.Now()), purpose, phone)
	require.Equal(t, fault.NotFound, fault.KindOf(err))
}

func TestAWrappedKeyDoesNotServeAnotherRow(t *testing.T) {
	d := dbtest.New(t)
	v := open(t, d)
	a, b := newKey(t, v), newKey(t, v)
	sealed := seal(t, v, b)
	require.NoError(t, d.From(t.Context()).Exec("UPDATE vault_keys SET wrapped = (SELECT wrapped FROM vault_keys WHERE id = ?) WHERE id = ?", a, b).Error)
	_, err := open(t, d).Open(t.Context(), purpose, sealed)
	require.ErrorContains(t, err, "unwrap data key "+b)
}

func TestDestroyErasesAlsoWhatIsCached(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		now := time.Now()
		v := open(t, d)
		far := vault.New(d, ring(t, "k1"), func() time.Time { return now }) // another process
		gone, stays := newKey(t, v), newKey(t, v)
		sealed, kept := seal(t, v, gone), seal(t, v, stays)
		_, err := far.Open(t.Context(), purpose, sealed)
		require.NoError(t, err)

		require.NoError(t, v.Destroy(t.Context(), gone))
		for range 2 {
			_, err = v.Open(t.Context(), purpose, sealed)
			require.ErrorIs(t, err, vault.ErrErased)
			_, err = v.Seal(t.Context(), gone, purpose, phone)
			require.ErrorIs(t, err, vault.ErrErased)
			_, err = open(t, d).Open(t.Context(), purpose, sealed)
			require.ErrorIs(t, err, vault.ErrErased)
		}
		require.NoError(t, v.Warm(t.Context(), sealed, kept), "a list may hold erased people")
		now = now.Add(time.Minute + time.Second)
		_, err = far.Open(t.Context(), purpose, sealed)
		require.ErrorIs(t, err, vault.ErrErased, "another process forgets it within a minute")
		_, err = v.Open(t.Context(), purpose, kept)
		require.NoError(t, err)

		var rows []vault.KeyRow
		require.NoError(t, d.From(t.Context()).Where("id = ?", gone).Find(&rows).Error)
		require.Empty(t, rows[0].Wrapped)
		first := rows[0].DestroyedAt
		require.NotNil(t, first)
		require.NoError(t, v.Destroy(t.Context(), gone), "twice is no error")
		require.NoError(t, d.From(t.Context()).Where("id = ?", gone).Find(&rows).Error)
		require.Equal(t, first, rows[0].DestroyedAt)
		for _, none := range []string{db.NewID(now), "x"} {
			require.Equal(t, fault.NotFound, fault.KindOf(v.Destroy(t.Context(), none)))
		}
	})
}

func TestADestroyedKeyLeavesTheDatabaseFile(t *testing.T) {
	d := dbtest.New(t)
	v := open(t, d)
	for range 40 {
		newKey(t, v)
	}
	var rows []vault.KeyRow
	require.NoError(t, d.From(t.Context()).Find(&rows).Error)
	for _, r := range rows {
		require.NoError(t, v.Destroy(t.Context(), r.ID))
	}
	require.NoError(t, d.Close()) // which writes the log back and removes it
	body, err := os.ReadFile(d.URL()[len("sqlite:"):])
	require.NoError(t, err)
	require.True(t, bytes.Contains(body, []byte(rows[0].ID)))
	for _, r := range rows {
		require.False(t, bytes.Contains(body, r.Wrapped[len(r.Wrapped)-24:]), "a destroyed key is still in the file")
	}
}

func TestWhatATransactionUndidIsNotRemembered(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		v := open(t, d)
		no := errors.New("no")
		var key string
		require.ErrorIs(t, d.Tx(t.Context(), func(ctx context.Context) (err error) {
			key, err = v.NewKey(ctx, vault.OwnerConstituent)
			require.NoError(t, err)
			_, err = v.Seal(ctx, key, purpose, phone) // usable at once
			require.NoError(t, err)
			return no
		}), no)
		_, err := v.Seal(t.Context(), key, purpose, phone)
		require.Equal(t, fault.NotFound, fault.KindOf(err), "sealing under a key that is nowhere loses the value")

		key = newKey(t, v)
		sealed := seal(t, v, key)
		require.ErrorIs(t, d.Tx(t.Context(), func(ctx context.Context) error {
			require.NoError(t, v.Destroy(ctx, key))
			_, err := v.Open(ctx, purpose, sealed)
			require.ErrorIs(t, err, vault.ErrErased)
			return no
		}), no)
		_, err = v.Open(t.Context(), purpose, sealed)
		require.NoError(t, err)
	})
}

func TestWarmTakesOneQueryForAWholeList(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		writer := open(t, d)
		var all [][]byte
		for range 30 {
			sealed := seal(t, writer, newKey(t, writer))
			all = append(all, sealed, nil, sealed)
		}
		n := 0
		counted, err := db.Open(t.Context(), d.URL(), db.Options{OnQuery: func() { n++ }, MaxConns: 2})
		require.NoError(t, err)
		defer counted.Close()
		reader := open(t, counted)
		n = 0
		require.NoError(t, reader.Warm(t.Context(), all...))
		require.NoError(t, reader.Warm(t.Context(), all...))
		for _, sealed := range all {
			_, err := reader.Open(t.Context(), purpose, sealed)
			require.NoError(t, err)
		}
		require.Equal(t, 1, n)
		require.Error(t, reader.Warm(t.Context(), []byte("garbage")))
	})
}

func TestManyReadersShareTheCache(t *testing.T) {
	d := dbtest.New(t)
	v := open(t, d)
	sealed := seal(t, v, newKey(t, v))
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 50 {
				if plain, err := v.Open(t.Context(), purpose, sealed); err != nil || !bytes.Equal(plain, phone) {
					t.Errorf("%q, %v", plain, err)
				}
			}
		})
	}
	all.Wait()
}

func TestANewRingKeyStillUnwrapsUnderTheOld(t *testing.T) {
	d := dbtest.New(t)
	old := open(t, d)
	sealed, index := seal(t, old, newKey(t, old)), old.BlindIndex(purpose, string(phone))
	code := old.Derive("evaluate", "x", 1)

	both := vault.New(d, ring(t, "k1", "k2"), time.Now)
	plain, err := both.Open(t.Context(), purpose, sealed)
	require.NoError(t, err)
	require.Equal(t, phone, plain)
	require.Equal(t, "k2", both.CurrentKey())
	require.NotEqual(t, index, both.BlindIndex(purpose, string(phone)))
	require.Equal(t, [][]byte{both.BlindIndex(purpose, string(phone)), index}, both.BlindIndexes(purpose, string(phone)))
	require.Equal(t, code, both.DeriveWith("k1", "evaluate", "x", 1, vault.LinkLength))

	newer := vault.New(d, ring(t, "k2"), time.Now)
	_, err = newer.Open(t.Context(), purpose, sealed)
	require.ErrorContains(t, err, `no key "k1"`)
	later := seal(t, both, newKey(t, both))
	_, err = newer.Open(t.Context(), purpose, later)
	require.NoError(t, err)
}

func FuzzOpen(f *testing.F) {
	d := dbtest.New(f)
	v := open(f, d)
	sealed := seal(f, v, newKey(f, v))
	f.Add(sealed)
	f.Add(sealed[:17])
	f.Add(sealed[:16])
	f.Add(append([]byte{2}, sealed[1:]...))
	f.Add([]byte{1})
	f.Fuzz(func(t *testing.T, garbage []byte) {
		plain, err := v.Open(t.Context(), purpose, garbage)
		if err == nil && len(garbage) > 0 && !bytes.Equal(garbage, sealed) {
			t.Fatalf("%x opened to %q", garbage, plain)
		}
		if err != nil && plain != nil {
			t.Fatalf("an error and %q", plain)
		}
	})
}

func TestAKeyFileIsItsOwnersOnlyAndNeverOverwritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "keys.json")
	_, err := vault.LoadRing(path)
	require.ErrorIs(t, err, os.ErrNotExist)
	made, err := vault.CreateRing(path)
	require.NoError(t, err)
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	before, err := os.ReadFile(path)
	require.NoError(t, err)

	_, err = vault.CreateRing(path)
	require.ErrorIs(t, err, os.ErrExist)
	after, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, before, after)
	read, err := vault.LoadRing(path)
	require.NoError(t, err)
	require.Equal(t, made.Fingerprints(), read.Fingerprints())

	other, err := vault.CreateRing(filepath.Join(t.TempDir(), "keys.json"))
	require.NoError(t, err)
	require.NotEqual(t, made.Fingerprints(), other.Fingerprints(), "each has keys of its own")
}

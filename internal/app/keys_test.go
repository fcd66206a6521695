package app_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/app"
	"minqing/internal/config"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/identity"
	"minqing/internal/keys"
	"minqing/internal/vault"
)

// people are more than one batch of a change of keys.
const people = 450

func mailOf(i int) string { return fmt.Sprintf("ren%d@example.org", i) }

func (h *house) populate(t *testing.T) (ids []string) {
	t.Helper()
	ctx := actor.AsSystem(t.Context(), "test")
	rows := db.NewBulk("vault_keys", "constituents", "contact_points")
	for i := range people {
		r, err := h.Constituents.Prepare(ctx, constituents.Contact{Name: "王小明", Email: mailOf(i)}, "zh-Hant")
		require.NoError(t, err)
		rows.Add(r.Stmts()...)
		ids = append(ids, r.ConstituentID())
	}
	require.NoError(t, h.DB.Store(ctx, rows))
	return ids
}

// readable says that everybody is read and found, in the middle of a change too.
func (h *house) readable(t *testing.T, ids []string) {
	t.Helper()
	views, err := h.Constituents.MaskedAll(t.Context(), ids)
	require.NoError(t, err)
	for i, id := range ids {
		require.Equal(t, "王*明", views[id].Name)
		if i%37 == 0 || i == len(ids)-1 {
			found, err := h.Constituents.FindByContact(t.Context(), constituents.Email, mailOf(i))
			require.NoError(t, err)
			require.Equal(t, []string{id}, found, mailOf(i))
		}
	}
	_, _, err = h.Identity.SignIn(t.Context(), "citizen@example.org", "correct horse 55 battery")
	require.NoError(t, err)
}

// brokenOff works at a change and is killed after some steps.
func (h *house) brokenOff(t *testing.T, steps int) {
	t.Helper()
	ctx, kill := context.WithCancel(t.Context())
	defer kill()
	_, err := h.Keys.Work(ctx, time.Minute, func(keys.Run) {
		if steps--; steps == 0 {
			kill()
		}
	})
	require.ErrorIs(t, err, context.Canceled)
}

func TestTheRingChangesWhileWorkGoesOn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, false)
		path := h.Config.Keys
		old, err := vault.LoadRing(path)
		require.NoError(t, err)
		ids := h.populate(t)
		system := actor.AsSystem(t.Context(), "test")
		_, err = h.Identity.CreateCitizen(system, identity.NewAccount{Email: "citizen@example.org", Password: "correct horse 55 battery", Name: "李四", Locale: "en"})
		require.NoError(t, err)
		link, err := h.Constituents.Reach(system, ids[0])
		require.NoError(t, err)
		token := link.EmailToken

		id, err := vault.AddKey(path)
		require.NoError(t, err)
		require.Equal(t, "k2", id)
		require.NoError(t, vault.PromoteKey(path, id))
		_, err = h.Vault.Reload()
		require.NoError(t, err)
		require.Equal(t, "k2", h.Vault.CurrentKey())
		_, err = h.Keys.BeginRing(system, keys.Promoted)
		require.NoError(t, err)
		h.brokenOff(t, 2)
		require.Positive(t, count(t, d, "vault_keys WHERE ring_key = 'k1'"))
		require.Positive(t, count(t, d, "vault_keys WHERE ring_key = 'k2'"))
		h.readable(t, ids)
		_, err = h.Keys.Retire(system, path, "k1")
		require.ErrorContains(t, err, "keyed hashes still stand")

		// A process that has yet to hear of the new ring reads what lies under it.
		stale := vault.New(d, old, time.Now)
		stale.ReloadBy(func() (*vault.Ring, error) { return vault.LoadRing(path) })
		fresh, err := h.Vault.NewKey(system, vault.OwnerConstituent)
		require.NoError(t, err)
		sealed, err := h.Vault.Seal(system, fresh, "x", []byte("new"))
		require.NoError(t, err)
		plain, err := stale.Open(system, "x", sealed)
		require.NoError(t, err)
		require.Equal(t, "new", string(plain))

		// A machine whose file was not promoted wraps nothing back.
		behind := filepath.Join(t.TempDir(), "keys.json")
		body, err := os.ReadFile(path)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(behind, body, 0o600))
		require.NoError(t, vault.PromoteKey(behind, "k1"))
		slow := open(t, d, false, "MINQING_KEYS="+behind)
		slow.readable(t, ids)
		for _, why := range []keys.Why{keys.Stray, keys.Again} {
			_, err = slow.Keys.BeginRing(system, why)
			require.ErrorContains(t, err, `"k2" was promoted`)
		}
		_, err = slow.Keys.Work(system, time.Minute, nil)
		require.ErrorContains(t, err, "another current ring key")

		again := open(t, d, false, "MINQING_KEYS="+path)
		again.readable(t, ids)
		again.brokenOff(t, 3)
		again.readable(t, ids)
		more, err := h.Keys.Work(system, time.Minute, nil)
		require.NoError(t, err)
		require.False(t, more)
		h.readable(t, ids)
		run, err := h.Keys.Runs(system)
		require.NoError(t, err)
		require.Len(t, run, 1)
		require.NotNil(t, run[0].FinishedAt)
		require.Zero(t, run[0].Stuck)
		require.Equal(t, run[0].Total, run[0].Done)
		require.Zero(t, count(t, d, "vault_keys WHERE ring_key = 'k1'"))
		_, err = slow.Vault.NewKey(system, vault.OwnerConstituent) // which the slow one may, until k1 is retired
		require.NoError(t, err)
		_, err = h.Keys.Retire(system, path, "k1")
		require.ErrorContains(t, err, "1 data keys")
		_, err = h.Keys.BeginRing(system, keys.Stray)
		require.NoError(t, err)
		_, err = h.Keys.Work(system, time.Minute, nil)
		require.NoError(t, err)

		_, err = h.Keys.Drop(system, path, "k1", false)
		require.Error(t, err)
		u, err := h.Keys.Retire(system, path, "k1")
		require.NoError(t, err)
		require.Positive(t, u.Codes, "links in people's hands")
		_, err = h.Constituents.Confirm(system, token)
		require.NoError(t, err, "and they work on")
		_, err = vault.New(d, old, time.Now).NewKey(system, vault.OwnerConstituent)
		require.Error(t, err, "an old key file must not wrap what nobody else could open")
		last := open(t, d, false, "MINQING_KEYS="+path)
		require.NoError(t, last.CheckKeys(system))
		last.readable(t, ids)

		_, err = h.Keys.Drop(system, path, "k1", false)
		require.ErrorContains(t, err, "--renew-codes")
		_, err = h.Keys.Drop(system, path, "k1", true)
		require.NoError(t, err)
		_, err = h.Constituents.Confirm(system, token)
		require.Error(t, err)
		require.Equal(t, []string{"k2"}, h.Vault.Ring().IDs())
		h.readable(t, ids)
	})
}

func TestAdministratorsSeeHowFarAChangeOfKeysIs(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, true)
		h.serve(t, app.ServeOptions{Web: true})
		admin := h.signIn(t, "admin")
		admin.open("/admin/keys?lang=en")
		require.Contains(t, admin.page, "No keys were ever changed")
		require.Contains(t, admin.page, h.Vault.Ring().Fingerprints()["k1"])
		_, err := vault.AddKey(h.Config.Keys)
		require.NoError(t, err)
		require.NoError(t, vault.PromoteKey(h.Config.Keys, "k2"))
		_, err = h.Vault.Reload()
		require.NoError(t, err)
		_, err = h.Keys.BeginRing(actor.AsSystem(t.Context(), "test"), keys.Promoted)
		require.NoError(t, err)
		h.brokenOff(t, 1)
		admin.open("/admin/keys")
		require.Contains(t, admin.page, "Everything under k2")
		require.Regexp(t, `200 of [1-9]`, admin.page)
	})
}

func TestAMissingRingKeyIsNamedAtTheStart(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, false)
		h.populate(t)
		body, err := os.ReadFile(h.Config.Keys)
		require.NoError(t, err)
		path := filepath.Join(t.TempDir(), "keys.json")
		c, err := config.Load([]string{"MINQING_DATABASE_URL=" + d.URL(), "MINQING_KEYS=" + path, "MINQING_BLOB_URL=file:" + t.TempDir()})
		require.NoError(t, err)
		_, err = app.New(t.Context(), c, app.Options{})
		require.ErrorContains(t, err, "no key file "+path+", though personal data of this database lie under k1")
		require.NoFileExists(t, path, "a new key would not open them")
		_, err = vault.CreateRing(path)
		require.NoError(t, err)
		other := open(t, d, false, "MINQING_KEYS="+path) // with a key file of its own, whose key is k1 too
		require.ErrorContains(t, other.CheckKeys(t.Context()), `"k1" of the key ring is another key`)
		renamed := bytesReplace(body, `"k1"`, `"k7"`)
		inline := open(t, d, false, "MINQING_KEYS="+renamed)
		require.ErrorContains(t, inline.CheckKeys(t.Context()), `lacks "k1"`)
		require.ErrorContains(t, inline.Serve(t.Context(), serveNothing), `lacks "k1"`)
	})
}

// Many write while keys change again and again, by two processes: nothing that was
// taken is lost.
func TestNothingIsLostBetweenTwoKeys(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		one, two := open(t, d, false), open(t, d, false)
		if strings.HasPrefix(d.URL(), "sqlite:") {
			two = one // one process works a SQLite database
		}
		system := actor.AsSystem(t.Context(), "test")
		ids := make([]string, 12)
		for i := range ids {
			var err error
			ids[i], err = one.Constituents.Create(system, constituents.Contact{Name: "王小明", Email: mailOf(i)}, "en")
			require.NoError(t, err)
		}
		const each = 25
		var writers, changers sync.WaitGroup
		done := make(chan struct{})
		for w, h := range []*house{one, two, one} {
			writers.Go(func() {
				for n := range each {
					for i, id := range ids {
						_, err := h.Constituents.Attach(system, id, constituents.Phone, fmt.Sprintf("139%d%03d%04d", w, i, n), false)
						if !assert.NoError(t, err) {
							return
						}
					}
				}
			})
		}
		changes := 0
		changers.Go(func() {
			for {
				for _, h := range []*house{one, two} {
					_, err := h.Keys.BeginData(system, "person")
					assert.NoError(t, err)
					_, err = h.Keys.Work(system, time.Minute, nil)
					assert.NoError(t, err)
					changes++
				}
				select {
				case <-done:
					return
				default:
				}
			}
		})
		writers.Wait()
		close(done)
		changers.Wait()
		require.Greater(t, changes, 1)
		later := vault.New(one.DB, one.Vault.Ring(), func() time.Time { return time.Now().Add(2 * time.Hour) })
		for {
			n, err := later.Settle(system, one.Keys.Owners, 100)
			require.NoError(t, err)
			if n == 0 {
				break
			}
		}
		require.Equal(t, len(ids), count(t, d, "vault_keys WHERE destroyed_at IS NULL AND owner_kind = 'constituent'"))
		last := open(t, d, false)
		for i, id := range ids {
			own, err := last.Constituents.Own(system, id)
			require.NoError(t, err)
			require.Len(t, own.Points, 1+3*each, "person %d", i)
			require.Equal(t, "王小明", own.Name)
		}
	})
}

func TestDataKeysChangeWithWhatIsWrittenMeanwhile(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, false)
		now := time.Now()
		h.Vault = vault.New(h.DB, h.Vault.Ring(), func() time.Time { return now })
		system := actor.AsSystem(t.Context(), "test")
		h.Constituents.Vault, h.Keys.Vault = h.Vault, h.Vault
		id, err := h.Constituents.Create(system, constituents.Contact{Name: "王小明", Email: "wang@example.org"}, "en")
		require.NoError(t, err)
		before, err := h.Constituents.Reach(system, id)
		require.NoError(t, err)
		now = now.Add(time.Second)
		h.Keys.Now = func() time.Time { return now }
		_, err = h.Keys.BeginData(system, "nobody")
		require.ErrorContains(t, err, "person")
		_, err = h.Keys.BeginData(system)
		require.NoError(t, err)
		_, err = h.Keys.Work(system, time.Minute, nil)
		require.NoError(t, err)
		after, err := h.Constituents.Reach(system, id)
		require.NoError(t, err)
		require.NotEqual(t, before.VaultKeyID, after.VaultKeyID)
		require.Equal(t, "wang@example.org", after.Email)

		// Somebody read the old key before the change and writes after it.
		sealed, err := h.Vault.Seal(system, before.VaultKeyID, "constituent.name", []byte("王大明"))
		require.NoError(t, err)
		require.NoError(t, d.From(system).Exec("UPDATE constituents SET name_cipher = ? WHERE id = ?", sealed, id).Error)
		n, err := h.Vault.Settle(system, h.Keys.Owners, 10)
		require.NoError(t, err)
		require.Zero(t, n, "too soon")
		now = now.Add(2 * time.Hour)
		n, err = h.Vault.Settle(system, h.Keys.Owners, 10)
		require.NoError(t, err)
		require.Equal(t, 1, n)
		v, err := h.Constituents.Masked(system, id)
		require.NoError(t, err)
		require.Equal(t, "王*明", v.Name)
		_, err = h.Vault.Open(system, "constituent.name", sealed)
		require.ErrorIs(t, err, vault.ErrErased)

		now = now.Add(time.Second)
		_, err = h.Keys.BeginData(system, "person")
		require.NoError(t, err)
		_, err = h.Keys.Work(system, time.Minute, nil)
		require.NoError(t, err)
		newest, err := h.Constituents.Reach(system, id)
		require.NoError(t, err)
		require.NoError(t, h.Vault.Destroy(system, newest.VaultKeyID))
		require.Zero(t, count(t, d, "vault_keys WHERE destroyed_at IS NULL AND owner_kind = 'constituent'"), "who is erased takes the replaced keys along")
	})
}

var serveNothing = app.ServeOptions{}

func bytesReplace(body []byte, old, next string) string {
	return string(bytes.ReplaceAll(body, []byte(old), []byte(next)))
}

func TestAChangeOfKeysLetsNobodyInByAnotherName(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, false)
		system := actor.AsSystem(t.Context(), "test")
		for _, mail := range []string{"citizen@example.org", "other@example.org"} {
			_, err := h.Identity.CreateCitizen(system, identity.NewAccount{Email: mail, Password: "correct horse 55 battery", Name: "李四", Locale: "en"})
			require.NoError(t, err)
		}
		other, err := h.Identity.ByEmail(system, "other@example.org")
		require.NoError(t, err)
		index := h.Vault.BlindIndex("account.login", "found by something else")
		require.NoError(t, d.From(system).Exec("UPDATE accounts SET login_index = ? WHERE id = ?", index, other.ID).Error)
		_, err = vault.AddKey(h.Config.Keys)
		require.NoError(t, err)
		require.NoError(t, vault.PromoteKey(h.Config.Keys, "k2"))
		_, err = h.Vault.Reload()
		require.NoError(t, err)
		_, err = h.Keys.BeginRing(system, keys.Promoted)
		require.NoError(t, err)
		_, err = h.Keys.Work(system, time.Minute, nil)
		require.NoError(t, err)
		_, _, err = h.Identity.SignIn(t.Context(), "citizen@example.org", "correct horse 55 battery")
		require.NoError(t, err)
		_, _, err = h.Identity.SignIn(t.Context(), "other@example.org", "correct horse 55 battery")
		require.Error(t, err)
	})
}

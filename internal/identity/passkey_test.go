package identity_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/identity"
	"minqing/internal/identity/passkeytest"
)

const site = "https://portal.city.test"

func withKeys(t *testing.T, d *db.DB, secondFor ...string) *house {
	h := open(t, d)
	h.s = h.node(identity.Options{BaseURL: site, SecondFor: secondFor})
	return h
}

// add makes a passkey for whoever is signed in.
func (h *house) add(ctx context.Context, name string) *passkeytest.Key {
	h.t.Helper()
	k := passkeytest.New(h.t, "portal.city.test", site)
	k.Counter = 1
	options, token, err := h.s.NewPasskey(ctx, good)
	require.NoError(h.t, err)
	require.NoError(h.t, h.s.AddPasskey(ctx, token, name, k.Make(options)))
	return k
}

// by signs in by a passkey.
func (h *house) by(k *passkeytest.Key) (string, error) {
	h.t.Helper()
	options, token, err := h.s.AskPasskey(visitor(""), "chen@lj.test")
	require.NoError(h.t, err)
	session, _, err := h.s.SignInPasskey(visitor(""), token, k.Answer(options))
	return session, err
}

func (h *house) why() []string {
	return h.text("SELECT CAST(changes AS text) FROM audit_entries WHERE action = 'identity.passkey_refused' ORDER BY id")
}

func TestAPasskeyOpensAnAccountByItself(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := withKeys(t, d)
		id := h.staff("chen@lj.test")
		_, _, ctx := h.enrol("chen@lj.test") // no code is asked for beside a passkey
		_, _, err := h.s.NewPasskey(ctx, "wrong")
		require.Equal(t, fault.Invalid, fault.KindOf(err), "a session alone makes no other way in")
		one, two := h.add(ctx, "工作手機"), h.add(ctx, "")
		list, err := h.s.Passkeys(ctx)
		require.NoError(t, err)
		require.True(t, list.May && list.HasPassword)
		require.Equal(t, []string{"工作手機", ""}, []string{list.Passkeys[0].Name, list.Passkeys[1].Name})
		require.Nil(t, list.Passkeys[0].Used)
		require.Empty(t, h.text("SELECT id FROM passkeys WHERE CAST(name_cipher AS text) LIKE '%手機%'"))
		for _, k := range []*passkeytest.Key{one, two, one} {
			session, err := h.by(k)
			require.NoError(t, err)
			who, _, err := h.s.Resolve(context.Background(), session)
			require.NoError(t, err)
			require.Equal(t, id, who.AccountID)
		}
		require.Len(t, h.text("SELECT id FROM audit_entries WHERE action = 'identity.sign_in' AND CAST(changes AS text) LIKE '%passkey%'"), 3)
		list, err = h.s.Passkeys(ctx)
		require.NoError(t, err)
		require.Equal(t, h.now(), list.Passkeys[0].Used.UTC())

		removed, err := h.s.RemovePasskey(ctx, list.Passkeys[0].ID)
		require.NoError(t, err)
		require.True(t, removed)
		_, err = h.by(one)
		require.Equal(t, "identity.passkey.refused", key(err))
		_, err = h.by(two)
		require.NoError(t, err)
	})
}

func TestABadAnswerOfAPasskeyIsRefusedAndKeptInMind(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := withKeys(t, d)
		h.staff("chen@lj.test")
		_, ctx := h.enter("chen@lj.test", good, "", "")
		k := h.add(ctx, "")
		refuse := func(why string) {
			t.Helper()
			_, err := h.by(k)
			require.Equal(t, "identity.passkey.refused", key(err))
			require.Contains(t, h.why()[len(h.why())-1], why)
		}
		k.Verified = false
		refuse("assertion") // nobody proved that it was the owner who held it
		k.Verified, k.Origin = true, "https://portal.city.test.evil.test"
		refuse("assertion")
		k.Origin, k.Host = site, "evil.test"
		refuse("assertion")
		k.Host = "portal.city.test"
		_, err := h.by(k)
		require.NoError(t, err)
		k.Counter--
		refuse("counter") // a copy that lags behind
		k.Counter += 5
		_, err = h.by(k)
		require.NoError(t, err)
		k.As(make([]byte, 16))
		refuse("assertion")
		k = passkeytest.New(t, "portal.city.test", site)
		k.As(make([]byte, 16))
		refuse("unknown")

		options, token, err := h.s.AskPasskey(visitor(""), "chen@lj.test")
		require.NoError(t, err)
		_, _, err = h.s.SignInPasskey(visitor(""), token, "{}")
		require.Equal(t, "identity.passkey.refused", key(err))
		_, _, err = h.s.SignInPasskey(visitor(""), token, k.Answer(options))
		require.Equal(t, "identity.step.over", key(err), "a challenge works once")
		options, token, err = h.s.AskPasskey(visitor(""), "chen@lj.test")
		require.NoError(t, err)
		h.pass(6 * time.Minute)
		_, _, err = h.s.SignInPasskey(visitor(""), token, k.Answer(options))
		require.Equal(t, "identity.step.over", key(err), "and not for long")
	})
}

func TestAPasskeyBelongsToWhoMadeIt(t *testing.T) {
	h := withKeys(t, dbtest.New(t))
	h.staff("chen@lj.test")
	h.staff("wang@lj.test")
	_, chen := h.enter("chen@lj.test", good, "", "")
	_, wang := h.enter("wang@lj.test", good, "", "")
	k := passkeytest.New(t, "portal.city.test", site)
	options, token, err := h.s.NewPasskey(chen, good)
	require.NoError(t, err)
	require.Equal(t, "identity.step.over", key(h.s.AddPasskey(wang, token, "", k.Make(options))))
	k = h.add(chen, "")
	options, token, err = h.s.NewPasskey(wang, good)
	require.NoError(t, err)
	require.Error(t, h.s.AddPasskey(wang, token, "", k.Make(options)), "known already")
	list, err := h.s.Passkeys(chen)
	require.NoError(t, err)
	removed, err := h.s.RemovePasskey(wang, list.Passkeys[0].ID)
	require.NoError(t, err)
	require.False(t, removed)
}

func TestAPasskeySatisfiesARoleThatAsksForASecondFactor(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := withKeys(t, d, "auditor")
		id := h.staff("chen@lj.test")
		_, ctx := h.enter("chen@lj.test", good, "", "")
		k := h.add(ctx, "")
		_, err := h.s.Grant(system(), id, "auditor", "", "test")
		require.NoError(t, err)
		half := h.halfway("chen@lj.test")
		by, err := h.s.HalfMeans(visitor(""), half)
		require.NoError(t, err)
		require.Equal(t, identity.HalfMeans{Passkey: true}, by)
		options, token, err := h.s.AskSecondPasskey(visitor(""), half)
		require.NoError(t, err)
		k.Verified = false // the password is the other factor
		session, _, err := h.s.SignInSecondPasskey(visitor(""), half, token, k.Answer(options))
		require.NoError(t, err)
		ctx = h.as(session)
		list, err := h.s.Passkeys(ctx)
		require.NoError(t, err)
		_, err = h.s.RemovePasskey(ctx, list.Passkeys[0].ID)
		require.NoError(t, err)
		h.over(session) // the last one: the next sign-in sets a new one up
		half = h.halfway("chen@lj.test")
		f, err := h.s.HalfFactor(visitor(""), half)
		require.NoError(t, err)
		require.NotEmpty(t, f.Secret)
	})
}

func TestThereAreNoPasskeysOnABareAddress(t *testing.T) {
	h := open(t, dbtest.New(t))
	for base, can := range map[string]bool{"": false, "http://127.0.0.1:8080": false, "http://localhost:8080": true, site: true} {
		require.Equal(t, can, h.node(identity.Options{BaseURL: base}).CanPasskey(), base)
	}
	_, _, err := h.s.AskPasskey(visitor(""), "chen@lj.test")
	require.Equal(t, fault.NotFound, fault.KindOf(err))
}

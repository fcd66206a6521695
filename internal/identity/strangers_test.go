package identity_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/identity"
)

// locked has a stranger try wrong passwords until the name is locked.
func (h *house) locked(email string) {
	h.t.Helper()
	for range 7 {
		_, _, err := h.s.SignIn(visitor("203.0.113.9"), email, "wrong")
		require.Error(h.t, err)
	}
}

func TestAStrangersTriesLeaveWhoIsSignedInAlone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		h.staff("chen@lj.test")
		_, here := h.enter("chen@lj.test", good, "192.0.2.1", "")
		_, elsewhere := h.enter("chen@lj.test", good, "192.0.2.2", "")
		h.locked("chen@lj.test")
		require.NoError(t, h.s.Again(here, good))
		for range 7 {
			require.NoError(t, h.s.Again(here, good), "what was right costs no try")
		}
		_, _, err := h.s.SignIn(visitor("192.0.2.3"), "chen@lj.test", good)
		require.Error(t, err, "nor does it forgive strangers theirs")

		for range 5 {
			require.Equal(t, "identity.password.current_wrong", field(h.s.Again(here, "a guess")))
		}
		require.Equal(t, "identity.password.current_wrong", field(h.s.Again(here, good)), "a stolen session has a limit")
		require.NoError(t, h.s.Again(elsewhere, good), "its own")
		_, _, err = h.s.ChangePassword(elsewhere, good, good+"!")
		require.NoError(t, err)
	})
}

func TestAStrangersTriesHinderNoSecondFactor(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		h.staff("chen@lj.test")
		_, here := h.enter("chen@lj.test", good, "192.0.2.1", "")
		h.locked("chen@lj.test")
		require.NoError(t, h.s.BeginSecond(here))
		f, err := h.s.SecondFactor(here)
		require.NoError(t, err)
		recovery, err := h.s.ConfirmSecond(here, identity.CodeAt(f.Secret, h.now()))
		require.NoError(t, err)
		require.NoError(t, h.s.RemoveSecond(here, good, recovery[0]))
		h.pass(time.Second)
		require.Equal(t, fault.KindOf(h.s.RemoveSecond(here, "guess", "abcdef")), fault.Invalid)
	})
}

func TestAStrangersTriesDoNotHoldALinkBack(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		require.NoError(t, h.s.RegisterCitizen(visitor(""), lin))
		link := h.link()
		h.locked(lin.Email)
		_, _, err := h.s.Confirm(visitor("192.0.2.1"), link, lin.Password)
		require.NoError(t, err)
		for range 5 {
			_, _, err := h.s.Confirm(visitor("192.0.2.1"), link, "a guess")
			require.Error(t, err)
		}
		_, _, err = h.s.Confirm(visitor("192.0.2.1"), link, lin.Password)
		require.Error(t, err, "a link has a limit of its own")
	})
}

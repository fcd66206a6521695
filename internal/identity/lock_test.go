package identity_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/identity"
)

func TestOfTwoWhoLockAnAccountAtOnceOneIsTold(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		id := h.staff("chen@lj.test")
		token, _ := h.enter("chen@lj.test", good, "", "")
		before, err := h.s.Standing(system(), id)
		require.NoError(t, err)
		require.EqualValues(t, 1, before.Sessions)
		var failed [4]error
		var all sync.WaitGroup
		for i := range failed {
			all.Go(func() {
				failed[i] = h.s.Lock(system(), identity.Steer{ID: id, Version: before.Version, Reason: "離職"})
			})
		}
		all.Wait()
		done := 0
		for _, err := range failed {
			if err == nil {
				done++
			} else {
				require.Equal(t, fault.Conflict, fault.KindOf(err), "%v", err)
			}
		}
		require.Equal(t, 1, done)
		require.Len(t, h.text("SELECT action FROM audit_entries WHERE action = 'identity.account_lock'"), 1)
		h.over(token)
		require.Equal(t, "identity.lock.stale", key(h.s.EndSessions(system(), identity.Steer{ID: id, Version: before.Version + 1, Reason: "x"})), "of an account that is locked")

		_, err = h.s.Standing(system(), "' OR 1=1")
		require.Equal(t, "identity.lock.missing", key(err))
	})
}

func TestALockEndsWhatWasBegun(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		id := h.staff("chen@lj.test")
		require.NoError(t, d.From(system()).Exec(`INSERT INTO password_resets (id, login_index, link_key, expires_at)
 SELECT id, login_index, link_key, ? FROM accounts WHERE id = ?`, h.at.AddDate(0, 0, 1).UTC(), id).Error)
		require.NoError(t, h.s.Lock(system(), identity.Steer{ID: id, Version: 1, Reason: "離職"}))
		require.NoError(t, h.s.Unlock(system(), identity.Steer{ID: id, Version: 2, Reason: "回任"}))
		require.Empty(t, h.text("SELECT id FROM password_resets WHERE used_at IS NULL"), "a link from before opens nothing after")
		_, _, err := h.s.SignIn(visitor(""), "chen@lj.test", good)
		require.NoError(t, err)
	})
}

package identity_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/identity"
)

func TestOneAloneLocksNoAdministrator(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		boss := func(email, role string) (string, func(identity.Steer) error) {
			id := h.staff(email)
			_, err := h.s.Grant(system(), id, role, "LJ", "test")
			require.NoError(t, err)
			ctx := actor.With(t.Context(), actor.Actor{Kind: actor.Staff, AccountID: id})
			return id, func(w identity.Steer) error { return h.s.Lock(ctx, w) }
		}
		away, one := boss("one@lj.test", "security_admin")
		_, two := boss("two@lj.test", "security_admin")
		target, _ := boss("third@lj.test", "system_admin")
		plain, _ := boss("plain@lj.test", "handler")
		status := func(id string) string { return h.text("SELECT status FROM accounts WHERE id = ?", id)[0] }
		at := func(id string, version int64) identity.Steer {
			return identity.Steer{ID: id, Version: version, Reason: "可疑"}
		}
		require.NoError(t, one(at(plain, 1)))
		require.Equal(t, "disabled", status(plain), "a colleague without a duty, at once")

		require.NoError(t, one(at(target, 1)))
		require.Equal(t, "active", status(target))
		token, _ := h.enter("third@lj.test", good, "", "")
		require.Equal(t, fault.Conflict, fault.KindOf(one(at(target, 2))), "not by asking twice")
		require.Equal(t, "active", status(target))
		h.pass(25 * time.Hour)
		require.NoError(t, two(at(target, 2)), "after a day it is a new wish")
		require.Equal(t, "active", status(target))
		require.Equal(t, "identity.lock.stale", key(one(at(target, 2))), "of what one has seen")
		require.NoError(t, one(at(target, 3)))
		require.Equal(t, "disabled", status(target))
		h.over(token)

		deputy, until := h.staff("deputy@lj.test"), h.now().Add(48*time.Hour)
		_, err := h.s.Access.Give(system(), access.Giving{AccountID: deputy, Role: "security_admin", UnitCode: "LJ", Until: &until, DeputyFor: away, Reason: "leave"})
		require.NoError(t, err)
		fourth, _ := boss("fourth@lj.test", "system_admin")
		stands := func(w identity.Steer) error {
			return h.s.Lock(actor.With(t.Context(), actor.Actor{Kind: actor.Staff, AccountID: deputy}), w)
		}
		require.NoError(t, stands(at(fourth, 1)))
		require.Equal(t, "identity.lock.twice", key(one(at(fourth, 2))), "in whose place it was asked")
		h.pass(25 * time.Hour)
		require.NoError(t, one(at(fourth, 2)))
		require.Equal(t, "identity.lock.twice", key(stands(at(fourth, 3))), "nor their deputy")
		require.Equal(t, "active", status(fourth))

		lifted, err := h.s.UnlockByEmail(system(), "third@lj.test")
		require.NoError(t, err)
		require.True(t, lifted)
		h.enter("third@lj.test", good, "", "")
		h.locked("third@lj.test")
		_, _, err = h.s.SignIn(visitor("192.0.2.4"), "third@lj.test", good)
		require.Error(t, err)
		lifted, err = h.s.UnlockByEmail(system(), "third@lj.test")
		require.NoError(t, err)
		require.True(t, lifted, "what wrong passwords locked")
		h.enter("third@lj.test", good, "", "")
		lifted, err = h.s.UnlockByEmail(system(), "third@lj.test")
		require.NoError(t, err)
		require.False(t, lifted)
		_, err = h.s.UnlockByEmail(system(), "nobody@lj.test")
		require.Equal(t, fault.NotFound, fault.KindOf(err))
	})
}

func TestEndingSessionsTakesBackNoWishToLock(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		as := func(email, role string) (string, context.Context) {
			id := h.staff(email)
			_, err := h.s.Grant(system(), id, role, "LJ", "test")
			require.NoError(t, err)
			return id, actor.With(t.Context(), actor.Actor{Kind: actor.Staff, AccountID: id})
		}
		_, one := as("one@lj.test", "security_admin")
		_, two := as("two@lj.test", "security_admin")
		target, _ := as("third@lj.test", "system_admin")
		require.NoError(t, h.s.Lock(one, identity.Steer{ID: target, Version: 1, Reason: "可疑"}))
		token, _ := h.enter("third@lj.test", good, "", "")
		require.NoError(t, h.s.EndSessions(two, identity.Steer{ID: target, Version: 2, Reason: "可疑"}))
		h.over(token)
		require.NoError(t, h.s.Lock(two, identity.Steer{ID: target, Version: 3, Reason: "可疑"}))
		require.Equal(t, []string{"disabled"}, h.text("SELECT status FROM accounts WHERE id = ?", target))
	})
}

func TestARoleOfTomorrowIsNeverUsedWithoutItsSecondFactor(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		h.s = h.node(identity.Options{SecondFor: []string{"auditor"}})
		id := h.staff("chen@lj.test")
		_, err := h.s.Access.Give(system(), access.Giving{AccountID: id, Role: "auditor", UnitCode: "LJ", From: h.at.Add(20 * time.Hour), Reason: "test"})
		require.NoError(t, err)
		token, _ := h.enter("chen@lj.test", good, "", "")
		h.pass(13 * time.Hour)
		h.over(token)
		h.halfway("chen@lj.test")
	})
}

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

func TestSomeRolesAreUsedOnlyWithASecondFactor(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		h.s = h.node(identity.Options{SecondFor: []string{"auditor"}, Demo: true})
		id := h.staff("chen@lj.test")
		h.enter("chen@lj.test", good, "", "") // no such role yet
		_, err := h.s.Grant(system(), id, "auditor", "LJ", "test")
		require.NoError(t, err)

		half := h.halfway("chen@lj.test")
		h.over(half)
		f, err := h.s.HalfFactor(visitor(""), half)
		require.NoError(t, err)
		_, _, err = h.s.SignInSecond(visitor(""), half, identity.CodeAt(f.Secret, h.now()))
		require.Equal(t, fault.Invalid, fault.KindOf(err), "what is not confirmed opens nothing")
		_, _, _, err = h.s.EnrolSecond(visitor(""), half, "abcdef")
		require.Equal(t, fault.Invalid, fault.KindOf(err))
		_, _, _, err = h.s.EnrolSecond(visitor(""), "tampered", identity.CodeAt(f.Secret, h.now()))
		require.Equal(t, fault.Unauthenticated, fault.KindOf(err))
		token, _, recovery, err := h.s.EnrolSecond(visitor(""), half, identity.CodeAt(f.Secret, h.now()))
		require.NoError(t, err)
		require.Len(t, recovery, 10)
		here := h.as(token)

		half = h.halfway("chen@lj.test")
		_, err = h.s.HalfFactor(visitor(""), half)
		require.Equal(t, fault.Unauthenticated, fault.KindOf(err), "a confirmed secret is never shown")
		_, _, _, err = h.s.EnrolSecond(visitor(""), half, identity.CodeAt(f.Secret, h.now().Add(30*time.Second)))
		require.Equal(t, fault.Conflict, fault.KindOf(err))

		require.NoError(t, h.s.RemoveSecond(here, good, recovery[0]))
		h.over(token)
		h.halfway("chen@lj.test")

		require.NoError(t, h.s.EnsureDemo(system(), []identity.DemoAccount{{Email: "auditor@demo.test", Kind: "staff", Role: "auditor", UnitCode: "LJ"}}))
		h.enter("auditor@demo.test", identity.DemoPassword, "", "")
	})
}

func TestAnUnknownRoleStopsTheStart(t *testing.T) {
	_, err := identity.New(identity.Deps{}, identity.Options{SecondFor: []string{"admin"}})
	require.ErrorContains(t, err, "system_admin")
}

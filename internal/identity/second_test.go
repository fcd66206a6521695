package identity_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/identity"
)

// enrol turns the second factor of an account on.
func (h *house) enrol(email string) (secret string, recovery []string, ctx context.Context) {
	h.t.Helper()
	_, ctx = h.enter(email, good, "", "")
	require.NoError(h.t, h.s.BeginSecond(ctx))
	f, err := h.s.SecondFactor(ctx)
	require.NoError(h.t, err)
	require.Contains(h.t, f.URI, "otpauth://totp/Minqing:")
	require.Contains(h.t, f.URI, "secret="+f.Secret)
	recovery, err = h.s.ConfirmSecond(ctx, identity.CodeAt(f.Secret, h.now()))
	require.NoError(h.t, err)
	return f.Secret, recovery, ctx
}

// halfway gives the password and takes the half sign-in.
func (h *house) halfway(email string) string {
	h.t.Helper()
	token, _, err := h.s.SignIn(visitor(""), email, good)
	require.Empty(h.t, token)
	var step *identity.SecondStep
	require.ErrorAs(h.t, err, &step)
	return step.Token
}

func TestSignInAsksForACodeThatWorksOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		id := h.staff("chen@lj.test")
		other, _ := h.enter("chen@lj.test", good, "", "")
		secret, recovery, _ := h.enrol("chen@lj.test")
		require.Len(t, recovery, 10)
		h.over(other)
		require.Empty(t, h.text("SELECT account_id FROM second_factors WHERE CAST(secret_cipher AS text) LIKE ?", "%"+secret+"%"))

		half := h.halfway("chen@lj.test")
		h.over(half) // no session
		_, _, err := h.s.SignInSecond(visitor(""), half, identity.CodeAt(secret, h.now()))
		require.Equal(t, fault.Invalid, fault.KindOf(err), "the code that enrolled is used")
		h.pass(30 * time.Second)
		code := identity.CodeAt(secret, h.now())
		token, account, err := h.s.SignInSecond(visitor(""), half, code)
		require.NoError(t, err)
		require.Equal(t, id, account.ID)
		h.as(token)
		_, _, err = h.s.SignInSecond(visitor(""), half, identity.CodeAt(secret, h.now().Add(30*time.Second)))
		require.Equal(t, fault.Unauthenticated, fault.KindOf(err), "a half sign-in works once")
		_, _, err = h.s.SignInSecond(visitor(""), h.halfway("chen@lj.test"), code)
		require.Equal(t, fault.Invalid, fault.KindOf(err), "a replayed code")

		half = h.halfway("chen@lj.test")
		_, _, err = h.s.SignInSecond(visitor(""), half[1:]+"A", "123456")
		require.Equal(t, fault.Unauthenticated, fault.KindOf(err), "tampered")
		h.pass(5 * time.Minute)
		_, _, err = h.s.SignInSecond(visitor(""), half, identity.CodeAt(secret, h.now()))
		require.Equal(t, fault.Unauthenticated, fault.KindOf(err), "too late")
	})
}

func TestARecoveryCodeWorksOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		h.staff("chen@lj.test")
		_, recovery, ctx := h.enrol("chen@lj.test")
		for _, code := range recovery {
			require.Regexp(t, `^([0-9A-Z]{4}-){5}[0-9A-Z]{4}$`, code, "120 bits")
		}
		token, _, err := h.s.SignInSecond(visitor(""), h.halfway("chen@lj.test"), " "+recovery[3]+" ")
		require.NoError(t, err)
		f, err := h.s.SecondFactor(h.as(token))
		require.NoError(t, err)
		require.EqualValues(t, 9, f.CodesLeft)
		_, _, err = h.s.SignInSecond(visitor(""), h.halfway("chen@lj.test"), recovery[3])
		require.Equal(t, fault.Invalid, fault.KindOf(err))
		me := actor.From(ctx).AccountID
		require.NoError(t, d.From(ctx).Exec("INSERT INTO recovery_codes (account_id, code_hash) VALUES (?, ?)", me, h.v.BlindIndex("account.recovery_code", me+"ABCDEFGH2345")).Error)
		_, _, err = h.s.SignInSecond(visitor(""), h.halfway("chen@lj.test"), "abcd-efgh-2345")
		require.NoError(t, err, "a shorter one from before")
		require.Empty(t, h.text("SELECT account_id FROM recovery_codes WHERE CAST(code_hash AS text) LIKE ?", "%"+recovery[4]+"%"))
	})
}

func TestWrongCodesLockAsWrongPasswordsDo(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		h.staff("chen@lj.test")
		secret, _, _ := h.enrol("chen@lj.test")
		h.pass(time.Minute)
		half := h.halfway("chen@lj.test")
		for range 4 {
			_, _, err := h.s.SignInSecond(visitor(""), half, "abcdef")
			require.Equal(t, fault.Invalid, fault.KindOf(err))
		}
		_, _, err := h.s.SignInSecond(visitor(""), half, identity.CodeAt(secret, h.now()))
		require.Equal(t, fault.Invalid, fault.KindOf(err), "locked even for the right code")
		h.pass(15 * time.Minute)
		token, _, err := h.s.SignInSecond(visitor(""), h.halfway("chen@lj.test"), identity.CodeAt(secret, h.now()))
		require.NoError(t, err)
		h.as(token)
	})
}

func TestTurningTheSecondFactorOffTakesPasswordAndCode(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		h.staff("chen@lj.test")
		secret, recovery, here := h.enrol("chen@lj.test")
		require.Equal(t, fault.Conflict, fault.KindOf(h.s.BeginSecond(here)), "no new secret over a confirmed one")
		h.pass(time.Minute)
		for _, bad := range [][2]string{{good, ""}, {"", identity.CodeAt(secret, h.now())}, {"wrong", identity.CodeAt(secret, h.now())}, {good, "abcdef"}} {
			require.Equal(t, fault.Invalid, fault.KindOf(h.s.RemoveSecond(here, bad[0], bad[1])), "%v", bad)
		}
		require.NoError(t, h.s.RemoveSecond(here, good, recovery[0]))
		h.enter("chen@lj.test", good, "", "")
	})
}

func TestAChangedPasswordEndsWhatTheOldOneBegan(t *testing.T) {
	h := open(t, dbtest.New(t))
	h.staff("chen@lj.test")
	secret, _, here := h.enrol("chen@lj.test")
	half := h.halfway("chen@lj.test")
	h.pass(time.Minute)
	_, _, err := h.s.ChangePassword(here, good, good+"!")
	require.NoError(t, err)
	_, _, err = h.s.SignInSecond(visitor(""), half, identity.CodeAt(secret, h.now()))
	require.Equal(t, fault.Unauthenticated, fault.KindOf(err))
}

func TestOnlyStaffHaveASecondFactor(t *testing.T) {
	h := open(t, dbtest.New(t))
	h.s = h.node(identity.Options{Demo: true})
	require.NoError(t, h.s.EnsureDemo(system(), []identity.DemoAccount{{Email: "head@demo.test", Kind: "staff", UnitCode: "CG01"}, {Email: "citizen@demo.test", Kind: "citizen"}}))
	for _, email := range []string{"head@demo.test", "citizen@demo.test"} {
		_, ctx := h.enter(email, identity.DemoPassword, "", "")
		require.Equal(t, fault.Forbidden, fault.KindOf(h.s.BeginSecond(ctx)))
	}
}

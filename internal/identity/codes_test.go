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
)

// letter is what the newest message carries.
func (h *house) letter() (identity.Secret, error) {
	h.t.Helper()
	return h.s.SecretOf(context.Background(), h.asked[len(h.asked)-1])
}

// wrong is a code that is not the right one.
func wrong(code string) string {
	if code == "12345678" {
		return "87654321"
	}
	return "12345678"
}

func TestACitizenSignsInByACodeOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		id, err := h.s.CreateCitizen(system(), lin)
		require.NoError(t, err)
		token, err := h.s.AskCode(visitor(""), " LIN@home.test ")
		require.NoError(t, err)
		secret, err := h.letter()
		require.NoError(t, err)
		require.Equal(t, "lin@home.test", secret.Email)
		require.Regexp(t, `^\d{8}$`, secret.Code)
		require.Empty(t, h.text("SELECT id FROM sign_in_steps WHERE CAST(body AS text) LIKE ?", "%"+secret.Code+"%"), "it is stored nowhere")
		_, _, err = h.s.SignInCode(visitor(""), token, wrong(secret.Code))
		require.Equal(t, "identity.code.refused", field(err))
		_, _, err = h.s.SignInCode(visitor(""), "another browser", secret.Code)
		require.Equal(t, "identity.step.over", key(err))
		session, account, err := h.s.SignInCode(visitor(""), token, secret.Code[:4]+" "+secret.Code[4:])
		require.NoError(t, err)
		require.Equal(t, id, account.ID)
		h.as(session)
		_, _, err = h.s.SignInCode(visitor(""), token, secret.Code)
		require.Equal(t, "identity.step.over", key(err))
		_, err = h.letter()
		require.Equal(t, fault.NotFound, fault.KindOf(err), "a mail that is late carries nothing")

		token, err = h.s.AskCode(visitor(""), lin.Email)
		require.NoError(t, err)
		secret, err = h.letter()
		require.NoError(t, err)
		h.pass(10 * time.Minute)
		_, _, err = h.s.SignInCode(visitor(""), token, secret.Code)
		require.Equal(t, "identity.step.over", key(err), "ten minutes")
	})
}

func field(err error) string {
	if e, ok := fault.As(err); ok && len(e.Fields) > 0 {
		return e.Fields[0].Key
	}
	return ""
}

func TestACodeCannotBeGuessedAndNobodyLearnsWhoHasAnAccount(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		_, err := h.s.CreateCitizen(system(), lin)
		require.NoError(t, err)
		h.staff("chen@lj.test")
		for _, who := range []string{"lin@home.test", "chen@lj.test", "nobody@home.test", "13800138000"} {
			token, err := h.s.AskCode(visitor(""), who)
			require.NoError(t, err)
			secret, none := h.letter()
			require.Equal(t, who == "lin@home.test", none == nil, "staff and strangers get nothing")
			for range 5 {
				_, _, err = h.s.SignInCode(visitor(""), token, wrong(secret.Code))
				require.Equal(t, "identity.code.refused", field(err), who)
			}
			_, _, err = h.s.SignInCode(visitor(""), token, secret.Code+"1")
			require.Equal(t, "identity.step.over", key(err), who)
		}
		token, err := h.s.AskCode(visitor(""), lin.Email)
		require.NoError(t, err)
		secret, err := h.letter()
		require.NoError(t, err)
		_, _, err = h.s.SignInCode(visitor(""), token, secret.Code)
		require.Equal(t, "identity.code.refused", field(err), "too many were wrong from here")
		for range 10 {
			_, err := h.s.AskCode(visitor(""), lin.Email)
			require.NoError(t, err)
		}
		require.Len(t, h.asked, 4+1+3, "five for one address in a while: nobody's mailbox is flooded")
		for _, bad := range []string{"", "lin", "@", "110"} {
			_, err := h.s.AskCode(visitor(""), bad)
			require.Equal(t, fault.Invalid, fault.KindOf(err), bad)
		}
	})
}

func TestAPhoneOpensAnAccountOnceItIsProven(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		id, err := h.s.CreateCitizen(system(), lin)
		require.NoError(t, err)
		_, ctx := h.enter(lin.Email, lin.Password, "", "")
		_, err = h.s.BeginPhone(ctx, "13800138000", "wrong")
		require.Equal(t, fault.Invalid, fault.KindOf(err))
		_, err = h.s.BeginPhone(ctx, "010-12345678", lin.Password)
		require.Equal(t, "identity.phone.form", field(err), "no text reaches it")
		prove := func(ctx context.Context, pass string) {
			t.Helper()
			token, err := h.s.BeginPhone(ctx, "138 0013 8000", pass)
			require.NoError(t, err)
			secret, err := h.letter()
			require.NoError(t, err)
			require.True(t, secret.New)
			require.Equal(t, "+8613800138000", secret.Phone)
			require.Equal(t, "identity.code.refused", field(h.s.ProvePhone(ctx, token, wrong(secret.Code))))
			require.NoError(t, h.s.ProvePhone(ctx, token, secret.Code))
			require.Equal(t, "identity.step.over", key(h.s.ProvePhone(ctx, token, secret.Code)))
		}
		prove(ctx, lin.Password)
		state, err := h.s.Phone(ctx)
		require.NoError(t, err)
		require.Equal(t, "138****8000", state.Phone)
		require.Empty(t, h.text("SELECT account_id FROM account_phones WHERE CAST(phone_cipher AS text) LIKE '%13800138000%' OR CAST(phone_cipher AS text) LIKE '%3133383030313338303030%'"), "in the clear, or as PostgreSQL writes its bytes")
		by := func() *identity.Account {
			t.Helper()
			token, err := h.s.AskCode(visitor(""), "+86 13800138000")
			require.NoError(t, err)
			secret, err := h.letter()
			require.NoError(t, err)
			require.Equal(t, "+8613800138000", secret.Phone)
			_, account, err := h.s.SignInCode(visitor(""), token, secret.Code)
			require.NoError(t, err)
			return account
		}
		first := by()
		require.Equal(t, id, first.ID)
		reach, err := h.people.Reach(system(), first.ConstituentID)
		require.NoError(t, err)
		require.True(t, reach.PhoneProven)

		other := lin
		other.Email = "wu@home.test"
		second, err := h.s.CreateCitizen(system(), other)
		require.NoError(t, err)
		_, wu := h.enter(other.Email, other.Password, "", "")
		prove(wu, other.Password) // the carrier gave the number to somebody else
		require.Equal(t, second, by().ID)
		require.NoError(t, h.s.RemovePhone(wu))
		_, err = h.s.AskCode(visitor(""), "13800138000")
		require.NoError(t, err)
		_, err = h.letter()
		require.Equal(t, fault.NotFound, fault.KindOf(err))
	})
}

func (h *house) reset(ctx context.Context, link, password string) error {
	_, err := h.s.Reset(ctx, link, password)
	return err
}

func TestAForgottenPasswordIsReplacedByALink(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		h.staff("chen@lj.test")
		session, _ := h.enter("chen@lj.test", good, "", "")
		access, err := h.s.CreateToken(system(), "chen@lj.test", time.Hour)
		require.NoError(t, err)
		ask := func(email string) (string, error) {
			t.Helper()
			require.NoError(t, h.s.AskReset(visitor(""), email))
			secret, err := h.s.ResetSecret(context.Background(), h.asked[len(h.asked)-1])
			return secret.Code, err
		}
		_, err = ask("nobody@lj.test")
		require.Equal(t, fault.NotFound, fault.KindOf(err))
		link, err := ask("chen@lj.test")
		require.NoError(t, err)
		older, err := ask("chen@lj.test")
		require.NoError(t, err)
		for _, bad := range []string{"", "x", link[:36], link[:len(link)-1] + "!", older[:36] + link[36:]} {
			require.Equal(t, fault.NotFound, fault.KindOf(h.reset(visitor(""), bad, good+"!")), bad)
		}
		require.Equal(t, "identity.password.short", field(h.reset(visitor(""), link, "short")))
		require.NoError(t, h.s.CanReset(visitor(""), link), "a mistake uses nothing up")
		for range 5 {
			_, _, err := h.s.SignIn(visitor(""), "chen@lj.test", "wrong")
			require.Error(t, err)
		}
		require.NoError(t, h.reset(visitor(""), link, good+"!"))
		h.over(session)
		_, _, err = h.s.ResolveToken(context.Background(), access)
		require.Error(t, err)
		h.enter("chen@lj.test", good+"!", "", "") // and no lock either
		require.Equal(t, []identity.Change{identity.ChangedPassword}, h.told)
		require.Equal(t, fault.NotFound, fault.KindOf(h.reset(visitor(""), link, good+"?")), "once")
		require.Equal(t, fault.NotFound, fault.KindOf(h.reset(visitor(""), older, good+"?")), "the others end with it")
		link, err = ask("chen@lj.test")
		require.NoError(t, err)
		h.pass(30 * time.Minute)
		require.Equal(t, fault.NotFound, fault.KindOf(h.s.CanReset(visitor(""), link)))
		require.NoError(t, h.s.Sweep(system()))
		require.Empty(t, h.text("SELECT id FROM password_resets"))
	})
}

func TestAResetKeepsTheSecondFactor(t *testing.T) {
	h := open(t, dbtest.New(t))
	h.staff("chen@lj.test")
	h.enrol("chen@lj.test")
	require.NoError(t, h.s.AskReset(visitor(""), "chen@lj.test"))
	secret, err := h.s.ResetSecret(context.Background(), h.asked[len(h.asked)-1])
	require.NoError(t, err)
	require.NoError(t, h.reset(visitor(""), secret.Code, good+"!"))
	_, _, err = h.s.SignIn(visitor(""), "chen@lj.test", good+"!")
	var step *identity.SecondStep
	require.ErrorAs(t, err, &step)
}

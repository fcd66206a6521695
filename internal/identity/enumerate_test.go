package identity_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/identity"
)

// cost is what a request came to.
type cost struct {
	Statements, Hashes int64
	Jobs               int
	Kind               fault.Kind
	Key                string
}

// TestAskingTakesTheSameWorkWhoeverHasAnAccount counts what a request about an
// address does before it is answered: with an account in each of its states and
// without one.
func TestAskingTakesTheSameWorkWhoeverHasAnAccount(t *testing.T) {
	for name, open := range map[string]func(testing.TB, ...func(*db.Options)) *db.DB{"sqlite": dbtest.New, "postgres": dbtest.Postgres} {
		t.Run(name, func(t *testing.T) {
			var statements atomic.Int64
			sameWork(t, open(t, func(o *db.Options) { o.OnQuery = func() { statements.Add(1) } }), &statements)
		})
	}
}

func sameWork(t *testing.T, d *db.DB, statements *atomic.Int64) {
	h := open(t, d)
	h.staff("staff@lj.test")
	for _, email := range []string{"active@lj.test", "locked@lj.test", "phone@lj.test"} {
		_, err := h.s.CreateCitizen(system(), identity.NewAccount{Email: email, Name: "林", Password: good})
		require.NoError(t, err)
	}
	require.NoError(t, h.s.RegisterCitizen(visitor(""), identity.NewAccount{Email: "unconfirmed@lj.test", Password: good}))
	require.NoError(t, d.From(system()).Exec("UPDATE accounts SET status = ? WHERE login_index = ?", identity.Disabled, h.v.BlindIndex("account.login", "locked@lj.test")).Error)
	_, here := h.enter("phone@lj.test", good, "192.0.2.77", "")
	token, err := h.s.BeginPhone(here, "13800138000", good)
	require.NoError(t, err)
	secret, err := h.letter()
	require.NoError(t, err)
	require.NoError(t, h.s.ProvePhone(here, token, secret.Code))
	h.later = true
	hashes := h.s.CountHashes()
	who := []string{"nobody@lj.test", "active@lj.test", "staff@lj.test", "locked@lj.test", "unconfirmed@lj.test"}
	asked := map[string]func(ctx context.Context, email string) error{
		"register": func(ctx context.Context, email string) error {
			return h.s.RegisterCitizen(ctx, identity.NewAccount{Email: email, Name: "誰", Password: "another horse 電池"})
		},
		"register with a poor password": func(ctx context.Context, email string) error {
			return h.s.RegisterCitizen(ctx, identity.NewAccount{Email: email, Password: "short"})
		},
		"sign in": func(ctx context.Context, email string) error {
			_, _, err := h.s.SignIn(ctx, email, "a wrong password")
			return err
		},
		"sign in with a password too long": func(ctx context.Context, email string) error {
			_, _, err := h.s.SignIn(ctx, email, fmt.Sprintf("%0*d", identity.PasswordMost+1, 1))
			return err
		},
		"ask for a code": func(ctx context.Context, email string) error {
			_, err := h.s.AskCode(ctx, email)
			return err
		},
		"ask for a code and guess it": func(ctx context.Context, email string) error {
			token, err := h.s.AskCode(ctx, email)
			require.NoError(t, err)
			_, _, err = h.s.SignInCode(ctx, token, "00000000")
			return err
		},
		"ask for a new password": h.s.AskReset,
	}
	measured := func(ip string, do func(context.Context, string) error, of string) cost {
		h.pass(25 * time.Hour) // limits are another matter
		before := cost{Statements: statements.Load(), Hashes: hashes.Load(), Jobs: len(h.asked) + len(h.enrolled) + len(h.sent) + len(h.told)}
		err := do(visitor(ip), of)
		return cost{statements.Load() - before.Statements, hashes.Load() - before.Hashes, len(h.asked) + len(h.enrolled) + len(h.sent) + len(h.told) - before.Jobs, fault.KindOf(err), field(err)}
	}
	for what, do := range asked {
		first := measured("192.0.2.1", do, who[0])
		require.Positive(t, first.Statements, what)
		for i, email := range who[1:] {
			require.Equal(t, first, measured(fmt.Sprintf("192.0.2.%d", i+2), do, email), "%s: %s", what, email)
		}
		t.Logf("%s: %+v", what, first)
	}
	for _, guess := range []bool{false, true} {
		do := asked[map[bool]string{false: "ask for a code", true: "ask for a code and guess it"}[guess]]
		require.Equal(t, measured("192.0.2.8", do, "13900139000"), measured("192.0.2.9", do, "13800138000"), "a phone")
	}
}

func TestARegistrationIsLookedAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		h.later = true
		for range 2 {
			require.NoError(t, h.s.RegisterCitizen(visitor(""), lin))
		}
		require.Empty(t, h.text("SELECT CAST(id AS text) FROM accounts"), "nothing is known before the job")
		var both [2]error
		done := make(chan int)
		for i := range both {
			go func() { both[i] = h.s.Enrol(system(), h.enrolled[i]); done <- i }()
		}
		<-done
		<-done
		require.NoError(t, both[0])
		require.NoError(t, both[1], "two at once are one account")
		require.NoError(t, h.s.Enrol(system(), h.enrolled[0]), "twice is no error")
		require.Len(t, h.text("SELECT CAST(id AS text) FROM accounts"), 1)
		require.Len(t, h.sent, 2)
		require.Empty(t, h.text("SELECT CAST(id AS text) FROM registrations"))
		require.Len(t, h.text("SELECT CAST(id AS text) FROM vault_keys WHERE destroyed_at IS NOT NULL"), 2)
		_, _, err := h.s.Confirm(visitor(""), h.link(), good)
		require.NoError(t, err)

		require.NoError(t, h.s.RegisterCitizen(visitor(""), identity.NewAccount{Email: "wu@home.test", Password: good}))
		h.pass(6 * 24 * time.Hour)
		require.NoError(t, h.s.Sweep(system()))
		require.Len(t, h.text("SELECT CAST(id AS text) FROM registrations"), 1, "a queue may stand still for some days")
		h.pass(25 * time.Hour)
		require.NoError(t, h.s.Sweep(system()))
		require.Empty(t, h.text("SELECT CAST(id AS text) FROM registrations"))
		require.Len(t, h.text("SELECT CAST(id AS text) FROM vault_keys WHERE destroyed_at IS NOT NULL"), 3)
		require.NoError(t, h.s.Enrol(system(), h.enrolled[2]), "there is nothing left to do")
	})
}

package identity_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
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

func TestAStrangersTriesLeaveTheOwnerTheCode(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		_, err := h.s.CreateCitizen(system(), lin)
		require.NoError(t, err)
		h.locked(lin.Email)
		guess := func(ip string) error {
			token, err := h.s.AskCode(visitor(ip), lin.Email)
			require.NoError(t, err)
			_, _, err = h.s.SignInCode(visitor(ip), token, "00000000")
			return err
		}
		for range 5 {
			require.Equal(t, "identity.code.refused", field(guess("203.0.113.9")))
		}
		token, err := h.s.AskCode(visitor("192.0.2.1"), lin.Email)
		require.NoError(t, err)
		secret, err := h.letter()
		require.NoError(t, err)
		_, _, err = h.s.SignInCode(visitor("192.0.2.1"), token, secret.Code)
		require.NoError(t, err, "in a browser that nobody has used yet")
	})
}

func TestACodeThatWasNotSentOpensNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		_, err := h.s.CreateCitizen(system(), lin)
		require.NoError(t, err)
		for range 5 {
			_, err := h.s.AskCode(visitor("203.0.113.9"), lin.Email)
			require.NoError(t, err)
		}
		sent := len(h.asked)
		token, err := h.s.AskCode(visitor("203.0.113.9"), lin.Email)
		require.NoError(t, err)
		require.Len(t, h.asked, sent)
		secret, err := h.s.SecretOf(context.Background(), h.text("SELECT id FROM sign_in_steps ORDER BY id DESC LIMIT 1")[0])
		require.NoError(t, err)
		_, _, err = h.s.SignInCode(visitor("192.0.2.1"), token, secret.Code)
		require.Equal(t, "identity.code.refused", field(err))
	})
}

func TestStrangersWhoAskForMailLeaveTheOwnerTheirs(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		_, err := h.s.CreateCitizen(system(), lin)
		require.NoError(t, err)
		device, err := h.from("192.0.2.7", lin.Email, lin.Password)
		require.NoError(t, err)
		ask := func(ip string, cookies ...*http.Cookie) (sent int) {
			before := len(h.asked)
			h.browsing(ip, cookies, func(ctx context.Context) {
				_, err := h.s.AskCode(ctx, lin.Email)
				require.NoError(t, err)
				require.NoError(t, h.s.AskReset(ctx, lin.Email))
			})
			return len(h.asked) - before
		}
		for range 8 {
			ask("203.0.113.9")
			ask("2001:db8::9")
			ask("2001:db8::a")
		}
		require.LessOrEqual(t, len(h.asked), 10)
		require.Positive(t, ask("192.0.2.1"), "its owner somewhere else")
		for i := range 200 {
			ask(fmt.Sprintf("198.51.100.%d", i))
		}
		require.LessOrEqual(t, len(h.asked), 20, "nobody's mailbox is flooded")
		require.Zero(t, ask("192.0.2.2"))
		require.Positive(t, ask("192.0.2.2", device), "but a known browser is counted by itself")
		for range 8 {
			ask("192.0.2.2", device)
		}
		require.LessOrEqual(t, len(h.asked), 20, "and bounded too")
		for range 8 {
			require.NoError(t, h.s.RegisterCitizen(visitor("198.51.100.201"), identity.NewAccount{Email: "wu@home.test", Name: "吳", Password: good}))
			require.NoError(t, h.s.RegisterCitizen(visitor("198.51.100.202"), identity.NewAccount{Email: "wu@home.test", Name: "吳", Password: good}))
		}
		require.Len(t, h.sent, 10, "links for new accounts are such mails too")
		h.pass(time.Hour)
		require.Positive(t, ask("203.0.113.9"))
	})
}

func TestWhoAddsAPhoneIsNotHeldBackByStrangers(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		_, err := h.s.CreateCitizen(system(), lin)
		require.NoError(t, err)
		_, here := h.enter(lin.Email, lin.Password, "192.0.2.1", "")
		for range 8 {
			_, err := h.s.AskCode(visitor("203.0.113.9"), "13800138000")
			require.NoError(t, err)
		}
		before := len(h.asked)
		for range 8 {
			if _, err = h.s.BeginPhone(here, "13800138000", lin.Password); err != nil {
				require.Equal(t, "identity.phone.many", field(err))
			}
		}
		require.Equal(t, 5, len(h.asked)-before)
	})
}

// browsing runs something as a form of the sign-in pages from an address.
func (h *house) browsing(ip string, cookies []*http.Cookie, do func(context.Context)) {
	r := httptest.NewRequest(http.MethodPost, "/sign-in/forgot", nil)
	for _, c := range cookies {
		r.AddCookie(c)
	}
	h.s.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		do(actor.With(r.Context(), actor.Actor{Kind: actor.Anonymous, IP: ip}))
	})).ServeHTTP(httptest.NewRecorder(), r)
}

func TestATokenProvesNobodyPresent(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		h.staff("chen@lj.test")
		token, err := h.s.CreateToken(system(), "chen@lj.test", time.Hour)
		require.NoError(t, err)
		who, _, err := h.s.ResolveToken(context.Background(), token)
		require.NoError(t, err)
		recent, err := h.s.Recent(actor.With(context.Background(), who))
		require.NoError(t, err)
		require.False(t, recent)
	})
}

package identity_test

import (
	"context"
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

const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"

// enter signs in from an address with a browser, and gives the token and a
// context of that session.
func (h *house) enter(email, pass, ip, browser string) (string, context.Context) {
	h.t.Helper()
	var token string
	r := httptest.NewRequest(http.MethodPost, "/sign-in", nil)
	r.Header.Set("User-Agent", browser)
	h.s.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var err error
		token, _, err = h.s.SignIn(actor.With(r.Context(), actor.Actor{Kind: actor.Anonymous, IP: ip}), email, pass)
		require.NoError(h.t, err)
	})).ServeHTTP(httptest.NewRecorder(), r)
	return token, h.as(token)
}

func (h *house) as(token string) context.Context {
	h.t.Helper()
	who, _, err := h.s.Resolve(context.Background(), token)
	require.NoError(h.t, err)
	return actor.With(context.Background(), who)
}

func (h *house) over(token string) {
	h.t.Helper()
	_, _, err := h.s.Resolve(context.Background(), token)
	require.Equal(h.t, fault.Unauthenticated, fault.KindOf(err))
}

func TestPeopleSeeAndEndTheirSessions(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		id := h.staff("chen@lj.test")
		h.staff("wang@lj.test")
		old, _ := h.enter("chen@lj.test", good, "203.0.113.77", firefox)
		h.pass(time.Minute)
		_, here := h.enter("chen@lj.test", good, "2001:db8:1:2::3", "<script>")
		_, stranger := h.enter("wang@lj.test", good, "", "")

		list, err := h.s.Sessions(here)
		require.NoError(t, err)
		require.Len(t, list, 2, "nobody else's")
		require.True(t, list[0].This)
		require.Equal(t, "2001:db8:1::*", list[0].Address)
		require.Equal(t, identity.Browser{}, list[0].Browser, "what was sent is not kept")
		require.False(t, list[1].This)
		require.Equal(t, "203.0.113.*", list[1].Address)
		require.Equal(t, identity.Browser{Name: "Firefox", System: "Linux"}, list[1].Browser)
		require.Empty(t, h.text("SELECT id FROM sessions WHERE CAST(address_cipher AS text) LIKE '%203.0%'"), "sealed")

		ended, err := h.s.EndSession(stranger, list[1].ID)
		require.NoError(t, err)
		require.False(t, ended, "somebody else's stays")
		h.as(old)
		ended, err = h.s.EndSession(here, list[1].ID)
		require.NoError(t, err)
		require.True(t, ended)
		h.over(old)
		ended, err = h.s.EndSession(here, list[1].ID)
		require.NoError(t, err)
		require.False(t, ended, "twice does no harm")
		ended, err = h.s.EndSession(here, "' OR 1=1")
		require.NoError(t, err)
		require.False(t, ended)

		second, _ := h.enter("chen@lj.test", good, "", "")
		third, _ := h.enter("chen@lj.test", good, "", "")
		n, err := h.s.EndOthers(here)
		require.NoError(t, err)
		require.EqualValues(t, 2, n)
		h.over(second)
		h.over(third)
		list, err = h.s.Sessions(here)
		require.NoError(t, err)
		require.Len(t, list, 1)
		require.Equal(t, []string{"identity.session_end", "identity.sessions_end"},
			h.text("SELECT action FROM audit_entries WHERE object_id = ? AND action LIKE 'identity.session%' ORDER BY id", id))
		_, err = h.s.Sessions(stranger)
		require.NoError(t, err, "the colleague stays in")

		fourth, _ := h.enter("chen@lj.test", good, "", "")
		h.pass(11 * time.Minute)
		list, err = h.s.Sessions(here)
		require.NoError(t, err)
		_, err = h.s.EndSession(here, list[0].ID)
		require.Equal(t, "identity.again.first", field(err), "whoever sits there now")
		_, err = h.s.EndOthers(here)
		require.Equal(t, "identity.again.first", field(err))
		require.Error(t, h.s.Again(here, "wrong"))
		_, err = h.s.EndOthers(here)
		require.Equal(t, "identity.again.first", field(err))
		require.NoError(t, h.s.Again(here, good))
		n, err = h.s.EndOthers(here)
		require.NoError(t, err)
		require.EqualValues(t, 1, n)
		h.over(fourth)
	})
}

func TestTheListLeavesOutWhatIsOver(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		h.staff("chen@lj.test")
		_, err := h.s.CreateCitizen(system(), identity.NewAccount{Email: "li@lj.test", Name: "李四", Password: good})
		require.NoError(t, err)
		for email, idle := range map[string]time.Duration{"chen@lj.test": 15 * time.Minute, "li@lj.test": 30 * time.Minute} {
			h.enter(email, good, "", "")
			h.pass(idle - time.Second)
			_, ctx := h.enter(email, good, "", "")
			list, err := h.s.Sessions(ctx)
			require.NoError(t, err)
			require.Len(t, list, 2, email)
			h.pass(time.Second)
			list, err = h.s.Sessions(ctx)
			require.NoError(t, err)
			require.Len(t, list, 1, email)
		}
	})
}

func TestChangingThePasswordEndsAllOtherSessions(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		id := h.staff("chen@lj.test")
		h.staff("wang@lj.test")
		other, _ := h.enter("chen@lj.test", good, "", "")
		wang, _ := h.enter("wang@lj.test", good, "", "")
		program, err := h.s.CreateToken(system(), "chen@lj.test", time.Hour)
		require.NoError(t, err)
		mine, here := h.enter("chen@lj.test", good, "", "")

		for _, bad := range [][2]string{{"", good + "!"}, {"wrong", good + "!"}, {good, "short"}, {good, good}, {good, ""}} {
			_, _, err := h.s.ChangePassword(here, bad[0], bad[1])
			require.Equal(t, fault.Invalid, fault.KindOf(err), "%v", bad)
		}
		h.as(other)
		token, n, err := h.s.ChangePassword(here, good, good+"!")
		require.NoError(t, err)
		require.EqualValues(t, 1, n)
		h.over(other)
		h.over(mine)
		h.as(token)
		h.as(wang)
		_, _, err = h.s.ResolveToken(context.Background(), program)
		require.Equal(t, fault.Unauthenticated, fault.KindOf(err))
		_, _, err = h.s.SignIn(visitor(""), "chen@lj.test", good)
		require.Error(t, err)
		h.enter("chen@lj.test", good+"!", "", "")
		require.Contains(t, h.text("SELECT action FROM audit_entries WHERE object_id = ?", id), "identity.password")
	})
}

func TestAStolenSessionCannotGuessThePassword(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		h.staff("chen@lj.test")
		_, here := h.enter("chen@lj.test", good, "", "")
		for range 5 {
			_, _, err := h.s.ChangePassword(here, "a wrong guess", good+"!")
			require.Equal(t, fault.Invalid, fault.KindOf(err))
		}
		_, _, err := h.s.ChangePassword(here, good, good+"!")
		require.Equal(t, fault.Invalid, fault.KindOf(err), "locked as at sign-in")
		h.pass(15 * time.Minute)
		_, _, err = h.s.ChangePassword(here, good, good+"!")
		require.NoError(t, err)
	})
}

func TestADemoAccountKeepsItsPassword(t *testing.T) {
	h := open(t, dbtest.New(t))
	h.s = h.node(identity.Options{Demo: true})
	require.NoError(t, h.s.EnsureDemo(system(), []identity.DemoAccount{{Email: "citizen@demo.test", Kind: "citizen"}}))
	_, here := h.enter("citizen@demo.test", identity.DemoPassword, "", "")
	_, _, err := h.s.ChangePassword(here, identity.DemoPassword, good)
	require.Equal(t, fault.Conflict, fault.KindOf(err))
}

package portal_test

import (
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/identity"
)

// citizen makes the account of a citizen and signs in to it.
func (d *door) citizen() {
	d.t.Helper()
	_, err := d.s.CreateCitizen(actor.AsSystem(d.t.Context(), "test"), identity.NewAccount{Email: "lin@home.test", Password: password})
	require.NoError(d.t, err)
	d.visit("GET", "/?lang=en", nil)
	require.Equal(d.t, 303, d.visit("POST", "/sign-in", credentials("lin@home.test", password, "")).Code)
}

// secret is what the newest message carries.
func (d *door) secret() string {
	d.t.Helper()
	s, err := d.s.SecretOf(d.t.Context(), d.asked[len(d.asked)-1])
	require.NoError(d.t, err)
	return s.Code
}

func TestPeopleAddAPhoneAndSignInByIt(t *testing.T) {
	d := newDoor(t, true)
	d.citizen()
	require.Contains(t, d.visit("GET", "/me/security", nil).Body.String(), "Add a mobile number")
	require.Contains(t, d.visit("GET", "/me/security/phone", nil).Body.String(), "Texts can be intercepted")
	w := d.visit("POST", "/me/security/phone", url.Values{"phone": {"12"}, "current": {password}})
	require.Equal(t, 422, w.Code)
	require.Contains(t, w.Body.String(), `value="12"`, "nothing typed is lost")
	w = d.visit("POST", "/me/security/phone", url.Values{"phone": {"13800138000"}, "current": {"wrong"}})
	require.Equal(t, 422, w.Code)
	require.Contains(t, w.Body.String(), `id="current-error"`)
	w = d.visit("POST", "/me/security/phone", url.Values{"phone": {"13800138000"}, "current": {password}})
	require.Equal(t, "/me/security/phone/code", w.Header().Get("Location"))
	require.Equal(t, 200, d.visit("GET", "/me/security/phone/code", nil).Code)
	require.Equal(t, 422, d.visit("POST", "/me/security/phone/code", url.Values{"code": {""}}).Code)
	w = d.visit("POST", "/me/security/phone/code", url.Values{"code": {d.secret()}})
	require.Equal(t, "/me/security", w.Header().Get("Location"))
	require.Contains(t, d.visit("GET", "/me/security", nil).Body.String(), "138****8000")

	d.visit("POST", "/sign-out", nil)
	require.Contains(t, d.visit("GET", "/sign-in?next=/mine", nil).Body.String(), `href="/sign-in/code?next=%2fmine"`)
	w = d.visit("POST", "/sign-in/code", url.Values{"who": {"13800138000"}, "next": {"/mine"}})
	require.Equal(t, "/sign-in/code/enter?next=%2Fmine", w.Header().Get("Location"))
	require.Contains(t, d.visit("GET", "/sign-in/code/enter?next=/mine", nil).Body.String(), `name="next" value="/mine"`)
	w = d.visit("POST", "/sign-in/code/enter", url.Values{"code": {d.secret()}, "next": {"//evil.test"}})
	require.Equal(t, "/", w.Header().Get("Location"))
	require.Equal(t, 200, d.visit("GET", "/mine", nil).Code)
	require.Equal(t, "/sign-in/code", d.visit("POST", "/sign-in/code/enter", url.Values{"code": {"1"}}).Header().Get("Location"))
	require.NoError(t, d.base.From(t.Context()).Exec("UPDATE sessions SET created_at = ?", now.Add(-11*time.Minute)).Error)
	for _, typed := range []string{"", "wrong"} {
		w = d.visit("POST", "/me/security/phone", url.Values{"do": {"remove"}, "again_password": {typed}})
		require.Equal(t, 422, w.Code, "whoever sits there now")
		require.Contains(t, w.Body.String(), `id="again_password-error"`)
	}
	require.Equal(t, 303, d.visit("POST", "/me/security/phone", url.Values{"do": {"remove"}, "again_password": {password}}).Code)
	require.Contains(t, d.visit("GET", "/me/security", nil).Body.String(), "Add a mobile number")
}

func TestPeopleReplaceAForgottenPassword(t *testing.T) {
	d := newDoor(t, true)
	d.citizen()
	require.Equal(t, 422, d.visit("POST", "/sign-in/forgot", url.Values{"email": {"lin"}}).Code)
	w := d.visit("POST", "/sign-in/forgot", url.Values{"email": {"lin@home.test"}})
	require.Equal(t, "/sign-in/forgot/sent", w.Header().Get("Location"))
	require.Equal(t, 200, d.visit("GET", "/sign-in/forgot/sent", nil).Code)
	s, err := d.s.ResetSecret(t.Context(), d.asked[0])
	require.NoError(t, err)
	require.Equal(t, 404, d.visit("GET", "/reset/nonsense", nil).Code)
	require.Equal(t, 200, d.visit("GET", "/reset/"+s.Code, nil).Code)
	require.Equal(t, 422, d.visit("POST", "/reset/"+s.Code, url.Values{"password": {"short"}}).Code)
	w = d.visit("POST", "/reset/"+s.Code, url.Values{"password": {password + "!"}})
	require.Equal(t, "/sign-in", w.Header().Get("Location"))
	require.Equal(t, 303, d.visit("GET", "/mine", nil).Code, "signed out everywhere")
	require.Contains(t, d.jar, "mq_device", "its owner's browser is known from now on")
	require.Equal(t, 404, d.visit("GET", "/reset/"+s.Code, nil).Code)
	require.Equal(t, 422, d.visit("POST", "/sign-in", credentials("lin@home.test", password, "")).Code)
	require.Equal(t, 303, d.visit("POST", "/sign-in", credentials("lin@home.test", password+"!", "")).Code)
}

func TestWhereNothingIsSentNothingIsOffered(t *testing.T) {
	d := newDoor(t, false)
	page := d.visit("GET", "/sign-in", nil).Body.String()
	require.NotContains(t, page, "/sign-in/code")
	require.NotContains(t, page, "/sign-in/forgot")
	require.Equal(t, 404, d.visit("GET", "/sign-in/code", nil).Code)
	require.Equal(t, 404, d.visit("GET", "/sign-in/forgot", nil).Code)
}

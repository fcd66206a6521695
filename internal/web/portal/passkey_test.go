package portal_test

import (
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/identity"
	"minqing/internal/identity/passkeytest"
)

// ask is what the script does before the authenticator is asked.
func (d *door) ask(path string, form url.Values) *httptest.ResponseRecorder {
	d.json = true
	defer func() { d.json = false }()
	return d.visit("POST", path, form)
}

func TestPeopleMakeUseAndRemoveAPasskey(t *testing.T) {
	d := newDoorWith(t, true, identity.Options{BaseURL: "https://portal.test"})
	id := d.staff()
	d.visit("GET", "/?lang=en", nil)
	require.Contains(t, d.visit("GET", "/sign-in", nil).Body.String(), `data-options="/sign-in/passkey/options" data-for="email" data-failed="That did not finish. Try again, or use another way." hidden>`)
	require.Equal(t, 401, d.ask("/me/security/passkey/options", nil).Code)
	require.Equal(t, 303, d.visit("POST", "/sign-in", credentials("chen@lj.test", password, "")).Code)
	require.Equal(t, 200, d.visit("GET", "/me/security/passkey", nil).Code)
	w := d.ask("/me/security/passkey/options", url.Values{"current": {"wrong"}})
	require.Equal(t, 422, w.Code)
	require.Contains(t, w.Body.String(), "The current password is not right.")
	w = d.ask("/me/security/passkey/options", url.Values{"current": {password}})
	require.Equal(t, 200, w.Code)
	k := passkeytest.New(t, "portal.test", "https://portal.test")
	made := k.Make(w.Body.Bytes())
	w = d.visit("POST", "/me/security/passkey", url.Values{"credential": {made}, "name": {strings.Repeat("長", 51)}})
	require.Equal(t, 422, w.Code)
	require.Contains(t, w.Body.String(), `id="name-error"`)
	w = d.ask("/me/security/passkey/options", url.Values{"current": {password}})
	w = d.visit("POST", "/me/security/passkey", url.Values{"credential": {k.Make(w.Body.Bytes())}, "name": {"work phone"}})
	require.Equal(t, "/me/security", w.Header().Get("Location"))
	page := d.visit("GET", "/me/security", nil).Body.String()
	require.Contains(t, page, "The passkey is made.")
	require.Contains(t, page, "work phone")

	d.visit("POST", "/sign-out", nil)
	w = d.ask("/sign-in/passkey/options", url.Values{"address": {"chen@lj.test"}})
	require.Contains(t, w.Body.String(), "allowCredentials", "the owner has signed in with this browser")
	d.jar["mq_device"].Name = "other"
	w = d.ask("/sign-in/passkey/options", url.Values{"address": {"chen@lj.test"}})
	require.NotContains(t, w.Body.String(), "allowCredentials", "no list of keys tells who has an account")
	w = d.visit("POST", "/sign-in/passkey", url.Values{"credential": {k.Answer(w.Body.Bytes())}, "next": {"/mine"}})
	require.Equal(t, "/mine", w.Header().Get("Location"))
	require.Equal(t, id, d.visit("GET", "/mine", nil).Body.String())
	w = d.visit("POST", "/sign-in/passkey", url.Values{"credential": {"{}"}})
	require.Equal(t, "/sign-in", w.Header().Get("Location"))

	page = d.visit("GET", "/me/security", nil).Body.String()
	key := strings.Split(strings.Split(page, `name="passkey" value="`)[1], `"`)[0]
	require.Equal(t, 303, d.visit("POST", "/me/security", url.Values{"do": {"passkey"}, "passkey": {key}}).Code)
	require.NotContains(t, d.visit("GET", "/me/security", nil).Body.String(), "work phone")
}

func TestAPasskeyFinishesAHalfSignIn(t *testing.T) {
	d := newDoorWith(t, true, identity.Options{BaseURL: "https://portal.test", SecondFor: []string{"auditor"}})
	id := d.staff()
	require.Equal(t, 303, d.visit("POST", "/sign-in", credentials("chen@lj.test", password, "")).Code)
	k := passkeytest.New(t, "portal.test", "https://portal.test")
	w := d.ask("/me/security/passkey/options", url.Values{"current": {password}})
	require.Equal(t, 303, d.visit("POST", "/me/security/passkey", url.Values{"credential": {k.Make(w.Body.Bytes())}}).Code)
	require.NoError(t, d.units(t.Context()))
	_, err := d.s.Grant(actor.AsSystem(t.Context(), "test"), id, "auditor", "", "test")
	require.NoError(t, err)
	d.visit("POST", "/sign-out", nil)
	w = d.visit("POST", "/sign-in", credentials("chen@lj.test", password, "/mine"))
	require.Equal(t, "/sign-in/second?next=%2Fmine", w.Header().Get("Location"))
	page := d.visit("GET", "/sign-in/second?lang=en&next=/mine", nil).Body.String()
	require.Contains(t, page, "Use your passkey")
	require.NotContains(t, page, `name="code"`)
	w = d.ask("/sign-in/second/passkey/options", nil)
	require.Contains(t, w.Body.String(), "allowCredentials")
	w = d.visit("POST", "/sign-in/second/passkey", url.Values{"credential": {"{}"}})
	require.Equal(t, "/sign-in/second", w.Header().Get("Location"))
	w = d.ask("/sign-in/second/passkey/options", nil)
	w = d.visit("POST", "/sign-in/second/passkey", url.Values{"credential": {k.Answer(w.Body.Bytes())}, "next": {"/mine"}})
	require.Equal(t, "/mine", w.Header().Get("Location"))
	require.Equal(t, id, d.visit("GET", "/mine", nil).Body.String())
}

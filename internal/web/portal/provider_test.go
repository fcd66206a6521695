package portal_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/identity"
	"minqing/internal/oidc"
	"minqing/internal/oidc/oidctest"
)

// providers are a door with one provider for citizens and one for staff.
func providers(t *testing.T) (*door, *oidctest.Provider) {
	p := oidctest.New(t, func() time.Time { return now })
	client := func(key string) *oidc.Provider {
		return oidc.New(oidc.Settings{Issuer: p.URL, ClientID: "portal", ClientSecret: oidctest.Secret, Now: func() time.Time { return now },
			Redirect: "http://portal.test/sign-in/with/" + key + "/back", Home: "http://portal.test/"})
	}
	return newDoorWith(t, true, identity.Options{Providers: []identity.Provider{
		{Key: "public", Name: "City <ID>", Kind: identity.Citizen, Client: client("public")},
		{Key: "staff", Name: "Intranet", Kind: identity.Staff, Client: client("staff")}}}), p
}

// follow goes where the page sends the browser, and comes back.
func (d *door) follow(p *oidctest.Provider, w *httptest.ResponseRecorder) *httptest.ResponseRecorder {
	d.t.Helper()
	require.Equal(d.t, 200, w.Code)
	to, ok := strings.CutPrefix(w.Header().Get("Refresh"), "0; url=")
	require.True(d.t, ok)
	back := p.Visit(to)
	return d.visit("GET", back.Path+"?"+back.RawQuery, nil)
}

func TestPeopleSignInAndOutWithAProvider(t *testing.T) {
	d, p := providers(t)
	p.Who = map[string]any{"sub": "7", "name": "林美玲"}
	require.Contains(t, d.visit("GET", "/sign-in?lang=en&next=/mine", nil).Body.String(), "Sign in with City &lt;ID&gt;")
	w := d.visit("POST", "/sign-in/with/public", url.Values{"next": {"/mine"}})
	require.Contains(t, w.Body.String(), `href="`+p.URL+"/authorize?")
	step := d.jar["mq_step"]
	require.True(t, step.HttpOnly && step.SameSite == http.SameSiteLaxMode)
	w = d.follow(p, w)
	require.Equal(t, 303, w.Code)
	require.Equal(t, "/mine", w.Header().Get("Location"))
	require.Nil(t, d.jar["mq_step"])
	require.Equal(t, 200, d.visit("GET", "/mine", nil).Code)
	require.Contains(t, d.jar, "mq_device", "its owner's browser is known from now on")

	w = d.visit("POST", "/sign-out", nil)
	require.Equal(t, 200, w.Code)
	require.Contains(t, w.Header().Get("Refresh"), p.URL+"/end?")
	require.Nil(t, d.jar["mq_session"])
	require.Equal(t, 303, d.visit("GET", "/mine", nil).Code)
}

func TestWhatGoesWrongAtAProviderIsSaidOnTheSignInPage(t *testing.T) {
	d, p := providers(t)
	p.Deny = "access_denied"
	d.visit("GET", "/sign-in?lang=en", nil)
	w := d.follow(p, d.visit("POST", "/sign-in/with/staff", url.Values{"next": {"//evil.test"}}))
	require.Equal(t, "/sign-in", w.Header().Get("Location"))
	require.Contains(t, d.visit("GET", "/sign-in", nil).Body.String(), "You did not agree to sign in at Intranet.")
	p.Deny = ""
	w = d.follow(p, d.visit("POST", "/sign-in/with/staff", nil))
	require.Equal(t, "/sign-in", w.Header().Get("Location"))
	require.Contains(t, d.visit("GET", "/sign-in", nil).Body.String(), "Your account at Intranet has no role here.")
	require.Equal(t, 404, d.visit("POST", "/sign-in/with/nobody", nil).Code)
	require.Equal(t, 404, d.visit("GET", "/sign-in/with/nobody/back", nil).Code)
	p.Close()
	d, p = providers(t)
	p.Close()
	d.visit("GET", "/sign-in?lang=en", nil)
	require.Equal(t, 303, d.visit("POST", "/sign-in/with/public", nil).Code)
	require.Contains(t, d.visit("GET", "/sign-in", nil).Body.String(), "does not answer at the moment")
	require.Equal(t, 303, d.visit("GET", "/sign-in/with/public/back?state=x&code=y", nil).Code)
}

func TestPeopleConnectAProviderToTheirAccount(t *testing.T) {
	d, p := providers(t)
	d.staff()
	require.Equal(t, 303, d.visit("POST", "/sign-in", credentials("chen@lj.test", password, "")).Code)
	require.Contains(t, d.visit("GET", "/me/security?lang=en", nil).Body.String(), `href="/me/security/with/staff"`)
	require.Equal(t, 404, d.visit("GET", "/me/security/with/public", nil).Code)
	w := d.visit("POST", "/me/security/with/staff", url.Values{"current": {"wrong"}})
	require.Equal(t, 422, w.Code)
	require.Contains(t, w.Body.String(), `id="current-error"`)
	w = d.follow(p, d.visit("POST", "/me/security/with/staff", url.Values{"current": {password}}))
	require.Equal(t, "/me/security", w.Header().Get("Location"))
	page := d.visit("GET", "/me/security", nil).Body.String()
	require.Contains(t, page, "It is connected.")
	require.Contains(t, page, "Disconnect")
	delete(d.jar, "mq_session")
	w = d.follow(p, d.visit("POST", "/sign-in/with/staff", nil))
	require.Equal(t, "/desk", w.Header().Get("Location"))
	require.Equal(t, 303, d.visit("POST", "/me/security/with/staff", url.Values{"current": {password}}).Code)
	require.NotContains(t, d.visit("GET", "/me/security", nil).Body.String(), "Last used")
}

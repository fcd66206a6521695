package portal_test

import (
	"net/url"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestPeopleSeeEndAndChangeWhatOpensTheirAccount(t *testing.T) {
	d := newDoor(t, true)
	d.staff()
	require.Equal(t, 303, d.visit("GET", "/me/security", nil).Code, "to sign-in first")
	require.Equal(t, 303, d.visit("POST", "/sign-in", credentials("chen@lj.test", password, "")).Code)
	elsewhere := d.jar["mq_session"]
	delete(d.jar, "mq_session")
	require.Equal(t, 303, d.visit("POST", "/sign-in", credentials("chen@lj.test", password, "")).Code)

	page := d.visit("GET", "/me/security?lang=en", nil).Body.String()
	require.Contains(t, page, "This device")
	one := regexp.MustCompile(`name="session" value="([^"]+)"`).FindAllStringSubmatch(page, -1)
	require.Len(t, one, 1, "this one has no button")
	w := d.visit("POST", "/me/security", url.Values{"do": {"end"}, "session": {one[0][1]}})
	require.Equal(t, 303, w.Code)
	require.Contains(t, d.visit("GET", "/me/security", nil).Body.String(), "One session has ended.")
	here := d.jar["mq_session"]
	d.jar["mq_session"] = elsewhere
	require.Equal(t, 303, d.visit("GET", "/me/security", nil).Code)
	d.jar["mq_session"] = here

	w = d.visit("POST", "/me/security", url.Values{"do": {"password"}, "current": {"wrong"}, "password": {password + "!"}})
	require.Equal(t, 422, w.Code)
	require.Contains(t, w.Body.String(), `id="current-error"`)
	require.NotContains(t, w.Body.String(), password, "no password comes back")
	w = d.visit("POST", "/me/security", url.Values{"do": {"password"}, "current": {password}, "password": {"short"}})
	require.Equal(t, 422, w.Code)
	require.Contains(t, w.Body.String(), `id="password-error"`)
	w = d.visit("POST", "/me/security", url.Values{"do": {"password"}, "current": {password}, "password": {password + "!"}})
	require.Equal(t, 303, w.Code)
	require.NotEqual(t, here.Value, d.jar["mq_session"].Value)
	require.Contains(t, d.visit("GET", "/me/security", nil).Body.String(), "Your password is changed.")
	w = d.visit("POST", "/me/security", url.Values{"do": {"others"}})
	require.Equal(t, 303, w.Code)
}

func TestEndingSessionsTakesThePasswordAfterAWhile(t *testing.T) {
	d := newDoor(t, true)
	d.staff()
	require.Equal(t, 303, d.visit("POST", "/sign-in", credentials("chen@lj.test", password, "")).Code)
	elsewhere := d.jar["mq_session"]
	delete(d.jar, "mq_session")
	require.Equal(t, 303, d.visit("POST", "/sign-in", credentials("chen@lj.test", password, "")).Code)
	require.NotContains(t, d.visit("GET", "/me/security", nil).Body.String(), "again_password", "not right after signing in")
	require.NoError(t, d.base.From(t.Context()).Exec("UPDATE sessions SET created_at = ?", now.Add(-11*time.Minute)).Error)

	for _, form := range []url.Values{{"do": {"others"}}, {"do": {"end"}, "session": {"x"}}, {"do": {"passkey"}, "passkey": {"x"}},
		{"do": {"again"}, "again_password": {"wrong-" + password}}, {"do": {"again"}}} {
		w := d.visit("POST", "/me/security?lang=en", form)
		require.Equal(t, 422, w.Code, form)
		require.Contains(t, w.Body.String(), `id="again_password-error"`)
		require.NotContains(t, w.Body.String(), password)
	}
	require.Equal(t, 303, d.visit("POST", "/me/security", url.Values{"do": {"again"}, "again_password": {password}}).Code)
	page := d.visit("GET", "/me/security?lang=en", nil).Body.String()
	require.Contains(t, page, "Confirmed.")
	require.NotContains(t, page, "again_password")
	require.Equal(t, 303, d.visit("POST", "/me/security", url.Values{"do": {"others"}}).Code)
	d.jar["mq_session"] = elsewhere
	require.Equal(t, 303, d.visit("GET", "/me/security", nil).Code)
}

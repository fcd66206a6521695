package oidc_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/oidc"
	"minqing/internal/oidc/oidctest"
)

var at = time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)

func clock() time.Time { return at }

const back = "https://portal.city.test/sign-in/with/staff/back"

func client(p *oidctest.Provider) *oidc.Provider {
	return oidc.New(oidc.Settings{Issuer: p.URL, ClientID: "portal", ClientSecret: oidctest.Secret, Redirect: back,
		Home: "https://portal.city.test/", Groups: "groups", Now: clock})
}

// walk goes to the provider and gives what comes back.
func walk(t *testing.T, p *oidctest.Provider, c *oidc.Provider, f oidc.Flow) oidc.Answer {
	t.Helper()
	address, err := c.Start(t.Context(), f)
	require.NoError(t, err)
	to := p.Visit(address)
	require.Equal(t, back, to.Scheme+"://"+to.Host+to.Path)
	q := to.Query()
	return oidc.Answer{State: q.Get("state"), Code: q.Get("code"), Issuer: q.Get("iss"), Error: q.Get("error")}
}

func TestAPersonComesBackWithWhatTheProviderSays(t *testing.T) {
	p := oidctest.New(t, clock)
	p.Who = map[string]any{"sub": "42", "name": "陳志強", "email": "chen@lj.test", "email_verified": true, "groups": []string{"lamps", "all"},
		"amr": []string{"pwd", "otp"}, "acr": "high"}
	c := client(p)
	who, err := c.Finish(t.Context(), oidc.Flow{Secret: "s"}, walk(t, p, c, oidc.Flow{Secret: "s"}))
	require.NoError(t, err)
	require.NotEmpty(t, who.Hint)
	who.Hint = ""
	require.Equal(t, oidc.Person{Subject: "42", Name: "陳志強", Email: "chen@lj.test", Verified: true, Groups: []string{"lamps", "all"},
		Means: []string{"pwd", "otp", "high"}}, who)
	require.Equal(t, "S256", p.Asked.Get("code_challenge_method"))
	require.Equal(t, "openid profile email groups", p.Asked.Get("scope"))
	out, err := c.Leave(t.Context(), "hint")
	require.NoError(t, err)
	u, err := url.Parse(out)
	require.NoError(t, err)
	require.Equal(t, url.Values{"client_id": {"portal"}, "id_token_hint": {"hint"}, "post_logout_redirect_uri": {"https://portal.city.test/"}}, u.Query())
}

func TestWhatTheTokenLacksIsAskedFor(t *testing.T) {
	p := oidctest.New(t, clock)
	p.Who = map[string]any{"sub": "42", "email_verified": true}
	p.Info = map[string]any{"email": "chen@lj.test", "groups": "lamps", "amr": []string{"otp"}}
	c := client(p)
	who, err := c.Finish(t.Context(), oidc.Flow{Secret: "s"}, walk(t, p, c, oidc.Flow{Secret: "s"}))
	require.NoError(t, err)
	require.Empty(t, who.Email, "the proof is not of this answer")
	require.Equal(t, []string{"lamps"}, who.Groups)
	require.Empty(t, who.Means, "only what is signed is proof")
	p.Info["sub"] = "43"
	_, err = c.Finish(t.Context(), oidc.Flow{Secret: "s"}, walk(t, p, c, oidc.Flow{Secret: "s"}))
	require.ErrorContains(t, err, "refused: userinfo")
}

func TestEveryBadAnswerIsRefused(t *testing.T) {
	for name, bad := range map[string]struct {
		twist func(*oidctest.Token)
		spoil func(*oidctest.Provider, *oidc.Answer)
		why   string
	}{
		"another issuer":               {twist: func(t *oidctest.Token) { t.Claims["iss"] = "https://evil.test" }, why: "id_token"},
		"another audience":             {twist: func(t *oidctest.Token) { t.Claims["aud"] = "other" }, why: "id_token"},
		"expired":                      {twist: func(t *oidctest.Token) { t.Claims["exp"] = at.Add(-time.Second).Unix() }, why: "id_token"},
		"no algorithm":                 {twist: (*oidctest.Token).Unsigned, why: "id_token"},
		"the public key as a secret":   {twist: (*oidctest.Token).SignedWithPublicKey, why: "id_token"},
		"a key that nobody knows":      {twist: func(t *oidctest.Token) { t.Header["kid"] = "other" }, why: "id_token"},
		"a changed word":               {twist: func(t *oidctest.Token) { t.Raw = t.Signed() + "A" }, why: "id_token"},
		"no token":                     {twist: func(t *oidctest.Token) { t.Raw = "-" }, why: "id_token"},
		"another nonce":                {twist: func(t *oidctest.Token) { t.Claims["nonce"] = "other" }, why: "nonce"},
		"no nonce":                     {twist: func(t *oidctest.Token) { delete(t.Claims, "nonce") }, why: "nonce"},
		"another party":                {twist: func(t *oidctest.Token) { t.Claims["azp"] = "other" }, why: "azp"},
		"two audiences, no party":      {twist: func(t *oidctest.Token) { t.Claims["aud"] = []string{"portal", "other"} }, why: "azp"},
		"issued in the future":         {twist: func(t *oidctest.Token) { t.Claims["iat"] = at.Add(3 * time.Minute).Unix() }, why: "iat"},
		"nobody":                       {twist: func(t *oidctest.Token) { t.Claims["sub"] = "" }, why: "sub"},
		"a hash of another access":     {twist: func(t *oidctest.Token) { t.Claims["at_hash"] = "AAAAAAAAAAAAAAAAAAAAAA" }, why: "at_hash"},
		"another state":                {spoil: func(_ *oidctest.Provider, a *oidc.Answer) { a.State = "x" }, why: "state"},
		"a code of somebody else":      {spoil: func(_ *oidctest.Provider, a *oidc.Answer) { a.Code = "x" }, why: "code"},
		"no code":                      {spoil: func(_ *oidctest.Provider, a *oidc.Answer) { a.Code = "" }, why: "answer"},
		"another provider's answer":    {spoil: func(_ *oidctest.Provider, a *oidc.Answer) { a.Issuer = "https://evil.test" }, why: "issuer"},
		"the person did not agree":     {spoil: func(_ *oidctest.Provider, a *oidc.Answer) { a.Error, a.Code = "access_denied", "" }, why: "denied"},
		"the provider could not do it": {spoil: func(_ *oidctest.Provider, a *oidc.Answer) { a.Error, a.Code = "server_error", "" }, why: "answer"},
	} {
		t.Run(name, func(t *testing.T) {
			p := oidctest.New(t, clock)
			p.Twist = bad.twist
			c, f := client(p), oidc.Flow{Secret: name}
			a := walk(t, p, c, f)
			if bad.spoil != nil {
				bad.spoil(p, &a)
			}
			_, err := c.Finish(t.Context(), f, a)
			var refused *oidc.Refused
			require.ErrorAs(t, err, &refused)
			require.Equal(t, bad.why, refused.Why)
		})
	}
}

func TestAProvidersClockMayBeALittleAhead(t *testing.T) {
	p := oidctest.New(t, clock)
	p.Twist = func(t *oidctest.Token) {
		t.Claims["iat"], t.Claims["nbf"] = at.Add(90*time.Second).Unix(), at.Add(90*time.Second).Unix()
	}
	c, f := client(p), oidc.Flow{Secret: "s"}
	_, err := c.Finish(t.Context(), f, walk(t, p, c, f))
	require.NoError(t, err)
	p.Twist = func(t *oidctest.Token) { t.Claims["nbf"] = at.Add(time.Hour).Unix() }
	_, err = c.Finish(t.Context(), f, walk(t, p, c, f))
	require.ErrorContains(t, err, "refused: id_token", "of tomorrow")
}

func TestACodeWorksOnceAndForItsOwnFlowOnly(t *testing.T) {
	p := oidctest.New(t, clock)
	c, f := client(p), oidc.Flow{Secret: "one"}
	a := walk(t, p, c, f)
	_, err := c.Finish(t.Context(), f, a)
	require.NoError(t, err)
	_, err = c.Finish(t.Context(), f, a)
	require.ErrorContains(t, err, "refused: code")
	other := oidc.Flow{Secret: "two"}
	mine := walk(t, p, c, other)
	theirs := walk(t, p, c, f)
	mine.Code = theirs.Code // injected into our way: PKCE refuses it
	_, err = c.Finish(t.Context(), other, mine)
	require.ErrorContains(t, err, "refused: code")
}

func TestAProviderThatNamesItselfMustDoSo(t *testing.T) {
	p := oidctest.New(t, clock)
	p.Names = true
	c, f := client(p), oidc.Flow{Secret: "s"}
	a := walk(t, p, c, f)
	require.Equal(t, p.URL, a.Issuer)
	a.Issuer = ""
	_, err := c.Finish(t.Context(), f, a)
	require.ErrorContains(t, err, "refused: issuer")
}

func TestADeadProviderIsAskedAgain(t *testing.T) {
	now := at
	dead := true
	var p *oidctest.Provider
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if dead {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		p.Config.Handler.ServeHTTP(w, r)
	}))
	t.Cleanup(front.Close)
	p = oidctest.New(t, clock)
	p.URL = front.URL
	c := oidc.New(oidc.Settings{Issuer: front.URL, ClientID: "portal", ClientSecret: oidctest.Secret, Redirect: back, Now: func() time.Time { return now }})
	require.ErrorIs(t, c.Check(t.Context()), oidc.ErrAway)
	dead = false
	require.ErrorIs(t, c.Check(t.Context()), oidc.ErrAway, "not asked with every click")
	now = now.Add(5 * time.Second)
	f := oidc.Flow{Secret: "s"}
	a := walk(t, p, c, f)
	dead = true
	_, err := c.Finish(t.Context(), f, a)
	require.ErrorIs(t, err, oidc.ErrAway)
	now = now.Add(13 * time.Hour)
	_, err = c.Start(t.Context(), f)
	require.NoError(t, err, "what it said of itself still counts")
}

func TestNoRedirectOfAProviderIsFollowed(t *testing.T) {
	reached := ""
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { reached += r.URL.Path + " " }))
	t.Cleanup(elsewhere.Close)
	p := oidctest.New(t, clock)
	p.Who = map[string]any{"sub": "42"} // no address, so that /userinfo is asked
	own := p.Config.Handler
	leads := ""
	p.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == leads {
			http.Redirect(w, r, elsewhere.URL+leads, http.StatusTemporaryRedirect)
			return
		}
		own.ServeHTTP(w, r)
	})
	f := oidc.Flow{Secret: "s"}
	for _, path := range []string{"/token", "/userinfo"} {
		leads = ""
		c := client(p)
		back := walk(t, p, c, f)
		leads = path
		_, err := c.Finish(t.Context(), f, back)
		require.Error(t, err, path)
	}
	leads = "/.well-known/openid-configuration"
	require.ErrorIs(t, client(p).Check(t.Context()), oidc.ErrAway)
	require.Empty(t, reached)
}

func TestAProviderLeadsNobodyAstray(t *testing.T) {
	good := newSigner(t).all()[discovery]
	check := func(about string) error {
		return oidc.New(oidc.Settings{Issuer: issuer, ClientID: "portal", Redirect: back, Now: clock, Client: &http.Client{Transport: said{discovery: about}}}).Check(t.Context())
	}
	require.NoError(t, check(good))
	require.NoError(t, check(strings.Replace(good, "userinfo_endpoint", "other", 1)))
	for _, bad := range []string{"javascript:alert(1)//", "http://login.example.org/", "/here", "", "file:///etc/passwd?"} {
		for _, what := range []string{"/authorize", "/token", "/keys", "/userinfo", "/end"} {
			if bad == "" && (what == "/userinfo" || what == "/end") {
				continue
			}
			require.ErrorIs(t, check(strings.Replace(good, issuer+what+`"`, bad+`"`, 1)), oidc.ErrAway, "%q for %s", bad, what)
		}
	}
}

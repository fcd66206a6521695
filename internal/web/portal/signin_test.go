package portal_test

import (
	"context"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/stretchr/testify/require"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/i18n/i18ntest"
	"minqing/internal/identity"
	"minqing/internal/vault"
	"minqing/internal/web"
	"minqing/internal/web/portal"
)

const password = "correct horse 電池"

// door is the pages about accounts behind the real router, with a browser.
type door struct {
	t       *testing.T
	handler http.Handler
	s       *identity.Service
	people  *constituents.Service
	base    *db.DB
	jar     map[string]*http.Cookie
	mailed  []string // account ids that were sent a link
	json    bool     // a script asks
	asked   []string // steps and resets to send
}

func (d *door) Enrol(ctx context.Context, id string) error { return d.s.Enrol(ctx, id) }

func (d *door) SendStep(_ context.Context, id string) error {
	d.asked = append(d.asked, id)
	return nil
}

func (d *door) SendReset(_ context.Context, id string) error {
	d.asked = append(d.asked, id)
	return nil
}

func (d *door) Changed(context.Context, string, identity.Change) error { return nil }

func (d *door) ConfirmAccount(_ context.Context, id string) error {
	d.mailed = append(d.mailed, id)
	return nil
}

func newDoor(t *testing.T, register bool, secondFor ...string) *door {
	t.Helper()
	return newDoorWith(t, register, identity.Options{SecondFor: secondFor})
}

func newDoorWith(t *testing.T, register bool, o identity.Options) *door {
	t.Helper()
	base := dbtest.New(t)
	clock := func() time.Time { return now }
	ring, err := vault.CreateRing(filepath.Join(t.TempDir(), "keys"))
	require.NoError(t, err)
	v, trail := vault.New(base, ring, clock), audit.New(base, clock)
	policies, err := fs.Sub(product(), "policies")
	require.NoError(t, err)
	rights, err := access.New(base, trail, policies, clock)
	require.NoError(t, err)
	d := &door{t: t, base: base, jar: map[string]*http.Cookie{}}
	d.people = constituents.New(constituents.Deps{DB: base, Vault: v, Audit: trail, Now: clock})
	d.s, err = identity.New(identity.Deps{DB: base, Vault: v, Audit: trail, Access: rights, Constituents: d.people, Now: clock}, o)
	require.NoError(t, err)
	if register {
		d.s.SendBy(d)
		d.s.TextBy(d)
	}
	bundle, err := i18ntest.Words()
	require.NoError(t, err)
	k, err := web.New(web.Options{Files: product(), Bundle: bundle, Sessions: d.s, Authoriser: rights, Now: clock,
		Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	require.NoError(t, err)
	portal.RegisterAccounts(portal.AccountDeps{Kit: k, Identity: d.s})
	for _, path := range []string{"/mine", "/api/v1/mine"} {
		k.GET(k.Engine(), path, access.SignedIn, func(c *gin.Context) error {
			c.String(http.StatusOK, "%s", actor.From(c.Request.Context()).AccountID)
			return nil
		})
	}
	d.handler = k.Handler()
	return d
}

// units makes the root unit.
func (d *door) units(ctx context.Context) error {
	return d.base.From(ctx).Exec("INSERT INTO units (id, code, name, path, kind, valid_from) VALUES (?, 'LJ', '{}', 'LJ/', 'city', '2026-01-01')", db.NewID(now)).Error
}

// visit sends the browser's cookies and keeps what comes back.
func (d *door) visit(method, path string, form url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	if d.json {
		r.Header.Set("Accept", "application/json")
	}
	for _, c := range d.jar {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	d.handler.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		if c.MaxAge < 0 {
			delete(d.jar, c.Name)
			continue
		}
		d.jar[c.Name] = c
	}
	return w
}

func (d *door) staff() string {
	id, err := d.s.CreateStaff(actor.AsSystem(d.t.Context(), "test"), identity.NewAccount{Email: "chen@lj.test", Name: "陳志強", Password: password})
	require.NoError(d.t, err)
	return id
}

func credentials(email, pass, next string) url.Values {
	return url.Values{"email": {email}, "password": {pass}, "next": {next}}
}

func TestSigningInLeadsWhereOneWantedToGo(t *testing.T) {
	d := newDoor(t, true)
	id := d.staff()
	w := d.visit("GET", "/mine", nil)
	require.Equal(t, 303, w.Code)
	require.Equal(t, "/sign-in?next=%2Fmine", w.Header().Get("Location"))
	w = d.visit("GET", w.Header().Get("Location"), nil)
	require.Contains(t, w.Body.String(), `name="next" value="/mine"`)

	w = d.visit("POST", "/sign-in", credentials("chen@lj.test", password, "/mine"))
	require.Equal(t, 303, w.Code)
	require.Equal(t, "/mine", w.Header().Get("Location"))
	cookie := d.jar["mq_session"]
	require.True(t, cookie.HttpOnly)
	require.Equal(t, http.SameSiteLaxMode, cookie.SameSite)
	require.Equal(t, id, d.visit("GET", "/mine", nil).Body.String())
	require.Equal(t, 303, d.visit("GET", "/sign-in", nil).Code, "who is in need not sign in")

	w = d.visit("POST", "/sign-out", nil)
	require.Equal(t, 303, w.Code)
	require.NotContains(t, d.jar, "mq_session")
	d.jar["mq_session"] = cookie
	require.Equal(t, 303, d.visit("GET", "/mine", nil).Code, "the old cookie opens nothing")
}

func TestEverybodyLandsAtTheirOwnPlaceAndNowhereElse(t *testing.T) {
	for next, want := range map[string]string{"": "/desk", "/": "/desk", "/mine": "/mine", "//evil.test/": "/desk", "https://evil.test/": "/desk", `/\evil.test`: "/desk"} {
		d := newDoor(t, true)
		d.staff()
		w := d.visit("POST", "/sign-in", credentials("chen@lj.test", password, next))
		require.Equal(t, want, w.Header().Get("Location"), next)
	}
	d := newDoor(t, true)
	_, err := d.s.CreateCitizen(actor.AsSystem(t.Context(), "test"), identity.NewAccount{Email: "li@home.test", Password: password})
	require.NoError(t, err)
	require.Equal(t, "/", d.visit("POST", "/sign-in", credentials("li@home.test", password, "")).Header().Get("Location"))
}

func TestARefusedSignInShowsTheSamePageInEachLanguage(t *testing.T) {
	d := newDoor(t, true)
	d.staff()
	for lang, words := range map[string]string{"zh-Hant": "信箱或密碼不正確", "zh-Hans": "邮箱或密码不正确", "en": "The email address or password is not right"} {
		w := d.visit("POST", "/sign-in?lang="+lang, credentials("chen@lj.test", "wrong <b>", "/mine"))
		require.Equal(t, 422, w.Code)
		body := w.Body.String()
		require.Contains(t, body, words)
		require.Contains(t, body, `value="chen@lj.test"`, "what was typed stays")
		require.Contains(t, body, `value="/mine"`)
		require.NotContains(t, body, "wrong &lt;b", "but never a password")
		stranger := d.visit("POST", "/sign-in?lang="+lang, credentials("nobody@lj.test", "wrong <b>", "/mine"))
		require.Equal(t, w.Code, stranger.Code)
		require.Equal(t, strings.ReplaceAll(body, "chen@", "nobody@"), stranger.Body.String())
		empty := d.visit("POST", "/sign-in?lang="+lang, nil)
		require.Equal(t, 422, empty.Code)
		require.Contains(t, empty.Body.String(), `href="#email"`)
	}
}

func TestAFormFromAnotherSiteSignsNobodyInOrOut(t *testing.T) {
	d := newDoor(t, true)
	d.staff()
	for _, path := range []string{"/sign-in", "/sign-out", "/register"} {
		r := httptest.NewRequest("POST", path, strings.NewReader(credentials("chen@lj.test", password, "").Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		w := httptest.NewRecorder()
		d.handler.ServeHTTP(w, r)
		require.Equal(t, 403, w.Code, path)
	}
}

func TestRegisteringAsksTheMailboxAndThePasswordAgain(t *testing.T) {
	d := newDoor(t, true)
	d.staff()
	require.Contains(t, d.visit("GET", "/register?lang=zh-Hant", nil).Body.String(), "註冊並寄出確認信")
	w := d.visit("POST", "/register", url.Values{"email": {"lin"}, "password": {"short"}, "name": {"林美玲"}})
	require.Equal(t, 422, w.Code)
	require.Contains(t, w.Body.String(), `href="#password"`)
	require.Contains(t, w.Body.String(), `value="林美玲"`)

	form := url.Values{"email": {"lin@home.test"}, "password": {password}, "name": {"林美玲"}}
	fresh := d.visit("POST", "/register", form)
	form.Set("email", "chen@lj.test")
	taken := d.visit("POST", "/register", form)
	require.Equal(t, 303, fresh.Code)
	require.Equal(t, fresh.Header().Get("Location"), taken.Header().Get("Location"))
	require.Contains(t, d.visit("GET", fresh.Header().Get("Location")+"?lang=en", nil).Body.String(), "Check your mailbox")

	require.Len(t, d.mailed, 1)
	token, err := d.s.ConfirmToken(t.Context(), d.mailed[0])
	require.NoError(t, err)
	require.Contains(t, d.visit("GET", "/confirm/"+token, nil).Body.String(), `type="password"`)
	require.Equal(t, 422, d.visit("POST", "/confirm/"+token, url.Values{"password": {"wrong"}}).Code)
	require.Equal(t, 404, d.visit("POST", "/confirm/"+token+"x", url.Values{"password": {password}}).Code)
	require.Equal(t, 303, d.visit("POST", "/confirm/"+token, url.Values{"password": {password}}).Code)
	require.Contains(t, d.jar, "mq_device", "its owner's browser is known from now on")
	require.Equal(t, d.mailed[0], d.visit("GET", "/mine", nil).Body.String())
}

func TestAGuestsLinkIsConfirmedByAButtonNotByLooking(t *testing.T) {
	d := newDoor(t, true)
	system := actor.AsSystem(t.Context(), "test")
	guest, err := d.people.Create(system, constituents.Contact{Email: "guest@home.test"}, "zh-Hant")
	require.NoError(t, err)
	reach, err := d.people.Reach(system, guest)
	require.NoError(t, err)
	token := reach.EmailToken
	require.NotContains(t, d.visit("GET", "/confirm/"+token, nil).Body.String(), `type="password"`)
	reach, err = d.people.Reach(system, guest)
	require.NoError(t, err)
	require.False(t, reach.EmailProven)
	require.Equal(t, 303, d.visit("POST", "/confirm/"+token, nil).Code)
	reach, err = d.people.Reach(system, guest)
	require.NoError(t, err)
	require.True(t, reach.EmailProven)
	require.Equal(t, 404, d.visit("POST", "/confirm/nonsense", nil).Code)
}

func TestWithoutMailNobodyIsAskedToRegister(t *testing.T) {
	d := newDoor(t, false)
	require.NotContains(t, d.visit("GET", "/sign-in", nil).Body.String(), `href="/register"`)
	page := d.visit("GET", "/register?lang=en", nil).Body.String()
	require.NotContains(t, page, "<input")
	require.Contains(t, page, "Registration is closed")
	require.Equal(t, 503, d.visit("POST", "/register", url.Values{"email": {"lin@home.test"}, "password": {password}}).Code)
}

func TestATokenSpeaksForItsAccountAndABadOneForNobody(t *testing.T) {
	d := newDoor(t, true)
	id := d.staff()
	token, err := d.s.CreateToken(actor.AsSystem(t.Context(), "test"), "chen@lj.test", time.Hour)
	require.NoError(t, err)
	ask := func(path, bearer string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("GET", path, nil)
		r.Header.Set("Authorization", "Bearer "+bearer)
		r.Header.Set("Accept", "application/json")
		w := httptest.NewRecorder()
		d.handler.ServeHTTP(w, r)
		return w
	}
	require.Equal(t, id, ask("/api/v1/mine", token).Body.String())
	require.Equal(t, 401, ask("/mine", token).Code, "on pages it is ignored")
	w := ask("/api/v1/mine", token[:45]+"!")
	require.Equal(t, 401, w.Code)
	require.Contains(t, w.Body.String(), "identity.token.invalid")
}

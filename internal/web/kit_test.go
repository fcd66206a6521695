package web_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/i18n/i18ntest"
	"minqing/internal/web"
)

// people stands for the sessions of identity: everyone who asks is this person.
type people struct{ who actor.Actor }

func (p people) Wrap(next http.Handler) http.Handler { return next }

func (p people) Visitor(context.Context) (actor.Actor, string, error) { return p.who, "王小明", nil }

type verdicts map[web.Verb]error

func (v verdicts) Can(_ context.Context, verb web.Verb) error { return v[verb] }

// withPages lays pages of a test over the product's own files.
type withPages struct {
	fs.FS
	pages fstest.MapFS
}

func (w withPages) Open(name string) (fs.File, error) {
	if f, err := w.pages.Open(name); err == nil {
		if info, err := f.Stat(); err == nil && !info.IsDir() {
			return f, nil
		}
	}
	return w.FS.Open(name)
}

// ReadDir shows the test's pages as if they were in templates.
func (w withPages) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, err := fs.ReadDir(w.FS, name)
	if name == "templates" {
		more, _ := fs.ReadDir(w.pages, "templates")
		entries = append(entries, more...)
	} else if len(entries) == 0 {
		return fs.ReadDir(w.pages, name)
	}
	return entries, err
}

func product() fs.FS { return os.DirFS("../..") }

func newKit(t testing.TB, change func(*web.Options), pages map[string]string) *web.Kit {
	t.Helper()
	files := product()
	if len(pages) > 0 {
		over := fstest.MapFS{}
		for name, text := range pages {
			over["templates/"+name+".html"] = &fstest.MapFile{Data: []byte(text)}
		}
		files = withPages{files, over}
	}
	bundle, err := i18ntest.Words()
	require.NoError(t, err)
	o := web.Options{
		Files: files, Bundle: bundle, Sessions: people{}, Authoriser: verdicts{},
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)), RateFactor: 1, Proof: true,
	}
	if change != nil {
		change(&o)
	}
	k, err := web.New(o)
	require.NoError(t, err)
	return k
}

func ask(t testing.TB, k *web.Kit, method, target string, body io.Reader, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(method, target, body)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	k.Handler().ServeHTTP(w, r)
	return w
}

const formType = "application/x-www-form-urlencoded"

func TestEachKindOfFaultBecomesAPageAndADocument(t *testing.T) {
	for _, c := range []struct {
		err    error
		status int
		hant   string
		code   string
	}{
		{fault.New(fault.NotFound, "fault.missing"), 404, "找不到這一頁", "fault.missing"},
		{fault.New(fault.Forbidden, "fault.forbidden"), 403, "您不能進入這一頁", "fault.forbidden"},
		{fault.New(fault.Conflict, "fault.conflict"), 409, "內容已經更新", "fault.conflict"},
		{fault.InvalidInput(fault.Field{Name: "title", Key: "fault.field.invalid"}), 422, "這一欄的格式不對", "fault.invalid"},
		{fault.New(fault.Throttled, "fault.throttled").With("RetryAfter", 7), 429, "請稍後再試", "fault.throttled"},
		{fault.New(fault.Unavailable, "fault.unavailable").Because(errors.New("secret host")), 503, "服務暫時中斷", "fault.unavailable"},
		{errors.New("secret host refused"), 500, "系統發生問題", "fault.internal"},
		{fault.New(fault.Internal, "fault.missing").Because(errors.New("secret host")), 500, "系統發生問題", "fault.internal"},
		{fmt.Errorf("query: %w", context.DeadlineExceeded), 503, "處理時間過長", "fault.slow"},
	} {
		k := newKit(t, nil, nil)
		k.GET(k.Engine(), "/x", web.Public, func(*gin.Context) error { return c.err })
		page := ask(t, k, "GET", "/x?lang=zh-Hant", nil)
		require.Equal(t, c.status, page.Code)
		require.Contains(t, page.Body.String(), c.hant)
		require.NotContains(t, page.Body.String(), "secret")
		require.Contains(t, page.Body.String(), page.Header().Get("X-Request-Id"))

		doc := ask(t, k, "GET", "/x?lang=en", nil, "Accept", "application/json")
		require.Equal(t, c.status, doc.Code)
		require.Equal(t, "application/problem+json; charset=utf-8", doc.Header().Get("Content-Type"))
		var p web.Problem
		require.NoError(t, json.Unmarshal(doc.Body.Bytes(), &p))
		require.Equal(t, c.code, p.Code)
		require.Equal(t, c.status, p.Status)
		require.NotContains(t, doc.Body.String(), "secret")
		if c.status == 422 {
			require.Equal(t, "title", p.Errors[0].Field)
			require.Equal(t, "fault.field.invalid", p.Errors[0].Code)
		}
		if c.status == 429 {
			require.Equal(t, "7", doc.Header().Get("Retry-After"))
		}
	}
}

func TestAStrangerIsSentToSignInAndAProgramIsTold(t *testing.T) {
	k := newKit(t, func(o *web.Options) {
		o.Authoriser = verdicts{"me.read": fault.New(fault.Unauthenticated, "fault.unauthenticated")}
	}, nil)
	k.GET(k.Engine(), "/me", "me.read", func(*gin.Context) error { panic("not reached") })
	k.POST(k.Engine(), "/me", "me.read", func(*gin.Context) error { panic("not reached") })
	w := ask(t, k, "GET", "/me?tab=2", nil)
	require.Equal(t, 303, w.Code)
	require.Equal(t, "/sign-in?next=%2Fme%3Ftab%3D2", w.Header().Get("Location"))
	w = ask(t, k, "POST", "/me?x=1", nil)
	require.Equal(t, "/sign-in?next=%2Fme", w.Header().Get("Location"))
	w = ask(t, k, "GET", "/me", nil, "HX-Request", "true")
	require.Equal(t, 401, w.Code)
	require.NotEmpty(t, w.Header().Get("HX-Redirect"))
	w = ask(t, k, "GET", "/me", nil, "Accept", "application/json")
	require.Equal(t, 401, w.Code)
}

func TestAFormFromAnotherSiteIsRefused(t *testing.T) {
	k := newKit(t, nil, nil)
	k.POST(k.Engine(), "/x", web.Public, func(c *gin.Context) error { c.String(200, "done"); return nil })
	w := ask(t, k, "POST", "/x?lang=en", nil, "Sec-Fetch-Site", "cross-site")
	require.Equal(t, 403, w.Code)
	require.Contains(t, w.Body.String(), "not sent from our own pages")
	w = ask(t, k, "POST", "/x", nil, "Origin", "https://evil.example")
	require.Equal(t, 403, w.Code)
	require.Equal(t, 200, ask(t, k, "POST", "/x", nil, "Sec-Fetch-Site", "same-origin").Code)
	require.Equal(t, 200, ask(t, k, "POST", "/x", nil).Code, "a program sends neither header")
}

func TestABodyThatIsTooLargeIsRefusedWithAPage(t *testing.T) {
	k := newKit(t, nil, nil)
	read := func(c *gin.Context) error {
		var in struct{ Text string }
		if err := web.Decode(c, &in); err != nil {
			return err
		}
		c.String(200, "done")
		return nil
	}
	k.POST(k.Engine(), "/small", web.Public, read)
	k.POST(k.Engine(), "/large", web.Public, read, web.Body(4<<20))
	body := "Text=" + strings.Repeat("a", 2<<20)
	w := ask(t, k, "POST", "/small?lang=en", strings.NewReader(body), "Content-Type", formType)
	require.Equal(t, 413, w.Code)
	require.Contains(t, w.Body.String(), "too large")
	require.Equal(t, 200, ask(t, k, "POST", "/large", strings.NewReader(body), "Content-Type", formType).Code)
}

func TestAPanicIsAFiveHundredThatTellsNothing(t *testing.T) {
	var log strings.Builder
	k := newKit(t, func(o *web.Options) { o.Log = slog.New(slog.NewTextHandler(&log, nil)) }, nil)
	k.GET(k.Engine(), "/x", web.Public, func(*gin.Context) error { panic("the phone is 0912345678") })
	w := ask(t, k, "GET", "/x?lang=zh-Hans", nil)
	require.Equal(t, 500, w.Code)
	require.Contains(t, w.Body.String(), "系统出现问题")
	require.NotContains(t, w.Body.String()+log.String(), "0912345678")
	require.Contains(t, log.String(), "panic")
}

func TestARefusalSaysWhoCanHelpItsReader(t *testing.T) {
	for kind, words := range map[actor.Kind]string{actor.Anonymous: "from the home page", actor.Citizen: "sign out and sign in with it", actor.Staff: "security administrator"} {
		k := newKit(t, func(o *web.Options) { o.Sessions = people{actor.Actor{Kind: kind, AccountID: "a"}} }, nil)
		k.GET(k.Engine(), "/x", web.Public, func(*gin.Context) error { return fault.New(fault.Forbidden, "fault.forbidden") })
		k.POST(k.Engine(), "/x", web.Public, func(*gin.Context) error { return nil })
		w := ask(t, k, "GET", "/x?lang=en", nil)
		require.Equal(t, 403, w.Code)
		require.Contains(t, w.Body.String(), words, kind)
		require.Equal(t, kind == actor.Staff, strings.Contains(w.Body.String(), "administrator"))
		w = ask(t, k, "POST", "/x?lang=en", nil, "Sec-Fetch-Site", "cross-site")
		require.Equal(t, 403, w.Code)
		require.Contains(t, w.Body.String(), "send it from there")
	}
}

func TestAnAddressWithoutAPageAndAMethodThatIsNotTaken(t *testing.T) {
	k := newKit(t, nil, nil)
	k.GET(k.Engine(), "/x", web.Public, func(c *gin.Context) error { c.String(200, "hello"); return nil })
	w := ask(t, k, "GET", "/nowhere?lang=en", nil)
	require.Equal(t, 404, w.Code)
	require.Contains(t, w.Body.String(), "Page not found")
	require.Equal(t, 404, ask(t, k, "GET", "/api/v1/nowhere", nil).Code)
	require.Contains(t, ask(t, k, "GET", "/api/v1/nowhere", nil).Header().Get("Content-Type"), "problem+json")
	w = ask(t, k, "POST", "/x?lang=en", nil)
	require.Equal(t, 405, w.Code)
	require.Equal(t, "GET, HEAD", w.Header().Get("Allow"))
	require.Contains(t, w.Body.String(), "<title>This address works another way")
	require.NotContains(t, w.Body.String(), "Page not found")
	head := httptest.NewServer(k.Handler())
	defer head.Close()
	r, err := http.Head(head.URL + "/x")
	require.NoError(t, err)
	require.NoError(t, r.Body.Close())
	require.Equal(t, 200, r.StatusCode)
}

func TestCookiesOfAnEncryptedSiteAreItsOwn(t *testing.T) {
	k := newKit(t, func(o *web.Options) { o.BaseURL = "https://city.example" }, nil)
	set := strings.Join(ask(t, k, "GET", "/none?lang=en&type=large", nil).Header()["Set-Cookie"], "\n")
	for _, name := range []string{"__Host-mq_lang=en", "__Host-mq_type=large"} {
		require.Regexp(t, name+"; Path=/; Max-Age=31536000; HttpOnly; Secure; SameSite=Lax", set)
	}
	planted := ask(t, k, "GET", "/none", nil, "Cookie", "mq_lang=en", "Accept-Language", "zh-TW")
	require.Contains(t, planted.Body.String(), `<html lang="zh-Hant"`, "what a sibling host planted is not read")
	require.Contains(t, ask(t, k, "GET", "/none", nil, "Cookie", "__Host-mq_lang=en").Body.String(), `<html lang="en"`)
}

func TestEveryPageCarriesTheSecurityHeaders(t *testing.T) {
	k := newKit(t, func(o *web.Options) {
		o.BaseURL = "https://city.example"
		o.TileHosts = []string{"https://tiles.example"}
	}, nil)
	k.GET(k.Engine(), "/x", web.Public, func(c *gin.Context) error { c.String(200, "hello"); return nil })
	for _, path := range []string{"/x", "/nowhere"} {
		h := ask(t, k, "GET", path, nil).Header()
		csp := h.Get("Content-Security-Policy")
		require.Contains(t, csp, "default-src 'none'")
		require.Contains(t, csp, "img-src 'self' data: https://tiles.example")
		require.NotContains(t, csp, "unsafe")
		require.Equal(t, "nosniff", h.Get("X-Content-Type-Options"))
		require.NotEmpty(t, h.Get("Strict-Transport-Security"))
		require.Equal(t, "no-store", h.Get("Cache-Control"))
		require.Len(t, h.Get("X-Request-Id"), 20)
	}
}

func TestWhatIsNoPageCarriesTheSecurityHeadersToo(t *testing.T) {
	k := newKit(t, func(o *web.Options) { o.BaseURL = "https://city.example" }, nil)
	for _, path := range []string{"/healthz", "/readyz", "/favicon.ico", "/static/none.css"} {
		h := ask(t, k, "GET", path, nil).Header()
		require.Contains(t, h.Get("Content-Security-Policy"), "object-src 'none'", path)
		require.Equal(t, "nosniff", h.Get("X-Content-Type-Options"), path)
		require.Contains(t, h.Get("Content-Security-Policy"), "frame-ancestors 'none'", path)
		require.Equal(t, "same-origin", h.Get("Referrer-Policy"), path)
		require.Equal(t, "max-age=31536000; includeSubDomains", h.Get("Strict-Transport-Security"), path)
		require.Empty(t, h.Get("Access-Control-Allow-Origin"), path)
	}
}

func TestTheClientsAddressComesFromATrustedProxyOnly(t *testing.T) {
	for trusted, want := range map[string]int{"192.0.2.1": 200, "198.51.100.7": 429} { // requests here come from 192.0.2.1
		k := newKit(t, func(o *web.Options) { o.RateFactor, o.TrustedProxies = 1, []string{trusted} }, nil)
		k.POST(k.Engine(), "/x", web.Public, func(c *gin.Context) error { c.String(200, "ok"); return nil }, web.Throttle(1, time.Minute, web.ByIP))
		require.Equal(t, 200, ask(t, k, "POST", "/x", nil, "X-Forwarded-For", "203.0.113.1").Code)
		require.Equal(t, want, ask(t, k, "POST", "/x", nil, "X-Forwarded-For", "203.0.113.2").Code, trusted)
	}
}

func TestThePageSpeaksTheLanguageThatWasChosen(t *testing.T) {
	k := newKit(t, func(o *web.Options) { o.Default = i18n.ZhHans }, nil)
	title := func(target string, headers ...string) string {
		return ask(t, k, "GET", target, nil, headers...).Body.String()
	}
	require.Contains(t, title("/none"), `<html lang="zh-Hans"`)
	require.Contains(t, title("/none", "Accept-Language", "zh-TW"), `<html lang="zh-Hant"`)
	require.Contains(t, title("/none?lang=en", "Accept-Language", "zh-TW"), `<html lang="en"`)
	require.Contains(t, title("/none", "Cookie", "mq_lang=en", "Accept-Language", "zh-TW"), `<html lang="en"`)
	require.Contains(t, title("/none?lang=klingon", "Accept-Language", "zh-TW"), `<html lang="zh-Hant"`)
	w := ask(t, k, "GET", "/none?lang=en", nil)
	require.Contains(t, strings.Join(w.Header()["Set-Cookie"], "\n"), "mq_lang=en")
	require.Len(t, w.Header()["Set-Cookie"], 1)

	k = newKit(t, func(o *web.Options) {
		o.Sessions = people{actor.Actor{Kind: actor.Citizen, AccountID: "a", Locale: "zh-Hans"}}
	}, nil)
	require.Contains(t, title("/none", "Accept-Language", "zh-TW"), `<html lang="zh-Hans"`)
	require.Contains(t, title("/none", "Cookie", "mq_lang=en"), `<html lang="en"`)
}

func TestTheActorOfTheRequestIsInItsContext(t *testing.T) {
	k := newKit(t, func(o *web.Options) {
		o.Sessions = people{actor.Actor{Kind: actor.Staff, AccountID: "a1", UnitID: "u1"}}
	}, nil)
	var got actor.Actor
	k.GET(k.Engine(), "/x", web.Public, func(c *gin.Context) error {
		got = actor.From(c.Request.Context())
		c.Status(204)
		return nil
	})
	w := ask(t, k, "GET", "/x?lang=en", nil)
	require.Equal(t, 204, w.Code)
	require.Equal(t, actor.Actor{Kind: actor.Staff, AccountID: "a1", UnitID: "u1", RequestID: w.Header().Get("X-Request-Id"), IP: "192.0.2.1", Locale: "en"}, got)
}

func TestARequestLosesItsTimeAndIsAnswered(t *testing.T) {
	k := newKit(t, nil, nil)
	k.GET(k.Engine(), "/x", web.Public, func(c *gin.Context) error {
		<-c.Request.Context().Done()
		return c.Request.Context().Err()
	}, web.Timeout(5*time.Millisecond))
	w := ask(t, k, "GET", "/x?lang=en", nil)
	require.Equal(t, 503, w.Code)
	require.Equal(t, "30", w.Header().Get("Retry-After"))
}

func TestALimitHoldsPerAddressAndCanBeTurnedOff(t *testing.T) {
	for factor, want := range map[float64]int{1: 429, 0: 200, 10: 200} {
		k := newKit(t, func(o *web.Options) { o.RateFactor = factor }, nil)
		k.POST(k.Engine(), "/x", web.Public, func(c *gin.Context) error { c.String(200, "ok"); return nil }, web.Throttle(2, time.Minute, web.ByIP))
		last := 0
		for range 3 {
			w := ask(t, k, "POST", "/x", nil)
			last = w.Code
			if last == 429 {
				require.NotEmpty(t, w.Header().Get("Retry-After"))
			}
		}
		require.Equal(t, want, last, "factor %v", factor)
	}
}

func TestEveryRouteHasAVerb(t *testing.T) {
	k := newKit(t, nil, nil)
	desk := k.Group("/desk")
	k.GET(desk, "/cases/:case_no", "case.read", func(*gin.Context) error { return nil })
	require.Equal(t, []web.Route{{Method: "GET", Path: "/desk/cases/:case_no", Verb: "case.read"}}, k.Routes())
	require.Panics(t, func() { k.GET(desk, "/open", "", func(*gin.Context) error { return nil }) })
}

func TestRequestsAreCountedByRoutePattern(t *testing.T) {
	k := newKit(t, nil, nil)
	k.GET(k.Engine(), "/cases/:no", web.Public, func(c *gin.Context) error { c.Status(204); return nil })
	ask(t, k, "GET", "/cases/LJ1", nil)
	ask(t, k, "GET", "/cases/LJ2", nil)
	ask(t, k, "BREW", "/tea", nil)
	w := httptest.NewRecorder()
	k.Metrics().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	require.Contains(t, w.Body.String(), `minqing_http_requests_total{method="GET",route="/cases/:no",status="204"} 2`)
	require.Contains(t, w.Body.String(), `method="other",route="none",status="404"`)
}

func TestReadinessNamesWhatFails(t *testing.T) {
	k := newKit(t, func(o *web.Options) {
		o.Checks = []web.Check{
			{Name: "database", Do: func(context.Context) error { return errors.New("password=secret") }},
			{Name: "blobs", Do: func(context.Context) error { return nil }},
		}
	}, nil)
	w := ask(t, k, "GET", "/readyz", nil)
	require.Equal(t, 503, w.Code)
	require.Equal(t, "database failed\nblobs ok\n", w.Body.String())
	require.Equal(t, "ok\n", ask(t, k, "GET", "/healthz", nil).Body.String())
}

func TestStaticFilesAreKeptForEverUnderTheirHash(t *testing.T) {
	k := newKit(t, nil, nil)
	page := ask(t, k, "GET", "/none", nil).Body.String()
	_, rest, ok := strings.Cut(page, `rel="stylesheet" href="`)
	require.True(t, ok)
	css, _, _ := strings.Cut(rest, `"`)
	w := ask(t, k, "GET", css, nil, "Accept-Encoding", "gzip")
	require.Equal(t, 200, w.Code)
	require.Equal(t, "gzip", w.Header().Get("Content-Encoding"))
	require.Contains(t, w.Header().Get("Cache-Control"), "immutable")
	require.Equal(t, 200, ask(t, k, "GET", "/static/0000/app.css", nil).Code)
	require.Equal(t, "no-cache", ask(t, k, "GET", "/static/0000/app.css", nil).Header().Get("Cache-Control"))
	require.Equal(t, 404, ask(t, k, "GET", "/static/x/../../go.mod", nil).Code)
}

func TestOnlyLocalAddressesAreFollowedAfterSignIn(t *testing.T) {
	for next, want := range map[string]string{
		"/me?tab=2": "/me?tab=2", "": "/", "https://evil.example": "/", "//evil.example": "/",
		"/\\evil.example": "/", "javascript:alert(1)": "/", "/a\r\nb": "/", "me": "/",
	} {
		require.Equal(t, want, web.SafeNext(next), next)
	}
}

func TestTheKitRefusesBrokenSettings(t *testing.T) {
	bundle, err := i18ntest.Words()
	require.NoError(t, err)
	good := web.Options{Files: product(), Bundle: bundle, Sessions: people{}, Authoriser: verdicts{}}
	for name, o := range map[string]web.Options{
		"nothing": {},
		"proxy":   {Files: good.Files, Bundle: bundle, Sessions: people{}, Authoriser: verdicts{}, TrustedProxies: []string{"the proxy"}},
		"origin":  {Files: good.Files, Bundle: bundle, Sessions: people{}, Authoriser: verdicts{}, TrustedOrigins: []string{"not an origin"}},
		"files":   {Files: fstest.MapFS{}, Bundle: bundle, Sessions: people{}, Authoriser: verdicts{}},
	} {
		_, err := web.New(o)
		require.Error(t, err, name)
	}
}

package app_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/access"
	"minqing/internal/app"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
)

var parameter = regexp.MustCompile(`[:*][a-z_]+`)

// ask asks without cookies and gives the answer with its body.
func ask(t *testing.T, method, address string, header ...string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, nil)
	require.NoError(t, err)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	got, err := noRedirect.Do(r)
	require.NoError(t, err)
	defer got.Body.Close()
	body, err := io.ReadAll(got.Body)
	require.NoError(t, err)
	return got, string(body)
}

func TestStrangersReachPublicPagesOnly(t *testing.T) {
	h := open(t, dbtest.New(t), false)
	kit, err := h.Pages()
	require.NoError(t, err)
	s := httptest.NewServer(kit.Handler())
	t.Cleanup(s.Close)
	closed := 0
	for _, route := range kit.Routes() {
		require.NotEmpty(t, route.Verb, "%s %s", route.Method, route.Path)
		if route.Verb == access.Public {
			continue
		}
		closed++
		path := parameter.ReplaceAllString(route.Path, "1")
		got, body := ask(t, route.Method, s.URL+path)
		if strings.HasPrefix(path, "/api/") {
			require.Equal(t, 401, got.StatusCode, "%s %s", route.Method, route.Path)
			require.Contains(t, got.Header.Get("Content-Type"), "application/problem+json")
			continue
		}
		require.Equal(t, 303, got.StatusCode, "%s %s: %s", route.Method, route.Path, body)
		require.Contains(t, got.Header.Get("Location"), "/sign-in?next=")
	}
	require.Greater(t, closed, 8, "desk, reports and administration are closed")
}

func TestADeadDatabaseIsAnnouncedWithoutInternals(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, false)
		kit, err := h.Pages()
		require.NoError(t, err)
		s := httptest.NewServer(kit.Handler())
		t.Cleanup(s.Close)
		ready, _ := ask(t, "GET", s.URL+"/readyz")
		require.Equal(t, 200, ready.StatusCode)

		require.NoError(t, h.DB.Close())
		internals := regexp.MustCompile(`(?i)sql|goroutine|pgx|gorm|closed|\.go\b|select `)
		page, body := ask(t, "GET", s.URL+"/matters", "Accept", "text/html", "Accept-Language", "zh-TW")
		require.Equal(t, 503, page.StatusCode)
		require.Equal(t, "30", page.Header.Get("Retry-After"))
		require.Contains(t, body, `lang="zh-Hant"`)
		require.NotRegexp(t, internals, regexp.MustCompile(`(?s)<main.*</main>`).FindString(body))
		problem, body := ask(t, "GET", s.URL+"/api/v1/matters")
		require.Equal(t, 503, problem.StatusCode)
		require.Contains(t, problem.Header.Get("Content-Type"), "application/problem+json")
		require.NotRegexp(t, internals, body)
		require.Contains(t, h.log.String(), "database is closed", "the log says why")

		ready, body = ask(t, "GET", s.URL+"/readyz")
		require.Equal(t, 503, ready.StatusCode)
		require.Equal(t, "database failed\n", body)
		alive, _ := ask(t, "GET", s.URL+"/healthz")
		require.Equal(t, 200, alive.StatusCode, "a restart would not mend it")
	})
}

func TestBareAddressesLeadToTheFirstPageThere(t *testing.T) {
	h := open(t, oneCity(t), true)
	h.serve(t, app.ServeOptions{Web: true})
	for who, leads := range map[string]map[string]string{
		"":        {"/me": "/sign-in?next=%2Fme", "/admin": "/sign-in?next=%2Fadmin"},
		"citizen": {"/me": "/me/cases", "/admin": "403"},
		"handler": {"/me": "/desk", "/admin": "403"},
		"admin":   {"/me": "/desk", "/admin": "/admin/jobs"},
	} {
		v := h.visitor(t)
		if who != "" {
			require.Equal(t, 200, v.post("/sign-in", "email", who+"@demo.test", "password", app.DemoPassword).code)
		}
		v.http.CheckRedirect = noRedirect.CheckRedirect
		for from, to := range leads {
			v.get(from)
			if to == "403" {
				require.Equal(t, 403, v.code, "%s as %s", from, who)
				continue
			}
			require.Equal(t, 303, v.code, "%s as %s", from, who)
			require.Equal(t, to, v.location, who)
		}
	}
}

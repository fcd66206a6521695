package cookie_test

import (
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/cookie"
)

var all = []cookie.Kind{cookie.Session, cookie.Half, cookie.Step, cookie.Device, cookie.Lang, cookie.Type, cookie.Notice, cookie.Draft, cookie.Inbox, cookie.Concern, cookie.Forms,
	cookie.Code("LJ20260000123N")}

// What a browser asks of the prefix: Secure, the whole host, no domain.
func TestEveryCookieBelongsToItsHostAlone(t *testing.T) {
	jar := cookie.Jar{Secure: true}
	for _, k := range all {
		c := jar.Make(k, "x")
		require.Regexp(t, `^__Host-mq_\w+$`, c.Name)
		require.NoError(t, c.Valid())
		require.True(t, c.Secure && c.HttpOnly == (k != cookie.Forms) && c.Path == "/" && c.Domain == "", c.Name)
		require.Contains(t, []http.SameSite{http.SameSiteLaxMode, http.SameSiteStrictMode}, c.SameSite)
		require.Negative(t, jar.Make(k, "").MaxAge)
	}
	require.Equal(t, http.SameSiteStrictMode, jar.Make(cookie.Half, "x").SameSite)
	require.Equal(t, http.SameSiteStrictMode, jar.Make(cookie.Forms, "x").SameSite)
	require.Zero(t, jar.Make(cookie.Forms, "x").MaxAge, "it goes with the browser's session")
}

func TestACookieOfAnotherNameIsNotRead(t *testing.T) {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.AddCookie(&http.Cookie{Name: "mq_session", Value: "planted"})
	require.Empty(t, cookie.Jar{Secure: true}.Read(r, cookie.Session), "a sibling host can plant it")
	require.Equal(t, "planted", cookie.Jar{}.Read(r, cookie.Session))
	for _, k := range all {
		c := cookie.Jar{}.Make(k, "x")
		require.Regexp(t, `^mq_\w+$`, c.Name)
		require.False(t, c.Secure)
	}
}

func TestNobodyElseMakesCookies(t *testing.T) {
	require.NoError(t, filepath.WalkDir("..", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || path == "../cookie/cookie.go" {
			return err
		}
		code, err := os.ReadFile(path)
		require.NotContains(t, string(code), "http.Cookie{", path)
		return err
	}))
}

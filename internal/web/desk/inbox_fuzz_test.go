package desk

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"

	"minqing/internal/web"
)

// FuzzKeptInbox reads the cookie with the inbox's filter, which becomes a link.
func FuzzKeptInbox(f *testing.F) {
	d := Deps{Kit: &web.Kit{}}
	f.Add("view=open&unit=A-1&status=filed&kind=complaint")
	f.Add("view=%2F%2Fevil.example&q=x&unit=%0d%0aSet-Cookie:%20a")
	f.Add("view=filter&matter=a&received_from=2026-01-01&due_to=x&for=y&q=z")
	f.Add("unit=%ff&unit=%00;a=b")
	f.Fuzz(func(t *testing.T, kept string) {
		c, _ := gin.CreateTestContext(httptest.NewRecorder())
		c.Request = httptest.NewRequest(http.MethodGet, "/", nil)
		c.Request.Header.Set("Cookie", "mq_inbox="+kept)
		to := d.left(c)
		u, err := url.Parse(to)
		if err != nil || u.Host != "" || u.Scheme != "" || u.Path != "/desk" && u.Path != "/desk/filter" || strings.ContainsFunc(to, func(r rune) bool { return r <= ' ' }) {
			t.Fatalf("%q leads to %q: %v", kept, to, err)
		}
		if u.Query().Has("q") || u.Query().Has("cursor") {
			t.Fatalf("%q brought back what was typed: %q", kept, to)
		}
	})
}

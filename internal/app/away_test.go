package app_test

import (
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/app"
	"minqing/internal/db"
)

// visitor is a browser that keeps its cookies.
type visitor struct {
	t    *testing.T
	http *http.Client
	at   string
	code int
	body string
	kind string

	location string

	cookie *http.Cookie // sent besides those of the jar
}

func (h *house) visitor(t *testing.T) *visitor {
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	return &visitor{t: t, http: &http.Client{Jar: jar}, at: h.url}
}

func (v *visitor) took(r *http.Response, err error) *visitor {
	v.t.Helper()
	require.NoError(v.t, err)
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	require.NoError(v.t, err)
	v.code, v.body, v.kind = r.StatusCode, string(body), r.Header.Get("Content-Type")
	v.location = r.Header.Get("Location")
	return v
}

func (v *visitor) ask(method, path, body string) *visitor {
	v.t.Helper()
	r, err := http.NewRequest(method, v.at+path, strings.NewReader(body))
	require.NoError(v.t, err)
	if body != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if v.cookie != nil {
		r.AddCookie(v.cookie)
	}
	return v.took(v.http.Do(r))
}

func (v *visitor) get(path string) *visitor { return v.ask("GET", path, "") }

func (v *visitor) send(path string, form url.Values) *visitor {
	return v.ask("POST", path, form.Encode())
}

func (v *visitor) post(path string, pairs ...string) *visitor {
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return v.send(path, form)
}

// again finds the form that the page gives back.
func (v *visitor) again() (to string, fields url.Values) {
	v.t.Helper()
	form := regexp.MustCompile(`(?s)<form method="post" action="([^"]+)" novalidate>(.*?)</form>`).FindStringSubmatch(v.body)
	require.NotNil(v.t, form, v.body)
	fields = url.Values{}
	for _, hit := range regexp.MustCompile(`<input [^>]*name="([^"]+)"[^>]* value="([^"]*)"`).FindAllStringSubmatch(form[2], -1) {
		fields.Add(hit[1], html.UnescapeString(hit[2]))
	}
	for _, hit := range regexp.MustCompile(`(?s)<textarea [^>]*name="([^"]+)"[^>]*>\n(.*?)</textarea>`).FindAllStringSubmatch(form[2], -1) {
		fields.Add(hit[1], html.UnescapeString(hit[2]))
	}
	return form[1], fields
}

const longReply = "已派員到場檢修，<昨晚>起恢復照明。\n若仍不亮，請回覆這一則訊息。"

func TestWithTheDatabaseAwayNothingTypedIsLost(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, true)
		h.serve(t, app.ServeOptions{Web: true})
		staff, guest := h.visitor(t), h.visitor(t)
		require.Equal(t, 200, staff.post("/sign-in", "email", "handler@demo.test", "password", app.DemoPassword).code)
		require.Equal(t, 200, guest.get("/file/other/what").code)
		h.DB.Close()

		reply := url.Values{"action": {"reply"}, "version": {"5"}, "reply.text": {longReply}}
		filed := url.Values{"kind": {"help_request"}, "title": {"路口號誌不亮"}, "description": {longReply}, "danger": {"yes"}}
		unread := &visitor{t: t, at: h.url, http: &http.Client{}} // a session that is not in memory cannot be read
		unread.cookie = &http.Cookie{Name: "mq_session", Value: "unknown"}
		for _, c := range []struct {
			by   *visitor
			path string
			form url.Values
		}{{staff, "/desk/cases/LJ20260000001X", reply}, {guest, "/file/other/what", filed}, {unread, "/file/other/what", filed}, {unread, "/desk/cases/LJ20260000001X", reply}} {
			c.by.send(c.path, c.form)
			require.Equal(t, 503, c.by.code, c.by.body)
			require.Equal(t, "text/html; charset=utf-8", c.by.kind)
			require.Contains(t, c.by.body, "您填寫的內容都還在這一頁")
			require.NotContains(t, c.by.body, "<昨晚>")
			to, fields := c.by.again()
			require.Equal(t, c.path, to)
			require.Equal(t, c.form, fields)
		}
		unread.send("/sign-in", url.Values{"email": {"a@b.test"}, "password": {"secret-word"}})
		require.Equal(t, 503, unread.code)
		require.NotContains(t, unread.body, "secret-word")
		require.Equal(t, 503, unread.get("/desk").code)
		require.Equal(t, "text/html; charset=utf-8", unread.kind)
		require.NotContains(t, unread.body, "<form method=\"post\" action=\"/desk")

		r, err := http.NewRequest("POST", h.url+"/file/other/what", strings.NewReader(filed.Encode()))
		require.NoError(t, err)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		r.AddCookie(unread.cookie)
		unread.took(http.DefaultClient.Do(r))
		require.NotContains(t, unread.body, "路口號誌不亮", "words of another site are not handed to the reader to send")
	})
}

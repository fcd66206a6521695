package app_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/web"
)

// odd is what people and programs put where an id, a number or a text belongs. One
// database takes it, the other does not: neither may break, nor write it into the log.
var odd = []string{"1", "王小明", "\x00", "\xff\xfe", "' OR 1=1 --", strings.Repeat("-", 36), "00000000-0000-0000-0000-00000000000g",
	"00000000-0000-7000-8000-000000000000", "00000000-0000-7000-8000-000000000000.AAAA", "a.00000000-0000-7000-8000-000000000000.AAAA", strings.Repeat("-", 36) + ".AAAA", "LJ20269999999", strings.Repeat("9", 40), "-1", "\u202e\u0301", "=1+1"}

// oddNames are names of fields of all kinds of forms and addresses.
var oddNames = []string{"id", "do", "action", "version", "name", "email", "who", "q", "unit", "status", "kind", "view", "cursor", "after", "only", "with", "case", "from", "to",
	"object", "area", "log", "role", "person", "account", "reason", "text", "title", "phone", "code", "token", "next", "typed", "consent", "areas", "file", "lang", "group_by", "month", "year"}

func TestOddAddressesAndFieldsBreakNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		m := &matrix{house: open(t, d, true, "MINQING_SMTP_URL=smtp://127.0.0.1:1"), t: t, cookies: map[string]*http.Cookie{}}
		require.NoError(t, m.LoadDemo(t.Context()))
		kit, err := m.Pages()
		require.NoError(t, err)
		m.handler = kit.Handler()
		m.fill(d)
		for _, route := range kit.Routes() {
			if route.Path == "/sign-out" {
				continue
			}
			for _, who := range oddAskers(route) {
				for _, value := range odd {
					m.askOddly(who, route, value)
				}
			}
		}
		require.NotContains(t, m.log.String(), "王小明")
		require.NotContains(t, m.log.String(), `"level":"ERROR"`)
	})
}

// oddAskers are those who come furthest.
func oddAskers(route web.Route) []string {
	switch {
	case strings.HasPrefix(route.Path, "/admin"):
		return []string{"admin", "security", "auditor"}
	case strings.HasPrefix(route.Path, "/desk"), strings.HasPrefix(route.Path, "/api/v1/desk"), strings.HasPrefix(route.Path, "/insight"):
		return []string{"supervisor", "agent"}
	}
	return []string{"citizen"}
}

// askOddly puts a value wherever it fits: into the address, and into all fields of
// a real one.
func (m *matrix) askOddly(who string, route web.Route, value string) {
	m.t.Helper()
	fields := url.Values{}
	for _, name := range oddNames {
		fields.Set(name, value)
	}
	if strings.HasSuffix(route.Path, "/live") {
		fields.Set("version", "x") // else the answer lasts
	}
	whole := strings.NewReplacer(":case_no", m.things[0].no, ":code", "street-light", ":matter", "street-light", ":step", "check").Replace(route.Path)
	paths := []string{parameter.ReplaceAllString(whole, m.things[0].file)}
	if strings.Contains(route.Path, ":") {
		paths = append(paths, parameter.ReplaceAllString(route.Path, url.PathEscape(value)), parameter.ReplaceAllString(whole, url.PathEscape(value)))
	}
	for _, path := range paths {
		kind, body := "", ""
		if route.Method == http.MethodGet {
			path += "?" + fields.Encode()
		} else {
			kind, body = aForm, fields.Encode()
		}
		got := m.send(who, route.Method, path, kind, body)
		if got.Code >= 500 && got.Code != http.StatusServiceUnavailable {
			m.t.Errorf("%s %s as %s with %q: %d", route.Method, path, who, value, got.Code)
		}
		if at := m.send(who, "GET", "/me", "", ""); strings.HasPrefix(at.Header().Get("Location"), "/sign-in") {
			delete(m.cookies, who) // an act ended the session
		}
	}
}

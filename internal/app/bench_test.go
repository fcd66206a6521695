package app_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/app"
	"minqing/internal/calendar"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/demo"
)

// busy is the whole product over a city with cases, asked without a network:
// for profiles. `make bench` measures it as a server.
type busy struct {
	h       *house
	handler http.Handler
}

func eachEngine(b *testing.B, run func(b *testing.B, s *busy)) {
	for name, make := range map[string]func(testing.TB, ...func(*db.Options)) *db.DB{"sqlite": dbtest.New, "postgres": dbtest.Postgres} {
		b.Run(name, func(b *testing.B) {
			h := open(b, make(b, func(o *db.Options) { o.MaxConns = 16 }), true, "MINQING_RATE_LIMITS=off", "MINQING_LOG_LEVEL=error")
			ctx := context.Background()
			require.NoError(b, h.LoadDemo(ctx))
			_, err := h.LoadDemoCases(ctx, demo.LoadOptions{Cases: 3000, Seed: 1, From: calendar.Date(0), To: calendar.Date(0)})
			require.NoError(b, err)
			kit, err := h.Pages()
			require.NoError(b, err)
			run(b, &busy{h: h, handler: kit.Handler()})
		})
	}
}

// session signs a demo account in and gives its cookie.
func (s *busy) session(b *testing.B, email string) string {
	b.Helper()
	form := url.Values{"email": {email + "@demo.test"}, "password": {app.DemoPassword}}
	w := s.ask("POST", "/sign-in", "", form.Encode(), "application/x-www-form-urlencoded")
	require.Equal(b, 303, w.Code, w.Body.String())
	c := w.Result().Cookies()[0]
	return c.Name + "=" + c.Value
}

func (s *busy) ask(method, path, cookie, body, kind string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Content-Type", kind)
	if cookie != "" {
		r.Header.Set("Cookie", cookie)
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	return w
}

// pages asks for one page over and over, sixteen at a time.
func (s *busy) pages(b *testing.B, cookie string, status int, method, path, body string) {
	b.SetParallelism(8)
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if w := s.ask(method, path, cookie, body, "application/json"); w.Code != status {
				b.Error(w.Code, w.Body.String())
				return
			}
		}
	})
}

func BenchmarkFilingACase(b *testing.B) {
	eachEngine(b, func(b *testing.B, s *busy) {
		s.pages(b, s.session(b, "agent"), 201, "POST", "/api/v1/cases", `{"kind":"complaint","matter_code":"street-light","title":"A dark street",
 "description":"The lamp in front of number 12 has been out since Monday; please send someone.","location":{"district_code":"LJ0101"},
 "contact":{"name":"Bench Resident","phone":"13800000000","email":"bench@example.org"},"locale":"en"}`)
	})
}

func BenchmarkCasePage(b *testing.B) {
	eachEngine(b, func(b *testing.B, s *busy) {
		var no string
		require.NoError(b, s.h.DB.From(b.Context()).Raw(`SELECT c.case_no FROM cases c JOIN units u ON u.id = c.unit_id
 WHERE u.code = 'CG03' AND c.confidentiality = 'normal' AND c.status = 'concluded' ORDER BY c.case_no LIMIT 1`).Scan(&no).Error)
		s.pages(b, s.session(b, "handler"), 200, "GET", "/desk/cases/"+no, "")
	})
}

func BenchmarkQueuePage(b *testing.B) {
	for _, who := range []string{"handler", "head", "supervisor"} {
		b.Run(who, func(b *testing.B) {
			eachEngine(b, func(b *testing.B, s *busy) { s.pages(b, s.session(b, who), 200, "GET", "/desk?limit=25", "") })
		})
	}
}

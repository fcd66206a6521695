package app_test

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/db/dbtest"
)

const securityTxt = "/.well-known/security.txt"

func TestWhoFindsAHoleLearnsWhomToTell(t *testing.T) {
	pages := func(more ...string) (h *house, get func() (int, string, string)) {
		h = open(t, dbtest.New(t), false, more...)
		kit, err := h.Pages()
		require.NoError(t, err)
		s := httptest.NewServer(kit.Handler())
		t.Cleanup(s.Close)
		return h, func() (int, string, string) {
			answer, body := ask(t, "GET", s.URL+securityTxt)
			return answer.StatusCode, answer.Header.Get("Content-Type"), body
		}
	}
	_, get := pages()
	status, _, _ := get()
	require.Equal(t, 404, status, "nobody is named")

	h, get := pages("MINQING_SECURITY_CONTACT=mailto:security@city.example", "MINQING_BASE_URL=https://city.example/")
	for day, until := range map[string]string{"2026-02-01": "2027-01-01", "2026-02-28": "2027-01-01", "2026-01-31": "2026-12-01"} {
		now, err := time.Parse(time.DateOnly, day)
		require.NoError(t, err)
		h.Options.Now = func() time.Time { return now }
		kit, err := h.Pages()
		require.NoError(t, err)
		w := httptest.NewRecorder()
		kit.Handler().ServeHTTP(w, httptest.NewRequest("GET", securityTxt, nil))
		require.Equal(t, 200, w.Code)
		require.Equal(t, fmt.Sprintf("Contact: mailto:security@city.example\nExpires: %sT00:00:00Z\nPreferred-Languages: zh-Hant, zh-Hans, en\nCanonical: https://city.example%s\n", until, securityTxt), w.Body.String())
	}
	status, kind, _ := get()
	require.Equal(t, 200, status)
	require.Equal(t, "text/plain; charset=utf-8", kind)

	_, get = pages("MINQING_SECURITY_CONTACT=tel:+886-2-1999")
	_, _, body := get()
	require.True(t, strings.HasPrefix(body, "Contact: tel:+886-2-1999\n"))
	require.NotContains(t, body, "Canonical", "only https: may be named")
}

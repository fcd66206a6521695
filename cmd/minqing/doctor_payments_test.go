package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestADoctorAsksTheProviderOfPayments(t *testing.T) {
	status := http.StatusNotFound
	g := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		require.Equal(t, http.MethodGet, r.Method, "nothing is ordered")
		w.WriteHeader(status)
	}))
	p := newPatient(t, "")
	require.Regexp(t, `^ok +payments .*at the counter alone`, p.run(t, nil, "doctor").line(t, "payments"))
	with := []string{"MINQING_PAYMENT_URL=" + strings.Replace(g.URL, "://", "://city:hunter2@", 1)}
	require.Regexp(t, `^ok +payments .*configured`, p.run(t, with, "doctor").line(t, "payments"))
	status = http.StatusUnauthorized
	s := p.run(t, with, "doctor", "--verbose")
	require.Equal(t, 1, s.code)
	require.Regexp(t, `^fail +payments .* 401;.* → .*MINQING_PAYMENT_URL`, s.line(t, "payments"))
	g.Close()
	s = p.run(t, with, "doctor")
	require.Regexp(t, `^fail +payments .*does not answer`, s.line(t, "payments"))
	require.NotContains(t, s.out, "hunter2")
}

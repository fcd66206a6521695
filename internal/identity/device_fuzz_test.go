package identity

import (
	"context"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/vault"
)

// FuzzDeviceCookie reads cookies of known browsers: only one that we gave, and
// for its account, is believed.
func FuzzDeviceCookie(f *testing.F) {
	now := time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)
	ring, err := vault.CreateRing(filepath.Join(f.TempDir(), "keys"))
	require.NoError(f, err)
	s := &Service{Deps: Deps{Vault: vault.New(nil, ring, func() time.Time { return now }), Now: func() time.Time { return now }}}
	login, others := []byte("one"), []byte("another")
	ours := s.DeviceCookie(&Account{login: login}).Value
	read := func(value string, login []byte) []byte {
		r := httptest.NewRequest(http.MethodPost, "/sign-in", nil)
		r.Header.Set("Cookie", "mq_device="+value)
		return s.device(s.withDevice(context.Background(), r), login)
	}
	require.NotNil(f, read(ours, login))
	require.Nil(f, read(ours, others))
	f.Add(ours)
	f.Add(ours[:36] + ".k2" + ours[39:])
	f.Add(ours[:36] + "..")
	f.Add("--------7-------------------------...")
	f.Add("00000000-0000-7000-8000-000000000000.k1.")
	f.Fuzz(func(t *testing.T, value string) {
		if read(value, others) != nil {
			t.Fatalf("%q is believed for another account", value)
		}
		if r := (&http.Request{Header: http.Header{"Cookie": {"mq_device=" + value}}}); read(value, login) != nil {
			if c, err := r.Cookie("mq_device"); err != nil || c.Value != ours {
				t.Fatalf("%q is believed, which is not ours", value)
			}
		}
	})
}

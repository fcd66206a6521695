package app_test

import (
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/identity"
)

// TestAPageDoesTheSameWorkWhoeverHasAnAccount compares whole requests, with an address
// that has an account and with one that has none: the answer and the jobs. Package
// identity counts statements and hashed passwords.
func TestAPageDoesTheSameWorkWhoeverHasAnAccount(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		m := &matrix{house: open(t, d, true, "MINQING_SMTP_URL=smtp://127.0.0.1:1"), t: t}
		kit, err := m.Pages()
		require.NoError(t, err)
		m.handler = kit.Handler()
		_, err = m.Identity.CreateCitizen(actor.AsSystem(t.Context(), "test"), identity.NewAccount{Email: leaver, Password: leaverPassword, Name: leaverName})
		require.NoError(t, err)
		m.send("visitor", "POST", "/sign-in", aForm, "email=first@example.org&password=x") // what is read once
		type work struct {
			jobs, code int
			to         string
		}
		try := func(path, email, password string) work {
			jobs := count(t, d, "river_job")
			got := m.send("visitor", "POST", path, aForm, url.Values{"email": {email}, "who": {email}, "name": {"誰"}, "password": {password}}.Encode())
			return work{jobs: count(t, d, "river_job") - jobs, code: got.Code, to: got.Header().Get("Location")}
		}
		for _, path := range []string{"/register", "/sign-in", "/sign-in/code", "/sign-in/forgot"} {
			free, taken := try(path, "nobody@example.org", "another horse 電池"), try(path, leaver, "another horse 電池")
			require.Equal(t, free, taken, path)
			if path != "/sign-in" {
				require.EqualValues(t, 1, free.jobs, path)
			}
		}
	})
}

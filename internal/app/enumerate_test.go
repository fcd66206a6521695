package app_test

import (
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"minqing/internal/actor"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/identity"
)

// TestAPageDoesTheSameWorkWhoeverHasAnAccount counts statements and jobs of whole
// requests, with an address that has an account and with one that has none.
func TestAPageDoesTheSameWorkWhoeverHasAnAccount(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		m := &matrix{house: open(t, d, true, "MINQING_SMTP_URL=smtp://127.0.0.1:1"), t: t}
		var statements atomic.Int64
		counted(t, m.DB, &statements)
		kit, err := m.Pages()
		require.NoError(t, err)
		m.handler = kit.Handler()
		_, err = m.Identity.CreateCitizen(actor.AsSystem(t.Context(), "test"), identity.NewAccount{Email: leaver, Password: leaverPassword, Name: leaverName})
		require.NoError(t, err)
		m.send("visitor", "POST", "/sign-in", aForm, "email=first@example.org&password=x") // what is read once
		type work struct {
			statements, jobs int64
			code             int
			to               string
		}
		try := func(path, email, password string) work {
			jobs, before := int64(count(t, d, "river_job")), statements.Load()
			got := m.send("visitor", "POST", path, aForm, url.Values{"email": {email}, "who": {email}, "name": {"誰"}, "password": {password}}.Encode())
			w := work{statements: statements.Load() - before, code: got.Code, to: got.Header().Get("Location")}
			w.jobs = int64(count(t, d, "river_job")) - jobs
			return w
		}
		for _, path := range []string{"/register", "/sign-in", "/sign-in/code", "/sign-in/forgot"} {
			free, taken := try(path, "nobody@example.org", "another horse 電池"), try(path, leaver, "another horse 電池")
			require.Positive(t, free.statements, path)
			require.Equal(t, free, taken, path)
			if path != "/sign-in" {
				require.EqualValues(t, 1, free.jobs, path)
			}
			t.Logf("%s: %+v", path, free)
		}
	})
}

// counted counts the statements that a database is asked by gorm from now on, but for
// the look, once a second, whether what is kept of catalogue and places still holds:
// whichever page comes then does it.
func counted(t *testing.T, d *db.DB, n *atomic.Int64) {
	t.Helper()
	on, count := d.From(t.Context()).Callback(), func(tx *gorm.DB) {
		if !strings.Contains(tx.Statement.SQL.String(), "FROM reference_state") {
			n.Add(1)
		}
	}
	require.NoError(t, on.Query().After("gorm:query").Register("test:count", count))
	require.NoError(t, on.Row().After("gorm:row").Register("test:count", count))
	require.NoError(t, on.Raw().After("gorm:raw").Register("test:count", count))
	require.NoError(t, on.Create().After("gorm:create").Register("test:count", count))
	require.NoError(t, on.Update().After("gorm:update").Register("test:count", count))
	require.NoError(t, on.Delete().After("gorm:delete").Register("test:count", count))
}

package app_test

import (
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/app"
	"minqing/internal/db"
)

// longAgo has every session begin eleven minutes before it did.
func longAgo(t *testing.T, d *db.DB) {
	t.Helper()
	require.NoError(t, d.From(t.Context()).Exec("UPDATE sessions SET created_at = ?, proved_at = NULL", time.Now().UTC().Add(-11*time.Minute)).Error)
}

func TestNobodyGrantsRolesAtAnUnattendedDesk(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, true, "MINQING_SECOND_FACTOR_ROLES=off")
		h.serve(t, app.ServeOptions{Web: true})
		boss := h.signIn(t, "security")
		boss.open("/admin/access/ask?lang=en")
		longAgo(t, d)
		boss.send(url.Values{"email": {"handler@demo.test"}, "role": {"head"}, "unit": {"CG03"}, "reason": {"代理\n主管"}}, `name="reason"`)
		require.Equal(t, 422, boss.status)
		require.Contains(t, boss.page, "Confirm that it is you")
		require.Zero(t, count(t, d, "grant_requests WHERE account_id IS NOT NULL"))
		boss.send(url.Values{"again_password": {"wrong"}}, `name="again_password"`)
		require.Equal(t, 422, boss.status)
		require.Contains(t, boss.page, `href="#again_password"`)
		require.NotContains(t, boss.page, `value="wrong"`)
		boss.send(url.Values{"again_password": {app.DemoPassword}}, `name="again_password"`)
		require.Equal(t, "/admin/access/requests", boss.at.Path, boss.page)
		require.Contains(t, boss.page, "代理", "what was typed was kept")

		longAgo(t, d)
		for _, path := range []string{"/admin/access/requests/x", "/admin/access/rules", "/admin/access/rules/x", boss.account("handler@demo.test")} {
			boss.took(boss.client.PostForm(h.url+path, url.Values{"do": {"approve"}}))
			require.Equal(t, 422, boss.status, path)
			require.Contains(t, boss.page, `name="again_password"`, path)
		}
		auditor := h.signIn(t, "auditor")
		longAgo(t, d)
		auditor.took(auditor.client.Get(h.url + "/admin/audit.csv?log=reads&lang=en"))
		require.Equal(t, 422, auditor.status)
		auditor.send(url.Values{"again_password": {app.DemoPassword}}, `name="again_password"`)
		require.Equal(t, 200, auditor.status)
		require.Contains(t, auditor.page, "request_id")
	})
}

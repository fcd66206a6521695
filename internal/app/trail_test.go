package app_test

import (
	"encoding/csv"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/app"
	"minqing/internal/identity"
)

func (b *browser) ask(path string) (status int, body string) {
	b.t.Helper()
	r, err := b.client.Get(b.at.Scheme + "://" + b.at.Host + path)
	require.NoError(b.t, err)
	defer r.Body.Close()
	read, err := io.ReadAll(r.Body)
	require.NoError(b.t, err)
	return r.StatusCode, string(read)
}

func TestTheAuditorReadsTheTrailAndNobodyElse(t *testing.T) {
	h := open(t, oneCity(t), true)
	h.serve(t, app.ServeOptions{Web: true})
	for _, who := range []string{"admin", "security", "handler", "official", "supervisor"} {
		b := h.signIn(t, who)
		for _, path := range []string{"/admin/audit", "/admin/audit?log=reads", "/admin/audit.csv"} {
			status, _ := b.ask(path)
			require.Equal(t, http.StatusForbidden, status, "%s %s", who, path)
		}
	}
	auditor := h.signIn(t, "auditor")
	for lang, word := range map[string]string{"zh-Hant": "登入", "zh-Hans": "登录", "en": "Signed in"} {
		status, body := auditor.ask("/admin/audit?area=identity&lang=" + lang)
		require.Equal(t, 200, status)
		require.Contains(t, body, word)
		require.NotRegexp(t, `>\s*audit\.[a-z_.]+\s*<`, body, "an untranslated key")
		require.NotContains(t, body, "@demo.test</", "names, not addresses")
		status, body = auditor.ask("/admin/audit?log=reads&object=nobody&lang=" + lang)
		require.Equal(t, 200, status)
		require.Contains(t, body, "mq-empty")
	}
	auditor.ask("/admin/audit?lang=en")
	_, body := auditor.ask("/admin/audit?who=handler@demo.test")
	require.NotContains(t, body, "馮安全", "only what the handler did")
	status, body := auditor.ask("/admin/audit?from=2026-13-01&who=nobody@example.org&area=weather&to=2020-01-01")
	require.Equal(t, http.StatusUnprocessableEntity, status)
	require.Contains(t, body, "Enter a date such as")
	require.Contains(t, body, "No account has this email address.")
	require.Contains(t, body, "There is no such area.")
	require.Contains(t, body, `value="nobody@example.org"`, "what was typed stays")
	status, _ = auditor.ask("/admin/audit?from=2026-02-02&to=2026-02-01")
	require.Equal(t, http.StatusUnprocessableEntity, status)

	status, body = auditor.ask("/admin/audit.csv?who=handler@demo.test")
	require.Equal(t, 200, status)
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(body, "\ufeff"))).ReadAll()
	require.NoError(t, err)
	require.Equal(t, []string{"at", "action", "who", "as", "kind", "object", "changes", "reason", "ip", "request_id"}, rows[0])
	require.Equal(t, "identity.sign_in", rows[1][1])
	_, body = auditor.ask("/admin/audit?area=export")
	require.Contains(t, body, "Exported the audit trail")
}

func TestAnAuditorOfAPartDoesNotReadTheWholeTrail(t *testing.T) {
	h := open(t, oneCity(t), true, "MINQING_SECOND_FACTOR_ROLES=off")
	const password = "lantern-over-the-wide-river"
	h.serve(t, app.ServeOptions{Web: true})
	ctx := actor.AsSystem(t.Context(), "test")
	id, err := h.Identity.CreateStaff(ctx, identity.NewAccount{Email: "part@example.org", Name: "部", Password: password, UnitCode: "CG"})
	require.NoError(t, err)
	_, err = h.Identity.Grant(ctx, id, "auditor", "CG", "")
	require.NoError(t, err)
	b := h.enters(t, "part@example.org", password)
	for _, path := range []string{"/admin/audit", "/admin/audit.csv"} {
		status, _ := b.ask(path)
		require.Equal(t, http.StatusForbidden, status, path)
	}
}

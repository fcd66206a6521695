package app_test

import (
	"context"
	"encoding/csv"
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/app"
	"minqing/internal/audit"
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
	them, err := h.Identity.ByEmail(t.Context(), "handler@demo.test")
	require.NoError(t, err)
	require.NoError(t, h.DB.Tx(actor.With(t.Context(), actor.Actor{Kind: actor.Staff, AccountID: them.ID}), func(ctx context.Context) error {
		for range audit.PageSize {
			if err := h.Audit.Record(ctx, audit.Entry{Action: "case.note", Kind: "case", ID: "many"}); err != nil {
				return err
			}
		}
		return nil
	}))
	auditor.open("/admin/audit?lang=en")
	auditor.send(url.Values{"who": {"handler@demo.test"}, "area": {""}}, `name="who"`)
	require.Equal(t, 200, auditor.status)
	require.Regexp(t, `^/admin/audit\?account=[0-9a-f-]{36}&log=trail$`, auditor.at.RequestURI(), "the account by its id")
	require.NotContains(t, auditor.page, "馮安全", "only what the handler did")
	require.Contains(t, auditor.page, "Only what 陳承辦 did.")
	narrowed := auditor.at.RawQuery
	auditor.send(url.Values{"from": {"2026-01-01"}, "area": {""}}, `name="who"`)
	require.Contains(t, auditor.at.RawQuery, narrowed[:45], "who was chosen stays")
	for pages := 0; ; pages++ {
		require.NotContains(t, strings.Join(leads(auditor.page, auditor.at.String()), "\n"), "demo.test")
		next := regexp.MustCompile(`href="(/admin/audit\?[^"]*cursor=[^"]*)"[^>]*rel="next"|rel="next"[^>]*href="([^"]*)"`).FindStringSubmatch(auditor.page)
		if next == nil || pages == 3 {
			require.Positive(t, pages, "more than one page")
			break
		}
		auditor.open(html.UnescapeString(next[1] + next[2]))
		require.Contains(t, auditor.at.RawQuery, "account=")
	}
	auditor.open("/admin/audit?who=handler@demo.test")
	require.Equal(t, narrowed, auditor.at.RawQuery+"&log=trail", "an address from before")
	auditor.send(url.Values{"from": {"2026-13-01"}, "who": {"nobody@example.org"}, "area": {"weather"}, "to": {"2020-01-01"}}, `name="who"`)
	body := auditor.page
	require.Equal(t, http.StatusUnprocessableEntity, auditor.status)
	require.Equal(t, "/admin/audit", auditor.at.RequestURI())
	require.Contains(t, body, "Enter a date such as")
	require.Contains(t, body, "No account has this email address.")
	require.Contains(t, body, "There is no such area.")
	require.Contains(t, body, `value="nobody@example.org"`, "what was typed stays")
	auditor.send(url.Values{"from": {""}, "to": {""}, "area": {""}, "who": {""}, "object": {"nobody@example.org"}}, `name="who"`)
	require.Equal(t, 200, auditor.status)
	require.Equal(t, "/admin/audit", auditor.at.RequestURI(), "what is no id of anything is not linked")
	require.Contains(t, auditor.page, "No entries match")
	status, _ := auditor.ask("/admin/audit?from=2026-02-02&to=2026-02-01")
	require.Equal(t, http.StatusUnprocessableEntity, status)
	status, _ = auditor.ask("/admin/audit?account=nonsense")
	require.Equal(t, http.StatusUnprocessableEntity, status)
	h.quietLog(t, "nobody@example.org", "handler@")

	status, body = auditor.ask("/admin/audit.csv?" + narrowed)
	require.Equal(t, 200, status)
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(body, "\ufeff"))).ReadAll()
	require.NoError(t, err)
	require.Equal(t, []string{"at", "action", "who", "as", "kind", "object", "changes", "reason", "ip", "request_id"}, rows[0])
	require.True(t, slices.ContainsFunc(rows, func(r []string) bool { return r[1] == "identity.sign_in" }))
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

package app_test

import (
	"context"
	"net/url"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/app"
	"minqing/internal/db"
	"minqing/internal/identity"
)

var regexpGrant = regexp.MustCompile(`/admin/access/ask\?grant=[0-9a-f-]{36}`)

// second makes another security administrator and signs them in.
func (h *house) second(t *testing.T) *browser {
	t.Helper()
	const password = "lantern-over-the-wide-river"
	ctx := actor.AsSystem(t.Context(), "test")
	id, err := h.Identity.CreateStaff(ctx, identity.NewAccount{Email: "second@example.org", Name: "許安全", Password: password, Locale: "zh-Hant"})
	require.NoError(t, err)
	_, err = h.Identity.Grant(ctx, id, "security_admin", "", "test")
	require.NoError(t, err)
	b := h.enters(t, "second@example.org", password)
	require.Equal(t, "/admin/access", b.at.Path, b.page)
	return b
}

func TestARoleIsAskedForByOneAndApprovedByAnother(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, true, "MINQING_SECOND_FACTOR_ROLES=off")
		h.serve(t, app.ServeOptions{Web: true})
		one, two := h.signIn(t, "security"), h.second(t)
		one.open("/admin/access/ask?lang=en")
		wish := url.Values{"email": {"handler@demo.test"}, "role": {"head"}, "unit": {"CG03"}, "from": {"soon"}, "until": {""}, "reason": {""}}
		require.Contains(t, one.page, `<option value="">Choose`, "no role is a default")
		one.send(wish, `name="reason"`)
		require.Equal(t, 422, one.status)
		for _, says := range []string{`href="#from"`, `href="#reason"`, `value="handler@demo.test"`, `value="soon"`, `value="CG03" selected`} {
			require.Contains(t, one.page, says)
		}
		one.send(url.Values{"from": {"2020-01-01"}, "until": {"2020-02-01"}, "reason": {"代理主管"}}, `name="reason"`)
		require.Equal(t, 422, one.status)
		require.Contains(t, one.page, `href="#until"`)
		one.send(url.Values{"from": {""}, "until": {"2099-12-31"}}, `name="reason"`)
		require.Equal(t, "/admin/access/requests", one.at.Path, one.page)
		require.Contains(t, one.page, "代理主管")
		require.NotContains(t, one.page, `value="approve"`, "not by who asked")
		one.open("/admin/access/ask")
		one.send(wish, `name="reason"`) // with another mistake the rest is told first
		one.send(url.Values{"from": {""}, "reason": {"again"}}, `name="reason"`)
		require.Equal(t, 409, one.status)
		require.Contains(t, one.page, "again", "what was typed stays")

		for lang, says := range map[string]string{"zh-Hant": "等候核准", "zh-Hans": "等待批准", "en": "Waiting for a decision"} {
			two.open("/admin/access/requests?lang=" + lang)
			require.Contains(t, two.page, says)
			require.NotRegexp(t, `>\s*(access|nav)\.[a-z_.]+\s*<`, two.page, "an untranslated key")
		}
		two.open("/admin/access/requests?lang=en")
		action := two.form(`value="approve"`).action
		one.took(one.client.PostForm(h.url+action, url.Values{"do": {"approve"}}))
		require.Equal(t, 403, one.status)
		two.send(url.Values{"do": {"approve"}}, `value="approve"`)
		require.Contains(t, two.page, "Approved.")
		two.took(two.client.PostForm(h.url+action, url.Values{"do": {"decline"}}))
		require.Equal(t, 409, two.status)
		two.took(two.client.PostForm(h.url+action, url.Values{"do": {"explode"}}))
		require.Equal(t, 422, two.status)

		one.open("/admin/access?role=head&unit=CG03&lang=en")
		require.Contains(t, one.page, "代理主管")
		end := regexpGrant.FindString(one.page)
		require.NotEmpty(t, end)
		one.open(end)
		one.send(url.Values{"reason": {"主管回任"}}, `name="grant"`)
		require.Equal(t, "/admin/access/requests", one.at.Path)
		two.open("/admin/access/requests?lang=en")
		two.send(url.Values{"do": {"approve"}}, `value="approve"`)
		require.Contains(t, two.page, "Approved.")
		require.Equal(t, 1, count(t, d, "grants WHERE reason = '代理主管' AND valid_until < '2099-01-01'"))
		require.Equal(t, 2, count(t, d, "grant_requests WHERE status = 'approved'"))
	})
}

func TestARuleIsChangedByTwoPeople(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, true, "MINQING_SECOND_FACTOR_ROLES=off")
		h.serve(t, app.ServeOptions{Web: true})
		one, two := h.signIn(t, "security"), h.second(t)
		for lang, says := range map[string]string{"zh-Hant": "現行權限", "zh-Hans": "现行权限", "en": "In force now"} {
			one.open("/admin/access/rules?lang=" + lang)
			require.Contains(t, one.page, says)
			require.NotRegexp(t, `>\s*(access|nav|case)\.[a-z_.]+\s*<`, one.page, "an untranslated key")
		}
		one.send(url.Values{"role": {""}, "verb": {"case.rework"}, "reason": {"小組自行重辦"}}, `name="verb"`)
		require.Equal(t, 422, one.status)
		for _, says := range []string{`href="#role"`, `value="case.rework" selected`, "小組自行重辦"} {
			require.Contains(t, one.page, says)
		}
		one.send(url.Values{"role": {"handler"}, "gives": {"yes"}}, `name="verb"`)
		require.Equal(t, "/admin/access/rules", one.at.Path, one.page)
		require.Contains(t, one.page, " p, handler, case, case.rework, !r.obj.Whistle, allow")
		require.NotContains(t, one.page, `value="approve"`, "not by who asked")

		clerk := h.signIn(t, "handler")
		require.Error(t, h.Access.Can(as(t, h, "handler@demo.test"), access.CaseRework))
		two.open("/admin/access/rules?lang=en")
		action := two.form(`value="approve"`).action
		one.took(one.client.PostForm(h.url+action, url.Values{"do": {"approve"}}))
		require.Equal(t, 403, one.status)
		clerk.took(clerk.client.PostForm(h.url+action, url.Values{"do": {"approve"}}))
		require.Equal(t, 403, clerk.status)
		two.send(url.Values{"do": {"approve"}}, `value="approve"`)
		require.Contains(t, two.page, "Approved.")
		require.NoError(t, h.Access.Can(as(t, h, "handler@demo.test"), access.CaseRework))
		two.took(two.client.PostForm(h.url+action, url.Values{"do": {"decline"}}))
		require.Equal(t, 409, two.status)
		require.Equal(t, 1, count(t, d, "rule_changes WHERE status = 'approved'"))
	})
}

// as is the context of a staff account.
func as(t *testing.T, h *house, email string) context.Context {
	t.Helper()
	a, err := h.Identity.ByEmail(actor.AsSystem(t.Context(), "test"), email)
	require.NoError(t, err)
	return actor.With(t.Context(), actor.Actor{Kind: actor.Staff, AccountID: a.ID})
}

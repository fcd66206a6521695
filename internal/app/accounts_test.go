package app_test

import (
	"net/url"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/app"
	"minqing/internal/db"
	"minqing/internal/identity"
)

const longPassword = "lantern-over-the-wide-river"

var regexpAccount = regexp.MustCompile(`href="(/admin/accounts/[0-9a-f-]{36})"`)

// employ makes an account of the government, with a role if one is named.
func (h *house) employ(t *testing.T, email, name, role, unit string) (id string) {
	t.Helper()
	ctx := actor.AsSystem(t.Context(), "test")
	id, err := h.Identity.CreateStaff(ctx, identity.NewAccount{Email: email, Name: name, Password: longPassword, Locale: "zh-Hant"})
	require.NoError(t, err)
	if role != "" {
		_, err = h.Identity.Grant(ctx, id, role, unit, "test")
		require.NoError(t, err)
	}
	return id
}

// account finds the page of the only account that a search shows.
func (b *browser) account(query string) string {
	b.open("/admin/accounts?lang=en")
	b.send(url.Values{"q": {query}}, `name="q"`)
	require.Equal(b.t, "/admin/accounts", b.at.RequestURI(), "nothing typed stands in the address")
	found := regexpAccount.FindAllStringSubmatch(b.page, -1)
	require.Len(b.t, found, 1, b.page)
	return found[0][1]
}

func TestASecurityAdministratorLocksAnAccountAndItsSessionsEnd(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, true, "MINQING_SECOND_FACTOR_ROLES=off")
		h.serve(t, app.ServeOptions{Web: true})
		id := h.employ(t, "lamp@example.org", "燈小明", "handler", "CG03")
		token, err := h.Identity.CreateToken(actor.AsSystem(t.Context(), "test"), "lamp@example.org", time.Hour)
		require.NoError(t, err)
		them, boss := h.enters(t, "lamp@example.org", longPassword), h.signIn(t, "security")

		at := boss.account("灯小")
		require.Equal(t, at, boss.account("LAMP@example.org"))
		for lang, says := range map[string]string{"zh-Hant": "停用帳號", "zh-Hans": "停用账号", "en": "Lock the account"} {
			boss.open(at + "?lang=" + lang)
			require.Contains(t, boss.page, says)
			require.NotRegexp(t, `>\s*(access|identity|nav)\.[a-z_.]+\s*<`, boss.page, "an untranslated key")
		}
		boss.open(at + "?lang=en")
		require.Contains(t, boss.page, "lamp@example.org")
		require.Regexp(t, `Sessions now</dt><dd [^>]*>1<`, boss.page)
		require.NotContains(t, boss.page, "Never")
		stale := boss.form(`value="lock"`)

		boss.send(url.Values{"do": {"lock"}, "reason": {" "}}, `value="lock"`)
		require.Equal(t, 422, boss.status)
		require.Contains(t, boss.page, `href="#reason"`)
		boss.send(url.Values{"do": {"lock"}, "reason": {"手機遺失"}}, `value="lock"`)
		require.Contains(t, boss.page, "The account is locked")
		require.Contains(t, boss.page, `value="unlock"`)
		them.open("/desk")
		require.Equal(t, "/sign-in", them.at.Path, "the session is over at once")
		_, _, err = h.Identity.ResolveToken(t.Context(), token)
		require.Error(t, err, "and the token")
		_, _, err = h.Identity.SignIn(t.Context(), "lamp@example.org", longPassword)
		require.Error(t, err)
		require.Equal(t, 1, count(t, d, "audit_entries WHERE action = 'identity.account_lock' AND object_id = '"+id+"' AND reason = '手機遺失' AND account_id IS NOT NULL"))

		stale.values.Set("do", "lock")
		stale.values.Set("reason", "me too")
		boss.took(boss.client.PostForm(h.url+at, stale.values))
		require.Equal(t, 409, boss.status, "who looked at it before")
		require.Contains(t, boss.page, "me too", "what was typed stays")

		boss.open(at)
		boss.send(url.Values{"do": {"unlock"}, "reason": {"已換手機"}}, `value="unlock"`)
		require.Contains(t, boss.page, "The account is open again")
		_, _, err = h.Identity.ResolveToken(t.Context(), token)
		require.Error(t, err, "what ended stays ended")
		them = h.enters(t, "lamp@example.org", longPassword)
		boss.open(at)
		boss.send(url.Values{"do": {"end"}, "reason": {"共用電腦"}}, `value="end"`)
		require.Contains(t, boss.page, "All its sessions have ended")
		them.open("/desk")
		require.Equal(t, "/sign-in", them.at.Path)
		h.enters(t, "lamp@example.org", longPassword)
		boss.took(boss.client.PostForm(h.url+at, url.Values{"do": {"explode"}}))
		require.Equal(t, 422, boss.status)

		mine := boss.account("security@demo.test")
		boss.open(mine)
		require.NotContains(t, boss.page, `value="lock"`)
		boss.took(boss.client.PostForm(h.url+mine, url.Values{"do": {"lock"}, "version": {"1"}, "reason": {"x"}}))
		require.Equal(t, 403, boss.status, "never one's own")
		boss.open("/admin/accounts")
		boss.send(url.Values{"q": {"citizen@demo.test"}}, `name="q"`)
		require.NotRegexp(t, regexpAccount, boss.page, "an account of the government only")
		boss.send(url.Values{"q": {""}}, `name="q"`)
		require.Equal(t, 422, boss.status)
		require.NotContains(t, h.log.String(), "@example.org")
	})
}

func TestTwoAdministratorsLockAThird(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, true, "MINQING_SECOND_FACTOR_ROLES=off")
		h.serve(t, app.ServeOptions{Web: true})
		id := h.employ(t, "third@example.org", "燈管理", "security_admin", "")
		third, one, two := h.enters(t, "third@example.org", longPassword), h.signIn(t, "security"), h.second(t)
		at := "/admin/accounts/" + id
		for _, says := range []string{"The account is locked once a second security administrator does the same", "You have asked for this already"} {
			one.open(at + "?lang=en")
			one.send(url.Values{"do": {"lock"}, "reason": {"帳號疑似遭盜用"}}, `value="lock"`)
			require.Contains(t, one.page, says)
			third.open("/admin/access")
			require.Equal(t, "/admin/access", third.at.Path)
		}
		two.open(at + "?lang=en")
		two.send(url.Values{"do": {"lock"}, "reason": {"已電話確認"}}, `value="lock"`)
		require.Contains(t, two.page, "The account is locked and all its sessions have ended.")
		third.open("/admin/access")
		require.Equal(t, "/sign-in", third.at.Path)
		require.Equal(t, 1, count(t, d, "audit_entries WHERE action = 'identity.account_lock' AND object_id = '"+id+"' AND reason = '已電話確認'"))
	})
}

func TestAnAdministratorOfAUnitLocksItsAccountsOnly(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, true, "MINQING_SECOND_FACTOR_ROLES=off")
		h.serve(t, app.ServeOptions{Web: true})
		h.employ(t, "unit@example.org", "許單位", "security_admin", "CG03")
		in := h.employ(t, "in@example.org", "甲燈科", "handler", "CG03")
		both := h.employ(t, "both@example.org", "乙燈科", "handler", "CG03")
		_, err := h.Identity.Grant(actor.AsSystem(t.Context(), "test"), both, "official", "", "test")
		require.NoError(t, err)
		out := h.employ(t, "out@example.org", "丙燈科", "security_admin", "")
		none := h.employ(t, "none@example.org", "丁燈科", "", "")

		b := h.enters(t, "unit@example.org", longPassword)
		require.Equal(t, "/admin/accounts/"+in, b.account("燈科"), "of four with this in their names")
		for _, id := range []string{both, out, none} {
			status, _ := b.ask("/admin/accounts/" + id)
			require.Equal(t, 404, status)
			b.took(b.client.PostForm(h.url+"/admin/accounts/"+id, url.Values{"do": {"lock"}, "version": {"1"}, "reason": {"x"}}))
			require.Equal(t, 404, b.status)
		}
		require.Equal(t, 0, count(t, d, "accounts WHERE status = 'disabled'"))
		b.open("/admin/accounts/" + in)
		b.send(url.Values{"do": {"lock"}, "reason": {"離職"}}, `value="lock"`)
		require.Equal(t, 1, count(t, d, "accounts WHERE status = 'disabled'"))

		whole := h.enters(t, "out@example.org", longPassword)
		require.Equal(t, "/admin/accounts/"+none, whole.account("none@example.org"), "who holds nothing is for the whole government")
		require.NoError(t, h.Access.Can(actor.With(t.Context(), actor.Actor{Kind: actor.Staff, AccountID: out}), access.AccountLock))
	})
}

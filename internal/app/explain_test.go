package app_test

import (
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/app"
	"minqing/internal/cases"
	"minqing/internal/db"
)

// explained asks why somebody may or may not do something with a case.
func (v *visitor) explained(email, verb, no, lang string) *visitor {
	v.t.Helper()
	v.post("/admin/access/explain?lang="+lang, "email", email, "verb", verb, "case_no", no)
	require.NotRegexp(v.t, `>\s*(access|case|admin|nav|identity)\.[a-z_.]+\s*<`, v.body, "an untranslated key")
	require.NotContains(v.t, v.body, "no value")
	return v
}

func TestTheSecurityAdministratorLearnsWhySomebodyMay(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, true)
		h.serve(t, app.ServeOptions{Web: true})
		no, _ := file(visit(t, h.url))
		h.handled(t, no, cases.Accept{}, cases.Dispatch{})
		v := h.visitor(t)
		require.Equal(t, 200, v.post("/sign-in", "email", "security@demo.test", "password", app.DemoPassword).code)
		v.get("/admin/access/explain?lang=en")
		require.Equal(t, 200, v.code)
		require.Contains(t, v.body, "Nothing asked yet")
		require.Regexp(t, `<form [^>]*method="post" action="/admin/access/explain"`, v.body, "who is asked about stands in no address")

		for lang, says := range map[string]string{"en": "陳承辦 may do this.", "zh-Hant": "陳承辦可以這樣做。", "zh-Hans": "陳承辦可以这样做。"} {
			v.explained("handler@demo.test", "case.sign_in", no, lang)
			require.Equal(t, 200, v.code)
			require.Contains(t, v.body, says)
			require.Contains(t, v.body, "p, handler, case, case.sign_in, !r.obj.Whistle, allow")
		}
		for verb, who := range map[string]string{"case.accept": "handler", "case.read": "auditor"} {
			require.Contains(t, v.explained(who+"@demo.test", verb, no, "en").body, "None of their roles may do this.")
		}
		require.Contains(t, v.explained("auditor@demo.test", "case.reply", no, "en").body, "They may not even read it")
		require.Contains(t, v.explained("dispatcher@demo.test", "case.accept", no, "en").body, "Apart from permissions")
		asked := count(t, d, "audit_entries WHERE action = 'access.explain'")
		require.Equal(t, 7, asked)

		for _, bad := range []struct{ email, verb, no, field, says string }{
			{"", "case.read", no, "email", "Enter the email address"},
			{"citizen@demo.test", "case.read", no, "email", "no staff account"},
			{"nobody@demo.test", "case.read", no, "email", "no staff account"},
			{"handler@demo.test", "case.read", "12", "case_no", "whole case number"},
			{"handler@demo.test", "case.read", "LJ20269999990X", "case_no", ""},
			{"handler@demo.test", "case.fly", no, "verb", "no such action"},
		} {
			v.explained(bad.email, bad.verb, bad.no, "en")
			require.Equal(t, 422, v.code, bad)
			require.Contains(t, v.body, `href="#`+bad.field+`"`, bad)
			require.Contains(t, v.body, bad.says, bad)
			require.Contains(t, v.body, `value="`+bad.email+`"`, "what was typed stays")
		}
		h.quietLog(t)
		v.get("/desk?lang=en")
		require.Regexp(t, regexp.MustCompile(`href="/admin/access"`), v.body, "the way there")
	})
}

func TestTheSecurityAdministratorListsGrants(t *testing.T) {
	h := open(t, oneCity(t), true)
	h.serve(t, app.ServeOptions{Web: true})
	v := h.visitor(t)
	require.Equal(t, 200, v.post("/sign-in", "email", "security@demo.test", "password", app.DemoPassword).code)
	for lang, says := range map[string]string{"en": "Grants in force", "zh-Hant": "有效的授權", "zh-Hans": "有效的授权"} {
		v.get("/admin/access?lang=" + lang)
		require.Equal(t, 200, v.code)
		require.Contains(t, v.body, says)
		require.NotRegexp(t, `>\s*(access|nav)\.[a-z_.]+\s*<`, v.body, "an untranslated key")
	}
	require.Contains(t, v.get("/admin/access?unit=CG03").body, "陳承辦")
	require.NotContains(t, v.body, "孫首長")
	require.Contains(t, v.get("/admin/access?role=official").body, "孫首長")
	require.Contains(t, v.get("/admin/access?role=official&unit=CG03&lang=en").body, "No grant in force here")
	require.Equal(t, 422, v.get("/admin/access?unit=nowhere").code)
	require.Equal(t, 422, v.get("/admin/access?cursor=nonsense").code)
	require.Regexp(t, `href="/admin/access\?[^"]*cursor=`, v.get("/admin/access?lang=en").body, "there are more than a page of them")
}

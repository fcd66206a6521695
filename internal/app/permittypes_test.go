package app_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/app"
	"minqing/internal/calendar"
	"minqing/internal/db"
)

func TestACitizenLearnsWhetherAPermitIsNeeded(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, true)
		h.serve(t, app.ServeOptions{Web: true})
		b := visit(t, h.url)
		for _, lang := range []string{"zh-Hant", "zh-Hans", "en"} {
			for _, path := range []string{"/permits", "/permits?q=sign", "/permits/food-business", "/permits/large-event", "/permits/food-business/guide", "/permits/food-business/guide?v=1&a=ynny"} {
				b.open(path + map[bool]string{true: "&", false: "?"}[strings.Contains(path, "?")] + "lang=" + lang)
				require.NotRegexp(b.t, `\b(permittype|portal)\.[a-z_]+`, mainPart.FindString(b.page), path)
			}
		}
		b.open("/?lang=en")
		require.Contains(t, b.page, `href="/permits"`)
		b.open("/permits/food-business")
		require.Contains(t, b.page, "Only if you cook on site")
		require.Contains(t, b.page, "/enterprise/apply/food-business")
		b.open("/permits/food-business/guide?v=1&a=&asked=1&next=y")
		require.Equal(t, "v=1&a=y", b.at.RawQuery)
		b.open("/permits/food-business/guide?v=1&a=y&next=y")
		require.Contains(t, b.page, "You need no permit")
		require.Contains(t, b.page, "art. 35 of the Food Safety Law")
		b.open("/permits/food-business/guide?v=1&a=ynny")
		require.Contains(t, b.page, `href="/permits/outdoor-sign"`)
		require.Contains(t, b.page, `href="/permits/food-business/guide?v=1&amp;a=yn"`, "each answer can be changed")
		b.open("/permits/food-business/guide?v=7&a=ynny")
		require.Contains(t, b.page, "The rules have changed since")
		b.took(b.client.Get(h.url + "/permits/food-business/guide?v=1&a=y&asked=1"))
		require.Equal(t, 422, b.status)
		for _, path := range []string{"/file/food-business-permit", "/file/food-business-permit/what", "/matters/food-business-permit"} {
			b.open(path)
			require.Equal(t, "/permits/food-business", b.at.Path, "a permit is not filed like a request")
		}
		b.took(b.client.Get(h.url + "/permits/nothing"))
		require.Equal(t, 404, b.status)
	})
}

func TestTwoAdministratorsPublishAPermitType(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, true, "MINQING_SECOND_FACTOR_ROLES=off")
		h.serve(t, app.ServeOptions{Web: true})
		one, two := h.signIn(t, "admin"), h.signIn(t, "admin2")
		for _, lang := range []string{"zh-Hant", "zh-Hans", "en"} {
			for _, path := range []string{"/admin/permits", "/admin/permits/outdoor-sign", "/admin/permits/outdoor-sign/draft/file", "/admin/permits/new/draft/file"} {
				one.open(path + "?lang=" + lang)
				require.NotRegexp(t, `\b(permittype|timing|admin)\.[a-z_]+`, strings.ReplaceAll(mainPart.FindString(one.page), "admin/permits", ""), path)
			}
		}
		one.open("/admin/permits/outdoor-sign/draft/file?lang=en")
		text := one.form("content").values.Get("content")
		require.Contains(t, text, "promised: 8wd")
		broken := strings.Replace(text, "if: roof or", "if: rof or", 1)
		require.NotEqual(t, text, broken)
		one.send(url.Values{"content": {broken}, "do": {"check"}}, "content")
		require.Contains(t, one.page, "Character 1: there is no question “rof”")
		one.send(url.Values{"content": {"code: [" + text}, "do": {"save"}}, "content")
		require.Equal(t, 422, one.status)
		require.Contains(t, one.form("content").values.Get("content"), "code: [", "what was typed stays")
		one.send(url.Values{"content": {strings.Replace(text, "promised: 8wd", "promised: 6wd", 1)}, "do": {"save"}}, "content")
		require.Equal(t, "/admin/permits/outdoor-sign", one.at.Path)
		require.NotContains(t, one.page, "Publish this version", "who wrote it does not publish it")

		two.open("/admin/permits/outdoor-sign?lang=en")
		require.Contains(t, two.page, "<ins>6 working days</ins>")
		two.send(url.Values{"valid_from": {""}, "reason": {""}}, "valid_from")
		require.Equal(t, 422, two.status)
		today := calendar.DateOf(time.Now(), time.FixedZone("", 8*3600))
		two.send(url.Values{"valid_from": {today.String()}, "reason": {"We became faster"}}, "valid_from")
		require.Equal(t, 200, two.status)
		require.Contains(t, two.page, "Version 2")
		two.open("/permits/outdoor-sign")
		require.Contains(t, two.page, "6 working days")
		two.took(two.client.Get(h.url + "/admin/permits/outdoor-sign/versions/1"))
		require.Contains(t, two.page, "promised: 8wd")
		handler := h.signIn(t, "handler")
		handler.took(handler.client.Get(h.url + "/admin/permits"))
		require.Equal(t, 403, handler.status)
	})
}

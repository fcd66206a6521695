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

// languages gives one text in every language.
func languages(name, text string) url.Values {
	return url.Values{name + ".zh-Hant": {text + "（繁）"}, name + ".zh-Hans": {text + "（简）"}, name + ".en": {text}}
}

func with(all ...url.Values) url.Values {
	out := url.Values{"do": {"save"}}
	for _, v := range all {
		for name, values := range v {
			out[name] = values
		}
	}
	return out
}

// A type is begun, written, checked, previewed and published on forms alone; what is
// wrong stands at its field, and two who write at once never overwrite each other.
func TestAPermitTypeIsWrittenOnForms(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, true, "MINQING_SECOND_FACTOR_ROLES=off")
		h.serve(t, app.ServeOptions{Web: true})
		one, two := h.signIn(t, "admin"), h.signIn(t, "admin2")
		const at = "/admin/permits/street-show/draft"
		one.open("/admin/permits/new/draft?lang=en")
		one.send(with(languages("name", "Street show"), url.Values{"code": {"Street Show"}, "matter": {"nothing"}, "from": {""}}), "code")
		require.Equal(t, 422, one.status)
		require.Contains(t, one.page, `href="#code"`)
		require.Contains(t, one.page, `href="#matter"`)
		require.Contains(t, one.page, "Street show（繁）", "what was typed stays")
		one.send(url.Values{"code": {"street-show"}, "matter": {"road-occupation-permit"}, "from": {""}, "do": {"save"}}, "code")
		require.Equal(t, at, one.at.Path)
		require.Contains(t, one.page, "To mend before it can be published")

		// fills opens a page of the draft and sends its form.
		fills := func(b *browser, page string, change url.Values, part string) {
			b.open(at + page)
			b.send(change, part)
		}
		fills(one, "/texts", with(languages("summary", "You need it to play in the street."), languages("legal", "Rules of the city"), languages("remedies", "Ask the city."),
			url.Values{"audience": {"person"}}), "summary.en")
		require.Equal(t, 200, one.status, one.page)
		fills(one, "/limits", with(url.Values{"completeness.number": {"5"}, "statutory.number": {"20"}, "promised.number": {"21"}, "extension.number": {"15"},
			"issue.number": {"soon"}, "validity.number": {"1"}, "validity.unit": {"y"}}), "statutory.number")
		require.Equal(t, 422, one.status)
		require.Contains(t, one.page, `href="#issue-number"`)
		one.send(url.Values{"issue.number": {"5"}, "do": {"save"}}, "statutory.number")
		require.Equal(t, 422, one.status, "the promise is longer than the law, and so is the extension")
		require.Contains(t, one.page, `href="#promised-number"`)
		require.Contains(t, one.page, `href="#extension-number"`)
		one.send(url.Values{"promised.number": {"8"}, "extension.number": {"10"}, "do": {"save"}}, "statutory.number")
		require.Equal(t, at, one.at.Path)

		fills(one, "/outcomes/new", with(languages("why", "It is loud."), url.Values{"code": {"needed"}, "needs": {"street-shows"}}), "why.en")
		require.Equal(t, 422, one.status, "no such type")
		require.Contains(t, one.page, `href="#needs"`)
		one.send(url.Values{"needs": {"street-show"}, "do": {"save"}}, "why.en")
		require.Equal(t, 200, one.status)
		fills(one, "/outcomes/new", with(languages("why", "It is quiet."), url.Values{"code": {"free"}}), "why.en")
		fills(one, "/guide/new", with(languages("text", "Do you use a loudspeaker?"), url.Values{"code": {"loud"}, "yes": {"nowhere"}, "no": {"free"}}), "text.en")
		require.Equal(t, 422, one.status)
		require.Contains(t, one.page, `href="#yes"`)
		one.send(url.Values{"yes": {"needed"}, "do": {"save"}}, "text.en")
		require.Equal(t, at+"/guide", one.at.Path)

		fills(one, "/questions/new", with(languages("title", "Is it loud?"), url.Values{"name": {"loud"}, "type": {"boolean"}, "show_question": {""}, "required": {"yes"}}), "title.en")
		fills(one, "/questions/new", with(languages("title", "What is it?"), url.Values{"name": {"act"}, "type": {"choice"}, "show_question": {""}}), "title.en")
		require.Equal(t, 422, one.status, "a choice has answers")
		one.send(with(languages("options.0", "Music"), url.Values{"options.0.value": {"music"}, "options.1.value": {"fire"}, "show_question": {""}}), "title.en")
		require.Equal(t, 422, one.status)
		require.Contains(t, one.page, `href="#options-1-zh-Hans"`)
		one.send(with(languages("options.1", "Fire"), url.Values{"show_question": {"loud"}, "show_values": {"maybe"}}), "title.en")
		require.Equal(t, 422, one.status)
		one.send(url.Values{"show_values": {"yes"}, "do": {"save"}}, "title.en")
		require.Equal(t, at+"/questions", one.at.Path)

		fills(one, "/materials/new", with(languages("name", "Fire plan"), url.Values{"code": {"plan"}, "if": {"act is water"}, "held_from": {"permit_register"}}), "name.en")
		require.Equal(t, 422, one.status)
		require.Contains(t, one.page, "“water” is no answer")
		require.Contains(t, one.page, `href="#held_permits"`)
		one.send(url.Values{"held_from": {""}, "if": {"loud"}, "if.question": {"act"}, "if.op": {"is"}, "if.value": {"fire"}, "do": {"rule"}}, "name.en")
		require.Equal(t, "loud and act is fire", one.form("name.en").values.Get("if"), "a condition is chosen from lists")
		one.send(url.Values{"do": {"save"}}, "name.en")
		require.Equal(t, at+"/materials", one.at.Path)
		fills(one, "/fees/new", with(languages("name", "Fee"), url.Values{"code": {"fee"}, "amount": {"12.345"}, "currency": {"CNY"}}), "name.en")
		require.Equal(t, 422, one.status)
		one.send(url.Values{"amount": {"12.50"}, "when": {"grant"}, "do": {"save"}}, "name.en")
		require.Equal(t, at+"/fees", one.at.Path)
		fills(one, "/steps/new", with(languages("name", "We look"), url.Values{"code": {"look"}}), "name.en")

		// Two at once: the second is told, keeps what was typed and sees what is stored.
		two.open(at + "/steps/1?lang=en")
		one.open(at + "/steps/1")
		one.send(with(languages("name", "We look at it")), "name.en")
		require.Equal(t, 200, one.status)
		two.send(with(languages("name", "We listen")), "name.en")
		require.Equal(t, 409, two.status)
		require.Contains(t, two.page, "We listen")
		require.Contains(t, two.page, "We look at it")
		one.open(at + "/questions?lang=en")
		require.Contains(t, one.page, "Only if “Is it loud?” is answered “Yes”")
		one.send(url.Values{"do": {"remove:1"}}, "version")
		require.Equal(t, 409, one.status, "another question rests on it")

		one.open(at + "?lang=en")
		require.Contains(t, one.page, "It can be published.")
		for _, lang := range []string{"zh-Hant", "zh-Hans", "en"} {
			for _, page := range []string{"", "/texts", "/limits", "/outcomes/1", "/guide", "/guide/1", "/questions/2", "/materials/1", "/held/new", "/facts", "/phrases/new", "/fees/1",
				"/steps/new", "/opinions/new", "/checklist/new", "/duties/new", "/preview", "/preview/guide?v=1&a=y"} {
				one.open(at + page + map[bool]string{true: "&", false: "?"}[strings.Contains(page, "?")] + "lang=" + lang)
				require.Equal(t, 200, one.status, page)
				require.NotRegexp(t, `\b(permitedit|permittype|fault)\.[a-z_]+`, mainPart.FindString(one.page), page)
			}
		}
		require.Contains(t, one.page, "It is loud.")

		today := calendar.DateOf(time.Now(), time.FixedZone("", 8*3600))
		two.open("/admin/permits/street-show?lang=en")
		require.Contains(t, two.page, "<ins>Only if “Is it loud?” is answered “Yes” and “What is it?” is answered “Fire”</ins>", "a rule is a sentence")
		require.Contains(t, two.page, "<ins>12.50</ins>")
		require.NotRegexp(t, `materials\.|loud and act`, mainPart.FindString(two.page), "nothing in the words of the machine")
		two.send(url.Values{"valid_from": {today.String()}, "reason": {"The square asked for it"}}, "valid_from")
		require.Equal(t, 200, two.status, two.page)
		two.open("/permits/street-show?lang=en")
		require.Contains(t, two.page, "Fire plan")
		require.Contains(t, two.page, "¥12.50")
	})
}

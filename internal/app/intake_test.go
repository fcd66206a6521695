package app_test

import (
	"net/url"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/app"
	"minqing/internal/db"
)

var filedNumber = regexp.MustCompile(`id="case-no">(LJ[0-9A-Z]+)<`)

// TestACallIsTakenDownWithoutScripts walks the one page of the call centre as a
// browser without JavaScript does.
func TestACallIsTakenDownWithoutScripts(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, true)
		h.serve(t, app.ServeOptions{Web: true})
		agent := h.signIn(t, "agent")
		for lang, says := range map[string]string{"zh-Hans": "来电与窗口登记", "en": "Take a call", "zh-Hant": "來電與臨櫃登記"} {
			agent.open("/desk/intake?lang=" + lang)
			require.Contains(t, agent.page, says)
			require.NotRegexp(t, `>\s*(desk|nav|case|portal)\.[a-z_.]+\s*<`, agent.page, "an untranslated key")
		}
		agent.open("/desk/intake?lang=zh-Hant")
		said := url.Values{"contact.phone": {"13812345678"}, "contact.name": {"王小明"}, "matter_code": {"street-light"}, "description": {"湖濱路 12 號前兩盞路燈不亮。"},
			"location.address": {"湖濱路 12 號"}, "notes": {"聲音很小"}, "callback": {"晚上"}}
		look := url.Values{"do": {"look"}}
		for name, v := range said {
			look[name] = v
		}
		agent.send(look, `value="file"`)
		require.Equal(t, 200, agent.status)
		for _, says := range []string{"這支電話沒有來電紀錄", "我們會撥 13812345678", "地點在湖濱路 12 號", `name="answers.pole"`, `value="王小明"`} {
			require.Contains(t, agent.page, says)
		}
		require.Zero(t, count(t, d, "cases WHERE channel = 'phone' AND title LIKE '湖濱路 12 號前%'"), "looking files nothing")

		form := agent.form(`value="file"`)
		sent := url.Values{}
		for name, v := range form.values {
			sent[name] = v
		}
		sent.Set("do", "file")
		sent.Del("subject.unit_code") // about nobody
		sent.Set("matter_code", "no such thing")
		agent.took(agent.client.PostForm(h.url+form.action, sent))
		require.Equal(t, 422, agent.status)
		require.Contains(t, agent.page, `href="#matter_code"`)
		require.Contains(t, agent.page, "聲音很小", "what was typed stays")

		sent.Set("matter_code", "street-light")
		var numbers []string
		for range 2 { // two clicks
			agent.took(agent.client.PostForm(h.url+form.action, sent))
			require.Equal(t, 200, agent.status, agent.page)
			number := filedNumber.FindStringSubmatch(agent.page)
			require.NotNil(t, number, agent.page)
			numbers = append(numbers, number[1])
		}
		require.Equal(t, numbers[0], numbers[1])
		require.Equal(t, 1, count(t, d, "cases WHERE channel = 'phone' AND title LIKE '湖濱路 12 號前%'"))
		sent.Set("description", "湖濱路 12 號前的路樹也倒了。") // went back and wrote something else
		agent.took(agent.client.PostForm(h.url+form.action, sent))
		require.Equal(t, 409, agent.status)
		require.Contains(t, agent.page, "這張表單已經登記立案")
		require.Contains(t, agent.page, "路樹也倒了", "nothing typed is lost")
		sent.Set("once", agent.form(`value="file"`).values.Get("once"))
		agent.took(agent.client.PostForm(h.url+form.action, sent))
		require.Equal(t, 200, agent.status, "and it is another case if it is sent again")
		require.NotEqual(t, numbers[0], filedNumber.FindStringSubmatch(agent.page)[1])
		agent.open("/desk/cases/" + numbers[0])
		require.Contains(t, agent.page, "希望回電")

		agent.open("/desk/intake")
		agent.send(url.Values{"do": {"look"}, "contact.phone": {"+86 138 1234 5678"}}, `value="file"`)
		require.Contains(t, agent.page, numbers[0], "what this number asked before")

		handler := h.signIn(t, "handler")
		handler.took(handler.client.Get(h.url + "/desk/intake"))
		require.Equal(t, 403, handler.status)
		handler.took(handler.client.PostForm(h.url+"/desk/intake/parts/caller", sent))
		require.Equal(t, 403, handler.status)
		agent.took(agent.client.PostForm(h.url+"/desk/intake/parts/everything", sent))
		require.Equal(t, 404, agent.status)
	})
}

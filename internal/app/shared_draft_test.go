package app_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/db"
	"minqing/internal/enterprises"
)

var pageVersion = regexp.MustCompile(`name="version" value="(\d+)"`)

// Two members write one draft: neither overwrites the other unseen. Who is removed
// meanwhile is told so, and what was kept stays with the enterprise.
func TestTwoMembersShareADraftAndOneIsRemoved(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		m := &houses{&matrix{house: open(t, d, true), t: t, cookies: map[string]*http.Cookie{}}}
		kit, err := m.Pages()
		require.NoError(t, err)
		m.handler = kit.Handler()
		var house string
		require.NoError(t, d.From(t.Context()).Raw("SELECT id FROM enterprises WHERE code = '91000000000000123L'").Scan(&house).Error)
		var at string
		for _, who := range []string{"company", "clerk"} {
			code, _, _ := m.post(who, "/enterprise/acting", "enterprise", house)
			require.Equal(t, 303, code)
			code, _, to := m.post(who, "/enterprise/apply/tree-felling")
			require.Equal(t, 303, code)
			require.Contains(t, []string{"", to}, at, "one draft for both")
			at = to
		}
		draft := strings.TrimSuffix(at, "/questions")
		id := draft[strings.LastIndex(draft, "/")+1:]
		placed := func() any { return must(m.Permits.Own(m.who("company"), id)).Application.Answers["place"] }
		opens := func(who string) string {
			code, page := m.get(who, at+"?lang=en")
			require.Equal(t, 200, code)
			return pageVersion.FindStringSubmatch(page)[1]
		}
		hers, his := opens("company"), opens("clerk")
		code, _, _ := m.post("company", at+"?lang=en", "version", hers, "asked", "place", "answers.place", "湖濱路 1 號")
		require.Contains(t, []int{303, 422}, code, "kept, well or not")
		require.Equal(t, "湖濱路 1 號", placed())
		code, page, _ := m.post("clerk", at+"?lang=en", "version", his, "asked", "place", "answers.place", "湖濱路 2 號")
		require.Equal(t, 409, code)
		require.Contains(t, page, "湖濱路 2 號", "what was typed stays on the page")
		require.Equal(t, "湖濱路 1 號", placed(), "and overwrites nothing unseen")
		code, _, _ = m.post("clerk", at+"?lang=en", "version", pageVersion.FindStringSubmatch(page)[1], "asked", "place", "answers.place", "湖濱路 2 號")
		require.Contains(t, []int{303, 422}, code)
		require.Equal(t, "湖濱路 2 號", placed(), "sent again, it counts")

		his = opens("clerk")
		var member *enterprises.Member
		for _, one := range must(m.Enterprises.Members(m.who("company"), house)) {
			if one.AccountID == actor.From(m.who("clerk")).AccountID {
				member = &one
			}
		}
		code, _, _ = m.post("company", "/enterprise/members/"+member.ID, "enterprise", house, "do", "role", "role", "reader", "version", "1")
		require.Equal(t, 303, code)
		code, page, _ = m.post("clerk", at+"?lang=en", "version", his, "asked", "place", "answers.place", "湖濱路 3 號")
		require.Equal(t, 403, code)
		require.Contains(t, page, "You may still read this application")
		require.Contains(t, page, "湖濱路 3 號")
		code, _, _ = m.post("company", "/enterprise/members/"+member.ID, "enterprise", house, "do", "remove", "version", "2")
		require.Equal(t, 303, code)
		const told = "You no longer act for this applicant. What was saved is still there"
		code, page, _ = m.post("clerk", at+"?lang=en", "version", his, "asked", "place", "answers.place", "湖濱路 3 號")
		require.Equal(t, 404, code)
		require.Contains(t, page, told)
		require.Contains(t, page, "湖濱路 3 號", "what was typed can be copied")
		require.Contains(t, page, "Ask an owner or a manager of 臨江樂川商行")
		require.NotContains(t, page, "湖濱路 2 號", "nothing of the draft is on it")
		require.Equal(t, "湖濱路 2 號", placed(), "and it is not kept in the draft")
		code, page, _ = m.post("citizen", at+"?lang=en", "version", his, "asked", "place", "answers.place", "湖濱路 3 號")
		require.Equal(t, 404, code)
		require.NotContains(t, page, "樂川", "a stranger is told nothing")
		for _, page := range []string{"/questions", "/materials", "/check"} {
			code, words := m.get("clerk", draft+page+"?lang=en")
			require.Equal(t, 404, code)
			require.Contains(t, words, told)
		}
		w := m.send("clerk", "POST", draft+"/drop?lang=en", aForm, url.Values{"version": {"3"}}.Encode())
		require.Equal(t, 404, w.Code)
		_, page = m.get("clerk", "/enterprise/applications?lang=en")
		require.NotContains(t, page, draft)
		code, page = m.get("company", at+"?lang=en")
		require.Equal(t, 200, code)
		require.Contains(t, page, `value="湖濱路 2 號"`, "nothing that was kept is lost")
	})
}

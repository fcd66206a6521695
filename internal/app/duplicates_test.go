package app_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/app"
	"minqing/internal/cases"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
)

// filedBy files a case by a guest and gives their record.
func filedBy(t *testing.T, m *matrix, d *db.DB, name, phone string, how cases.Confidentiality) (id string) {
	t.Helper()
	r, err := m.Cases.File(actor.With(t.Context(), actor.Actor{Kind: actor.Anonymous}), cases.Filing{Kind: cases.Complaint, MatterCode: "street-light", Title: "湖濱路", Description: "路燈不亮，晚上看不見路。",
		Location: cases.Location{Address: "湖濱路 12 號"}, Contact: cases.Contact{Name: name, Phone: phone}, Confidentiality: how, Locale: "zh-Hant", Channel: cases.ChannelWeb})
	require.NoError(t, err)
	require.NoError(t, d.From(t.Context()).Raw("SELECT p.constituent_id FROM case_parties p JOIN cases c ON c.id = p.case_id WHERE c.case_no = ? AND p.role = 'requester'", r.CaseNo).Scan(&id).Error)
	return id
}

func TestWhoMayMergeSeesOnlyThoseInReach(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		m := &matrix{house: open(t, d, true), t: t, cookies: map[string]*http.Cookie{}}
		require.NoError(t, m.LoadDemo(t.Context()))
		kit, err := m.Pages()
		require.NoError(t, err)
		m.handler = kit.Handler()
		var open, secret []string
		for range 2 {
			open = append(open, filedBy(t, m, d, "歐陽曉麗", "13512345678", cases.Normal))
			secret = append(secret, filedBy(t, m, d, "司馬光遠", "13612345678", cases.IdentityHidden))
		}
		_, err = m.Merging.Go(actor.AsSystem(t.Context(), "test"), time.Minute, true)
		require.NoError(t, err)
		require.Equal(t, 2, count(t, d, "constituent_pairs"))

		queue := m.send("outreach", "GET", "/people/duplicates?lang=zh-Hant", "", "")
		require.Equal(t, http.StatusOK, queue.Code)
		require.Contains(t, queue.Body.String(), "歐陽**")
		require.NotContains(t, queue.Body.String(), "司馬")
		require.NotContains(t, queue.Body.String(), "13512345678")
		pair := fmt.Sprintf("/people/duplicates/pair/%s/%s", open[0], open[1])
		hidden := fmt.Sprintf("/people/duplicates/pair/%s/%s", secret[0], secret[1])
		for who, want := range map[string]int{"handler": 403, "official": 403, "admin": 403, "dispatcher": 200, "outreach": 200} {
			require.Equal(t, want, m.send(who, "GET", pair, "", "").Code, who)
		}
		require.Equal(t, 404, m.send("outreach", "GET", hidden, "", "").Code)
		require.Equal(t, 404, m.send("outreach", "GET", "/people/duplicates/of/"+secret[0], "", "").Code)
		form := url.Values{"do": {"merge"}, "version": {"1"}, "version_a": {"1"}, "version_b": {"1"}, "survivor": {"a"}, "reason": {"來電確認"}}
		require.Equal(t, 404, m.send("outreach", "POST", hidden, aForm, form.Encode()).Code)

		without := url.Values{"do": {"merge"}, "version_a": {"1"}, "version_b": {"1"}, "survivor": {"b"}}
		got := m.send("outreach", "POST", pair, aForm, without.Encode())
		require.Equal(t, 422, got.Code)
		require.Regexp(t, `value="b" checked`, got.Body.String(), "what was chosen is kept")
		require.Equal(t, 303, m.send("outreach", "POST", pair, aForm, form.Encode()).Code)
		require.Equal(t, 409, m.send("dispatcher", "POST", pair, aForm, form.Encode()).Code, "somebody was quicker")
		require.Equal(t, 1, count(t, d, "constituents WHERE merged_how = 'judged'"))

		var id string
		require.NoError(t, d.From(t.Context()).Raw("SELECT id FROM constituent_merges").Scan(&id).Error)
		page := m.send("dispatcher", "GET", "/people/duplicates/done", "", "")
		require.Contains(t, page.Body.String(), "來電確認")
		back := "/people/duplicates/done/" + id
		require.Equal(t, 422, m.send("dispatcher", "POST", back, aForm, "version=1").Code)
		require.Equal(t, 303, m.send("dispatcher", "POST", back, aForm, url.Values{"version": {"1"}, "reason": {"是姊妹"}}.Encode()).Code)
		require.Equal(t, 409, m.send("dispatcher", "POST", back, aForm, url.Values{"version": {"1"}, "reason": {"是姊妹"}}.Encode()).Code)
		require.Zero(t, count(t, d, "constituents WHERE merged_how IS NOT NULL"))
		page = m.send("dispatcher", "GET", "/people/duplicates/apart", "", "")
		require.Contains(t, page.Body.String(), "是姊妹")
	})
}

func TestTwoThatHaveNothingInCommonAreComparedByWhoFindsThem(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		m := &matrix{house: open(t, d, true), t: t, cookies: map[string]*http.Cookie{}}
		require.NoError(t, m.LoadDemo(t.Context()))
		kit, err := m.Pages()
		require.NoError(t, err)
		m.handler = kit.Handler()
		one := filedBy(t, m, d, "歐陽曉麗", "13512345678", cases.Normal)
		other := filedBy(t, m, d, "Ouyang Lily", "13712345678", cases.Normal)
		secret := filedBy(t, m, d, "司馬光遠", "13612345678", cases.IdentityHidden)
		of := "/people/duplicates/of/" + one
		find := func(who, typed string) (int, string) {
			r := m.send(who, "POST", of+"?lang=zh-Hant", aForm, url.Values{"q": {typed}}.Encode())
			return r.Code, r.Body.String()
		}
		a, b := min(one, other), max(one, other)
		pair := "/people/duplicates/pair/" + a + "/" + b
		require.NotContains(t, m.send("dispatcher", "GET", of, "", "").Body.String(), pair, "nobody proposes it")
		for _, who := range []string{"dispatcher", "outreach"} {
			code, page := find(who, "137 1234 5678")
			require.Equal(t, http.StatusOK, code)
			require.Contains(t, page, pair)
			require.NotContains(t, page, "13512345678")
		}
		for _, typed := range []string{"13512345678", "13612345678", "13911112222"} { // itself, out of reach, nobody
			code, page := find("outreach", typed)
			require.Equal(t, http.StatusOK, code)
			require.NotContains(t, page, "/people/duplicates/pair/")
			require.NotContains(t, page, "司馬")
			require.Contains(t, page, "查無此人")
		}
		code, page := find("outreach", " ")
		require.Equal(t, http.StatusUnprocessableEntity, code)
		require.Contains(t, page, `href="#q"`)
		for who, want := range map[string]int{"handler": 403, "official": 403} {
			code, _ := find(who, "13712345678")
			require.Equal(t, want, code, who)
		}
		require.Equal(t, 404, m.send("outreach", "POST", "/people/duplicates/of/"+secret, aForm, "q=13712345678").Code)
		require.Equal(t, 404, m.send("outreach", "POST", "/people/duplicates/of/x", aForm, "q=13712345678").Code)

		form := url.Values{"do": {"merge"}, "version": {"0"}, "version_a": {"1"}, "version_b": {"1"}, "survivor": {"a"}, "reason": {"本人來電確認改名"}}
		require.Equal(t, 303, m.send("dispatcher", "POST", pair, aForm, form.Encode()).Code)
		code, page = find("outreach", "13712345678")
		require.Contains(t, []int{200, 404}, code)
		require.NotContains(t, page, pair, "they are one already")
	})
}

// Of more who may be the same than a page lists it says how many it leaves out.
func TestWhoMayBeTheSameIsCountedWhereNotListed(t *testing.T) {
	h := open(t, oneCity(t), true, "MINQING_SECOND_FACTOR_ROLES=off")
	h.serve(t, app.ServeOptions{Web: true})
	system := actor.AsSystem(t.Context(), "test")
	alike := func() string {
		id, err := h.Constituents.Create(system, constituents.Contact{Name: "歐陽同名", Phone: "13800138000"}, "zh-Hant")
		require.NoError(t, err)
		return id
	}
	id, b := alike(), h.visitor(t)
	b.post("/sign-in", "email", "outreach@demo.test", "password", app.DemoPassword)
	links := func() int {
		return strings.Count(b.get("/people/duplicates/of/"+id+"?lang=en").body, `href="/people/duplicates/pair/`)
	}
	for range constituents.CandidatesMost {
		alike()
	}
	require.Equal(t, constituents.CandidatesMost, links(), h.log)
	require.NotContains(t, b.body, "Only the likeliest")
	alike()
	alike()
	require.Equal(t, constituents.CandidatesMost, links())
	require.Contains(t, b.body, "Only the likeliest 20 are listed; 2 more have something in common.")
}

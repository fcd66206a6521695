package app_test

import (
	"bytes"
	"mime/multipart"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/app"
	"minqing/internal/db"
	"minqing/internal/document/documenttest"
)

var untranslated = regexp.MustCompile(`>\s*(counter|permit|nav|people|desk|portal|receipt)\.[a-z_.]+\s*<`)

// TestAnApplicationIsWrittenDownAtACounterWithoutScripts walks the pages of the counter as
// a browser without JavaScript does, from who comes to the receipt on paper.
func TestAnApplicationIsWrittenDownAtACounterWithoutScripts(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, true)
		h.serve(t, app.ServeOptions{Web: true, Workers: true})
		agent := h.signIn(t, "agent")
		for lang, says := range map[string]string{"zh-Hans": "窗口申请", "en": "Applications at the counter", "zh-Hant": "臨櫃申請"} {
			agent.open("/desk/counter?lang=" + lang)
			require.Contains(t, agent.page, says)
			require.NotRegexp(t, untranslated, agent.page)
		}
		agent.open("/desk/counter/begin/tree-felling?lang=en")
		require.NotRegexp(t, untranslated, agent.page)
		said := url.Values{"kind": {"person"}, "number_kind": {"resident_id"}, "number": {"110105194912310020"}, "name": {"王小明"}, "phone": {"13812345678"}, "email": {"wang@example.org"}}
		with := func(do string, pairs ...string) url.Values {
			v := url.Values{"do": {do}}
			for name, values := range said {
				v[name] = values
			}
			for i := 0; i < len(pairs); i += 2 {
				v.Set(pairs[i], pairs[i+1])
			}
			return v
		}
		agent.send(with("begin"), `value="begin"`)
		require.Equal(t, 422, agent.status)
		require.Contains(t, agent.page, `href="#number"`)
		require.Contains(t, agent.page, "right check character")
		require.Contains(t, agent.page, `value="王小明"`, "what was typed stays")
		said.Set("number", "11010519491231002X")
		agent.send(with("look"), `value="begin"`)
		require.Equal(t, 200, agent.status)
		require.Zero(t, count(t, d, "permit_applications WHERE counter_unit_id IS NOT NULL"), "looking begins nothing")

		form := agent.form(`value="begin"`)
		for name, values := range with("begin") {
			form.values[name] = values
		}
		here := agent.at.Path
		var drafts []string
		for range 2 { // two clicks
			agent.took(agent.client.PostForm(h.url+here, form.values))
			require.Equal(t, 200, agent.status, agent.page)
			drafts = append(drafts, agent.at.Path)
		}
		require.Equal(t, drafts[0], drafts[1])
		require.Equal(t, 1, count(t, d, "permit_applications WHERE counter_unit_id IS NOT NULL"))
		require.NotRegexp(t, untranslated, agent.page)
		base := strings.TrimSuffix(drafts[0], "/who")
		agent.send(url.Values{"by": {""}}, `name="by"`)
		require.Equal(t, 422, agent.status)
		require.Contains(t, agent.page, `href="#by"`)
		dispatcher := h.signIn(t, "dispatcher") // of the city, which the desk is part of
		dispatcher.open(base + "/who")
		agent.send(url.Values{"by": {"person"}}, `name="by"`)
		require.Equal(t, base+"/questions", agent.at.Path)
		dispatcher.send(url.Values{"by": {"agent"}, "agent": {"李代理"}, "authority": {"2026-03-01"}}, `name="by"`)
		require.Equal(t, 409, dispatcher.status)
		require.Contains(t, dispatcher.page, `value="李代理"`, "the second is told, and keeps what was typed")

		number, sent := agent.fillsIn(base)
		require.Equal(t, 1, count(t, d, "cases WHERE channel = 'counter' AND kind = 'permit_application'"))
		agent.took(agent.client.PostForm(h.url+base+"/check", sent)) // the second click
		require.Equal(t, 409, agent.status)
		require.Contains(t, agent.page, number, "and is shown what was sent")
		require.Equal(t, 1, count(t, d, "cases WHERE channel = 'counter' AND kind = 'permit_application'"))

		told := "deliveries d JOIN cases c ON c.id = d.case_id JOIN case_parties p ON p.case_id = c.id AND p.role = 'requester' WHERE c.case_no = ? AND d.kind = 'case_received' AND "
		require.Eventually(t, func() bool { return count(t, d, told+"d.constituent_id = p.constituent_id", number) > 0 }, 20*time.Second, 50*time.Millisecond, "the applicant hears of it")
		require.Zero(t, count(t, d, told+"(d.constituent_id IS NULL OR d.constituent_id <> p.constituent_id)", number), "and nobody else")

		agent.open(base + "/receipt.pdf?lang=en")
		paper := documenttest.Text(t, []byte(agent.page))
		for _, says := range []string{"Receipt of your application", number, "Applicant王小明", "moving.pdf", "counter_statement.pdf", "Who came", "Signed on paper", "written proof"} {
			require.Contains(t, paper, says)
		}
		permits := h.signIn(t, "head")
		permits.took(permits.client.Get(h.url + base))
		require.Equal(t, 403, permits.status)
		agent.open("/desk/counter?lang=en")
		agent.send(url.Values{"case_no": {"LJ1"}}, `name="case_no"`)
		require.Equal(t, 422, agent.status)
		agent.send(url.Values{"case_no": {strings.ToLower(number)}}, `name="case_no"`)
		require.Equal(t, base, agent.at.Path)
	})
}

// uploads adds a paper, as the form of its card does.
func (b *browser) uploads(path, code string) {
	b.t.Helper()
	to, err := b.at.Parse(path)
	require.NoError(b.t, err)
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	require.NoError(b.t, w.WriteField("code", code))
	part, err := w.CreateFormFile("material."+code, code+".pdf")
	require.NoError(b.t, err)
	_, err = part.Write([]byte("%PDF-1.4\n" + code + "\n%%EOF\n"))
	require.NoError(b.t, err)
	require.NoError(b.t, w.Close())
	b.took(b.client.Post(to.String(), w.FormDataContentType(), &body))
	require.Equal(b.t, 200, b.status, b.page)
}

// fillsIn answers, adds the papers, has it signed and sends; it gives the number of the
// case, and the form that was sent.
func (b *browser) fillsIn(base string) (caseNo string, sent url.Values) {
	b.t.Helper()
	b.send(url.Values{"answers.place": {"湖濱路 12 號"}, "answers.count": {"2"}, "answers.act": {"move"}, "answers.old": {"false"}, "answers.own": {"true"}}, `name="asked"`)
	require.Equal(b.t, base+"/materials", b.at.Path, b.page)
	require.NotRegexp(b.t, untranslated, b.page)
	require.NotContains(b.t, b.page, "counter_statement", "it is taken where it is signed")
	for _, code := range []string{"photo", "reason", "moving"} {
		b.uploads(base+"/materials", code)
		require.Contains(b.t, b.page, code+".pdf")
	}
	b.open(base + "/check")
	require.NotRegexp(b.t, untranslated, b.page)
	require.Contains(b.t, b.page, `href="`+base+`/who"`)
	b.send(url.Values{"how": {"aloud"}, "name": {"王小明"}, "agrees": {"yes"}}, `name="agrees"`)
	require.Equal(b.t, 422, b.status)
	require.Contains(b.t, b.page, `href="#why"`)
	b.send(url.Values{"how": {"paper"}, "agrees": {"yes"}}, `name="agrees"`)
	require.Equal(b.t, 422, b.status)
	require.Contains(b.t, b.page, `href="#material-counter_statement"`)
	require.Contains(b.t, b.page, `id="material-counter_statement"`)
	require.Contains(b.t, b.page, `value="paper" checked`, "what was chosen stays")

	b.open(base + "/statement.pdf?lang=en")
	paper := documenttest.Text(b.t, []byte(b.page))
	for _, says := range []string{"Application, to be signed", "王小明", "湖濱路 12 號", "photo.pdf", "I declare", "Signature"} {
		require.Contains(b.t, paper, says)
	}
	b.uploads(base+"/materials", "counter_statement")
	require.Equal(b.t, base+"/check", b.at.Path, "back to where it is signed")

	form := b.form(`name="agrees"`)
	form.values.Set("how", "paper")
	form.values.Set("agrees", "yes")
	b.took(b.client.PostForm(b.at.String(), form.values))
	require.Equal(b.t, 200, b.status, b.page)
	require.Equal(b.t, base, b.at.Path)
	number := filedNumber.FindStringSubmatch(b.page)
	require.NotNil(b.t, number, b.page)
	require.Contains(b.t, b.page, `id="query-code"`)
	require.Contains(b.t, b.page, "Signed on paper")
	require.NotRegexp(b.t, untranslated, b.page)
	return number[1], form.values
}

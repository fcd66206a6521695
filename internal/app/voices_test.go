package app_test

import (
	"bytes"
	"io"
	"mime/quotedprintable"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/app"
	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/place"
)

// published files a case in the first district, concludes it and puts it before
// everybody; it gives the case and the address of what is published.
func (h *house) published(t *testing.T, d *db.DB) (cases.Key, string) {
	t.Helper()
	r, err := h.Cases.File(actor.With(t.Context(), actor.Actor{Kind: actor.Anonymous}), cases.Filing{Kind: cases.Complaint, MatterCode: "street-light",
		Title: "湖濱路前路燈不亮", Description: trouble, Publish: true, Locale: "zh-Hant", Channel: cases.ChannelWeb, Confidentiality: cases.Normal,
		Location: cases.Location{Address: "湖濱路 12 號前", DistrictCode: h.borough(t)}, Contact: cases.Contact{Name: requester, Phone: phone}})
	require.NoError(t, err)
	h.concluded(t, d, r.CaseNo)
	draft, err := h.Voices.Draft(as(t, h, "supervisor@demo.test"), r.CaseNo)
	require.NoError(t, err)
	v, err := h.Voices.Publish(as(t, h, "supervisor@demo.test"), r.CaseNo, draft.Texts, "")
	require.NoError(t, err)
	return cases.Key{CaseNo: r.CaseNo, QueryCode: r.QueryCode}, "/voices/" + v.ID
}

func (h *house) borough(t *testing.T) string {
	t.Helper()
	areas, err := h.Places.Map(t.Context())
	require.NoError(t, err)
	for _, d := range areas.Districts {
		if d.Level == place.Borough {
			return d.Code
		}
	}
	return ""
}

func TestSomebodySaysThatAQuestionConcernsThemToo(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, true)
		h.serve(t, app.ServeOptions{Web: true})
		k, path := h.published(t, d)
		one, two := visit(t, h.url), visit(t, h.url)
		one.open(path)
		require.Empty(t, one.client.Jar.Cookies(one.at), "reading leaves nothing in a browser")
		one.send(nil, `value="say"`) // buttons are no inputs
		require.Equal(t, 404, one.status, "no button was pressed")
		for range 2 {
			one.took(one.client.PostForm(h.url+path+"/concern", url.Values{"do": {"say"}}))
			require.Equal(t, path, one.at.Path)
			require.Contains(t, one.page, "有 1 人也有同樣的問題")
			require.Contains(t, one.page, `value="undo"`)
		}
		two.open(path)
		require.Contains(t, two.page, "有 1 人也有同樣的問題")
		require.Contains(t, two.page, `value="say"`, "another browser has not said so")
		two.took(two.client.PostForm(h.url+path+"/concern", url.Values{"do": {"undo"}}))
		require.Contains(t, two.page, "有 1 人也有同樣的問題", "nothing of others is taken back")
		citizen := h.signIn(t, "citizen")
		citizen.took(citizen.client.PostForm(h.url+path+"/concern", url.Values{"do": {"say"}}))
		require.Contains(t, citizen.page, "有 2 人也有同樣的問題")
		head := h.signIn(t, "supervisor")
		head.took(head.client.PostForm(h.url+path+"/concern", url.Values{"do": {"say"}}))
		require.Equal(t, 403, head.status)
		head.open("/desk/cases/" + k.CaseNo)
		require.Contains(t, head.page, "另有 2 人有同樣的問題")

		filing := visit(t, h.url)
		filing.filesUntilCheck(h.borough(t))
		require.Contains(t, filing.page, path+`/concern`, "what is known is offered")
		filing.took(filing.client.PostForm(h.url+path+"/concern", url.Values{"do": {"say"}}))
		require.Contains(t, filing.page, "有 3 人也有同樣的問題")

		two.open("/voices?q=" + url.QueryEscape("沒有這種事"))
		require.Contains(t, two.page, "沒有符合的公開答復")
		require.NoError(t, h.Voices.Decline(as(t, h, "supervisor@demo.test"), k.CaseNo, "涉及他案", ""))
		for _, to := range []string{path, "/voices/nonsense", "/voices/' OR 1=1"} {
			two.took(two.client.PostForm(h.url+strings.ReplaceAll(to, " ", "%20")+"/concern", url.Values{"do": {"say"}}))
			require.Equal(t, 404, two.status, to)
		}
		filing.open("/file/street-light/check")
		require.NotContains(t, filing.page, path, "others of the city may be like it; this one is offered no more")
		r, err := http.PostForm(h.url+path+"/concern", url.Values{"do": {"say"}})
		require.NoError(t, err)
		r.Body.Close()
		require.Equal(t, 404, r.StatusCode)
		require.Zero(t, count(t, d, "voice_concerns"))
	})
}

// filesUntilCheck fills the forms of a filing in and sends nothing.
func (b *browser) filesUntilCheck(district string) {
	b.t.Helper()
	b.open("/file/street-light")
	typed := url.Values{"title": {"路燈不亮"}, "description": {trouble}, "location.address": {"湖濱路 3 號"}, "location.district_code": {district},
		"contact.name": {requester}, "contact.phone": {phone}, "subject.unit_code": {""}}
	for range 8 {
		if strings.HasSuffix(b.at.Path, "/check") {
			return
		}
		change := url.Values{}
		for name := range b.form().values {
			if values, ok := typed[name]; ok {
				change[name] = values
			}
		}
		b.send(change)
	}
	b.t.Fatalf("the forms do not end: %s", b.page)
}

// linkTo finds the address of a page in a mail.
func linkTo(t *testing.T, m sentMail, path string) string {
	t.Helper()
	body, err := io.ReadAll(quotedprintable.NewReader(bytes.NewReader(m.raw)))
	require.NoError(t, err)
	found := regexp.MustCompile(`https?://[^\s<>"]*(` + path + `[^\s<>"]*)`).FindSubmatch(body)
	require.NotNil(t, found, "%s", body)
	return string(found[1])
}

func TestSomebodyFollowsAQuestionByMail(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		mail := newPost(t)
		h := open(t, d, true, "MINQING_SMTP_URL="+mail.address)
		h.serve(t, app.ServeOptions{Web: true, Workers: true})
		k, path := h.published(t, d)
		const me = "follower@example.org"
		b := visit(t, h.url)
		b.open(path + "?lang=en")
		b.send(url.Values{"email": {"follower@example.org\r\nBcc: x@example.org"}}, `name="email"`)
		require.Equal(t, 422, b.status)
		require.Contains(t, b.page, `href="#email"`)
		require.Contains(t, b.page, "Bcc: x@example.org", "what was typed stays")
		b.open(path)
		for range 2 {
			b.send(url.Values{"email": {me}}, `name="email"`)
			require.Equal(t, path, b.at.Path)
			require.Contains(t, b.page, "a link is on its way", "alike each time")
		}
		first := mail.newest(t, me, 1)
		require.Empty(t, first.message.Header.Get("List-Unsubscribe"))
		link := linkTo(t, first, "/voices/follow/")
		b.open(link)
		require.Zero(t, count(t, d, "voice_follows WHERE confirmed_at IS NOT NULL"), "a program that looks at links proves nothing")
		b.send(nil)
		require.Equal(t, path, b.at.Path)
		require.Equal(t, 1, count(t, d, "voice_follows WHERE confirmed_at IS NOT NULL"))
		b.took(b.client.Get(h.url + link))
		require.Equal(t, 404, b.status, "it works once")

		h.handled(t, k.CaseNo, cases.Rework{Reason: "又壞了。"})
		again := mail.newest(t, me, 2)
		require.Equal(t, "A question that you follow is handled again", again.message.Header.Get("Subject"))
		h.handled(t, k.CaseNo, cases.Reply{Text: "已修復。"}, cases.Conclude{Outcome: cases.Resolved})
		done := mail.newest(t, me, 3)
		require.Equal(t, path, linkTo(t, done, "/voices/[0-9a-f]"))
		header := done.message.Header.Get("List-Unsubscribe")
		require.Equal(t, "List-Unsubscribe=One-Click", done.message.Header.Get("List-Unsubscribe-Post"))
		stop := linkTo(t, done, "/voices/stop/")
		require.True(t, strings.HasSuffix(header, stop+">"), header)

		b.open(stop)
		require.Equal(t, 1, count(t, d, "voice_follows"), "looking at the link stops nothing")
		for range 2 { // as mail programs do (RFC 8058), who repeat it when they like
			r, err := noRedirect.PostForm(h.url+stop, url.Values{"List-Unsubscribe": {"One-Click"}})
			require.NoError(t, err)
			r.Body.Close()
			require.Equal(t, 303, r.StatusCode)
			require.Zero(t, count(t, d, "voice_follows"))
		}
		require.NoError(t, h.Voices.Decline(as(t, h, "supervisor@demo.test"), k.CaseNo, "涉及他案", ""))
		b.took(b.client.PostForm(h.url+path+"/follow", url.Values{"email": {me}}))
		require.Equal(t, 404, b.status)
		require.Equal(t, 3, count(t, d, "deliveries WHERE about_id IS NOT NULL AND constituent_id IS NULL AND account_id IS NULL AND status = 'sent'"))
		h.quietLog(t, me)
	})
}

func TestNobodyFollowsWhereNoMailCanLeave(t *testing.T) {
	d := dbtest.New(t)
	h := open(t, d, true)
	h.serve(t, app.ServeOptions{Web: true})
	_, path := h.published(t, d)
	b := visit(t, h.url)
	b.open(path)
	require.NotContains(t, b.page, `name="email"`)
	b.took(b.client.PostForm(h.url+path+"/follow", url.Values{"email": {"a@example.org"}}))
	require.Equal(t, 404, b.status)
	require.Zero(t, count(t, d, "voice_follows"))
}

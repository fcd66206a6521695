package app_test

import (
	"context"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/app"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/i18n"
	"minqing/internal/outreach"
)

// only is a segment of these people, fixed by hand: by no rule, for the workers look
// every minute who fits it.
func (h *house) only(t *testing.T, d *db.DB, mails ...string) (id string) {
	t.Helper()
	system := actor.AsSystem(t.Context(), "test")
	owner, err := h.Identity.ByEmail(t.Context(), "outreach@demo.test")
	require.NoError(t, err)
	nobody, err := outreach.Parse([]byte(`{"op":"all","of":[{"op":"cond","leaf":"kind","with":{"is":"person"}},{"op":"cond","leaf":"kind","with":{"is":"enterprise"}}]}`))
	require.NoError(t, err)
	require.NoError(t, h.Outreach.Ensure(system, "campaign-test", owner.ID, outreach.Draft{Name: i18n.Text{i18n.ZhHant: "所有人"}, Purpose: outreach.Notice, Basis: outreach.Urgent,
		BasisText: i18n.Text{i18n.ZhHant: "突發事件應對法"}, UnitCode: "LJ", Root: nobody}))
	require.NoError(t, d.From(t.Context()).Raw("SELECT id FROM segments WHERE code = 'campaign-test'").Scan(&id).Error)
	writer := actor.With(t.Context(), actor.Actor{Kind: actor.Staff, AccountID: owner.ID})
	for _, mail := range mails {
		who, err := h.Constituents.Create(system, constituents.Contact{Name: requester}, "zh-Hant")
		require.NoError(t, err)
		_, err = h.Constituents.Attach(system, who, constituents.Email, mail, true)
		require.NoError(t, err)
		require.NoError(t, h.Outreach.Fix(writer, id, who, outreach.In, "試驗"))
	}
	require.NoError(t, h.Outreach.Refresh(writer, id))
	require.Equal(t, len(mails), count(t, d, "segment_members WHERE segment_id = ?", id))
	return id
}

func TestACampaignIsWrittenApprovedSentRefusedAndStopped(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		server := newPost(t)
		h := open(t, d, true, "MINQING_SMTP_URL="+server.address)
		h.serve(t, app.ServeOptions{Web: true, Workers: true})
		segment := h.only(t, d, "one@home.test", "two@home.test")

		writer := h.enters(t, "outreach@demo.test", app.DemoPassword)
		h.knowsAResult(t, d, writer)
		words := count(t, d, "consents WHERE purpose = 'outreach'")
		writer.open("/people/campaigns/new?lang=zh-Hant")
		writer.send(url.Values{"mail.subject.zh-Hant": {"停水通知"}, "per_hour": {"soon"}}, `name="per_hour"`)
		require.Equal(t, 422, writer.status)
		require.Contains(t, writer.page, `value="停水通知"`, "what was typed stays")
		require.Contains(t, writer.page, `value="soon"`)
		writer.send(url.Values{"segment": {segment}, "name.zh-Hant": {"停水通知"}, "mail.body.zh-Hant": {"明日 9 時至 12 時停水。"}, "per_hour": {"20000"}}, `name="per_hour"`)
		require.Equal(t, 200, writer.status, writer.page)
		at := writer.at.Path
		require.Equal(t, "/people/campaigns", path.Dir(at))
		require.Contains(t, writer.page, "明日 9 時至 12 時停水。")
		require.NotContains(t, writer.page, `value="approve"`)
		id := path.Base(at)
		press := func(b *browser, to string, v url.Values) {
			t.Helper()
			b.took(b.client.PostForm(h.url+to, v))
		}
		press(writer, at, url.Values{"do": {"ask"}, "version": {"7"}})
		require.Equal(t, 409, writer.status, "another version")
		press(writer, at, url.Values{"do": {"ask"}, "version": {"1"}})
		require.Equal(t, 200, writer.status)
		press(writer, at+"/decide", url.Values{"do": {"approve"}, "version": {"2"}})
		require.Equal(t, 403, writer.status)

		second := h.signIn(t, "supervisor")
		second.open(at)
		require.Contains(t, second.page, `value="approve"`)
		press(second, at+"/decide", url.Values{"do": {"return"}, "version": {"2"}, "note": {""}})
		require.Equal(t, 422, second.status)
		press(second, at+"/decide", url.Values{"do": {"approve"}, "version": {"2"}})
		require.Equal(t, 200, second.status, second.page)

		head := server.newest(t, "one@home.test", 1).message.Header
		stop := regexp.MustCompile(`/refuse/[0-9a-z.]+`).FindString(head.Get("List-Unsubscribe"))
		require.NotEmpty(t, stop)
		require.Equal(t, "List-Unsubscribe=One-Click", head.Get("List-Unsubscribe-Post"))

		reader := visit(t, h.url)
		reader.open(stop)
		require.Equal(t, 200, reader.status)
		require.Equal(t, words, count(t, d, "consents WHERE purpose = 'outreach'"), "to look refuses nothing")
		bare := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		got, err := bare.PostForm(h.url+stop, url.Values{"List-Unsubscribe": {"One-Click"}})
		require.NoError(t, err)
		got.Body.Close()
		require.Equal(t, 200, got.StatusCode, "mail programs follow no redirect (RFC 8058)")
		require.Equal(t, words+3, count(t, d, "consents WHERE purpose = 'outreach'"))
		press(reader, stop, url.Values{"do": {"complain"}})
		require.Equal(t, stop, reader.at.Path)
		require.Equal(t, 1, count(t, d, "campaign_assignments WHERE campaign_id = ? AND complained_at IS NOT NULL", id))
		reader.took(reader.client.Get(h.url + stop[:len(stop)-1] + "_"))
		require.Equal(t, 404, reader.status)

		require.NoError(t, h.Campaigns.Run(context.Background(), id))
		writer.open(at)
		require.Contains(t, writer.page, "少於 5 人", "of two nothing is told")
		var version string
		require.NoError(t, d.From(t.Context()).Raw("SELECT CAST(version AS text) FROM campaigns WHERE id = ?", id).Scan(&version).Error)
		press(writer, at+"/stop", url.Values{"version": {version}, "why": {""}})
		require.Equal(t, 422, writer.status)
		press(writer, at+"/stop", url.Values{"version": {version}, "why": {"已恢復供水"}})
		require.Equal(t, 200, writer.status)
		require.Contains(t, writer.page, "已恢復供水")
		writer.open("/people/campaigns/new?copy=" + id)
		require.Contains(t, writer.page, "明日 9 時至 12 時停水。")
	})
}

package app_test

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/app"
	"minqing/internal/db"
	"minqing/internal/i18n"
	"minqing/internal/identity"
	"minqing/internal/notify"
	"minqing/internal/outreach/campaign"
)

var nowPart = regexp.MustCompile(`(?s)<section class="mq-now".*?</section>`)

// now is what the home page says that the person needs to do; what waits until
// the workers have told it is waited for.
func (b *browser) now(t *testing.T, want ...string) string {
	t.Helper()
	var section string
	require.Eventually(t, func() bool {
		b.open("/")
		section = nowPart.FindString(b.page)
		for _, w := range want {
			if !strings.Contains(section, w) {
				return false
			}
		}
		return section != ""
	}, 20*time.Second, 50*time.Millisecond, "%v", want)
	return section
}

func TestTheHomePageBeginsWithWhatNeedsMeNow(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, true)
		h.serve(t, app.ServeOptions{Workers: true, Web: true})
		stranger := visit(t, h.url)
		stranger.open("/")
		require.Empty(t, nowPart.FindString(stranger.page))

		require.NoError(t, h.Identity.EnsureDemo(actor.AsSystem(t.Context(), "test"), []identity.DemoAccount{{Email: "newcomer@demo.test", Kind: "citizen", Locale: "zh-Hant"}}))
		citizen := h.signIn(t, "newcomer")
		require.Contains(t, citizen.now(t), "目前沒有等您處理的事")
		caseNo, _ := file(citizen)
		here := `href="/cases/` + caseNo + `"`
		section := citizen.now(t, here)
		require.Contains(t, section, "目前沒有等您處理的事", "we owe them something, not they us")
		require.Contains(t, section, "我們接下來要答復的")

		dispatcher, handler := h.signIn(t, "dispatcher"), h.signIn(t, "handler")
		dispatcher.open("/desk/cases/" + caseNo)
		dispatcher.act("request_info", url.Values{"request_info.question": {"請問是哪一根燈桿？"}})
		section = citizen.now(t, here, "等您補充")
		require.NotContains(t, section, "我們接下來要答復的", "the clock of a case that waits for them is theirs")
		citizen.open("/cases/" + caseNo)
		citizen.send(url.Values{"text": {"第 0417 號。"}, "do": {"say"}}, `name="text"`)
		require.NotContains(t, citizen.now(t), "等您補充")

		dispatcher.open("/desk/cases/" + caseNo)
		dispatcher.act("accept", nil)
		dispatcher.act("dispatch", nil)
		handler.open("/desk/cases/" + caseNo)
		handler.act("sign_in", nil)
		handler.act("assign", nil)
		handler.act("reply", url.Values{"reply.text": {"經現場勘查，電纜老化短路，已更換並於昨晚恢復照明。如再不亮，請撥 07-123-4567 轉路燈科。"}})
		citizen.now(t, here, "有新答復")
		citizen.open("/cases/" + caseNo)
		require.NotContains(t, citizen.now(t), "有新答復", "it was opened")

		handler.act("conclude", nil)
		citizen.now(t, here, "有新答復")
		citizen.open("/cases/" + caseNo)
		citizen.now(t, here, "請您評價")
		citizen.open("/cases/" + caseNo)
		citizen.send(url.Values{"grade": {"5"}, "resolved": {"yes"}, "do": {"evaluate"}}, `name="grade"`)
		require.Contains(t, citizen.now(t), "目前沒有等您處理的事")
	})
}

func TestStaffAreLedToWhatPresses(t *testing.T) {
	h := open(t, oneCity(t), true)
	h.serve(t, app.ServeOptions{Web: true})
	overdue, today, err := h.Cases.Pressing(actor.AsSystem(t.Context(), "test"))
	require.NoError(t, err)
	require.Positive(t, overdue, "the demo city has overdue cases")
	section := h.signIn(t, "dispatcher").now(t)
	require.Contains(t, section, `href="/desk?view=overdue"`)
	require.Regexp(t, `>`+strconv.Itoa(overdue)+` 件已逾期<`, section)
	require.Equal(t, today > 0, strings.Contains(section, "件今天到期"))

	dispatcher := h.signIn(t, "dispatcher")
	dispatcher.open("/me/cases")
	require.Equal(t, "/", dispatcher.at.Path, "staff have no cases of their own")
	require.NotContains(t, dispatcher.page, "/me/cases")
	dispatcher.open("/file/street-light/what")
	handler := h.signIn(t, "handler")
	for _, path := range []string{"/file", "/file/street-light/what"} {
		handler.took(handler.client.Get(h.url + path))
		require.Equal(t, 403, handler.status, "%s: who may not file is told before they type", path)
		require.Contains(t, handler.page, "請先登出")
	}

	official := visit(t, h.url)
	official.open("/sign-in")
	official.send(url.Values{"email": {"official@demo.test"}, "password": {app.DemoPassword}}, `name="password"`)
	section = official.now(t)
	require.Contains(t, section, `href="/insight/performance"`)
	require.NotContains(t, section, `href="/desk`)
}

// Whoever may decide on a campaign or a list that somebody else made is led to it, and to
// nothing of their own or that is decided.
func TestSecondPeopleAreLedToWhatTheyDecide(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, true)
		h.serve(t, app.ServeOptions{Web: true})
		exec := func(sql string, args ...any) {
			t.Helper()
			require.NoError(t, d.From(t.Context()).Exec(sql, args...).Error)
		}
		exec("UPDATE campaigns SET state = 'stopped' WHERE state = 'asked'")
		exec("UPDATE offer_lists SET state = 'dropped' WHERE state = 'matched'")
		home := func(name string) string {
			section := h.enters(t, name+"@demo.test", app.DemoPassword).now(t)
			require.NotContains(t, section, "portal.now")
			return section
		}
		require.NotContains(t, home("supervisor"), "等您決定")

		segment := h.only(t, d, "one@home.test")
		writer := h.as(t, "outreach")
		plan := campaign.Plan{SegmentID: segment, WindowDays: 30, PerHour: 600, Name: i18n.Text{i18n.ZhHant: "停水"},
			Texts: campaign.MessagesBy{notify.Mail: {Subject: i18n.Text{i18n.ZhHant: "停水"}, Body: i18n.Text{i18n.ZhHant: "明日停水"}}}}
		asked := make([]string, 2)
		for i := range asked {
			id, err := h.Campaigns.Create(writer, plan)
			require.NoError(t, err)
			require.NoError(t, h.Campaigns.Ask(writer, id, 1))
			asked[i] = id
			if i == 0 {
				require.Regexp(t, `href="/people/campaigns/`+id+`">1 個推播等您核准<`, home("supervisor"))
			}
		}
		require.Regexp(t, `href="/people/campaigns\?state=asked">2 個推播等您核准<`, home("supervisor"))
		supervisor := h.signIn(t, "supervisor")
		supervisor.open("/people/campaigns?state=asked")
		for _, id := range asked {
			require.Contains(t, supervisor.page, `href="/people/campaigns/`+id+`"`)
		}
		require.Equal(t, 2, strings.Count(supervisor.page, `mq-row__title`), "the city's other campaigns are in another state")
		supervisor.open("/people/campaigns?state=running")
		require.Contains(t, supervisor.page, "沒有這個狀態的推播")
		require.NotContains(t, home("outreach"), "等您決定", "nobody decides on their own")
		require.NotContains(t, home("handler"), "等您決定")
		exec("UPDATE campaign_versions SET account_id = ? WHERE campaign_id = ?", actor.From(h.as(t, "supervisor")).AccountID, asked[0])
		require.Regexp(t, `href="/people/campaigns/`+asked[1]+`">1 個推播等您核准<`, home("supervisor"), "not on what they wrote a version of")
		copies := func(of string, n int, at time.Time) {
			for range n {
				id := db.NewID(at)
				exec(`INSERT INTO campaigns (id, segment_id, segment_version, author_id, name, purpose, basis, basis_text, hold_percent, window_days, per_hour, cost, state, asked_at, created_at, updated_at)
 SELECT ?, segment_id, segment_version, author_id, name, purpose, basis, basis_text, hold_percent, window_days, per_hour, cost, state, asked_at, created_at, updated_at FROM campaigns WHERE id = ?`, id, of)
				exec("INSERT INTO campaign_versions (campaign_id, no, content, account_id, at) SELECT ?, no, content, account_id, at FROM campaign_versions WHERE campaign_id = ?", id, of)
			}
		}
		copies(asked[0], campaign.DecideMost+1, time.Now().AddDate(-1, 0, 0))
		require.Regexp(t, `href="/people/campaigns/`+asked[1]+`">1 個推播等您核准<`, home("supervisor"), "behind however many of their own")
		copies(asked[1], campaign.DecideMost, time.Now())
		require.Regexp(t, `href="/people/campaigns\?state=asked">超過 50 個推播等您核准<`, home("supervisor"))
		exec("UPDATE campaigns SET state = 'stopped' WHERE state = 'asked' AND id NOT IN ?", asked)
		require.NoError(t, h.Campaigns.Approve(h.as(t, "supervisor"), asked[1], 2))
		require.NotContains(t, home("supervisor"), "推播等您核准")

		published(t, d, "carers")
		var benefit string
		require.NoError(t, d.From(t.Context()).Raw("SELECT id FROM benefits WHERE code = 'carers'").Scan(&benefit).Error)
		list, err := h.Offers.Match(writer, benefit)
		require.NoError(t, err)
		require.NotContains(t, home("supervisor"), "名單等您確認", "it is not filled yet")
		require.NoError(t, h.Offers.MatchNow(writer, list))
		require.Regexp(t, `href="/people/offers/`+benefit+`/lists/`+list+`">1 份免申即享名單等您確認<`, home("supervisor"))
		supervisor.open("/people/offers/" + benefit + "/lists/" + list + "?lang=en")
		for _, words := range []string{"turn 65 or more this year", "A grant", "<dd class=\"govuk-summary-list__value\">x"} {
			require.Contains(t, supervisor.page, words, "what is confirmed stands on the page: to whom, what, and by which law")
		}
		exec("UPDATE offer_lists SET author_id = ? WHERE id = ?", actor.From(h.as(t, "supervisor")).AccountID, list)
		require.NotContains(t, home("supervisor"), "名單等您確認")
	})
}

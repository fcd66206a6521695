package app_test

import (
	"net/url"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/app"
	"minqing/internal/cases"
	"minqing/internal/db"
)

// handled does the acts of staff on a case by the service.
func (h *house) handled(t *testing.T, caseNo string, cmds ...cases.Command) {
	t.Helper()
	for _, cmd := range cmds {
		_, err := h.Cases.Act(actor.AsSystem(t.Context(), "test"), caseNo, 0, cmd)
		require.NoError(t, err, "%s", cmd.Action())
	}
}

// concluded leads a fresh case to its conclusion.
func (h *house) concluded(t *testing.T, d *db.DB, caseNo string) {
	t.Helper()
	var handler string
	require.NoError(t, d.From(t.Context()).Raw("SELECT account_id FROM grants WHERE role = 'handler' LIMIT 1").Scan(&handler).Error)
	h.handled(t, caseNo, cases.Accept{}, cases.Dispatch{}, cases.SignIn{}, cases.Assign{HandlerID: handler},
		cases.Reply{Text: "已修復。"}, cases.Conclude{Outcome: cases.Resolved})
}

func TestTheLinkOfAnEvaluationWorksOnce(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, true)
		h.serve(t, app.ServeOptions{Web: true})
		caseNo, code := file(visit(t, h.url))
		h.concluded(t, d, caseNo)
		v, err := h.Cases.Track(t.Context(), cases.Key{CaseNo: caseNo, QueryCode: code})
		require.NoError(t, err)
		link := "/evaluate/" + h.Cases.EvaluationToken(&v.Case)

		b := visit(t, h.url)
		b.open(link)
		b.send(url.Values{"grade": {""}, "resolved": {""}, "do": {"evaluate"}, "comment": {"多謝"}}, `name="grade"`)
		require.Equal(t, 422, b.status)
		require.Contains(t, b.page, `href="#grade"`)
		require.Contains(t, b.page, "多謝", "what was typed stays")
		citizen := visit(t, h.url)
		citizen.open("/track")
		citizen.send(url.Values{"case_no": {caseNo}, "query_code": {code}}, `name="query_code"`)
		for _, one := range []*browser{b, citizen} { // what no form of ours sends
			one.send(url.Values{"grade": {"abc"}, "resolved": {"yes"}, "do": {"evaluate"}, "comment": {"多謝大家"}}, `name="grade"`)
			require.Equal(t, 422, one.status)
			require.Contains(t, one.page, `href="#grade"`)
			require.Contains(t, one.page, "多謝大家")
		}
		b.send(url.Values{"grade": {"4"}, "resolved": {"yes"}, "do": {"evaluate"}}, `name="grade"`)
		require.Contains(t, b.page, "謝謝您的評價")
		b.open(link)
		require.Contains(t, b.page, "謝謝您的評價", "the second time is no error")
		require.NotContains(t, b.page, `name="grade"`)
		require.Equal(t, 1, count(t, d, "evaluations WHERE grade = 4 AND case_id = ?", v.ID))

		b.took(b.client.Get(h.url + link + "X"))
		require.Equal(t, 404, b.status)
		require.Contains(t, b.page, "這個評價連結不完整")
	})
}

func TestACaseSaysHowFarItCame(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, true)
		h.serve(t, app.ServeOptions{Web: true, Workers: true})
		citizen := h.signIn(t, "citizen")
		withdrawn, _ := file(citizen)
		citizen.open("/cases/" + withdrawn)
		require.Contains(t, citizen.page, "最遲 ")
		require.Contains(t, citizen.page, "湖濱路 12 號前", "the place that they named")
		citizen.send(url.Values{"do": {"withdraw"}}, `name="withdraw_reason"`)
		require.Contains(t, citizen.page, "已撤案")
		require.NotContains(t, citizen.page, "已答復", "nobody answered it")
		require.NotContains(t, citizen.page, `name="text"`, "nothing more can be said")

		appealed, _ := file(citizen)
		h.concluded(t, d, appealed)
		citizen.open("/cases/" + appealed)
		citizen.send(url.Values{"do": {"appeal"}, "appeal_reason": {""}}, `name="appeal_reason"`)
		require.Equal(t, 422, citizen.status)
		require.Contains(t, citizen.page, `href="#appeal_reason"`)
		citizen.send(url.Values{"do": {"appeal"}, "appeal_reason": {"燈還是不亮。"}}, `name="appeal_reason"`)
		require.Contains(t, citizen.page, "上一級單位正在檢視")
		require.NotContains(t, citizen.page, `name="appeal_reason"`, "once")
		h.handled(t, appealed, cases.DecideAppeal{Text: "現場照度合於標準，維持原結果。"})
		citizen.open("/cases/" + appealed)
		require.Contains(t, citizen.page, "現場照度合於標準，維持原結果。")
		require.Contains(t, citizen.page, "申訴無理由")
		require.NotContains(t, citizen.page, "上一級單位正在檢視")
		require.NotContains(t, citizen.page, `name="appeal_reason"`, "it is final")
		require.Eventually(t, func() bool {
			return count(t, d, "deliveries WHERE channel = 'inapp' AND status IN ('sent', 'read') AND kind = 'appeal_decided'") == 1
		}, 20*time.Second, 50*time.Millisecond)

		citizen.open("/me/cases")
		for _, no := range []string{withdrawn, appealed} {
			require.Contains(t, citizen.page, `href="/cases/`+no+`"`)
		}
		stranger := visit(t, h.url)
		stranger.open("/cases/" + appealed)
		require.Equal(t, "/track", stranger.at.Path, "without code or account there is nothing to see")
	})
}

func TestAComplaintNamesNobodyWhoMayNotHandleIt(t *testing.T) {
	h := open(t, oneCity(t), true)
	h.serve(t, app.ServeOptions{Web: true})
	r, err := h.Cases.File(t.Context(), cases.Filing{Kind: cases.Complaint, MatterCode: "street-light", Title: "態度惡劣", Description: trouble,
		Location: cases.Location{Address: "湖濱路"}, Subject: cases.Subject{UnitCode: "CG03"}, Confidentiality: cases.AnonymousFiler, Locale: "zh-Hant"})
	require.NoError(t, err)
	b := visit(t, h.url)
	b.open("/track")
	b.send(url.Values{"case_no": {r.CaseNo}, "query_code": {r.QueryCode}}, `name="query_code"`)
	require.Equal(t, "/cases/"+r.CaseNo, b.at.Path)
	require.Contains(t, b.page, "市城市管理局")
	require.NotContains(t, b.page, "照明管理科")
	require.Contains(t, b.page, "匿名")
}

func TestTheRequesterGetsANewQueryCode(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, true)
		h.serve(t, app.ServeOptions{Web: true})
		citizen, other := h.signIn(t, "citizen"), visit(t, h.url)
		no, old := file(citizen)
		other.open("/track")
		other.send(url.Values{"case_no": {no}, "query_code": {old}}, `name="query_code"`)
		require.Equal(t, "/cases/"+no, other.at.Path)
		require.NotContains(t, other.page, `value="renew"`, "whoever has the code may have found it")

		citizen.open("/cases/" + no)
		citizen.send(url.Values{"do": {"renew"}}, `value="renew"`)
		require.Equal(t, "/cases/"+no, citizen.at.Path)
		fresh := regexp.MustCompile(`[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}`).FindString(citizen.page)
		require.NotEmpty(t, fresh, citizen.page)
		require.NotEqual(t, old, fresh)
		citizen.open("/cases/" + no)
		require.NotContains(t, citizen.page, fresh, "shown once")
		citizen.open("/receipt/" + no)
		require.Equal(t, "/track", citizen.at.Path, "the receipt of this browser has the old code")

		other.open("/cases/" + no)
		require.Equal(t, "/track", other.at.Path, "the old code is worth nothing any more")
		other.send(url.Values{"query_code": {old}}, `name="query_code"`)
		require.Equal(t, 422, other.status)
		other.send(url.Values{"query_code": {fresh}}, `name="query_code"`)
		require.Equal(t, "/cases/"+no, other.at.Path)
		other.took(other.client.PostForm(h.url+"/cases/"+no, url.Values{"do": {"renew"}}))
		require.Equal(t, 404, other.status)
	})
}

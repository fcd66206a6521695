package app_test

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/app"
	"minqing/internal/db"
	"minqing/internal/files"
	"minqing/internal/i18n"
	"minqing/internal/notify"
	"minqing/internal/permits"
)

// A correction whose day passes: the applicant hears it once, in their language, with
// what is asked for; the unit finds it, and a person turns it away.
func TestACorrectionThatIsOverdueIsToldAndTurnedAway(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		h := openWith(t, d, app.Options{Demo: true, Now: byDay()})
		h.serve(t, app.ServeOptions{Web: true})
		system, citizen := actor.AsSystem(t.Context(), "test"), h.citizenOf(t, "citizen@demo.test")
		a, no := h.occupies(t, citizen)
		own := must(h.Permits.Own(citizen, a.ID))
		must(h.Permits.Examine(as(t, h, "head@demo.test"), no, 0, h.wantsScale("")))
		staff, me := h.signIn(t, "head"), h.signIn(t, "citizen")
		const list = "/desk/permits/corrections"
		staff.open(list + "?lang=en")
		require.NotContains(t, staff.page, no)
		me.open("/enterprise/applications/" + a.ID + "?lang=en")
		require.NotContains(t, me.page, "The day is over.")

		h.passes(t, a.ID)
		for range 2 {
			require.NoError(t, h.Permits.RemindAll(t.Context()))
		}
		notice := must(h.Permits.Own(citizen, a.ID)).Notices[0].ID
		require.Equal(t, 1, count(t, d, "deliveries WHERE kind = 'correction_due' AND channel = 'inapp' AND about_id = ?", notice))
		require.Equal(t, 0, count(t, d, "deliveries WHERE kind = 'correction_near' AND about_id = ?", notice))
		for _, k := range []notify.Kind{notify.CorrectionNear, notify.CorrectionDue} {
			for _, l := range i18n.Langs {
				about := notify.Topic{Kind: k, ID: notice}
				f := must(h.Notify.News.NewsFacts(system, []notify.Topic{about}, l))[about]
				require.Contains(t, f.Title, no)
				require.Contains(t, f.Says, own.Items[0].Name.In(l))
				require.Equal(t, "/enterprise/applications/"+a.ID, f.LinkPath)
			}
		}
		me.open("/enterprise/applications/" + a.ID + "?lang=en")
		require.Contains(t, me.page, "The day is over.")

		staff.open(list + "?lang=en")
		require.Contains(t, staff.page, "/desk/cases/"+no+"/permit")
		staff.open("/desk?status=need_info&limit=100&lang=en")
		require.Contains(t, staff.page, "Correction overdue since")
		require.Contains(t, staff.page, list)
		staff.open("/desk/permits?lang=en")
		require.Contains(t, staff.page, list)
		other := h.signIn(t, "permits")
		other.open(list)
		require.NotContains(t, other.page, no, "another section does not see it")
		status, _ := me.ask(list)
		require.NotEqual(t, 200, status)

		staff.open("/desk/cases/" + no + "/permit?lang=en")
		require.Contains(t, staff.page, "Correction overdue since")
		staff.send(url.Values{"do": {"decline"}, "reason": {permits.NotCorrected}, "explanation": {""}}, `value="decline"`)
		require.Equal(t, 422, staff.status)
		staff.send(url.Values{"do": {"decline"}, "reason": {permits.NotCorrected}, "explanation": {"沒有比例尺，無法判斷占用的範圍。"}}, `value="decline"`)
		require.Equal(t, 200, staff.status)
		require.Equal(t, permits.NotAccepted, must(h.Permits.Own(citizen, a.ID)).Application.State)
		staff.open(list)
		require.NotContains(t, staff.page, no)
	})
}

// Once it is accepted, the page offers the refusal for want of a correction alone, and
// says that the draft falls when the correction comes.
func TestARefusalForWantOfACorrectionIsDraftedOnThePage(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, true)
		h.serve(t, app.ServeOptions{Web: true})
		citizen, head := h.citizenOf(t, "citizen@demo.test"), as(t, h, "head@demo.test")
		a, no := h.occupies(t, citizen)
		must(h.Permits.Examine(head, no, 0, permits.Examination{Verdicts: map[string]permits.Judgement{"plan": {Verdict: permits.Verified}}}))
		must(h.Permits.Examine(head, no, 0, h.wantsScale("審查時才發現。")))
		page, staff := "/desk/cases/"+no+"/permit?lang=en", h.signIn(t, "head")
		staff.open(page)
		require.Contains(t, staff.page, "Waiting for the applicant")
		require.NotContains(t, staff.page, `value="not_corrected"`)
		h.passes(t, a.ID)
		staff.open(page)
		require.Contains(t, staff.page, `value="not_corrected"`)
		require.NotContains(t, staff.page, `name="grants" type="radio" value="yes"`)
		require.NotContains(t, staff.page, `value="decline"`, "it is accepted")
		staff.send(url.Values{"do": {"draft"}, "grants": {permits.NotCorrected}, "reasons": {""}}, `value="draft"`)
		require.Equal(t, 422, staff.status)
		staff.send(url.Values{"do": {"draft"}, "grants": {permits.NotCorrected}, "reasons": {"沒有比例尺，無法判斷占用的範圍。"}}, `value="draft"`)
		require.Equal(t, 200, staff.status)
		require.Contains(t, staff.page, "Not corrected in time")

		body := "%PDF-1.4\n有比例尺\n%%EOF\n"
		require.NoError(t, h.Permits.Attach(citizen, a.ID, "plan", files.Upload{Name: "plan.pdf", Content: strings.NewReader(body), Size: int64(len(body))}))
		require.NoError(t, h.Permits.Corrected(citizen, a.ID, must(h.Permits.Own(citizen, a.ID)).Application.Version))
		staff.open(page)
		require.Contains(t, staff.page, "no longer stands")
		require.Contains(t, staff.page, `name="lies.plan"`, "what was sent is examined")
	})
}

// byDay is a clock that goes right, or some hours ahead where people sleep now: nobody is
// reminded of anything before eight.
func byDay() func() time.Time {
	ahead := time.Duration(0)
	if now := time.Now().In(time.FixedZone("CST", 8*3600)); now.Hour() < 9 {
		ahead = time.Duration(9-now.Hour()) * time.Hour
	}
	return func() time.Time { return time.Now().Add(ahead) }
}

// occupies applies for leave to occupy a road.
func (h *house) occupies(t *testing.T, citizen context.Context) (a *permits.Application, no string) {
	t.Helper()
	today := h.Register.Today()
	a = must(h.Permits.Begin(citizen, "road-occupation"))
	require.NoError(t, h.Permits.Answer(citizen, a.ID, a.Version, map[string]any{"place": "湖濱路 12 號前", "digging": false, "carriageway": false, "area": 3,
		"begins": today.Add(40).String(), "event_ends": today.Add(42).String()}))
	body := "%PDF-1.4\n範圍圖\n%%EOF\n"
	require.NoError(t, h.Permits.Attach(citizen, a.ID, "plan", files.Upload{Name: "plan.pdf", Content: strings.NewReader(body), Size: int64(len(body))}))
	own := must(h.Permits.Own(citizen, a.ID))
	return a, must(h.Permits.Submit(citizen, a.ID, own.Application.Version, permits.Signature{Name: "林小滿", Agrees: true, Shown: permits.Statement}, i18n.ZhHant)).CaseNo
}

// wantsScale is an examination that finds fault with the plan.
func (h *house) wantsScale(again string) permits.Examination {
	return permits.Examination{Verdicts: map[string]permits.Judgement{"plan": {Verdict: permits.Correct, Reason: "沒有比例尺。"}}, Due: h.Register.Today().Add(5).String(), Again: again}
}

// passes has the last day of a correction pass.
func (h *house) passes(t *testing.T, applicationID string) {
	t.Helper()
	require.NoError(t, h.DB.From(t.Context()).Exec("UPDATE permit_notices SET due_on = ? WHERE application_id = ?", h.Register.Today().Add(-1), applicationID).Error)
}

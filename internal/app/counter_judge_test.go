package app_test

import (
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/app"
	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/permits"
	"minqing/internal/satisfaction"
)

// holdsOffice gives an account of the demo city a role in a unit.
func (h *house) holdsOffice(t *testing.T, d *db.DB, email, role, unit string) {
	t.Helper()
	who, err := h.Identity.ByEmail(actor.AsSystem(t.Context(), "test"), email)
	require.NoError(t, err)
	now := time.Now()
	require.NoError(t, d.From(t.Context()).Exec(`INSERT INTO grants (id, account_id, role, unit_id, valid_from, created_at) SELECT ?, ?, ?, id, ?, ? FROM units WHERE code = ?`,
		db.NewID(now), who.ID, role, now.Add(-time.Hour), now, unit).Error)
}

// sentAtCounter is an application that a clerk wrote down for somebody with papers alone.
func (h *house) sentAtCounter(t *testing.T) *cases.Receipt {
	t.Helper()
	clerk := as(t, h, "agent@demo.test")
	a, _, err := h.Permits.BeginAtCounter(clerk, "tree-felling", permits.Comer{Kind: permits.ForPerson, Name: "王小明", Phone: "13812345678", Email: "judge@example.org"}, i18n.ZhHant)
	require.NoError(t, err)
	require.NoError(t, h.Permits.Represent(clerk, a.ID, a.Version, permits.Representation{By: permits.InPerson}))
	require.NoError(t, h.Permits.Answer(clerk, a.ID, a.Version+1, map[string]any{"place": "湖濱路 12 號", "count": 2, "act": "move", "old": false, "own": true}))
	for _, code := range []string{"photo", "reason", "moving"} {
		require.NoError(t, h.Permits.MarkOriginal(clerk, a.ID, code, permits.OriginalTaken))
	}
	o := must(h.Permits.Own(clerk, a.ID))
	return must(h.Permits.Submit(clerk, a.ID, o.Application.Version, permits.Signature{Name: "王小明", Agrees: true, Shown: permits.Statement, How: permits.SignedAloud, Why: "手部受傷。"}, i18n.ZhHant))
}

// Who applied at a counter is asked what they think of it, by the link in their own mail;
// the clerk who wrote it down is not, and cannot answer for them.
func TestWhoAppliedAtACounterIsAskedToJudge(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, true)
		h.serve(t, app.ServeOptions{Web: true, Workers: true})
		h.holdsOffice(t, d, "permits@demo.test", "handler", "YL02")
		h.holdsOffice(t, d, "head@demo.test", "head", "YL02")
		r := h.sentAtCounter(t)
		handler, head := as(t, h, "permits@demo.test"), as(t, h, "head@demo.test")
		verdicts := map[string]permits.Judgement{}
		for _, it := range must(h.Permits.Part(handler, r.CaseNo)).Items {
			if it.Given() {
				verdicts[it.Code] = permits.Judgement{Verdict: permits.Verified}
			}
		}
		require.Len(t, verdicts, 3, "papers without a scan are examined")
		must(h.Permits.Examine(handler, r.CaseNo, 0, permits.Examination{Verdicts: verdicts}))
		must(h.Cases.Act(handler, r.CaseNo, 0, cases.Assign{}))
		refuses := false
		must(h.Permits.DraftDecision(handler, r.CaseNo, 0, permits.Drafting{Grants: &refuses, Reasons: "樹穴旁要施工。", Uninspected: "由圖資已可判定。"}))
		must(h.Cases.Act(head, r.CaseNo, 0, cases.ReviewReply{Approve: true}))
		must(h.Permits.Decide(handler, r.CaseNo, 0))

		told := "deliveries d JOIN case_parties p ON p.case_id = d.case_id AND p.role = 'requester' WHERE d.case_id = ? AND d.kind = 'concluded' AND "
		require.Eventually(t, func() bool {
			return count(t, d, told+"d.channel = 'mail' AND d.constituent_id = p.constituent_id", r.CaseID) == 1
		}, 20*time.Second, 50*time.Millisecond, "the applicant gets the link")
		require.Zero(t, count(t, d, told+"(d.constituent_id IS NULL OR d.constituent_id <> p.constituent_id)", r.CaseID), "and nobody else")

		c := must(h.Cases.ByID(actor.AsSystem(t.Context(), "test"), r.CaseID))
		link := "/evaluate/" + h.Cases.EvaluationToken(c)
		clerk := h.signIn(t, "agent")
		clerk.open("/desk/counter")
		clerk.send(url.Values{"case_no": {r.CaseNo}}, `name="case_no"`)
		require.NotContains(t, clerk.page, "/evaluate/")
		require.NotContains(t, clerk.page, `name="grade"`)
		err := h.Satisfaction.ByLink(as(t, h, "agent@demo.test"), h.Cases.EvaluationToken(c), satisfaction.Judgement{Grade: 5, Resolved: "yes"})
		require.Equal(t, fault.Forbidden, fault.KindOf(err))
		require.Zero(t, count(t, d, "evaluations WHERE case_id = ?", r.CaseID))

		citizen := visit(t, h.url)
		citizen.open(link)
		citizen.send(url.Values{"grade": {"2"}, "resolved": {"no"}, "comment": {"來回跑了兩趟。"}, "do": {"evaluate"}}, `name="grade"`)
		require.Contains(t, citizen.page, "謝謝您的評價")
		require.Equal(t, 1, count(t, d, "evaluations WHERE case_id = ? AND grade = 2", r.CaseID))
	})
}

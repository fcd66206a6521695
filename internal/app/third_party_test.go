package app_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/app"
	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/i18n"
	"minqing/internal/permits"
)

// The head tells a neighbour of an application; who has the link states their case without
// an account, the desk reads it, the applicant that it came, and then it can be decided.
func TestANeighbourIsHeardOnThePages(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, true)
		h.serve(t, app.ServeOptions{Web: true, Workers: true})
		citizen, head := h.citizenOf(t, "citizen@demo.test"), as(t, h, "head@demo.test")
		a, no := h.occupies(t, citizen)
		must(h.Permits.Examine(head, no, 0, permits.Examination{Verdicts: map[string]permits.Judgement{"plan": {Verdict: permits.Verified}}}))
		must(h.Cases.Act(head, no, 0, cases.Assign{}))
		staff, page := h.signIn(t, "head"), "/desk/cases/"+no+"/third-parties"
		staff.open("/desk/cases/" + no + "/permit?lang=en")
		require.Contains(t, staff.page, page)
		staff.open(page + "?lang=en")
		staff.send(url.Values{"do": {"tell"}, "kind": {"person"}, "name": {""}, "reason": {""}, "intends": {"在您門前占用人行道。"}, "days": {"1"}}, `value="tell"`)
		require.Equal(t, 422, staff.status)
		require.Contains(t, staff.page, "Name them.")
		require.Contains(t, staff.page, "在您門前占用人行道。", "what was typed stays")
		staff.send(url.Values{"do": {"tell"}, "kind": {"person"}, "name": {"陳大文"}, "mail": {""}, "reason": {"出入要繞路。"}, "intends": {"在您門前占用人行道。"}, "days": {"5"}}, `value="tell"`)
		require.Equal(t, 200, staff.status, staff.page)
		require.Contains(t, staff.page, "陳大文")
		require.Contains(t, staff.page, "Waiting for them")
		view := must(h.Permits.InterestedPage(head, no))
		link := view.Links[view.Interested[0].ID]
		require.Contains(t, staff.page, link)
		_, err := h.Permits.DraftDecision(head, no, 0, permits.Drafting{Grants: new(bool), Reasons: "不合規定。"})
		require.ErrorContains(t, err, "permit.interested.wait")

		me := h.signIn(t, "citizen")
		me.open("/enterprise/applications/" + a.ID + "?lang=en")
		require.Contains(t, me.page, "Others whose interests it concerns are heard")
		require.NotContains(t, me.page, "陳大文")
		require.Eventually(t, func() bool { return count(t, d, "deliveries WHERE kind = 'third_party' AND channel = 'inapp'") == 1 }, 30*time.Second, 50*time.Millisecond)

		anybody := visit(t, h.url)
		for _, l := range i18n.Langs {
			anybody.open(link + "?lang=" + string(l))
			require.Equal(t, 200, anybody.status)
			require.Contains(t, anybody.page, "在您門前占用人行道。")
			require.Contains(t, anybody.page, "出入要繞路。")
			require.NotContains(t, anybody.page, "林小滿", "not who applied")
		}
		anybody.open(link + "?lang=en")
		anybody.send(url.Values{"statement": {" "}}, `name="statement"`)
		require.Equal(t, 422, anybody.status)
		anybody.send(url.Values{"statement": {"輪椅過不去，請留一米五。"}}, `name="statement"`)
		require.Equal(t, 200, anybody.status)
		require.Contains(t, anybody.page, "It is weighed in the decision.")
		require.NotContains(t, anybody.page, `name="statement"`)
		status, _ := anybody.ask(link[:len(link)-1])
		require.Equal(t, 404, status)

		staff.open(page + "?lang=en")
		require.Contains(t, staff.page, "輪椅過不去，請留一米五。")
		staff.open("/desk/cases/" + no + "?lang=en")
		require.Contains(t, staff.page, "輪椅過不去，請留一米五。")
		for _, path := range []string{"/enterprise/applications/" + a.ID, "/cases/" + no} {
			me.open(path + "?lang=en")
			require.Equal(t, 200, me.status, path)
			require.NotContains(t, me.page, "輪椅過不去", path)
		}
		must(h.Permits.DraftDecision(head, no, 0, permits.Drafting{Grants: new(bool), Reasons: "不合規定。", Uninspected: "不必查核。"}))
		require.True(t, strings.HasPrefix(link, permits.InterestedPath))
	})
}

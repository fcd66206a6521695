package app_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/app"
	"minqing/internal/db"
	"minqing/internal/files"
	"minqing/internal/permits"
)

// The unit asks for one answer, the applicant corrects that one and what follows from
// it, and both see what it was and what it is.
func TestAnAnswerIsAskedBackAndCorrectedOnThePages(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, true)
		h.serve(t, app.ServeOptions{Web: true})
		citizen := h.citizenOf(t, "citizen@demo.test")
		a, no := h.occupies(t, citizen)
		staff, me := h.signIn(t, "head"), h.signIn(t, "citizen")
		desk, page := "/desk/cases/"+no+"/permit?lang=en", "/enterprise/applications/"+a.ID
		due := h.Register.Today().Add(5).String()
		staff.open(desk)
		require.Contains(t, staff.page, `name="why.carriageway"`)
		staff.send(url.Values{"do": {"examine"}, "verdict.plan": {"verified"}, "why.carriageway": {"圖上占到車道。"}, "due": {""}}, `value="examine"`)
		require.Equal(t, 422, staff.status, "by when?")
		require.Contains(t, staff.page, "圖上占到車道。", "what was typed stays")
		staff.send(url.Values{"do": {"examine"}, "due": {due}}, `value="examine"`)
		require.Equal(t, 200, staff.status)
		require.Contains(t, staff.page, "Will it take up a traffic lane?: 圖上占到車道。")

		me.open(page + "?lang=en")
		require.Contains(t, me.page, "One thing has to be corrected by")
		require.Contains(t, me.page, "圖上占到車道。")
		me.send(nil, "Send the corrections")
		require.Equal(t, 422, me.status, "nobody has looked at it")
		require.Contains(t, me.page, `href="#answers-carriageway"`)
		me.open(page + "/answers?lang=en")
		require.Contains(t, me.page, `name="answers.carriageway"`)
		require.NotContains(t, me.page, `name="answers.place"`, "the rest stays as it is")
		me.send(url.Values{"answers.carriageway": {"true"}, "answers.place": {"別的地方"}}, `name="answers.carriageway"`)
		require.Equal(t, page, me.at.Path)
		require.Contains(t, me.page, "Your corrected answers call for this document.", "a traffic plan")
		part := must(h.Permits.Part(as(t, h, "head@demo.test"), no))
		require.Equal(t, false, part.Application.Answers["carriageway"], "not sent yet")
		me.send(nil, "Send the corrections")
		require.Equal(t, 422, me.status)
		body := "%PDF-1.4\n交通\n%%EOF\n"
		require.NoError(t, h.Permits.Attach(citizen, a.ID, "traffic", files.Upload{Name: "traffic.pdf", Content: strings.NewReader(body), Size: int64(len(body))}))
		me.open(page)
		me.send(nil, "Send the corrections")
		require.Equal(t, 200, me.status)
		require.Contains(t, me.page, "Corrected answers")
		me.open(page + "/answers")
		require.Equal(t, page, me.at.Path, "nothing is asked any more")
		status, _ := h.enters(t, "company@demo.test", app.DemoPassword).ask(page + "/answers")
		require.Equal(t, 404, status)

		staff.open(desk)
		require.Contains(t, staff.page, "Before: No. Now: Yes. Corrected by the applicant at")
		require.Contains(t, staff.page, `name="lies.answers.carriageway"`)
		require.Equal(t, "湖濱路 12 號前", must(h.Permits.Part(as(t, h, "head@demo.test"), no)).Application.Answers["place"])
		staff.open("/desk/cases/" + no + "?lang=en")
		require.Contains(t, staff.page, "會用到車道嗎？", "the story names the question")
	})
}

// A slip is put right at the counter, with who agreed.
func TestASlipIsCorrectedAtTheCounter(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, true)
		h.serve(t, app.ServeOptions{Web: true})
		citizen := h.citizenOf(t, "citizen@demo.test")
		a, no := h.occupies(t, citizen)
		staff := h.signIn(t, "head")
		page := "/desk/cases/" + no + "/permit/answers?lang=en"
		staff.open("/desk/cases/" + no + "/permit?lang=en")
		require.Contains(t, staff.page, "/permit/answers")
		staff.open(page)
		staff.send(url.Values{"answers.place": {"湖濱路 21 號前"}}, `name="answers.place"`)
		require.Equal(t, 422, staff.status, "who agreed, and how?")
		require.Contains(t, staff.page, "湖濱路 21 號前", "what was typed stays")
		staff.send(url.Values{"agreed": {"present"}, "who": {"林小滿"}}, `name="answers.place"`)
		require.Equal(t, 200, staff.status)
		require.Contains(t, staff.page, "Before: 湖濱路 12 號前. Now: 湖濱路 21 號前. Corrected on the spot at")
		require.Contains(t, staff.page, "林小滿 agreed in person")
		me := h.signIn(t, "citizen")
		me.open("/enterprise/applications/" + a.ID + "?lang=en")
		require.Contains(t, me.page, "林小滿 agreed in person")
		must(h.Permits.Examine(as(t, h, "head@demo.test"), no, 0, permits.Examination{Verdicts: map[string]permits.Judgement{"plan": {Verdict: permits.Verified}}}))
		staff.open(page)
		require.Equal(t, "/desk/cases/"+no+"/permit", staff.at.Path, "accepted: no more")
		h.quietLog(t, "林小滿 agreed", "湖濱路 21 號前")
	})
}

package desk_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
)

// Whoever works on an application for disclosure reads before they ask what that does to
// its limit, and chooses the opinion of a third party, with its usual end, there alone.
func TestTheDeskSaysWhatACorrectionDoesToTheLimit(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		handler := o.as("handler@ZW02")
		applies := func(f *cases.Filing) {
			f.Kind, f.MatterCode, f.Title = cases.Enquiry, "information-disclosure", "申請公開招標結果"
			f.Answers = map[string]any{"form_wanted": "paper"}
		}
		no := o.file(applies).CaseNo
		o.do(no, cases.Accept{}, cases.Dispatch{}, cases.SignIn{}, cases.Assign{HandlerID: handler})
		at := "/desk/cases/" + no
		p := o.get(at + "?do=request_info&lang=en")
		require.Contains(t, p.Body.String(), "the whole limit begins anew on the day on which the answer comes")
		p = o.get(at + "?do=suspend&lang=en")
		require.Contains(t, p.Body.String(), "Opinion of a third party")
		require.Contains(t, p.Body.String(), "15 working days, until")
		_, version := o.status(no)
		p = o.ask("POST", at, deed{action: cases.ActSuspend}.form(version, map[string]string{"reason": "third_party", "text": "已書面徵求意見。"}))
		require.Equal(t, 303, p.Code, "no day is needed: %s", p.Body)
		o.do(no, cases.Resume{})
		_, version = o.status(no)
		p = o.ask("POST", at, deed{action: cases.ActRequestInfo}.form(version, map[string]string{"question": "請說明年份，並請於十五日內補正。"}))
		require.Equal(t, 303, p.Code)
		o.as("dispatcher@LJ")
		p = o.get(at + "?do=not_accept&lang=en")
		for _, says := range []string{"Awaits the correction", "The limit begins anew with the correction", `value="not_corrected"`} {
			require.Contains(t, p.Body.String(), says)
		}

		other := o.file().CaseNo
		o.walk(other, cases.SignedIn, handler)
		o.as("handler@CG03")
		p = o.get("/desk/cases/" + other + "?do=request_info&lang=en")
		require.Contains(t, p.Body.String(), "The clock runs on.")
		p = o.get("/desk/cases/" + other + "?do=suspend&lang=en")
		require.NotContains(t, p.Body.String(), "Opinion of a third party")
		_, version = o.status(other)
		p = o.ask("POST", "/desk/cases/"+other, deed{action: cases.ActSuspend}.form(version, map[string]string{"reason": "third_party", "until": "2026-12-20", "text": "徵求意見。"}))
		require.Equal(t, 422, p.Code)
		require.Contains(t, p.Body.String(), "徵求意見。", "what was typed stays")
	})
}

package app_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/app"
	"minqing/internal/db"
	"minqing/internal/permits"
	"minqing/internal/register"
)

// TestWhoIsToBeHeardSeesItAmongTheirNextSteps: a permit is to be revoked, and an application
// may get a hearing. Both stand among what is next, by their day, until somebody has said
// something, or the day is over; of somebody else they are not spoken of.
func TestWhoIsToBeHeardSeesItAmongTheirNextSteps(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, true)
		h.serve(t, app.ServeOptions{Web: true})
		citizen, handler, head := h.citizenOf(t, "citizen@demo.test"), as(t, h, "permits@demo.test"), as(t, h, "head@demo.test")
		a, caseNo := h.occupies(t, citizen)
		must(h.Permits.Examine(head, caseNo, 0, permits.Examination{Verdicts: map[string]permits.Judgement{"plan": {Verdict: permits.Verified}}}))
		must(h.Permits.TellRight(head, caseNo, must(h.Permits.Part(head, caseNo)).Case.Version, permits.Right{Intends: "擬不予許可：影響消防通道。"}))
		hearing, permit := "/enterprise/applications/"+a.ID, "/me/permits/"+h.intended(t, d, handler)
		both := []string{hearing, permit}
		me, other := h.signIn(t, "citizen"), h.enters(t, "company@demo.test", app.DemoPassword)
		asks := func(hearing, revoking bool, why ...any) {
			t.Helper()
			me.open("/me/next?lang=en")
			require.Equal(t, hearing, strings.Contains(me.page, "You can ask for a hearing"), why...)
			require.Equal(t, revoking, strings.Contains(me.page, "It is intended to revoke it"), why...)
		}

		me.page = me.now(t, hearing)
		require.Equal(t, both, me.steps(both...), "the home has them")
		other.open("/me/next")
		require.Empty(t, other.steps(both...))
		asks(true, true)
		require.Equal(t, both, me.steps(both...)[:2], "by their day, before all else") // the permit ends too, which is said again
		require.Contains(t, me.page, "You are heard until")
		me.switches("speak", "off")
		asks(false, false)
		me.switches("speak", "on")

		told := must(h.Permits.Own(citizen, a.ID)).Hearings[0]
		moved := func(told any) {
			require.NoError(t, d.From(t.Context()).Exec("UPDATE permit_hearings SET told_at = ? WHERE application_id = ?", told, a.ID).Error)
		}
		moved(h.Register.Today().Add(-30).UTC())
		asks(false, true, "its day is over")
		moved(told.ToldAt)
		p := must(h.Register.ByNo(citizen, permit[len("/me/permits/"):]))
		require.NoError(t, h.Register.Answer(citizen, p, must(h.Register.Open(citizen, p)).ID, "招牌已經改小。"))
		asks(true, false)
		require.NoError(t, h.Permits.AskHearing(citizen, a.ID, told.ID))
		asks(false, false)
		require.NoError(t, d.From(t.Context()).Exec("UPDATE permit_proposals SET stated_at = NULL, answer_by = ? WHERE permit_id = ?", h.Register.Today().Add(-1), p.ID).Error)
		asks(false, false, "its day is over too")
	})
}

// intended proposes to revoke the sign of the citizen and tells its holder, and gives its
// number.
func (h *house) intended(t *testing.T, d *db.DB, handler context.Context) string {
	t.Helper()
	who := must(h.Identity.ByEmail(t.Context(), "citizen@demo.test"))
	var no string
	require.NoError(t, d.From(t.Context()).Raw("SELECT permit_no FROM permits WHERE holder_id = ? AND type_code = 'outdoor-sign'", who.ConstituentID).Scan(&no).Error)
	p := must(h.Register.ByNo(handler, no))
	_, err := h.Register.Propose(handler, no, register.Do{Act: register.Revoke, Ground: "unlawful", Reason: "不符合設置規範。", Version: p.Version})
	require.NoError(t, err)
	last := h.Register.AnswerFrom(handler, p).Add(20)
	must(h.Register.Ask(handler, no, must(h.Register.Open(handler, p)).ID, last.String()))
	return no
}

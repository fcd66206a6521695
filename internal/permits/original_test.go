package permits_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/permits"
)

// A paper that a clerk takes in, or sees and gives back, is a material of the case: with
// who had it in hand, when and where, without a scan too, and anew where it is corrected.
func TestAnOriginalOnPaperIsAMaterial(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		clerk, handler, ming := w.staff("clerk", "call_agent", "HL"), w.staff("handler", "handler", "CG03"), w.person("ming")
		_, err := w.known.AddNumber(actor.AsSystem(t.Context(), "test"), actor.From(ming).ConstituentID, constituents.Document{Kind: constituents.ResidentID, Value: anID, Seen: true})
		require.NoError(t, err)
		c := comer
		c.Phone, c.Known = noPhone, actor.From(ming).ConstituentID
		a, _, err := w.BeginAtCounter(clerk, "food", c, i18n.ZhHant)
		require.NoError(t, err)
		id := a.ID
		require.NoError(t, w.Represent(clerk, id, a.Version, permits.Representation{By: permits.InPerson}))
		require.NoError(t, w.Answer(clerk, id, a.Version+1, map[string]any{"seats": 20}))
		kind(t, fault.Invalid, w.MarkOriginal(clerk, id, "plan", "lost"), "counter.original.required")
		kind(t, fault.NotFound, w.MarkOriginal(clerk, id, permits.StatementPaper, permits.OriginalTaken), "permit.material.missing")
		kind(t, fault.NotFound, w.MarkOriginal(clerk, id, "nothing", permits.OriginalTaken))
		kind(t, fault.NotFound, w.MarkOriginal(w.staff("stranger", "call_agent", "ZJ"), id, "plan", permits.OriginalTaken))
		mine := w.draft(ming).Application.ID
		kind(t, fault.NotFound, w.MarkOriginal(ming, mine, "plan", permits.OriginalTaken), "permit.material.missing")

		require.NoError(t, w.MarkOriginal(clerk, id, "plan", permits.OriginalSeen))
		require.NoError(t, w.MarkOriginal(clerk, id, "lease", permits.OriginalTaken))
		require.NoError(t, w.MarkOriginal(clerk, id, "lease", permits.NoOriginal))
		version := w.own(clerk, id).Application.Version
		_, err = w.Submit(clerk, id, version, aloud, i18n.ZhHant)
		kind(t, fault.Invalid, err, "material.lease")
		require.NotContains(t, err.Error(), "material.plan")
		require.NoError(t, w.MarkOriginal(clerk, id, "lease", permits.OriginalTaken))
		require.Equal(t, 4, rows(t, d, "audit_entries WHERE action = 'permit.original' AND object_id = ?", id))
		r, err := w.Submit(clerk, id, version, aloud, i18n.ZhHant)
		require.NoError(t, err)
		kind(t, fault.Conflict, w.MarkOriginal(clerk, id, "plan", permits.OriginalTaken), "permit.sent")

		p, err := w.Part(handler, r.CaseNo)
		require.NoError(t, err)
		plan, lease := p.Items[0].Paper, p.Items[1].Paper
		require.Equal(t, permits.OriginalSeen, plan.Way)
		require.Equal(t, date(t, "2026-03-02"), plan.On)
		require.Equal(t, "clerk", plan.By)
		require.NotEmpty(t, plan.Unit[i18n.ZhHant])
		require.Equal(t, permits.OriginalTaken, lease.Way)
		require.Empty(t, w.own(ming, id).Items[0].Paper.By, "the applicant reads where and when")
		require.Equal(t, 2, rows(t, d, "permit_materials WHERE application_id = ? AND original_by_id = ? AND original_at IS NOT NULL AND sent_at IS NOT NULL", id, actor.From(clerk).AccountID))

		// It is examined, and corrected, as every material is.
		verdicts := fine("lease")
		verdicts["plan"] = permits.Judgement{Verdict: permits.Correct, Reason: "缺少廚房。"}
		_, err = w.Examine(handler, r.CaseNo, 0, permits.Examination{Verdicts: verdicts, Due: "2026-03-16"})
		require.NoError(t, err)
		kind(t, fault.Invalid, w.Corrected(clerk, id, w.own(clerk, id).Application.Version), "material.plan")
		kind(t, fault.NotFound, w.MarkOriginal(ming, id, "plan", permits.OriginalTaken))
		kind(t, fault.Conflict, w.MarkOriginal(clerk, id, "lease", permits.OriginalSeen), "permit.material.settled")
		w.be(at(t, "2026-03-04"))
		require.NoError(t, w.MarkOriginal(clerk, id, "plan", permits.OriginalTaken))
		require.NoError(t, w.Corrected(clerk, id, w.own(clerk, id).Application.Version))
		p, err = w.Part(handler, r.CaseNo)
		require.NoError(t, err)
		require.Equal(t, date(t, "2026-03-04"), p.Items[0].Paper.On)
		require.Len(t, p.Items[0].Previous, 1)
		require.Equal(t, permits.OriginalSeen, p.Items[0].Previous[0].Original, "what was seen before stays")
		verdicts["plan"] = permits.Judgement{Verdict: permits.Correct, Reason: "尺寸不清楚。", Lies: permits.LiesNew}
		_, err = w.Examine(handler, r.CaseNo, 0, permits.Examination{Verdicts: verdicts, Due: "2026-03-18"})
		require.NoError(t, err, "what another paper says may be new")
		w.attach(clerk, id, "plan", "掃描")
		require.NoError(t, w.Corrected(clerk, id, w.own(clerk, id).Application.Version))
		_, err = w.Examine(handler, r.CaseNo, 0, permits.Examination{Verdicts: fine("plan", "lease")})
		require.NoError(t, err)

		// A paper that lies with one application does not stand for another.
		require.Nil(t, w.own(ming, mine).Items[1].Earlier)
	})
}

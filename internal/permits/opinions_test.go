package permits_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/cases"
	"minqing/internal/clocks"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/permits"
	"minqing/internal/permittypes"
)

// advised makes the type of the town one for which CG02 is asked, and another unit of
// large houses alone.
func (w *town) advised() {
	w.law.Opinions = []permittypes.Opinion{{UnitCode: "CG02", Limit: limit(w.t, "2wd")}, {UnitCode: "CG05", Limit: limit(w.t, "2wd"), If: "seats > 100"}}
}

// joint is the newest clock of a unit that was asked.
func (w *town) joint(caseID string) clocks.Clock {
	w.t.Helper()
	list, err := w.cases.ClocksOf(w.t.Context(), caseID)
	require.NoError(w.t, err)
	for i := len(list) - 1; i >= 0; i-- {
		if list[i].Kind == clocks.Joint {
			return list[i]
		}
	}
	require.Fail(w.t, "nobody was asked")
	return clocks.Clock{}
}

// The decision waits for every opinion that the type wants, asked or not, in time or
// late; the unit has a clock of its own, and that of the decision runs on.
func TestTheDecisionWaitsForEveryOpinion(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		w.advised()
		handler, asked, ming := w.staff("handler", "handler", "CG03"), w.staff("asked", "handler", "CG02"), w.person("ming")
		_, no := w.accepted(ming, handler)
		yes := true
		part := func() *permits.Part {
			t.Helper()
			p, err := w.Part(handler, no)
			require.NoError(t, err)
			require.Len(t, p.Opinions, 1, "of a small house one unit is asked")
			return p
		}
		waits := func() {
			t.Helper()
			_, err := w.DraftDecision(handler, no, 0, permits.Drafting{Grants: &yes})
			kind(t, fault.Conflict, err, "permit.opinions.open")
		}
		p := part()
		due := *p.Case.DueAt
		require.Nil(t, p.Opinions[0].Part)
		waits() // nobody has asked yet
		_, err := w.Part(asked, no)
		kind(t, fault.NotFound, err)
		_, err = w.AskOpinion(handler, no, 0, "CG05", "請審查。")
		kind(t, fault.Conflict, err, "permit.opinions.asked") // nobody wants it
		_, err = w.AskOpinion(handler, no, 0, "CG02", "請就排水表示意見。")
		require.NoError(t, err)
		_, err = w.AskOpinion(handler, no, 0, "CG02", "再問一次。")
		kind(t, fault.Conflict, err, "permit.opinions.asked")
		p = part()
		require.True(t, p.Opinions[0].Part.Open())
		require.Equal(t, date(t, "2026-03-04"), p.Opinions[0].DueOn(p), "two working days")
		k := w.joint(p.Case.ID)
		require.Equal(t, clocks.Running, k.State)
		require.Equal(t, *p.Opinions[0].Part.DueAt, *k.DueAt)
		require.Equal(t, due, *p.Case.DueAt, "the promise is what it was")
		waits()
		_, err = w.cases.Act(handler, no, 0, cases.JointAnswer{UnitCode: "CG02", Text: "可以。"})
		kind(t, fault.Forbidden, err) // nobody answers for another unit

		w.be(at(t, "2026-03-04"))
		require.False(t, part().Opinions[0].Late(w.clock()))
		w.be(at(t, "2026-03-05"))
		require.True(t, part().Opinions[0].Late(w.clock()))
		waits() // late, it is waited for all the same
		_, err = w.cases.Act(asked, no, 0, cases.JointAnswer{Text: "排水無礙。"})
		require.NoError(t, err)
		p = part()
		require.Equal(t, []any{cases.JointAnswered, "排水無礙。", false}, []any{p.Opinions[0].Part.State, p.Opinions[0].Part.Answer, p.Opinions[0].Late(w.clock())})
		require.Equal(t, clocks.Late, w.joint(p.Case.ID).State)
		_, err = w.DraftDecision(handler, no, 0, permits.Drafting{Grants: &yes})
		require.NoError(t, err)
	})
}

// A unit that does not answer is let go with a reason, by a person; asked shortly before
// the decision is due it has until then, and no longer.
func TestAUnitIsLetGoOrHasUntilTheDecision(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		w.advised()
		handler, asked, ming := w.staff("handler", "handler", "CG03"), w.staff("asked", "handler", "CG02"), w.person("ming")
		ask := func(no string) *permits.Part {
			t.Helper()
			_, err := w.AskOpinion(handler, no, 0, "CG02", "請就排水表示意見。")
			require.NoError(t, err)
			p, err := w.Part(handler, no)
			require.NoError(t, err)
			return p
		}
		draft := func(no string) error {
			yes := true
			_, err := w.DraftDecision(handler, no, 0, permits.Drafting{Grants: &yes})
			return err
		}
		_, no := w.accepted(ming, handler)
		p := ask(no)
		_, err := w.cases.Act(handler, no, 0, cases.ReleaseJoint{UnitCode: "CG02"})
		kind(t, fault.Invalid, err) // without a reason
		_, err = w.cases.Act(handler, no, 0, cases.ReleaseJoint{UnitCode: "CG02", Reason: "已由圖資查明。"})
		require.NoError(t, err)
		require.Equal(t, clocks.Dropped, w.joint(p.Case.ID).State)
		require.NoError(t, draft(no))

		_, no = w.accepted(w.person("hua"), handler)
		p = ask(no)
		_, err = w.cases.Act(asked, no, 0, cases.JointAnswer{Text: "無礙。"})
		require.NoError(t, err)
		require.Equal(t, clocks.Met, w.joint(p.Case.ID).State)
		require.NoError(t, draft(no))

		_, no = w.accepted(w.person("li"), handler)
		w.be(at(t, "2026-03-11"))
		p = ask(no)
		require.Equal(t, *p.Case.DueOn, p.Opinions[0].DueOn(p))
	})
}

// Art. 43: what a law lets a lower authority examine first has twenty working days from
// the acceptance, however late it is asked; the type may say fewer.
func TestALowerAuthorityExaminesWithinTwentyDaysOfTheAcceptance(t *testing.T) {
	for name, c := range map[string]struct{ limit, asked, due string }{
		"asked at once":      {"20wd", "2026-03-02", "2026-03-30"},
		"asked a week later": {"20wd", "2026-03-09", "2026-03-30"},
		"fewer":              {"5wd", "2026-03-09", "2026-03-16"},
		"asked too late":     {"20wd", "2026-03-31", "2026-04-01"},
	} {
		t.Run(name, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				w := newTown(t, d)
				w.law.Statutory, w.law.Promised = limit(t, "45wd"), limit(t, "45wd")
				w.law.Opinions = []permittypes.Opinion{{UnitCode: "CG02", Limit: limit(t, c.limit), Preliminary: true}}
				handler := w.staff("handler", "handler", "CG03")
				_, no := w.accepted(w.person("ming"), handler)
				w.be(at(t, c.asked))
				_, err := w.AskOpinion(handler, no, 0, "CG02", "請審查。")
				require.NoError(t, err)
				p, err := w.Part(handler, no)
				require.NoError(t, err)
				require.Equal(t, date(t, "2026-03-30"), p.ExamineBy().On)
				require.Equal(t, date(t, c.due), p.Opinions[0].DueOn(p))
			})
		})
	}
}

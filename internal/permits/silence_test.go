package permits_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/permits"
	"minqing/internal/register"
)

// TestWhatCountsAsADecisionBeforeThePermitEnds: art. 50 wants the decision before the end.
// It is made with the signature, for then the letter goes out. So a draft that refuses and
// is not signed stops no silence; one that is signed does, though nobody has concluded the
// case; and a grant that is signed is entered as it was signed. From the next day on nobody
// can decide otherwise, whether or not the job was there.
func TestWhatCountsAsADecisionBeforeThePermitEnds(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		r := w.withRegister()
		handler, head := w.staff("handler", "handler", "CG03"), w.staff("head", "head", "CG03")
		system := actor.AsSystem(t.Context(), "test")
		drafted, refused, granted := w.expiring("ming"), w.expiring("lan"), w.expiring("hua")
		for _, x := range []*expiring{drafted, refused, granted} {
			x.permit = w.grant(x.who, handler, head)
		}
		w.be(at(t, "2026-10-26"))
		for _, x := range []*expiring{drafted, refused, granted} {
			x.id, x.caseNo = w.renews(x.who, x.permit)
			grants := x == granted
			for _, err := range []error{
				second(w.Examine(handler, x.caseNo, 0, permits.Examination{Verdicts: fine("plan", "lease")})),
				second(w.cases.Act(handler, x.caseNo, 0, cases.Assign{})),
				second(w.DraftDecision(handler, x.caseNo, 0, permits.Drafting{Grants: &grants, Reasons: "廚房不合規定。", Conditions: "每日清潔。"})),
			} {
				require.NoError(t, err)
			}
		}
		says := func(x *expiring) *permits.Silence {
			p, err := w.Part(handler, x.caseNo)
			require.NoError(t, err)
			return p.Silence
		}
		end := date(t, "2026-12-01")
		require.Equal(t, &permits.Silence{Until: end, Drafted: true}, says(refused))
		w.be(at(t, "2026-12-01"))
		for _, x := range []*expiring{refused, granted} {
			_, err := w.cases.Act(head, x.caseNo, 0, cases.ReviewReply{Approve: true})
			require.NoError(t, err, "the last day is in time")
		}
		require.Nil(t, says(refused), "the letter is out")
		require.Equal(t, &permits.Silence{Until: end, Signed: true}, says(granted))
		waits, err := w.Renewals().Undecided(system, []string{drafted.permit, refused.permit, granted.permit})
		require.NoError(t, err)
		require.Equal(t, map[string]bool{drafted.permit: true, granted.permit: true}, waits)
		hands, err := w.Hands(system, *w.own(granted.who, granted.id).Application.CaseID)
		require.NoError(t, err)
		require.Equal(t, []string{actor.From(handler).AccountID, actor.From(head).AccountID}, hands)

		w.be(at(t, "2026-12-02")) // and the job was not there yet
		require.Equal(t, &permits.Silence{Until: end, Drafted: true, Over: true}, says(drafted))
		_, err = w.cases.Act(head, drafted.caseNo, 0, cases.ReviewReply{Approve: true})
		kind(t, fault.Conflict, err, "permit.renewed_already")
		_, err = w.Decide(handler, granted.caseNo, 0)
		kind(t, fault.Conflict, err, "permit.renewed_already")
		_, err = w.cases.Act(head, drafted.caseNo, 0, cases.ReviewReply{Note: "來不及了。"})
		require.NoError(t, err, "sending back decides nothing")
		no := false
		_, err = w.DraftDecision(handler, drafted.caseNo, 0, permits.Drafting{Grants: &no, Reasons: "廚房不合規定。"})
		kind(t, fault.Conflict, err, "permit.renewed_already")

		for x, stands := range map[*expiring]register.State{drafted: register.Valid, granted: register.Valid, refused: register.Expired} {
			p, err := r.ByNo(system, x.permit)
			require.NoError(t, err)
			require.Equal(t, stands, p.On(r.Today()), "as the law has it, before the job has entered anything")
			require.Equal(t, stands == register.Valid, p.Renewing())
			mine, _, err := w.Permits(x.who, "")
			require.NoError(t, err)
			require.Equal(t, stands, mine[0].Stands)
			_, err = r.Credential(system, p)
			kind(t, fault.Conflict, err, "register.state.expired")
		}
		before := len(w.charged)
		done, err := r.Expire(system)
		require.NoError(t, err)
		require.Equal(t, register.Passed{Expired: 1, Renewed: 2}, done)
		require.Len(t, w.charged, before+2, "whoever granted it")
		w.entered(r, system, drafted, granted)
		_, err = w.Decide(handler, refused.caseNo, 0)
		require.NoError(t, err, "what was signed in time is concluded when somebody gets to it")
		o := w.own(refused.who, refused.id)
		require.Equal(t, permits.Refused, o.Application.State)
		require.NotNil(t, o.Remedy)
		old, err := r.ByNo(system, refused.permit)
		require.NoError(t, err)
		require.Equal(t, register.Expired, old.State)
	})
}

// entered looks at what the job made of two renewals.
func (w *town) entered(r *register.Service, system context.Context, silent, signed *expiring) {
	w.t.Helper()
	for x, ground := range map[*expiring]string{silent: register.GroundSilence, signed: ""} {
		o := w.own(x.who, x.id)
		require.Equal(w.t, permits.Granted, o.Application.State)
		require.Equal(w.t, cases.Concluded, o.Case.Status)
		next, err := r.ByNo(system, o.Decision.PermitNo)
		require.NoError(w.t, err)
		require.Equal(w.t, date(w.t, "2026-12-02"), next.ValidFrom)
		require.Equal(w.t, register.Valid, next.On(r.Today()))
		story, err := r.Story(system, next)
		require.NoError(w.t, err)
		require.Equal(w.t, ground, story[len(story)-1].Ground)
	}
	d := w.own(signed.who, signed.id).Decision
	require.Equal(w.t, "每日清潔。", d.Conditions, "as it was signed")
	require.EqualValues(w.t, 1, d.No)
	require.Equal(w.t, date(w.t, "2026-12-02"), *d.DecidedOn)
	require.NotNil(w.t, d.ApprovedByID)
	require.Nil(w.t, w.own(silent.who, silent.id).Decision.DraftedByID, "nobody decided")
}

// expiring is somebody whose permit ends.
type expiring struct {
	who                context.Context
	permit, id, caseNo string
}

func (w *town) expiring(name string) *expiring { return &expiring{who: w.person(name)} }

func second[T any](_ T, err error) error { return err }

// TestACorrectionAfterTheEndIsNotRenewedBySilence: an application that was never accepted,
// and was corrected on the day after, before the job came by, was not owed a decision.
func TestACorrectionAfterTheEndIsNotRenewedBySilence(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		r := w.withRegister()
		x := w.expiring("ming")
		handler, head := w.staff("handler", "handler", "CG03"), w.staff("head", "head", "CG03")
		x.permit = w.grant(x.who, handler, head)
		w.be(at(t, "2026-10-26"))
		x.id, x.caseNo = w.renews(x.who, x.permit)
		w.ask(handler, x.caseNo, "2026-12-10")
		w.be(at(t, "2026-12-02"))
		w.correct(x.who, x.id)
		done, err := r.Expire(actor.AsSystem(t.Context(), "test"))
		require.NoError(t, err)
		require.Equal(t, register.Passed{Expired: 1}, done)
		require.Equal(t, permits.Submitted, stateOf(t, d, x.id))
	})
}

package register_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/calendar"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/register"
)

// TestWhatIsTakenAwayTakesTwo: nobody revokes or cancels alone, and nobody decides
// on what they proposed.
func TestWhatIsTakenAwayTakesTwo(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		no := o.issue()
		do := register.Do{Act: register.Revoke, Ground: "deceit", Reason: "以不實資料取得", Version: 1}
		head, other, handler, stranger := as(o.staff("head", "CG")), as(o.staff("head", "CG03")), as(o.staff("handler", "CG03")), as(o.staff("handler", "MW"))

		_, err := o.Act(head, no, do)
		require.Equal(t, fault.Conflict, fault.KindOf(err), "not alone")
		_, err = o.Propose(stranger, no, do)
		require.Equal(t, fault.NotFound, fault.KindOf(err))
		_, err = o.Propose(head, no, register.Do{Act: register.Suspend, Ground: "danger", Reason: "x", Version: 1})
		require.Equal(t, fault.Invalid, fault.KindOf(err), "one is enough for that")
		stale := do
		stale.Version = 7
		_, err = o.Propose(head, no, stale)
		require.Equal(t, fault.Conflict, fault.KindOf(err))

		p, err := o.Propose(head, no, do)
		require.NoError(t, err)
		_, err = o.Propose(handler, no, do)
		require.Equal(t, fault.Conflict, fault.KindOf(err), "one proposal at a time")
		one, err := o.Open(head, p)
		require.NoError(t, err)
		yes := register.Verdict{ProposalID: one.ID, Agrees: true, Version: 1}
		_, err = o.Decide(head, no, yes)
		require.Equal(t, fault.Forbidden, fault.KindOf(err), "who proposed it does not decide")
		_, err = o.Decide(handler, no, yes)
		require.Equal(t, fault.Forbidden, fault.KindOf(err), "nor who may only propose")
		require.Equal(t, []string{"issued"}, o.acts(no), "nothing has happened yet")
		waits, err := o.Waiting(other)
		require.NoError(t, err)
		require.Equal(t, []register.Wait{{PermitNo: no, Act: register.Revoke}}, waits)
		waits, err = o.Waiting(head)
		require.NoError(t, err)
		require.Empty(t, waits)

		_, err = o.Decide(other, no, register.Verdict{ProposalID: one.ID, Version: 1})
		require.Equal(t, fault.Invalid, fault.KindOf(err), "a refusal has a reason")
		_, err = o.Decide(other, no, register.Verdict{ProposalID: one.ID, Note: "證據不足", Version: 1})
		require.NoError(t, err)
		require.Equal(t, register.Valid, o.get(no).State)
		_, err = o.Decide(other, no, yes)
		require.Equal(t, fault.Conflict, fault.KindOf(err), "it is settled")

		stands := o.staff("head", "CG03")
		require.NoError(t, d.From(head).Exec("UPDATE grants SET deputy_for_id = ? WHERE account_id = ?", actor.From(head).AccountID, stands).Error)
		p, err = o.Propose(as(stands), no, do)
		require.NoError(t, err)
		one, err = o.Open(head, p)
		require.NoError(t, err)
		require.False(t, o.MayDecide(head, p, one))
		waits, err = o.Waiting(head)
		require.NoError(t, err)
		require.Empty(t, waits)
		_, err = o.Decide(head, no, register.Verdict{ProposalID: one.ID, Agrees: true, Version: 1})
		require.Equal(t, fault.Forbidden, fault.KindOf(err), "nor in whose place it was proposed")
		_, err = o.Decide(other, no, register.Verdict{ProposalID: one.ID, Note: "證據不足", Version: 1})
		require.NoError(t, err)

		p, err = o.Propose(handler, no, do)
		require.NoError(t, err)
		one, err = o.Open(head, p)
		require.NoError(t, err)
		o.hears(p, one)
		var all sync.WaitGroup
		results := make([]error, 3)
		for i := range results {
			all.Go(func() {
				_, results[i] = o.Decide(head, no, register.Verdict{ProposalID: one.ID, Agrees: true, Version: 1})
			})
		}
		all.Wait()
		done := 0
		for _, err := range results {
			if err == nil {
				done++
			} else {
				require.Equal(t, fault.Conflict, fault.KindOf(err), "%v", err)
			}
		}
		require.Equal(t, 1, done)
		require.Equal(t, register.Revoked, o.get(no).State)
		require.Equal(t, []string{"issued", "ask_holder", "revoke"}, o.acts(no))
	})
}

// TestAHolderIsHeardBeforeAPermitIsRevoked: they are told what is intended and why, and
// nobody agrees before they answered or their day is over.
func TestAHolderIsHeardBeforeAPermitIsRevoked(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		cal, err := calendar.Builtin("CN")
		require.NoError(t, err)
		o.CalendarOf = func(context.Context, string) (*calendar.Calendar, error) { return cal, nil }
		head, handler, stranger := as(o.staff("head", "CG")), as(o.staff("handler", "CG03")), as(o.staff("handler", "MW"))
		proposes := func(a register.Act, ground string) (*register.Permit, *register.Proposal) {
			p, err := o.Propose(handler, o.issue(), register.Do{Act: a, Ground: ground, Reason: "以不實資料取得", Version: 1})
			require.NoError(t, err)
			one, err := o.Open(head, p)
			require.NoError(t, err)
			return p, one
		}
		agrees := func(p *register.Permit, one *register.Proposal) error {
			_, err := o.Decide(head, p.PermitNo, register.Verdict{ProposalID: one.ID, Agrees: true, Version: 1})
			return err
		}
		p, one := proposes(register.Revoke, "deceit")
		require.ErrorContains(t, agrees(p, one), "register.hear.untold")
		require.ErrorContains(t, o.Answer(system(), p, one.ID, "x"), "register.propose.gone", "nobody has asked")
		from := o.AnswerFrom(handler, p)
		require.Equal(t, cal.AddWorkingDays(o.Today(), 5), from)
		for day, key := range map[string]string{"": "register.hear.day", from.Add(-1).String(): "register.hear.early", from.Add(200).String(): "register.hear.far"} {
			_, err = o.Ask(handler, p.PermitNo, one.ID, day)
			require.ErrorContains(t, err, key)
		}
		_, err = o.Ask(stranger, p.PermitNo, one.ID, from.String())
		require.Equal(t, fault.NotFound, fault.KindOf(err))
		_, err = o.Enter(handler, p.PermitNo, one.ID, "口頭說明")
		require.ErrorContains(t, err, "register.hear.untold")
		_, err = o.Ask(handler, p.PermitNo, one.ID, from.String())
		require.NoError(t, err)
		_, err = o.Ask(handler, p.PermitNo, one.ID, from.String())
		require.ErrorContains(t, err, "register.hear.told", "once")
		require.Equal(t, []string{"issued", "ask_holder"}, o.acts(p.PermitNo))
		require.Equal(t, register.Valid, o.get(p.PermitNo).State, "nothing is decided")
		require.ErrorContains(t, agrees(p, one), "register.hear.waits")
		require.Equal(t, fault.Invalid, fault.KindOf(o.Answer(system(), p, one.ID, " ")))
		require.NoError(t, o.Answer(system(), p, one.ID, "資料沒有不實。"))
		require.Equal(t, fault.Conflict, fault.KindOf(o.Answer(system(), p, one.ID, "再說一次")))
		require.NoError(t, agrees(p, one))
		require.Equal(t, register.Revoked, o.get(p.PermitNo).State)
		said, err := o.Statements(head, []string{p.ID})
		require.NoError(t, err)
		require.Equal(t, []string{"資料沒有不實。"}, said[p.ID])

		p, one = proposes(register.Revoke, "unlawful")
		_, err = o.Ask(handler, p.PermitNo, one.ID, from.String())
		require.NoError(t, err)
		now := o.now
		o.now = from.Start(o.Zone).Add(23 * time.Hour)
		require.ErrorContains(t, agrees(p, one), "register.hear.waits", "the last day counts whole")
		o.now = from.Add(1).Start(o.Zone)
		require.NoError(t, agrees(p, one), "who says nothing had the time to")
		o.now = now

		p, one = proposes(register.Cancel, "given_up")
		require.NoError(t, agrees(p, one), "what is given up needs no hearing")
		p, one = proposes(register.Revoke, "penalty")
		_, err = o.Decide(head, p.PermitNo, register.Verdict{ProposalID: one.ID, Note: "證據不足", Version: 1})
		require.NoError(t, err, "what is not done needs none either")
	})
}

package permits_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/permits"
	"minqing/internal/register"
)

// holds is what ming shows at a counter.
var holds = permits.Comer{NumberKind: constituents.ResidentID, Number: anID, Name: "ming"}

// sendAtCounter adds what is missing to a draft of a desk about a permit, and sends it.
func (w *town) sendAtCounter(ctx context.Context, id string) (caseNo string, err error) {
	w.t.Helper()
	a := w.own(ctx, id).Application
	if a.Counter.By == "" {
		require.NoError(w.t, w.Represent(ctx, id, a.Version, permits.Representation{By: permits.InPerson}))
	}
	w.attach(ctx, id, "plan", "新平面圖")
	if w.own(ctx, id).Items[1].Now == nil {
		w.attach(ctx, id, "lease", "新租約")
	}
	r, err := w.Submit(ctx, id, w.own(ctx, id).Application.Version, aloud, i18n.ZhHant)
	if err != nil {
		return "", err
	}
	return r.CaseNo, nil
}

// What a holder can ask for online they can ask for at a counter, with their document, and
// what lies there does not stand in the way of what they send themselves.
func TestACounterChangesAPermitForItsHolder(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		w.withRegister()
		clerk, colleague, stranger := w.staff("clerk", "call_agent", "HL"), w.staff("colleague", "call_agent", "HL"), w.staff("stranger", "call_agent", "ZJ")
		handler, head, ming, lan := w.staff("handler", "handler", "CG03"), w.staff("head", "head", "CG03"), w.person("ming"), w.person("lan")
		no := w.grant(ming, handler, head)
		ask := func(ctx context.Context, purpose permits.Purpose, change func(*permits.Comer)) (*permits.Application, bool, error) {
			c := holds
			change(&c)
			return w.AboutAtCounter(ctx, no, purpose, c)
		}
		same := func(*permits.Comer) {}
		_, _, err := ask(clerk, permits.ForChange, func(c *permits.Comer) { c.Number, c.Name = "", "" })
		kind(t, fault.Invalid, err, "number counter.about.number")
		kind(t, fault.Invalid, err, "name counter.name.required")
		_, _, err = ask(clerk, permits.ForChange, func(c *permits.Comer) { c.Number = "110105194912310020" })
		kind(t, fault.Invalid, err, "number constituents.number.resident_id")
		_, _, err = ask(clerk, permits.ForChange, func(c *permits.Comer) { c.Name = "lan" })
		kind(t, fault.Invalid, err, "name counter.about.name")
		_, _, err = ask(clerk, "", same)
		kind(t, fault.Invalid, err, "purpose")
		_, _, err = ask(clerk, permits.ForRenewal, same)
		kind(t, fault.Conflict, err, "held.renew.early")
		_, _, err = ask(handler, permits.ForChange, same)
		kind(t, fault.Forbidden, err)
		_, _, err = ask(ming, permits.ForChange, same)
		kind(t, fault.Forbidden, err)
		require.Zero(t, rows(t, d, "permit_applications WHERE renews_no <> ''"))

		a, shared, err := ask(clerk, permits.ForChange, same)
		require.NoError(t, err)
		require.False(t, shared)
		o := w.own(clerk, a.ID)
		require.Equal(t, actor.From(ming).ConstituentID, o.Application.HolderID)
		require.EqualValues(t, 20, o.Application.Answers["seats"], "what was answered is there")
		require.NotNil(t, o.Items[1].Now.ReusesID, "nobody is asked for the lease twice")
		require.Equal(t, permits.Counter{Kind: permits.ForPerson, Applicant: "ming"}, *o.Application.Counter)
		again, shared, err := ask(colleague, permits.ForChange, same)
		require.NoError(t, err)
		require.True(t, shared)
		require.Equal(t, a.ID, again.ID)
		m, err := w.CounterPermit(colleague, no)
		require.NoError(t, err)
		require.Equal(t, a.ID, m.Pending.ID)
		m, err = w.CounterPermit(stranger, no)
		require.NoError(t, err)
		require.Nil(t, m.Pending, "another desk sees nothing of it")

		// The document that was shown is known from now on.
		_, err = w.known.AddNumber(actor.AsSystem(t.Context(), "test"), actor.From(lan).ConstituentID, constituents.Document{Kind: constituents.TaiwanID, Value: "A123456789", Seen: true})
		require.NoError(t, err)
		_, _, err = ask(clerk, permits.ForChange, func(c *permits.Comer) { c.NumberKind, c.Number = constituents.TaiwanID, "A123456789" })
		kind(t, fault.Invalid, err, "number counter.about.other")
		_, _, err = ask(clerk, permits.ForChange, func(c *permits.Comer) { c.Number = "110105194912310011" }) // a second document of identity
		kind(t, fault.Invalid, err, "number counter.about.other")
		list, more, err := w.CounterPermits(clerk, permits.Comer{Kind: permits.ForPerson, NumberKind: constituents.ResidentID, Number: anID})
		require.NoError(t, err)
		require.False(t, more)
		require.Len(t, list, 1)
		require.Equal(t, no, list[0].PermitNo)
		require.Equal(t, 1, rows(t, d, "audit_reads WHERE object_id = ? AND account_id = ? AND fields LIKE '%permits%'", actor.From(ming).ConstituentID, actor.From(clerk).AccountID))
		_, _, err = w.CounterPermits(clerk, permits.Comer{})
		kind(t, fault.Invalid, err, "kind counter.kind.required")
		_, _, err = w.CounterPermits(handler, permits.Comer{Kind: permits.ForPerson, Number: anID})
		kind(t, fault.Forbidden, err)

		// The holder writes one too: of two that are sent the second is refused.
		own, err := w.Permit(ming, no)
		require.NoError(t, err)
		require.Nil(t, own.Pending, "what the desk has not sent is not the holder's")
		b, err := w.About(ming, no, permits.ForChange)
		require.NoError(t, err)
		require.NotEqual(t, a.ID, b.ID)
		w.attach(ming, b.ID, "plan", "自己改的平面圖")
		r, err := w.Submit(ming, b.ID, b.Version, signed, i18n.ZhHant)
		require.NoError(t, err)
		_, err = w.sendAtCounter(clerk, a.ID)
		kind(t, fault.Conflict, err, "held.pending")
		_, _, err = ask(clerk, permits.ForChange, same)
		kind(t, fault.Conflict, err, "held.pending")
		w.decided(handler, head, r.CaseNo)
		_, err = w.sendAtCounter(clerk, a.ID)
		kind(t, fault.Conflict, err, "register.state.cancelled")
		require.Equal(t, permits.Draft, w.own(clerk, a.ID).Application.State, "nothing of it is lost")
	})
}

// A renewal that was taken at a counter has the clocks of one that was asked for online:
// no decision before the end renews it (行政許可法 art. 50).
func TestARenewalAtACounterIsRenewedBySilence(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		r := w.withRegister()
		clerk, handler, head, ming, lan := w.staff("clerk", "call_agent", "HL"), w.staff("handler", "handler", "CG03"), w.staff("head", "head", "CG03"), w.person("ming"), w.person("lan")
		no, other := w.grant(ming, handler, head), w.grant(lan, handler, head)
		firm := w.atCounter(clerk, permits.Comer{Kind: permits.ForEnterprise, Number: aCode, Name: "臨江小館"}).Application
		sent, err := w.Submit(clerk, firm.ID, firm.Version, aloud, i18n.ZhHant)
		require.NoError(t, err)
		w.decided(handler, head, sent.CaseNo)
		house := w.own(clerk, firm.ID).Decision.PermitNo

		w.be(at(t, "2026-11-01")) // thirty days before the end
		a, _, err := w.AboutAtCounter(clerk, no, permits.ForRenewal, holds)
		require.NoError(t, err)
		caseNo, err := w.sendAtCounter(clerk, a.ID)
		require.NoError(t, err)
		_, online := w.renews(lan, other)
		at1, err := w.Part(handler, caseNo)
		require.NoError(t, err)
		at2, err := w.Part(handler, online)
		require.NoError(t, err)
		require.Equal(t, at2.AcceptBy, at1.AcceptBy)
		require.Equal(t, at2.Case.DueOn, at1.Case.DueOn)
		require.Equal(t, permits.ForRenewal, at1.Application.Purpose)
		require.Equal(t, "counter", at1.Case.Channel)
		mine, err := w.Permit(ming, no)
		require.NoError(t, err)
		require.Equal(t, a.ID, mine.Pending.ID, "what was sent is the holder's")
		b, err := w.About(ming, no, permits.ForRenewal)
		require.NoError(t, err)
		require.Equal(t, a.ID, b.ID, "nobody asks twice")
		_, _, err = w.AboutAtCounter(clerk, house, permits.ForRenewal, permits.Comer{Number: anID})
		kind(t, fault.Invalid, err, "number enterprises.code.uscc")
		f, _, err := w.AboutAtCounter(clerk, house, permits.ForRenewal, permits.Comer{Number: aCode})
		require.NoError(t, err)
		require.Equal(t, "臨江小館", f.Counter.Applicant)

		w.be(at(t, "2026-12-02"))
		done, err := r.Expire(actor.AsSystem(t.Context(), "test"))
		require.NoError(t, err)
		require.Equal(t, 2, done.Renewed)
		require.Equal(t, 1, done.Expired, "of the enterprise only a draft lies there")
		require.Equal(t, permits.Granted, w.own(ming, a.ID).Application.State)
		p, err := r.ByNo(t.Context(), w.own(clerk, a.ID).Decision.PermitNo)
		require.NoError(t, err)
		require.Equal(t, register.Valid, p.On(r.Today()))
	})
}

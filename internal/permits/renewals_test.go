package permits_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/permits"
	"minqing/internal/register"
)

// holding lets a town issue into a real register.
type holding struct{ *register.Service }

func (h holding) Issue(ctx context.Context, g permits.Grant) (string, error) {
	return h.Service.Issue(ctx, register.Issue{CaseID: g.CaseID, CaseNo: g.CaseNo, TypeCode: g.TypeCode, TypeVersion: g.TypeVersion, HolderID: g.HolderID, UnitID: g.UnitID,
		ValidFrom: g.ValidFrom, ValidUntil: g.ValidUntil, Replaces: g.Replaces, Particulars: g.Facts, Silent: g.Silent})
}

func (w *town) withRegister() *register.Service {
	w.law.Validity, w.law.RenewalWindow = "9m", 60
	r := register.New(register.Deps{DB: w.db, Vault: w.Vault, Audit: w.Audit, Jobs: w.Jobs, Access: w.Service.Access, Catalogue: w.Catalogue, Constituents: w.known, Words: w.Words,
		Zone: time.FixedZone("CST", 8*3600), BaseURL: "https://minqing.test", Now: w.clock, Renewals: w.Renewals(),
		TypeName: func(context.Context, string, int64) (i18n.Text, error) { return w.law.Name, nil },
		Tell:     func(context.Context, register.Telling) error { return nil }})
	r.Register(w.Jobs)
	w.Service.Register, w.Holds = holding{r}, r
	return r
}

// grant is a permit that went the whole way.
func (w *town) grant(who, handler, head context.Context) string {
	w.t.Helper()
	id, no := w.apply(who)
	w.decided(handler, head, no)
	return w.own(who, id).Decision.PermitNo
}

func (w *town) decided(handler, head context.Context, no string) {
	w.t.Helper()
	p, err := w.Part(handler, no)
	require.NoError(w.t, err)
	_, err = w.Examine(handler, no, p.Case.Version, permits.Examination{Verdicts: fine("plan", "lease")})
	require.NoError(w.t, err)
	decide(w.t, w, handler, head, no, true)
}

// TestAPermitIsRenewedOrChanged goes from a granted permit to the next one: what is
// known is not asked again, only inside the window, by decision and by silence.
func TestAPermitIsRenewedOrChanged(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		r := w.withRegister()
		ming, lan, other := w.person("ming"), w.person("lan"), w.person("other")
		handler, head := w.staff("handler", "handler", "CG03"), w.staff("head", "head", "CG03")
		system := actor.AsSystem(t.Context(), "test")
		no, late := w.grant(ming, handler, head), w.grant(lan, handler, head)
		end := date(t, "2026-12-01")
		held := func(no string) *register.Permit {
			p, err := r.ByNo(system, no)
			require.NoError(t, err)
			return p
		}
		require.Equal(t, end, *held(no).ValidUntil)

		_, err := w.About(ming, no, permits.ForRenewal)
		kind(t, fault.Conflict, err, "held.renew.early")
		_, err = w.About(other, no, permits.ForRenewal)
		kind(t, fault.NotFound, err)
		_, err = w.Permit(other, no)
		kind(t, fault.NotFound, err)

		// A change keeps the end; the answers and the lease are there already.
		a, err := w.About(ming, no, permits.ForChange)
		require.NoError(t, err)
		o := w.own(ming, a.ID)
		require.EqualValues(t, 20, o.Application.Answers["seats"])
		require.NotNil(t, o.Items[1].Now.ReusesID, "nobody is asked for the lease twice")
		require.Nil(t, o.Items[0].Now, "a plan is not reusable")
		again, err := w.About(ming, no, permits.ForChange)
		require.NoError(t, err)
		require.Equal(t, a.ID, again.ID)
		_, err = w.About(ming, no, permits.ForRenewal)
		kind(t, fault.Conflict, err, "held.pending")
		fresh, err := w.Begin(ming, "food")
		require.NoError(t, err)
		require.NotEqual(t, a.ID, fresh.ID, "an application for another permit is another draft")
		send := func(who context.Context, id string) string {
			w.attach(who, id, "plan", "新平面圖")
			if w.own(who, id).Items[1].Now == nil { // the lease was looked at longer ago than it is good for
				w.attach(who, id, "lease", "新租約")
			}
			o := w.own(who, id)
			receipt, err := w.Submit(who, id, o.Application.Version, signed, i18n.ZhHant)
			require.NoError(t, err)
			return receipt.CaseNo
		}
		w.decided(handler, head, send(ming, a.ID))
		changed := w.own(ming, a.ID).Decision.PermitNo
		require.Equal(t, register.Cancelled, held(no).State)
		require.Equal(t, register.GroundReplaced, held(no).Ground)
		require.Equal(t, end, *held(changed).ValidUntil, "a change gives no time")
		_, err = w.About(ming, no, permits.ForRenewal)
		kind(t, fault.Conflict, err, "held.replaced")

		// Thirty days before the end is the last day to ask.
		w.be(at(t, "2026-11-01"))
		a, err = w.About(ming, changed, permits.ForRenewal)
		require.NoError(t, err)
		caseNo := send(ming, a.ID)
		w.be(at(t, "2026-11-02"))
		m, err := w.Permit(lan, late)
		require.NoError(t, err)
		require.Equal(t, permits.Late, m.Timing)
		require.True(t, m.Renews(), "late is allowed, and told")
		b, err := w.About(lan, late, permits.ForRenewal)
		require.NoError(t, err)
		send(lan, b.ID)
		waits, err := w.Renewals().Undecided(system, []string{changed, late})
		require.NoError(t, err)
		require.Equal(t, map[string]bool{changed: true}, waits)

		// Nobody decides.
		w.be(at(t, "2026-12-02"))
		before := len(w.charged)
		done, err := r.Expire(system)
		require.NoError(t, err)
		require.Equal(t, 1, done.Renewed)
		require.Equal(t, 1, done.Expired)
		require.Len(t, w.charged, before+1, "what silence grants costs what a grant costs")
		fee := w.charged[before]
		require.Equal(t, a.ID, fee.Application.ID)
		require.Equal(t, caseNo, fee.Case.CaseNo)
		require.Len(t, fee.Fees, 1)
		require.Equal(t, "permit", fee.Fees[0].Code)
		require.Equal(t, date(t, "2026-12-16"), fee.DueOn, "ten working days, as after a decision")
		twice, err := r.Expire(system)
		require.NoError(t, err)
		require.Zero(t, twice)
		require.Len(t, w.charged, before+1, "once")
		require.Equal(t, register.Expired, held(late).State, "silence renews nothing that was asked late")
		o = w.own(ming, a.ID)
		require.Equal(t, permits.Granted, o.Application.State)
		require.Equal(t, cases.Concluded, o.Case.Status)
		next := held(o.Decision.PermitNo)
		require.Equal(t, end.Add(1), next.ValidFrom)
		require.Equal(t, date(t, "2027-09-01"), *next.ValidUntil)
		require.Equal(t, caseNo, next.CaseNo)
		require.Equal(t, register.Valid, next.On(r.Today()))
		list, _, err := w.Permits(ming, "")
		require.NoError(t, err)
		require.Len(t, list, 3)
		require.Equal(t, next.PermitNo, list[0].PermitNo)
		_, err = w.About(lan, late, permits.ForRenewal)
		require.NoError(t, err, "the application is still open, and is shown")
		// A renewal that is decided in time begins when the permit ends; once is enough.
		early := w.grant(other, handler, head)
		w.be(date(t, "2027-07-10").Start(r.Zone).Add(9 * time.Hour))
		c, err := w.About(other, early, permits.ForRenewal)
		require.NoError(t, err)
		w.decided(handler, head, send(other, c.ID))
		require.Equal(t, held(early).ValidUntil.Add(1), held(w.own(other, c.ID).Decision.PermitNo).ValidFrom)
		m, err = w.Permit(other, early)
		require.NoError(t, err)
		require.False(t, m.Renews())
		require.Equal(t, w.own(other, c.ID).Decision.PermitNo, m.Next)
		_, err = w.About(other, early, permits.ForRenewal)
		kind(t, fault.Conflict, err, "held.replaced")

		_, err = r.Read(w.staff("stranger", "handler", "MW"), late)
		kind(t, fault.NotFound, err)
		require.NoError(t, w.Service.Access.CanOn(handler, access.PermitPropose, access.Object{UnitPaths: []string{next.UnitPath}}))
	})
}

// renews asks for the renewal of a permit and sends it.
func (w *town) renews(who context.Context, permitNo string) (id, caseNo string) {
	w.t.Helper()
	a, err := w.About(who, permitNo, permits.ForRenewal)
	require.NoError(w.t, err)
	w.attach(who, a.ID, "plan", "新平面圖")
	w.attach(who, a.ID, "lease", "新租約")
	r, err := w.Submit(who, a.ID, w.own(who, a.ID).Application.Version, signed, i18n.ZhHant)
	require.NoError(w.t, err)
	return a.ID, r.CaseNo
}

// TestARenewalThatIsCorrectedWhenThePermitEnds: of two renewals that were asked for in
// time and wait for a correction on the last day, the one that was accepted counts as
// renewed (行政許可法 art. 50), for the authority owed its decision. The other, never
// accepted, does not; holder and unit hear it before, and the register says why at the end.
func TestARenewalThatIsCorrectedWhenThePermitEnds(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		r := w.withRegister()
		ming, lan := w.person("ming"), w.person("lan")
		handler, head := w.staff("handler", "handler", "CG03"), w.staff("head", "head", "CG03")
		system := actor.AsSystem(t.Context(), "test")
		accepted, owing := w.grant(ming, handler, head), w.grant(lan, handler, head)
		w.be(at(t, "2026-10-26"))
		mings, mingsNo := w.renews(ming, accepted)
		lans, lansNo := w.renews(lan, owing)
		_, err := w.Examine(handler, mingsNo, 0, permits.Examination{Verdicts: fine("plan", "lease")})
		require.NoError(t, err)
		_, err = w.Examine(head, mingsNo, 0, permits.Examination{Verdicts: map[string]permits.Judgement{"plan": {Verdict: permits.Correct, Reason: "缺少廚房。"}}, Due: "2026-12-10", Again: "審查時才發現。"})
		require.NoError(t, err)
		w.ask(handler, lansNo, "2026-12-10")
		require.Equal(t, []permits.State{permits.Correcting, permits.Correcting}, []permits.State{stateOf(t, d, mings), stateOf(t, d, lans)})

		all := []string{accepted, owing}
		waits, err := w.Renewals().Undecided(system, all)
		require.NoError(t, err)
		require.Equal(t, map[string]bool{accepted: true}, waits)
		owed, err := w.Renewals().Owed(system, all)
		require.NoError(t, err)
		require.Equal(t, map[string]bool{owing: true}, owed)
		one, err := w.Owed(system, owing)
		require.NoError(t, err)
		require.Equal(t, lansNo, one.CaseNo)
		one, err = w.Owed(system, accepted)
		require.NoError(t, err)
		require.Nil(t, one)

		acts := func(no string) (list []string) {
			p, err := r.ByNo(system, no)
			require.NoError(t, err)
			story, err := r.Story(system, p)
			require.NoError(t, err)
			for _, e := range story {
				list = append(list, string(e.Act)+" "+e.Ground)
			}
			return list
		}
		w.be(at(t, "2026-11-25"))
		_, err = r.Expire(system)
		require.NoError(t, err)
		require.Contains(t, acts(accepted), "alarmed ")
		require.NotContains(t, acts(accepted), "stalled ")
		require.Contains(t, acts(owing), "stalled ")
		require.NotContains(t, acts(owing), "alarmed ")
		w.be(at(t, "2026-12-02"))
		done, err := r.Expire(system)
		require.NoError(t, err)
		require.Equal(t, register.Passed{Expired: 1, Renewed: 1}, done)
		o := w.own(ming, mings)
		require.Equal(t, permits.Granted, o.Application.State)
		require.Equal(t, cases.Concluded, o.Case.Status)
		require.Nil(t, o.Open(), "nothing is asked of whom silence has renewed")
		next, err := r.ByNo(system, o.Decision.PermitNo)
		require.NoError(t, err)
		require.Equal(t, date(t, "2026-12-02"), next.ValidFrom)
		require.Equal(t, "expired "+register.GroundUncorrected, acts(owing)[0])
		require.Equal(t, permits.Correcting, stateOf(t, d, lans), "the application is still open")

		// What comes late is decided all the same, from the day of its decision.
		w.correct(lan, lans)
		_, err = w.Examine(handler, lansNo, 0, permits.Examination{Verdicts: fine("plan", "lease")})
		require.NoError(t, err)
		decide(t, w, handler, head, lansNo, true)
		next, err = r.ByNo(system, w.own(lan, lans).Decision.PermitNo)
		require.NoError(t, err)
		require.Equal(t, date(t, "2026-12-02"), next.ValidFrom)
	})
}

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
		kind(t, fault.Conflict, err, "register.state.cancelled")

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
		done, err := r.Expire(system)
		require.NoError(t, err)
		require.Equal(t, 1, done.Renewed)
		require.Equal(t, 1, done.Expired)
		twice, err := r.Expire(system)
		require.NoError(t, err)
		require.Zero(t, twice)
		require.Equal(t, register.Expired, held(late).State, "silence renews nothing that was asked late")
		o = w.own(ming, a.ID)
		require.Equal(t, permits.Granted, o.Application.State)
		require.Equal(t, cases.Concluded, o.Case.Status)
		next := held(o.Decision.PermitNo)
		require.Equal(t, end.Add(1), next.ValidFrom)
		require.Equal(t, date(t, "2027-09-01"), *next.ValidUntil)
		require.Equal(t, caseNo, next.CaseNo)
		require.Equal(t, register.Valid, next.On(r.Today()))
		list, err := w.Permits(ming)
		require.NoError(t, err)
		require.Len(t, list, 3)
		require.Equal(t, next.PermitNo, list[0].PermitNo)
		_, err = w.About(lan, late, permits.ForRenewal)
		require.NoError(t, err, "the application is still open, and is shown")
		_, err = r.Read(w.staff("stranger", "handler", "MW"), late)
		kind(t, fault.NotFound, err)
		require.NoError(t, w.Service.Access.CanOn(handler, access.PermitPropose, access.Object{UnitPaths: []string{next.UnitPath}}))
	})
}

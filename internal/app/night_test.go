package app_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/app"
	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/i18n"
	"minqing/internal/permits"
)

// TestNobodyIsWokenByTheEndOfAPermit: the job runs shortly after midnight. What it does is
// done then; who is told of it reads it in the portal, and the mails leave at eight. The
// draft that refuses waits for its signature: who can sign and who wrote it are warned days
// before, the pages say until when it counts, and then silence renews all the same.
func TestNobodyIsWokenByTheEndOfAPermit(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		var ahead atomic.Int64
		h := openWith(t, d, app.Options{Demo: true, Now: func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }}, "MINQING_SMTP_URL=smtp://127.0.0.1:1")
		h.serve(t, app.ServeOptions{Web: true, Workers: true})
		n := &night{house: h, t: t, ahead: &ahead, system: actor.AsSystem(t.Context(), "test")}
		who, err := h.Identity.ByEmail(t.Context(), "citizen@demo.test")
		require.NoError(t, err)
		var no string
		require.NoError(t, d.From(t.Context()).Raw("SELECT permit_no FROM permits WHERE holder_id = ? AND type_code = 'outdoor-sign'", who.ConstituentID).Scan(&no).Error)
		p := must(h.Register.ByNo(n.system, no))
		_, caseNo := h.asksRenewal(t, h.signIn(t, "citizen"), actor.With(t.Context(), actor.Actor{Kind: actor.Citizen, AccountID: who.ID, ConstituentID: who.ConstituentID}), no)
		handler := as(t, h, "permits@demo.test")
		n.drafts(handler, caseNo)

		n.goes(*p.ValidUntil - 3)
		warned, err := h.Access.Nearest(n.system, access.PermitRevoke, p.UnitPath)
		require.NoError(t, err)
		signers, err := h.Access.Nearest(n.system, access.CaseReviewReply, p.UnitPath)
		require.NoError(t, err)
		warned = append(append(warned, signers...), actor.From(handler).AccountID)
		for _, account := range warned {
			n.eventually("deliveries WHERE kind = 'permit_alarm' AND channel = 'inapp' AND account_id = ?", account)
		}
		n.inTheMorning(caseNo, "permit_alarm")
		require.NoError(t, h.Cases.Warn(n.system)) // the clocks of its case have run out too
		n.inTheMorning(caseNo, "clock_after")
		for _, of := range []string{"", "/permit"} {
			page := h.signIn(t, "permits")
			page.open("/desk/cases/" + caseNo + of + "?lang=en")
			require.Contains(t, page.page, "what is not decided by then counts as renewed")
			require.Contains(t, page.page, h.Bundle.T(i18n.En, "permit.silence.drafted", nil))
		}

		n.goes(*p.ValidUntil + 1)
		require.EqualValues(t, 1, count(t, d, "permits WHERE replaces_id = ? AND state = 'valid'", p.ID), "at once")
		n.inTheMorning(caseNo, "permit_moved", "concluded", "fee_ordered")
		page := h.signIn(t, "permits")
		page.open("/desk/cases/" + caseNo + "/permit?lang=en")
		require.NotContains(t, page.page, "what is not decided by then")
		require.NotContains(t, page.page, `value="decide"`)
	})
}

// night is a house whose clock the test moves to shortly after midnight.
type night struct {
	*house
	t      *testing.T
	ahead  *atomic.Int64
	system context.Context
	at     time.Time
}

// drafts writes a refusal that nobody signs.
func (n *night) drafts(handler context.Context, caseNo string) {
	n.t.Helper()
	verdicts := map[string]permits.Judgement{}
	for _, it := range must(n.Permits.Part(handler, caseNo)).Items {
		if it.Now != nil {
			verdicts[it.Code] = permits.Judgement{Verdict: permits.Verified}
		}
	}
	must(n.Permits.Examine(handler, caseNo, 0, permits.Examination{Verdicts: verdicts}))
	must(n.Cases.Act(handler, caseNo, 0, cases.Assign{}))
	refuses := false
	must(n.Permits.DraftDecision(handler, caseNo, 0, permits.Drafting{Grants: &refuses, Reasons: "招牌遮住了號誌。"}))
}

// goes on to twenty past midnight of a day, and has the daily job run.
func (n *night) goes(day calendar.Date) {
	n.t.Helper()
	n.at = day.Start(n.Register.Zone).Add(20 * time.Minute)
	n.ahead.Store(int64(time.Until(n.at)))
	_, err := n.Register.Expire(n.system)
	require.NoError(n.t, err)
}

func (n *night) eventually(what string, args ...any) {
	n.t.Helper()
	require.Eventually(n.t, func() bool { return count(n.t, n.DB, what, args...) > 0 }, 30*time.Second, 50*time.Millisecond, "%s %v", what, args)
}

// inTheMorning looks at the mails of this night about the permit or the case of its renewal:
// there are some of each kind, and all leave at eight, while the portal has the messages
// already. What people of the demo city do meanwhile is told at once.
func (n *night) inTheMorning(caseNo string, kinds ...string) {
	n.t.Helper()
	eight := n.at.Add(7*time.Hour + 40*time.Minute).UTC()
	for _, kind := range kinds {
		const tonight = "deliveries WHERE (case_id IS NULL OR case_id = (SELECT id FROM cases WHERE case_no = ?)) AND kind = ? AND created_at >= ?"
		n.eventually(tonight+" AND channel = 'inapp' AND status = 'sent'", caseNo, kind, n.at.UTC())
		n.eventually(tonight+" AND channel = 'mail' AND status = 'queued' AND send_after = ?", caseNo, kind, n.at.UTC(), eight)
		require.Zero(n.t, count(n.t, n.DB, tonight+" AND channel = 'mail' AND (send_after IS NULL OR send_after <> ?)", caseNo, kind, n.at.UTC(), eight), kind)
	}
}

package app_test

import (
	"bytes"
	"context"
	"net/url"
	"path"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/app"
	"minqing/internal/calendar"
	"minqing/internal/db"
	"minqing/internal/files"
	"minqing/internal/i18n"
	"minqing/internal/permits"
	"minqing/internal/register"
)

// TestSilenceRenewsOnThePages: a holder asks on the page of a permit, nobody decides,
// the clock goes on past its last day, and the job enters the next permit. The pages of
// the holder, of the unit and of everybody say so.
func TestSilenceRenewsOnThePages(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		var ahead atomic.Int64
		h := openWith(t, d, app.Options{Demo: true, Now: func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }})
		h.serve(t, app.ServeOptions{Web: true, Workers: true})
		who, err := h.Identity.ByEmail(t.Context(), "citizen@demo.test")
		require.NoError(t, err)
		var old string
		require.NoError(t, d.From(t.Context()).Raw("SELECT permit_no FROM permits WHERE holder_id = ? AND type_code = 'outdoor-sign'", who.ConstituentID).Scan(&old).Error)
		system := actor.AsSystem(t.Context(), "test")
		before := must(h.Register.ByNo(system, old))

		me := h.signIn(t, "citizen")
		application, caseNo := h.asksRenewal(t, me, actor.With(t.Context(), actor.Actor{Kind: actor.Citizen, AccountID: who.ID, ConstituentID: who.ConstituentID}), old)
		me.open("/me/permits/" + old + "?lang=en")
		require.NotContains(t, me.page, `value="renewal"`, "one at a time")
		require.Contains(t, me.page, application)

		h.alarmed(t, system, &ahead, before)
		ahead.Add(int64(time.Duration(*before.ValidUntil+1-h.Register.Today()) * 24 * time.Hour))
		require.Equal(t, before.ValidUntil.Add(1), h.Register.Today())
		require.NoError(t, h.DB.Tx(t.Context(), func(ctx context.Context) error { return h.Jobs.Add(ctx, register.ExpireJob{}) }))
		var next string
		require.Eventually(t, func() bool {
			d.From(t.Context()).Raw("SELECT permit_no FROM permits WHERE replaces_id = ?", before.ID).Scan(&next)
			return next != ""
		}, 30*time.Second, 50*time.Millisecond)
		after := must(h.Register.ByNo(system, next))
		require.Equal(t, before.ValidUntil.Add(1), after.ValidFrom)
		h.saidOfSilence(t, map[string]string{"old": old, "new": next, "application": application, "case": caseNo}, after.ValidFrom)
		require.Equal(t, 1, count(t, d, "permit_events WHERE permit_id = ? AND ground = 'silence'", after.ID))
	})
}

// TestARenewalThatIsNotCorrectedEndsThePermit: the applicant owes a correction, so that the
// application is never accepted. Holder and unit are warned before the permit ends, on
// their pages and by message, and told when it has ended.
func TestARenewalThatIsNotCorrectedEndsThePermit(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		var ahead atomic.Int64
		h := openWith(t, d, app.Options{Demo: true, Now: func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }})
		h.serve(t, app.ServeOptions{Web: true, Workers: true})
		who, err := h.Identity.ByEmail(t.Context(), "citizen@demo.test")
		require.NoError(t, err)
		var no string
		require.NoError(t, d.From(t.Context()).Raw("SELECT permit_no FROM permits WHERE holder_id = ? AND type_code = 'outdoor-sign'", who.ConstituentID).Scan(&no).Error)
		system := actor.AsSystem(t.Context(), "test")
		p := must(h.Register.ByNo(system, no))
		me := h.signIn(t, "citizen")
		_, caseNo := h.asksRenewal(t, me, actor.With(t.Context(), actor.Actor{Kind: actor.Citizen, AccountID: who.ID, ConstituentID: who.ConstituentID}), no)
		handler, verdicts := as(t, h, "permits@demo.test"), map[string]permits.Judgement{}
		for _, it := range must(h.Permits.Part(handler, caseNo)).Items {
			if it.Now != nil {
				verdicts[it.Code] = permits.Judgement{Verdict: permits.Verified}
			}
		}
		verdicts["drawing"] = permits.Judgement{Verdict: permits.Correct, Reason: "沒有尺寸。"}
		must(h.Permits.Examine(handler, caseNo, 0, permits.Examination{Verdicts: verdicts, Due: h.Register.Today().Add(5).String()}))
		heads, err := h.Access.Nearest(system, access.PermitRevoke, p.UnitPath)
		require.NoError(t, err)
		heard := func(kind string, of ...string) int {
			return count(t, d, "deliveries WHERE kind = ? AND channel = 'inapp' AND (account_id IN ? OR constituent_id IN ?)", kind, of, of)
		}
		goes := func(day calendar.Date) {
			t.Helper()
			ahead.Add(int64(time.Duration(day-h.Register.Today()) * 24 * time.Hour))
			for range 2 {
				_, err := h.Register.Expire(system)
				require.NoError(t, err)
			}
		}
		goes(*p.ValidUntil - 1)
		require.Eventually(t, func() bool {
			return heard("renewal_stalled", heads...) == len(heads) && heard("renewal_owed", who.ConstituentID) == 1
		}, 30*time.Second, 50*time.Millisecond)
		me = h.signIn(t, "citizen")
		me.open("/me/permits/" + no + "?lang=en")
		require.Contains(t, me.page, "Your renewal is not accepted yet")
		staff := h.signIn(t, "permits")
		staff.open("/desk/permits/" + no + "?lang=en")
		require.Contains(t, staff.page, "The renewal waits for a correction")
		require.NotContains(t, staff.page, "so it counts as renewed")

		goes(*p.ValidUntil + 1)
		require.Equal(t, register.Expired, must(h.Register.ByNo(system, no)).State)
		require.Eventually(t, func() bool {
			return heard("renewal_lapsed", heads...) == len(heads) &&
				count(t, d, "deliveries WHERE kind = 'permit_moved' AND channel = 'inapp' AND about_id IN (SELECT id FROM permit_events WHERE permit_id = ? AND act = 'expired' AND ground = 'uncorrected')", p.ID) > 0
		}, 30*time.Second, 50*time.Millisecond)
		require.Zero(t, heard("permit_alarm", heads...))
		me = h.signIn(t, "citizen")
		for _, lang := range i18n.Langs {
			me.open("/me/permits/" + no + "?lang=" + string(lang))
			require.Contains(t, me.page, h.Bundle.T(lang, "held.ground.uncorrected", nil))
			require.Contains(t, me.page, h.Bundle.T(lang, "held.renewal.uncorrected", nil))
		}
	})
}

// alarmed goes on to three days before the permit ends: who leads the unit hears that silence
// is about to renew it, once however often the job runs, in words that name the permit.
func (h *house) alarmed(t *testing.T, system context.Context, ahead *atomic.Int64, p *register.Permit) {
	t.Helper()
	heads, err := h.Access.Nearest(system, access.PermitRevoke, p.UnitPath)
	require.NoError(t, err)
	require.NotEmpty(t, heads)
	heard := func() int {
		return count(t, h.DB, "deliveries WHERE kind = 'permit_alarm' AND channel = 'inapp' AND account_id IN ?", heads)
	}
	require.Zero(t, heard())
	ahead.Store(int64(time.Duration(*p.ValidUntil-3-h.Register.Today()) * 24 * time.Hour))
	for range 2 {
		_, err := h.Register.Expire(system)
		require.NoError(t, err)
	}
	require.Eventually(t, func() bool { return heard() == len(heads) }, 30*time.Second, 50*time.Millisecond)
	require.Never(t, func() bool { return heard() != len(heads) }, 500*time.Millisecond, 50*time.Millisecond)
}

// asksRenewal goes from the page of the permit to the receipt; what is known is there
// already.
func (h *house) asksRenewal(t *testing.T, me *browser, ctx context.Context, no string) (application, caseNo string) {
	me.open("/me/permits/" + no + "?lang=zh-Hant")
	me.send(url.Values{"do": {"renewal"}}, `value="renewal"`)
	require.Equal(t, "questions", path.Base(me.at.Path))
	application = path.Dir(me.at.Path)
	require.Contains(t, me.page, "南埔巷 7 號", "it is not asked again")
	me.send(nil, `name="asked"`)
	require.Equal(t, application+"/materials", me.at.Path, me.page)
	body := []byte("%PDF-1.4\n招牌\n%%EOF\n")
	for _, code := range []string{"drawing", "photo"} {
		require.NoError(t, h.Permits.Attach(ctx, path.Base(application), code, files.Upload{Name: code + ".pdf", Content: bytes.NewReader(body), Size: int64(len(body))}))
	}
	me.open(application + "/check")
	me.send(url.Values{"agrees": {"yes"}}, `name="agrees"`)
	require.Equal(t, application, me.at.Path, me.page)
	require.NoError(t, h.DB.From(t.Context()).Raw("SELECT case_no FROM permit_applications WHERE id = ?", path.Base(application)).Scan(&caseNo).Error)
	require.Contains(t, me.page, caseNo)
	return application, caseNo
}

func (h *house) saidOfSilence(t *testing.T, of map[string]string, from calendar.Date) {
	me := h.signIn(t, "citizen") // the session of before has ended
	for _, lang := range i18n.Langs {
		says := h.Bundle.T(lang, "held.ground.silence", nil)
		me.open("/me/permits/" + of["new"] + "?lang=" + string(lang))
		require.Contains(t, me.page, says)
		require.Contains(t, me.page, i18n.Format{Lang: lang}.Date(from.UTC()))
		require.NotContains(t, me.page, "/permit.pdf", "the document waits for its fee")
		require.Contains(t, me.page, `href="/me/fees"`)
		me.open("/me/permits/" + of["old"] + "?lang=" + string(lang))
		require.Contains(t, me.page, `href="/me/permits/`+of["new"]+`"`)
		require.NotContains(t, me.page, `value="renewal"`)
		me.open(of["application"] + "?lang=" + string(lang))
		require.Contains(t, me.page, h.Bundle.T(lang, "permit.result.granted", nil))
		require.Contains(t, me.page, h.Bundle.T(i18n.ZhHant, "held.silence.text", i18n.Args{"No": of["old"], "NewNo": of["new"]}), "in the language of the case")
	}
	staff := h.signIn(t, "permits")
	staff.open("/desk/cases/" + of["case"] + "/permit?lang=en")
	require.Contains(t, staff.page, of["old"])
	require.NotContains(t, staff.page, `value="draft"`, "nothing is left to decide")
	staff.open("/desk/permits/" + of["new"] + "?lang=en")
	require.Contains(t, staff.page, "so it counts as renewed")

	for no, state := range map[string]string{of["old"]: "cancelled", of["new"]: "valid"} { // one has taken the place of the other
		_, body := ask(t, "GET", h.url+"/verify/"+no, "Accept", "application/json")
		require.True(t, strings.HasPrefix(body, `{"state":"`+state+`"`), body)
		require.Equal(t, no == of["old"], strings.Contains(body, `"successor":"`+of["new"]+`"`), body)
	}
}

package app_test

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/app"
	"minqing/internal/db"
	"minqing/internal/document/documenttest"
	"minqing/internal/i18n"
	"minqing/internal/permits"
	"minqing/internal/register"
)

// The written proofs of acceptance and of its refusal are papers of their own, dated and
// sealed, for those alone who applied; everybody can check the seal.
func TestAcceptanceAndItsRefusalAreProvenUnderTheSeal(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, true)
		h.serve(t, app.ServeOptions{Web: true})
		citizen, head := h.citizenOf(t, "citizen@demo.test"), as(t, h, "head@demo.test")
		yes, no := h.occupies(t, citizen)
		refused, refusedNo := h.occupies(t, citizen)
		me := h.signIn(t, "citizen")
		paper := func(id string) string { return "/enterprise/applications/" + id + "/acceptance.pdf" }
		for _, id := range []string{yes.ID, refused.ID} {
			status, _ := me.ask(paper(id))
			require.Equal(t, 404, status, "nobody has spoken yet")
		}
		must(h.Permits.Examine(head, no, 0, permits.Examination{Verdicts: map[string]permits.Judgement{"plan": {Verdict: permits.Verified}}}))
		must(h.Permits.Decline(head, refusedNo, 0, permits.Refusal{Reason: "not_ours", Body: "鄰江區水務局", Explanation: "工地在鄰江區境內。"}))
		o := must(h.Permits.Own(citizen, yes.ID))
		require.Equal(t, 1, count(t, d, "deliveries WHERE kind = 'application_accepted' AND channel = 'inapp' AND about_id = ?", yes.ID), "the applicant is told")
		require.Zero(t, count(t, d, "deliveries WHERE kind = 'application_accepted' AND about_id = ?", refused.ID))
		me.open("/me/messages?lang=en")
		require.Contains(t, me.page, "Your application for a permit is accepted")
		require.Contains(t, me.page, o.Type.Name.In(i18n.En)+" "+no)
		reasons := fmt.Sprintf("%x", sha256.Sum256([]byte("工地在鄰江區境內。")))
		for lang, words := range map[i18n.Lang][2][]string{
			i18n.ZhHant: {{"受理憑證", "受理日期", "電子印章"}, {"不予受理憑證", "事由由別的機關決定", "鄰江區水務局", "工地在鄰江區境內。", "電子印章"}},
			i18n.ZhHans: {{"受理凭证", "受理日期", "电子印章"}, {"不予受理凭证", "事由由其他机关决定", "电子印章"}},
			i18n.En:     {{"Proof that your application is accepted", "Accepted on", "Electronic seal"}, {"not accepted", "GroundAnother body decides", "Digest of the reasons", "Electronic seal"}},
		} {
			for i, id := range []string{yes.ID, refused.ID} {
				me.open(paper(id) + "?lang=" + string(lang))
				require.Equal(t, "application/pdf", me.header.Get("Content-Type"))
				text := documenttest.Text(t, []byte(me.page))
				for _, want := range words[i] {
					require.Contains(t, text, want, lang)
				}
				require.NotRegexp(t, `\b(receipt|permit|verify)\.[a-z_]+`, text)
				require.Equal(t, i == 1, strings.Contains(strings.ReplaceAll(text, " ", ""), reasons), text)
			}
		}
		status, _ := h.enters(t, "company@demo.test", app.DemoPassword).ask(paper(yes.ID))
		require.Equal(t, 404, status)
		me.open("/enterprise/applications/" + refused.ID + "?lang=en")
		require.Contains(t, me.page, "Download the proof of non-acceptance")

		for _, one := range []struct {
			claims register.ReceiptClaims
			says   []string
		}{
			{register.ReceiptClaims{Subject: no, Act: register.ActAccepted, On: o.Application.AcceptedOn.String(), Deemed: true},
				[]string{"proof of acceptance is genuine", no, "Accepted on", "by law it counts as accepted"}},
			{register.ReceiptClaims{Subject: refusedNo, Act: register.ActNotAccepted, On: o.Application.AcceptedOn.String(), Ground: "not_ours", Reasons: reasons},
				[]string{"proof of non-acceptance is genuine", refusedNo, "Another body decides", permits.Grouped(reasons)}},
			{register.ReceiptClaims{Subject: no, Act: "something else"}, []string{"seal on this receipt is genuine"}},
		} {
			one.claims.Received, one.claims.Unit = o.Case.ReceivedAt.Unix(), "CG01"
			address := must(h.Register.SealReceipt(t.Context(), one.claims))
			got, page := ask(t, "GET", address+"?lang=en")
			require.Equal(t, 200, got.StatusCode)
			for _, want := range one.says {
				require.Contains(t, page, want)
			}
			require.NotContains(t, page, "鄰江", "neither body nor reasons are read from a seal")
			got, _ = ask(t, "GET", address[:len(address)-5]+"AAAAA?lang=en")
			require.Equal(t, 404, got.StatusCode)
		}
	})
}

package app_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"html"
	"io"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/app"
	"minqing/internal/db"
	"minqing/internal/document/documenttest"
	"minqing/internal/fees"
	"minqing/internal/i18n"
	"minqing/internal/permits"
	"minqing/internal/permittypes"
	"minqing/internal/register"
)

// TestReceiptsAreDocumentsToKeep: of one application, of several in one go, and of a
// fee, each for those alone who may see its page.
func TestReceiptsAreDocumentsToKeep(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, true)
		h.serve(t, app.ServeOptions{Web: true})
		var part struct{ ID, BundleID, CaseID, CaseNo, HolderID, UnitID string }
		require.NoError(t, d.From(t.Context()).Raw(`SELECT p.id, p.bundle_id, p.case_id, p.case_no, p.holder_id, c.unit_id FROM permit_applications p
 JOIN permit_bundles b ON b.id = p.bundle_id JOIN cases c ON c.id = p.case_id WHERE b.sent_at IS NOT NULL AND p.type_code = 'outdoor-sign'`).Scan(&part).Error)
		one, several, fee := "/enterprise/applications/"+part.ID+"/receipt.pdf", "/enterprise/bundles/"+part.BundleID+"/receipt.pdf", h.paidFor(t, part.CaseID, part.CaseNo, part.HolderID, part.UnitID)
		me := h.enters(t, "company@demo.test", app.DemoPassword)
		for lang, words := range map[string][]string{
			"zh-Hant": {"申請收據戶外招牌許可", "申請人臨江樂川商行", "招牌設計圖.pdf", "書面憑據", "一件事申請收據", "食品經營許可：", "待辦", "收據", "繳費人臨江樂川商行"},
			"zh-Hans": {"申请回执户外招牌设置许可", "申请人臨江樂川商行", "招牌設計圖.pdf", "书面凭证", "一件事申请回执", "食品经营许可：", "待办", "收据", "缴费人臨江樂川商行"},
			"en":      {"Receipt of your applicationOutdoor sign permit", "Applicant臨江樂川商行", "招牌設計圖.pdf", "written proof", "Receipt of your applications", "Food business permit: ", "still to come", "Receipt", "Payer臨江樂川商行"},
		} {
			said := func(at string) string {
				me.open(at + "?lang=" + lang)
				require.Equal(t, "application/pdf", me.header.Get("Content-Type"))
				require.Equal(t, "private, no-store", me.header.Get("Cache-Control"))
				text := documenttest.Text(t, []byte(me.page))
				require.NotRegexp(t, `\b(receipt|permit|bundle|fees)\.[a-z_]+`, text)
				return text
			}
			of := said(one)
			for _, want := range append(words[:4:4], part.CaseNo, h.url+"/track?case_no="+part.CaseNo) {
				require.Contains(t, of, want, lang)
			}
			of = said(several)
			for _, want := range append(words[4:7:7], part.CaseNo, "招牌設計圖.pdf") {
				require.Contains(t, of, want, lang)
			}
			of = said(fee)
			for _, want := range append(words[7:], part.CaseNo, "¥35.00", "R-1", fmt.Sprint(h.Fees.Today().Year())+"-") {
				require.Contains(t, of, want, lang)
			}
		}
		h.sealed(t, me, one, part.CaseNo)
		h.sealed(t, me, several, part.CaseNo)
		for _, at := range []string{one, several, fee} {
			for _, who := range []string{"citizen@demo.test", "permits@demo.test"} {
				other := h.enters(t, who, app.DemoPassword)
				other.took(other.client.Get(h.url + at))
				require.Contains(t, []int{403, 404}, other.status, "%s as %s", at, who)
			}
			got, _ := ask(t, "GET", h.url+at)
			require.Equal(t, 303, got.StatusCode, "nobody without signing in")
		}
		h.furtherAsked(t, d, part.BundleID, me)
		h.notAccepted(t, d, part.BundleID, me)
		draft := must(h.Permits.Begin(h.citizenOf(t, "company@demo.test"), "tree-felling"))
		me.took(me.client.Get(h.url + "/enterprise/applications/" + draft.ID + "/receipt.pdf"))
		require.Equal(t, 404, me.status, "nothing was received of a draft")
	})
}

// sealed scans the seal of a receipt and checks it as a stranger does: it names number,
// day, agency and the digest of the files, and nobody; altered, it is not ours.
func (h *house) sealed(t *testing.T, me *browser, at, caseNo string) {
	t.Helper()
	me.open(at + "?lang=en")
	text := documenttest.Text(t, []byte(me.page))
	require.Contains(t, text, "Electronic seal")
	o := must(h.Permits.Own(h.citizenOf(t, "company@demo.test"), h.applicationOf(t, caseNo)))
	parts := []*permits.Own{o}
	if strings.Contains(at, "/bundles/") {
		parts = must(h.Permits.BundleOf(h.citizenOf(t, "company@demo.test"), *o.Application.BundleID)).Parts
	}
	var sums []string
	for _, one := range parts {
		for _, it := range one.Items {
			for _, f := range it.Files {
				c := must(h.Permits.OwnFile(h.citizenOf(t, "company@demo.test"), one.Application.ID, it.Now.ID, f.ID))
				raw := must(io.ReadAll(c))
				require.NoError(t, c.Close())
				sums = append(sums, fmt.Sprintf("%x\n", sha256.Sum256(raw)))
			}
		}
	}
	require.NotEmpty(t, sums)
	slices.Sort(sums)
	digest := fmt.Sprintf("%x", sha256.Sum256([]byte(strings.Join(sums, ""))))
	require.Contains(t, strings.ReplaceAll(text, " ", ""), digest)
	address := must(h.Register.SealReceipt(t.Context(), register.ReceiptClaims{Subject: caseNo, Received: o.Case.ReceivedAt.Unix(), Unit: "CG01", Files: len(sums), Documents: digest}))
	got, page := ask(t, "GET", address+"?lang=en")
	require.Equal(t, 200, got.StatusCode)
	for _, want := range []string{"The seal on this receipt is genuine", caseNo, permits.Grouped(digest)} {
		require.Contains(t, page, want)
	}
	require.NotContains(t, page, "樂川", "nobody is named")
	got, page = ask(t, "GET", address[:len(address)-5]+"AAAAA?lang=en")
	require.Equal(t, 404, got.StatusCode)
	require.Contains(t, page, "This seal is not ours")
	mine := must(h.Register.ByNo(t.Context(), h.anyPermit(t)))
	credential := must(h.Register.Credential(t.Context(), mine))
	got, _ = ask(t, "GET", h.url+"/verify/receipt/"+credential)
	require.Equal(t, 404, got.StatusCode, "a permit is no receipt")
}

func (h *house) applicationOf(t *testing.T, caseNo string) (id string) {
	t.Helper()
	require.NoError(t, h.DB.From(t.Context()).Raw("SELECT id FROM permit_applications WHERE case_no = ?", caseNo).Scan(&id).Error)
	return id
}

func (h *house) anyPermit(t *testing.T) (no string) {
	t.Helper()
	require.NoError(t, h.DB.From(t.Context()).Raw("SELECT permit_no FROM permits WHERE state = 'valid' ORDER BY permit_no LIMIT 1").Scan(&no).Error)
	return no
}

func (h *house) citizenOf(t *testing.T, email string) context.Context {
	t.Helper()
	a := must(h.Identity.ByEmail(t.Context(), email))
	return actor.With(t.Context(), actor.Actor{Kind: actor.Citizen, AccountID: a.ID, ConstituentID: a.ConstituentID, Locale: "zh-Hant"})
}

// paidFor charges a fee, takes it at the counter, and gives where its receipt is.
func (h *house) paidFor(t *testing.T, caseID, caseNo, holder, unit string) string {
	t.Helper()
	require.NoError(t, h.Fees.Charge(actor.AsSystem(t.Context(), "test"), fees.Charge{CaseID: caseID, CaseNo: caseNo, HolderID: holder, UnitID: unit, TypeCode: "outdoor-sign", TypeVersion: 1,
		TypeName: i18n.Text{i18n.En: "Sign"}, When: permittypes.FeeAtGrant, DueOn: h.Fees.Today().Add(14), Items: []fees.Item{{Code: "paper", Name: i18n.Text{i18n.En: "Document"}, Amount: 3500, Currency: "CNY"}}}))
	list := must(h.Fees.OfCase(t.Context(), caseID))
	o := list[len(list)-1]
	require.NoError(t, h.Fees.Collect(as(t, h, "head@demo.test"), o.OrderNo, o.Version, "R-1"))
	return "/me/fees/" + o.OrderNo + "/receipt.pdf"
}

// furtherAsked has the desk ask for a document that no list had; the receipt says so.
func (h *house) furtherAsked(t *testing.T, d *db.DB, bundle string, me *browser) {
	t.Helper()
	var a struct{ ID, CaseNo string }
	require.NoError(t, d.From(t.Context()).Raw("SELECT id, case_no FROM permit_applications WHERE bundle_id = ? AND type_code = 'drainage'", bundle).Scan(&a).Error)
	desk := h.signIn(t, "supervisor")
	desk.open("/desk/cases/" + a.CaseNo + "/permit?lang=en")
	typed := url.Values{"do": {"examine"}, "further.1.reason": {"坡度 <b>不明</b>。"}, "due": {h.Fees.Today().Add(9).String()}}
	desk.send(typed, `value="examine"`)
	require.Equal(t, 422, desk.status)
	require.Contains(t, desk.page, "Enter the name of the document.")
	require.Contains(t, desk.page, "坡度 &lt;b&gt;不明", "nothing typed is lost")
	typed["further.1.name"] = []string{"坡度圖"}
	desk.send(typed, `value="examine"`)
	require.Equal(t, 200, desk.status)
	require.Contains(t, desk.page, "坡度圖")
	me.open("/enterprise/applications/" + a.ID + "?lang=en")
	require.Contains(t, me.page, `name="material.further_1"`)
	me.open("/enterprise/applications/" + a.ID + "/receipt.pdf?lang=en")
	text := documenttest.Text(t, []byte(me.page))
	require.Contains(t, text, "Please correct")
	require.Contains(t, text, "坡度圖")
}

// notAccepted has the desk refuse to accept an application: its receipt, that of the
// bundle and the page say the ground, why, which body is the right one, and the
// remedies.
func (h *house) notAccepted(t *testing.T, d *db.DB, bundle string, me *browser) {
	t.Helper()
	var a struct{ ID, CaseNo, TypeCode string }
	require.NoError(t, d.From(t.Context()).Raw("SELECT id, case_no, type_code FROM permit_applications WHERE bundle_id = ? AND state = 'submitted' ORDER BY case_no LIMIT 1", bundle).Scan(&a).Error)
	require.NotEmpty(t, a.CaseNo)
	desk := h.signIn(t, "supervisor")
	desk.open("/desk/cases/" + a.CaseNo + "/permit?lang=en")
	desk.send(url.Values{"do": {"decline"}, "reason": {"not_ours"}, "body": {"鄰江區水務局"}, "explanation": {"工地在鄰江區境內。"}}, `value="decline"`)
	require.Equal(t, 200, desk.status, desk.page)
	law := must(h.PermitTypes.Type(t.Context(), a.TypeCode))
	for lang, words := range map[i18n.Lang][]string{
		i18n.ZhHant: {"不予受理", "事由由別的機關決定", "理由工地在鄰江區境內。", "應該向哪個機關申請鄰江區水務局", "您可以怎麼救濟"},
		i18n.ZhHans: {"不予受理", "事由由其他机关决定", "理由工地在鄰江區境內。", "应当向哪个部门申请鄰江區水務局", "您可以怎样救济"},
		i18n.En:     {"Not accepted", "GroundAnother body decides", "工地在鄰江區境內。", "The right body鄰江區水務局", "If you disagree"},
	} {
		for _, at := range []string{"/enterprise/applications/" + a.ID, "/enterprise/bundles/" + bundle} {
			me.open(at + "/receipt.pdf?lang=" + string(lang))
			text := documenttest.Text(t, []byte(me.page))
			for _, want := range words {
				require.Contains(t, text, want, "%s in %s", at, lang)
			}
			require.Contains(t, strings.ReplaceAll(text, " ", ""), strings.ReplaceAll(law.Remedies.In(lang), " ", ""), "%s in %s", at, lang)
			require.NotRegexp(t, `\b(receipt|permit|bundle)\.[a-z_]+`, text)
		}
		me.open("/enterprise/applications/" + a.ID + "?lang=" + string(lang))
		for _, want := range []string{"工地在鄰江區境內。", "鄰江區水務局", law.Remedies.In(lang)} {
			require.Contains(t, html.UnescapeString(me.page), want)
		}
	}
}

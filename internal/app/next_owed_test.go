package app_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/app"
	"minqing/internal/calendar"
	"minqing/internal/db"
	"minqing/internal/fees"
	"minqing/internal/i18n"
	"minqing/internal/permittypes"
	"minqing/internal/register"
)

// owes orders a fee of somebody, to be paid in some days, and gives where it leads.
func (h *house) owes(t *testing.T, d *db.DB, holder, code string, days int, amount int64, currency string) string {
	t.Helper()
	var c struct{ ID, CaseNo, UnitID string }
	require.NoError(t, d.From(t.Context()).Raw("SELECT id, case_no, unit_id FROM cases WHERE track = 'permit' ORDER BY case_no LIMIT 1").Scan(&c).Error)
	require.NoError(t, h.Fees.Charge(actor.AsSystem(t.Context(), "test"), fees.Charge{CaseID: c.ID, CaseNo: c.CaseNo, HolderID: holder, UnitID: c.UnitID, TypeCode: "outdoor-sign", TypeVersion: 1,
		TypeName: i18n.Text{i18n.En: "Sign"}, When: permittypes.FeeAtGrant, DueOn: h.Fees.Today().Add(days), Items: []fees.Item{{Code: code, Name: i18n.Text{i18n.En: "Fee " + code}, Amount: amount, Currency: currency}}}))
	var no string
	require.NoError(t, d.From(t.Context()).Raw("SELECT order_no FROM fee_orders WHERE case_id = ? AND fee_code = ?", c.ID, code).Scan(&no).Error)
	require.NotEmpty(t, no)
	return "/me/fees/" + no
}

// neglects gives somebody a permit whose first duty was missed, and where it leads.
func (h *house) neglects(t *testing.T, holder string) string {
	t.Helper()
	system := actor.AsSystem(t.Context(), "test")
	issued, end := time.Now().AddDate(-1, 0, -20), h.Register.Today().Add(700)
	sign := must(h.PermitTypes.Type(system, "outdoor-sign"))
	no := must(h.Register.Bring(system, register.Issue{TypeCode: sign.Code, TypeVersion: sign.Version, HolderID: holder, UnitID: "CG01",
		ValidFrom: calendar.DateOf(issued, time.UTC), ValidUntil: &end}, issued))
	p := must(h.Register.ByNo(system, no))
	all := must(h.Duties.OfPermits(system, []register.Permit{*p}))[p.ID]
	require.Len(t, all, 1)
	require.True(t, all[0].Overdue(h.Duties.Today()))
	return "/me/permits/" + no + "/duties/" + all[0].ID
}

// steps are where the rows of a page lead, in order, of those that are asked for.
func (b *browser) steps(asked ...string) (list []string) {
	b.t.Helper()
	for _, l := range stepLinks.FindAllStringSubmatch(b.page, -1) {
		for _, a := range asked {
			if l[1] == a {
				list = append(list, a)
			}
		}
	}
	return list
}

func (h *house) settles(t *testing.T, d *db.DB, href, state string) {
	t.Helper()
	r := d.From(t.Context()).Exec("UPDATE fee_orders SET state = ?, settled_at = ? WHERE order_no = ?", state, time.Now().UTC(), strings.TrimPrefix(href, "/me/fees/"))
	require.NoError(t, r.Error)
	require.EqualValues(t, 1, r.RowsAffected)
}

func TestACitizenIsRemindedOfWhatTheyOwe(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, true)
		h.serve(t, app.ServeOptions{Web: true})
		me := h.citizen(t)
		who := must(h.Identity.ByEmail(t.Context(), leaver)).ConstituentID
		other := h.signIn(t, "citizen")
		late, soon := h.owes(t, d, who, "later", 20, 1000, "CNY"), h.owes(t, d, who, "sooner", 3, 20000, "TWD")
		duty := h.neglects(t, who)
		all := []string{soon, late, duty}

		me.open("/me/next?lang=en")
		require.Equal(t, all, me.steps(all...), "by their day")
		for _, part := range []string{"¥10.00", "NT$200", "Amount: NT$200", "no payment has arrived for it", "Fee to pay", "Overdue", "nothing has been handed in", "Last day: "} {
			require.Contains(t, me.page, part)
		}
		require.NotContains(t, me.page, "Past its day")
		row, _, _ := strings.Cut(me.page[strings.Index(me.page, `href="`+soon+`"`):], "<details")
		for _, part := range []string{"NT$200", i18n.Format{Lang: i18n.En}.Date(h.Fees.Today().Add(3).UTC())} {
			require.Contains(t, row, part, "on the item itself, not only inside its reasons")
		}
		me.page = me.now(t, soon)
		require.Equal(t, all, me.steps(all...), "the home has them too")
		require.Contains(t, me.page, `<input type="hidden" name="rule" value="duty"><input type="hidden" name="back" value="/">`)
		for _, page := range []string{"/me/next", "/"} {
			other.open(page)
			for _, href := range all {
				require.NotContains(t, other.page, href, "of somebody else")
			}
		}
		for _, href := range all {
			me.open(href)
			require.Equal(t, 200, me.status)
		}

		me.switches("pay", "off")
		require.Equal(t, []string{duty}, me.steps(all...))
		me.switches("duty", "off")
		require.Empty(t, me.steps(all...))
		me.switches("pay", "on")
		me.switches("duty", "on")
		require.Equal(t, all, me.steps(all...))

		require.NoError(t, d.From(t.Context()).Exec("UPDATE fee_orders SET due_on = ? WHERE order_no = ?", h.Fees.Today(), strings.TrimPrefix(soon, "/me/fees/")).Error)
		me.open("/me/next?lang=en")
		require.NotContains(t, me.page, "Past its day", "the last day counts whole")
		require.NoError(t, d.From(t.Context()).Exec("UPDATE fee_orders SET due_on = ? WHERE order_no = ?", h.Fees.Today().Add(-1), strings.TrimPrefix(soon, "/me/fees/")).Error)
		me.open("/me/next?lang=en")
		require.Contains(t, me.page, "Past its day")

		for _, state := range []string{"paid", "waived", "refunded", "cancelled"} {
			h.settles(t, d, late, state)
			me.open("/me/next")
			require.Equal(t, []string{soon, duty}, me.steps(all...), state)
		}
		var order string
		require.NoError(t, d.From(t.Context()).Raw("SELECT id FROM fee_orders WHERE order_no = ?", strings.TrimPrefix(soon, "/me/fees/")).Scan(&order).Error)
		now := time.Now().UTC()
		stray := fees.Arrival{ID: db.NewID(now), Provider: "sandbox", ProviderRef: "r1", OrderID: &order, UnitPath: "/", Amount: 1, Currency: "TWD", PaidAt: now, ArrivedAt: now, ArrivedOn: h.Fees.Today(), Outcome: fees.OtherSum, Version: 1}
		require.NoError(t, d.From(t.Context()).Create(&stray).Error)
		me.open("/me/next")
		require.Equal(t, []string{duty}, me.steps(all...), "nobody is to pay twice while staff look at what came")

		id := duty[strings.LastIndex(duty, "/")+1:]
		for day, want := range map[int][]string{200: nil, 1: {duty}} {
			require.NoError(t, d.From(t.Context()).Exec("UPDATE permit_duties SET due_on = ? WHERE id = ?", h.Duties.Today().Add(day), id).Error)
			me.open("/me/next")
			require.Equal(t, want, me.steps(all...), "in %d days", day)
		}
		require.NoError(t, d.From(t.Context()).Exec("UPDATE permit_duties SET due_on = ? WHERE id = ?", h.Duties.Today(), id).Error)
		me.open(duty)
		me.send(url.Values{"do": {"send"}, "statement": {"檢查過了。"}}, `value="send"`)
		require.Equal(t, 200, me.status)
		me.open("/me/next")
		require.Empty(t, me.steps(all...), "it was handed in")
	})
}

func TestAnEnterpriseIsRemindedOfWhatItOwesOnce(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, true)
		h.serve(t, app.ServeOptions{Web: true})
		var firm string
		require.NoError(t, d.From(t.Context()).Raw("SELECT id FROM enterprises WHERE code = '91000000000000123L'").Scan(&firm).Error)
		owner := h.enters(t, "company@demo.test", app.DemoPassword)
		fee, duty := h.owes(t, d, firm, "agency", -400, 1000, "CNY"), h.neglects(t, firm)
		both := []string{fee, duty}
		owner.open("/me/next")
		require.Empty(t, owner.steps(both...), "in person they owe nothing")
		owner.took(owner.client.PostForm(h.url+"/enterprise/acting", url.Values{"enterprise": {firm}, "to": {"/enterprise"}}))
		owner.open("/me/next?lang=en")
		require.Equal(t, both, owner.steps(both...))
		owner.open("/enterprise?lang=en")
		require.Equal(t, both, owner.steps(both...), "each once on the whole page")
		require.Equal(t, fee, hrefs(t, owner.page, "needs")[0], "by its day among the others")
		require.Contains(t, owner.page, "¥10.00")
		require.Contains(t, owner.page, "Past its day")
		require.Contains(t, owner.page, `<input type="hidden" name="rule" value="pay"><input type="hidden" name="back" value="/enterprise">`)

		owner.took(owner.client.PostForm(h.url+"/me/next", url.Values{"rule": {"duty"}, "do": {"off"}, "back": {"/enterprise"}}))
		require.Equal(t, []string{fee}, owner.steps(both...))
		owner.switches("pay", "off")
		owner.open("/enterprise?lang=en")
		require.Empty(t, owner.steps(both...))
		owner.switches("pay", "on")
		owner.switches("duty", "on")

		h.settles(t, d, fee, "paid")
		owner.open("/enterprise?lang=en")
		require.Equal(t, []string{duty}, owner.steps(both...))
		require.NoError(t, d.From(t.Context()).Exec("UPDATE permit_duties SET state = 'met', settled_at = ? WHERE id = ?", time.Now().UTC(), duty[strings.LastIndex(duty, "/")+1:]).Error)
		owner.open("/enterprise?lang=en")
		require.Empty(t, owner.steps(both...))
	})
}

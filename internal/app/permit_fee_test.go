package app_test

import (
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
)

func TestADocumentWaitsForItsFee(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, true)
		h.serve(t, app.ServeOptions{Web: true})
		me := h.citizen(t)
		caseNo, _ := file(me)
		h.concluded(t, d, caseNo)
		who, err := h.Identity.ByEmail(t.Context(), leaver)
		require.NoError(t, err)
		a, err := h.Permits.Begin(actor.With(t.Context(), actor.Actor{Kind: actor.Citizen, AccountID: who.ID, ConstituentID: who.ConstituentID}), "tree-felling")
		require.NoError(t, err)
		no := grantedTo(t, h, d, caseNo, a)
		var c struct{ ID, UnitID string }
		require.NoError(t, d.From(t.Context()).Raw("SELECT id, unit_id FROM cases WHERE case_no = ?", caseNo).Scan(&c).Error)
		require.NoError(t, h.Fees.Charge(actor.AsSystem(t.Context(), "test"), fees.Charge{CaseID: c.ID, CaseNo: caseNo, HolderID: a.HolderID, UnitID: c.UnitID,
			TypeCode: a.TypeCode, TypeVersion: a.TypeVersion, TypeName: i18n.Text{i18n.En: "Felling"}, When: permittypes.FeeAtGrant, DueOn: calendar.DateOf(time.Now(), time.UTC).Add(14),
			Items: []fees.Item{{Code: "paper", Name: i18n.Text{i18n.En: "Document"}, Amount: 1000, Currency: "CNY", Holds: true}}}))

		me.open("/me/permits/" + no + "?lang=en")
		require.Contains(t, me.page, "handed out once this is paid")
		require.NotContains(t, me.page, "/permit.pdf")
		for _, take := range []string{"/permit.pdf", "/credential"} {
			me.took(me.client.Get(h.url + "/me/permits/" + no + take))
			require.Equal(t, 409, me.status, take)
			require.Contains(t, me.page, "handed out once this is paid")
		}
		require.NoError(t, d.From(t.Context()).Exec("UPDATE fee_orders SET state = 'paid', settled_at = ? WHERE case_id = ?", time.Now().UTC(), c.ID).Error)
		me.open("/me/permits/" + no)
		require.Contains(t, me.page, "/permit.pdf")
		got, _ := ask(t, "GET", h.url+"/verify/"+no)
		require.Equal(t, 200, got.StatusCode, "it counts all the while")
	})
}

// The reconciliation of a day is for whoever reconciles for the whole city: both sides
// agree where nothing was paid.
func TestADayIsReconciledOnThePage(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, true)
		h.serve(t, app.ServeOptions{Web: true})
		const page = "/desk/fees/days"
		today := h.Fees.Today()
		staff := h.signIn(t, "supervisor")
		staff.open("/desk/fees?lang=en")
		require.Contains(t, staff.page, page)
		staff.open(page + "?lang=en")
		require.Contains(t, staff.page, `value="`+today.Add(-1).String()+`"`, "yesterday first")
		require.Contains(t, staff.page, "Both sides agree.")
		for _, day := range []string{"someday", today.Add(2).String()} {
			staff.took(staff.client.Get(h.url + page + "?lang=en&day=" + day))
			require.Equal(t, 422, staff.status, day)
		}
		for _, who := range []string{"head", "handler"} {
			status, _ := h.signIn(t, who).ask(page)
			require.Equal(t, 403, status, who)
		}
	})
}

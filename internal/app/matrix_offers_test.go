package app_test

import (
	"github.com/stretchr/testify/require"

	"minqing/internal/db"
	"minqing/internal/i18n"
	"minqing/internal/outreach"
	"minqing/internal/outreach/offers"
)

// fillOffers has the Civil Affairs Bureau offer something to the citizen, on a list
// that the supervisor confirmed.
func (m *matrix) fillOffers(d *db.DB) {
	citizen, err := m.Identity.ByEmail(m.t.Context(), "citizen@demo.test")
	require.NoError(m.t, err)
	require.NoError(m.t, d.From(m.t.Context()).Exec("UPDATE constituents SET birth_year = 1950 WHERE id = ?", citizen.ConstituentID).Error)
	root, err := outreach.Parse([]byte(`{"op":"cond","leaf":"age","with":{"min":65}}`))
	require.NoError(m.t, err)
	all := i18n.Text{i18n.ZhHant: "取暖", i18n.ZhHans: "取暖", i18n.En: "Heating"}
	writer, second := m.as(m.t, "outreach"), m.as(m.t, "supervisor")
	benefit, err := m.Offers.Create(writer, offers.Written{Code: "heating", UnitCode: "MZ", MatterCode: "minimum-living", Name: all, Gives: all, About: all, Law: all, Amount: 600, MovesMoney: true,
		WindowDays: 30, Per: offers.Yearly, Root: root})
	require.NoError(m.t, err)
	require.NoError(m.t, m.Offers.Publish(writer, benefit, 1))
	list, err := m.Offers.Match(writer, benefit)
	require.NoError(m.t, err)
	require.NoError(m.t, m.Offers.MatchNow(writer, list))
	l, _, err := m.Offers.ListOf(second, list)
	require.NoError(m.t, err)
	require.NoError(m.t, m.Offers.Confirm(second, list, l.Version))
	require.NoError(m.t, m.Offers.TellNow(writer, list))
	page, err := m.Offers.Rows(second, l, "", "")
	require.NoError(m.t, err)
	require.Len(m.t, page.Items, 1)
	offer := page.Items[0]
	m.owned["/people/offers/"] = []owned{{name: "an offer of the Civil Affairs Bureau", id: benefit, more: map[string]string{":list": list, ":offer": offer.ID}, closed: but("outreach", "supervisor"),
		body: "do=end&version=999999"}}
	m.owned["/me/offers/"] = []owned{{name: "what the citizen is offered", id: offer.ID, closed: but("citizen")}}
	open := func(string) bool { return false }
	m.owned["/offer/"] = []owned{{name: "what the citizen is offered, by the link of a mail", more: map[string]string{":token": m.Offers.Token(&offer.Offer)}, closed: open}}
	m.owned["/offers/"] = []owned{{name: "a published offer", more: map[string]string{":code": "heating"}, closed: open}}
}

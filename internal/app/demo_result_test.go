package app_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/db"
)

// knowsAResult looks at the campaign of the demo that is over: its figures are those
// of cases and refusals of the city.
func (h *house) knowsAResult(t *testing.T, d *db.DB, officer *browser) {
	t.Helper()
	system := actor.AsSystem(t.Context(), "test")
	var id string
	require.NoError(t, d.From(system).Raw("SELECT id FROM campaigns WHERE state = 'done'").Scan(&id).Error)
	require.True(t, db.IsID(id), "one is over")
	c, err := h.Campaigns.Get(system, id)
	require.NoError(t, err)
	r, err := h.Campaigns.Result(system, c)
	require.NoError(t, err)
	require.True(t, r.Compared() && r.Real(), "%+v", r)
	const took = `campaign_assignments a WHERE a.campaign_id = ? AND a.arm = ? AND EXISTS (SELECT 1 FROM case_parties p JOIN cases k ON k.id = p.case_id
 WHERE p.constituent_id = a.constituent_id AND p.role = 'requester' AND k.confidentiality = 'normal' AND k.matter_id = ? AND k.received_at >= ? AND k.received_at < ?)`
	require.EqualValues(t, count(t, d, took, id, "told", *c.MatterID, *c.StartedAt, *c.WindowEndsAt), r.ToldTook)
	require.EqualValues(t, count(t, d, took, id, "held", *c.MatterID, *c.StartedAt, *c.WindowEndsAt), r.ControlTook)
	require.EqualValues(t, count(t, d, "campaign_assignments a WHERE a.campaign_id = ? AND EXISTS (SELECT 1 FROM consents s WHERE s.constituent_id = a.constituent_id AND s.purpose = 'outreach' AND s.channel = 'mail' AND NOT s.given AND s.at >= a.queued_at)", id), r.Refused)

	officer.open("/people/campaigns/" + id + "?lang=en")
	require.Contains(t, officer.page, "It helped:")
	require.Contains(t, officer.page, "Cost per additional recipient")
	officer.open("/people/segments/discovered")
	require.Contains(t, officer.page, "Group 1")
}

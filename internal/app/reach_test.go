package app_test

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/app"
	"minqing/internal/db"
	"minqing/internal/i18n"
	"minqing/internal/insight/seven"
	"minqing/internal/notify"
)

var ofMembers = regexp.MustCompile(`([\d,]+) of ([\d,]+)`)

// What the page of a campaign and the report on all campaigns tell of it is one figure,
// also where messages lie unopened in the portal.
func TestACampaignReachesAsManyOnEveryPage(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, true)
		h.serve(t, app.ServeOptions{Web: true})
		system := actor.AsSystem(t.Context(), "test")
		var id string
		require.NoError(t, d.From(system).Raw("SELECT id FROM campaigns WHERE state = 'done'").Scan(&id).Error)
		lie := func(which string, opened string) {
			t.Helper()
			require.NoError(t, d.From(system).Exec(`UPDATE campaign_assignments SET delivery_id = constituent_id, portal_id = constituent_id, opened_at = `+opened+`
 WHERE campaign_id = ? AND constituent_id IN (SELECT constituent_id FROM campaign_assignments WHERE campaign_id = ? AND arm = 'told' AND status = 'sent' AND portal_id IS NULL ORDER BY constituent_id LIMIT `+which+")", id, id).Error)
		}
		lie("20", "NULL")
		lie("9", "queued_at")
		sql := func(where string) (n int64) {
			t.Helper()
			require.NoError(t, d.From(system).Raw("SELECT COUNT(*) FROM campaign_assignments WHERE campaign_id = ? AND same_as IS NULL AND "+where, id).Scan(&n).Error)
			return n
		}
		all, reached := sql("arm <> 'x'"), sql("(opened_at IS NOT NULL OR status = 'sent' AND portal_id IS NULL)")
		require.EqualValues(t, 20, sql("portal_id IS NOT NULL AND opened_at IS NULL"))

		officer := h.enters(t, "outreach@demo.test", app.DemoPassword)
		officer.open("/people/campaigns/" + id + "?lang=en")
		var told [][2]int64
		for _, m := range ofMembers.FindAllStringSubmatch(officer.page, -1) {
			n, err := strconv.ParseInt(strings.ReplaceAll(m[1], ",", ""), 10, 64)
			require.NoError(t, err)
			of, err := strconv.ParseInt(strings.ReplaceAll(m[2], ",", ""), 10, 64)
			require.NoError(t, err)
			told = append(told, [2]int64{n, of})
		}
		require.GreaterOrEqual(t, len(told), 2)
		require.Equal(t, [2]int64{sql("contactable"), all}, told[0], "contactable")
		require.Equal(t, [2]int64{reached, all}, told[1], "reach")

		who, err := h.Identity.ByEmail(system, "official@demo.test")
		require.NoError(t, err)
		official := actor.With(t.Context(), actor.Actor{Kind: actor.Staff, AccountID: who.ID})
		today := h.Seven.Today()
		page, err := h.Seven.Page(official, seven.Query{Page: seven.Promotion, From: today.Add(-700), To: today})
		require.NoError(t, err)
		found := map[string]seven.Line{}
		for _, l := range page.Lines {
			if l.Item == id {
				found[l.Figure+" "+l.Part] = l
			}
		}
		reach := found["reach "]
		require.Equal(t, [2]int64{reached, all}, [2]int64{int64(*reach.Numerator), int64(*reach.Denominator)})
		for stage, n := range map[string]int64{"eligible": all, "contactable": sql("contactable"), "delivered": reached, "opened": 9} {
			if l := found["funnel "+stage]; !l.Suppressed {
				require.NotNil(t, l.Value, stage)
				require.InDelta(t, n, *l.Value, 1e-9, stage)
			}
		}
		require.NotNil(t, found["funnel delivered"].Value)
		head := h.enters(t, "official@demo.test", app.DemoPassword)
		head.open("/insight/7p/promotion?lang=en")
		require.Equal(t, 200, head.status)
		require.Contains(t, head.page, "Contactable: of these, who at approval could be told", "the definitions stand beside the figures")
	})
}

// Whoever answers for a campaign reads the warning of its delayed group where they work,
// and it leads to the campaign.
func TestTheWarningOfADelayedGroupLeadsToItsCampaign(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, true)
		h.serve(t, app.ServeOptions{Web: true})
		system := actor.AsSystem(t.Context(), "test")
		var id string
		require.NoError(t, h.DB.From(system).Raw("SELECT id FROM campaigns WHERE state = 'done'").Scan(&id).Error)
		require.NoError(t, h.DB.From(system).Exec("UPDATE campaigns SET entitlement = ?, state = 'running', ended_at = NULL WHERE id = ?", true, id).Error)
		require.NoError(t, h.DB.From(system).Exec("UPDATE campaign_assignments SET arm = 'delayed' WHERE campaign_id = ? AND arm = 'held'", id).Error)
		require.NoError(t, h.Campaigns.Warn(system))
		second, err := h.Identity.ByEmail(system, "supervisor@demo.test")
		require.NoError(t, err)
		notes, err := h.Notify.Notices(system, second.ID, 20)
		require.NoError(t, err)
		lines, err := h.Notify.Lines(system, i18n.En, notes, nil)
		require.NoError(t, err)
		i := slices.IndexFunc(lines, func(l notify.Line) bool { return l.Kind == notify.CampaignDelayed })
		require.GreaterOrEqual(t, i, 0)
		require.Equal(t, "/people/campaigns/"+id, lines[i].Href)
		require.NotEmpty(t, lines[i].About)
		desk := h.enters(t, "supervisor@demo.test", app.DemoPassword)
		desk.open("/desk/clocks?lang=en")
		require.Contains(t, desk.page, `href="/people/campaigns/`+id+`"`)
		desk.open("/people/campaigns/" + id + "?lang=en")
		require.Contains(t, desk.page, "The delayed group was not told")
		require.Contains(t, desk.page, "people who were to be told later have not been told")
	})
}

package app_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/app"
	"minqing/internal/db"
	"minqing/internal/i18n"
	"minqing/internal/notify"
	"minqing/internal/outreach/campaign"
)

// Whoever plans a campaign, and whoever approves it, reads before that whether there will be a
// group to compare with: of 400 members 200 are held back, of 399 nobody is.
func TestAPlanSaysWhetherAnybodyIsHeldBack(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, true)
		h.serve(t, app.ServeOptions{Web: true})
		exec := func(sql string, args ...any) {
			t.Helper()
			require.NoError(t, d.From(t.Context()).Exec(sql, args...).Error)
		}
		var segment string
		require.NoError(t, d.From(t.Context()).Raw("SELECT id FROM segments WHERE code = 'households-in-touch'").Scan(&segment).Error)
		exec("DELETE FROM segment_members WHERE segment_id = ?", segment)
		key := db.NewID(h.Options.Now())
		exec("INSERT INTO vault_keys (id, owner_kind, suite, ring_key, created_at) VALUES (?, 'constituent', 'aes256gcm', 'k1', ?)", key, h.Options.Now())
		for range 400 {
			who := db.NewID(h.Options.Now())
			exec("INSERT INTO constituents (id, kind, vault_key_id, locale, created_at) VALUES (?, 'person', ?, 'en', ?)", who, key, h.Options.Now())
			exec("INSERT INTO segment_members (segment_id, constituent_id, since) VALUES (?, ?, '2026-01-01')", segment, who)
		}
		exec("UPDATE segments SET size = 400 WHERE id = ?", segment)
		who, err := h.Identity.ByEmail(t.Context(), "outreach@demo.test")
		require.NoError(t, err)
		writer := actor.With(t.Context(), actor.Actor{Kind: actor.Staff, AccountID: who.ID})
		id, err := h.Campaigns.Create(writer, campaign.Plan{SegmentID: segment, Matter: "gas-supply", HoldPercent: 10, WindowDays: 30, PerHour: 600, Name: i18n.Text{i18n.ZhHant: "安檢"},
			Texts: campaign.MessagesBy{notify.Mail: {Subject: i18n.Text{i18n.ZhHant: "安檢"}, Body: i18n.Text{i18n.ZhHant: "可以預約"}}}})
		require.NoError(t, err)
		require.NoError(t, h.Campaigns.Ask(writer, id, 1))
		for _, mail := range []string{"outreach@demo.test", "supervisor@demo.test"} {
			reader := h.enters(t, mail, app.DemoPassword)
			reader.open("/people/campaigns/" + id + "?lang=en")
			require.Contains(t, reader.page, "200 (50.0%; the share would be fewer than 200)", mail)
			require.NotContains(t, reader.page, "Too few to hold anybody back", mail)
		}
		exec("DELETE FROM segment_members WHERE segment_id = ? AND constituent_id = (SELECT constituent_id FROM segment_members WHERE segment_id = ? ORDER BY constituent_id LIMIT 1)", segment, segment)
		for _, mail := range []string{"outreach@demo.test", "supervisor@demo.test"} {
			reader := h.enters(t, mail, app.DemoPassword)
			reader.open("/people/campaigns/" + id + "?lang=en")
			require.Contains(t, reader.page, "Too few to hold anybody back", mail)
			require.Contains(t, reader.page, "the uplift cannot be computed", mail)
		}
		second, err := h.Identity.ByEmail(t.Context(), "supervisor@demo.test")
		require.NoError(t, err)
		require.NoError(t, h.Campaigns.Approve(actor.With(t.Context(), actor.Actor{Kind: actor.Staff, AccountID: second.ID}), id, 2))
		require.Equal(t, 399, count(t, d, "campaign_assignments WHERE campaign_id = ? AND arm = 'told'", id))
		exec("UPDATE campaigns SET state = 'running', started_at = approved_at, window_ends_at = approved_at WHERE id = ?", id)
		reader := h.enters(t, "outreach@demo.test", app.DemoPassword)
		reader.open("/people/campaigns/" + id + "?lang=en")
		require.Contains(t, reader.page, "The segment had fewer than 400 members when it was approved")
	})
}

package app_test

import (
	"fmt"
	"html"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/app"
	"minqing/internal/calendar"
	"minqing/internal/db"
	"minqing/internal/enterprises"
	"minqing/internal/i18n"
	"minqing/internal/outreach"
	"minqing/internal/outreach/offers"
)

var leavesOut = map[string][2]string{"en": {"Only the newest %d are listed; there are older ones.", "Only the oldest %d are listed; there are newer ones."},
	"zh-Hant": {"只列出最近的 %d 項，更早的沒有列出。", "只列出最早的 %d 項，較新的沒有列出。"}, "zh-Hans": {"只列出最近的%d项，更早的没有列出。", "只列出最早的%d项，较新的没有列出。"}}

// TestPagesOfSegmentsAndOffersSayWhatTheyLeaveOut fills each list to the brim, where a
// page says nothing, and adds one more.
func TestPagesOfSegmentsAndOffersSayWhatTheyLeaveOut(t *testing.T) {
	d := oneCity(t)
	h := open(t, d, true, "MINQING_SECOND_FACTOR_ROLES=off")
	h.serve(t, app.ServeOptions{Web: true})
	ctx, now := h.as(t, "outreach"), time.Now().UTC()
	exec := func(sql string, args ...any) {
		t.Helper()
		require.NoError(t, d.From(t.Context()).Exec(sql, args...).Error, sql)
	}
	units, err := h.Outreach.Units(ctx)
	require.NoError(t, err)
	segment, err := h.Outreach.Create(ctx, outreach.Draft{Name: i18n.Text{i18n.En: "All"}, Purpose: outreach.Offer, Basis: outreach.LegalDuty, BasisText: i18n.Text{i18n.En: "x"}, UnitCode: units[0],
		Root: &outreach.Node{Op: outreach.All, Of: []*outreach.Node{{Op: outreach.Cond, Leaf: "kind", With: map[string]outreach.Values{"is": {"person"}}}}}})
	require.NoError(t, err)
	require.NoError(t, h.Outreach.Refresh(ctx, segment))
	published(t, d, "carers")
	var people []string
	require.NoError(t, d.From(t.Context()).Raw("SELECT constituent_id FROM segment_members WHERE segment_id = ? ORDER BY constituent_id LIMIT 5", segment).Scan(&people).Error)
	require.Len(t, people, 5, "fewer are not shown")
	today := calendar.DateOf(now, time.UTC)
	days, versions, fixed, benefits, lists := 1, 1, 0, 0, 0
	require.NoError(t, d.From(t.Context()).Raw("SELECT count(*) FROM benefits WHERE state = 'published'").Scan(&benefits).Error)
	grow := func(more int) {
		for ; days < outreach.DaysMost+more; days++ {
			exec("INSERT INTO segment_days (segment_id, day, size, joined, parted) VALUES (?, ?, 9, 0, 0)", segment, today.Add(-5-days))
		}
		for ; versions < outreach.VersionsMost+more; versions++ {
			exec("INSERT INTO segment_versions (segment_id, no, name, purpose, basis, basis_text, definition, account_id, at) SELECT segment_id, no + ?, name, purpose, basis, basis_text, definition, account_id, at FROM segment_versions WHERE segment_id = ? AND no = 1", versions, segment)
		}
		for ; fixed < outreach.FixedMost+more; fixed++ {
			person := db.NewID(now)
			exec("INSERT INTO constituents (id, kind, vault_key_id, locale, created_at) SELECT ?, 'person', vault_key_id, 'en', ? FROM constituents WHERE id = ?", person, now, people[0])
			require.NoError(t, h.Outreach.Fix(ctx, segment, person, outreach.Out, "x"))
		}
		for ; benefits < offers.CataloguedMost+more; benefits++ {
			published(t, d, db.NewID(now))
		}
		for ; lists < offers.ListsMost+more; lists++ {
			exec("INSERT INTO offer_lists (id, benefit_id, benefit_no, definition, author_id, state, matched_on, created_at, updated_at) SELECT ?, id, 1, '{}', author_id, 'dropped', '2026-01-01', ?, ? FROM benefits WHERE code = 'carers'", db.NewID(now), now, now)
		}
	}
	b := h.visitor(t)
	b.post("/sign-in", "email", "outreach@demo.test", "password", app.DemoPassword)
	var benefit string
	require.NoError(t, d.From(t.Context()).Raw("SELECT id FROM benefits WHERE code = 'carers'").Scan(&benefit).Error)
	who := people[0]
	pages := map[string][]int{"/people/segments/" + segment: {outreach.DaysMost, outreach.VersionsMost, outreach.FixedMost},
		"/people/offers/" + benefit: {offers.ListsMost}, "/people/" + who + "/benefits": {offers.CataloguedMost}, "/offers": {offers.CataloguedMost}}
	for _, more := range []int{0, 1} {
		grow(more)
		for path, limits := range pages {
			for lang, words := range leavesOut {
				page := b.get(path + "?lang=" + lang)
				require.Equal(t, 200, page.code, "%s %s", path, h.log)
				for _, most := range limits {
					if more == 1 {
						require.Contains(t, page.body, said(words[0], most), path)
					} else {
						require.NotContains(t, page.body, said(words[0], most), path)
					}
				}
			}
		}
	}
}

// TestListsOfSegmentsCampaignsAndBenefitsGoOn turns the pages of each list to its end:
// everything is on one of them, once, the newest first.
func TestListsOfSegmentsCampaignsAndBenefitsGoOn(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, true, "MINQING_SECOND_FACTOR_ROLES=off")
		h.serve(t, app.ServeOptions{Web: true})
		published(t, d, "carers")
		now := time.Now().UTC()
		for _, row := range []string{
			"INSERT INTO segments (id, unit_id, owner_id, name, purpose, basis, basis_text, definition, created_at, updated_at) SELECT ?, unit_id, owner_id, name, purpose, basis, basis_text, definition, created_at, updated_at FROM segments WHERE code = 'households-in-touch'",
			"INSERT INTO campaigns (id, segment_id, segment_version, author_id, name, purpose, basis, basis_text, hold_percent, window_days, per_hour, cost, created_at, updated_at) SELECT ?, g.id, 1, g.owner_id, g.name, g.purpose, g.basis, '{}', 0, 30, 600, 0, g.created_at, g.created_at FROM segments g WHERE g.code = 'households-in-touch'",
			"INSERT INTO benefits (id, code, unit_id, matter_id, author_id, state, name, gives, about, law, definition, moves_money, window_days, per, created_at, updated_at) SELECT ?, CAST(random() AS text), unit_id, matter_id, author_id, 'draft', name, gives, about, law, definition, moves_money, window_days, per, created_at, updated_at FROM benefits WHERE code = 'carers'",
		} {
			for range 2 * outreach.PageSize {
				require.NoError(t, d.From(t.Context()).Exec(row, db.NewID(now)).Error)
			}
		}
		b := h.visitor(t)
		b.post("/sign-in", "email", "outreach@demo.test", "password", app.DemoPassword)
		for path, table := range map[string]string{"/people/segments": "segments WHERE retired_at IS NULL", "/people/campaigns": "campaigns", "/people/offers": "benefits"} {
			var want, got []string
			require.NoError(t, d.From(t.Context()).Raw("SELECT id FROM "+table+" ORDER BY id DESC").Scan(&want).Error)
			link := regexp.MustCompile(`href="` + path + `/([0-9a-f-]{36})"`)
			turn := regexp.MustCompile(`rel="next" href="([^"]+)"`)
			at, pages := path+"?lang=en", 0
			for ; at != ""; pages++ {
				page := b.get(at)
				require.Equal(t, 200, page.code, "%s %s", at, h.log)
				found := link.FindAllStringSubmatch(page.body, -1)
				require.LessOrEqual(t, len(found), outreach.PageSize, at)
				for _, one := range found {
					got = append(got, one[1])
				}
				at = ""
				if next := turn.FindStringSubmatch(page.body); next != nil {
					at = html.UnescapeString(next[1])
				}
			}
			require.Equal(t, want, got, path)
			require.Equal(t, (len(want)+outreach.PageSize-1)/outreach.PageSize, pages, path)
			for _, odd := range []string{"x", db.EncodeCursor("x"), db.EncodeCursor(want[0], want[0])} {
				require.Equal(t, http.StatusUnprocessableEntity, b.get(path+"?cursor="+odd).code, path)
			}
		}
		var oldest string // of all, which a form offers too
		require.NoError(t, d.From(t.Context()).Raw("SELECT id FROM segments WHERE retired_at IS NULL AND purpose <> 'planning' ORDER BY id LIMIT 1").Scan(&oldest).Error)
		require.Contains(t, b.get("/people/campaigns/new?segment="+oldest).body, `<option value="`+oldest+`" selected`)
	})
}

// said puts a number into words.
func said(words string, n int) string { return fmt.Sprintf(words, n) }

// TestClaimsToEnterprisesSayWhatTheyLeaveOut fills the list of staff and that of who
// claims, and adds one more.
func TestClaimsToEnterprisesSayWhatTheyLeaveOut(t *testing.T) {
	d := oneCity(t)
	h := open(t, d, true, "MINQING_SECOND_FACTOR_ROLES=off")
	h.serve(t, app.ServeOptions{Web: true})
	citizen, err := h.Identity.ByEmail(t.Context(), "citizen@demo.test")
	require.NoError(t, err)
	require.NoError(t, d.From(t.Context()).Exec("DELETE FROM enterprise_claims").Error)
	made := 0
	grow := func(to int) {
		for ; made < to; made++ {
			now := time.Now().UTC()
			require.NoError(t, d.From(t.Context()).Exec(`INSERT INTO enterprise_claims (id, account_id, code_kind, code, name, register_state, way, state, link_key, locale, expires_at, created_at)
 VALUES (?, ?, 'uscc', ?, '茶館', 'active', 'staff', 'open', 'k1', 'en', ?, ?)`, db.NewID(now), citizen.ID, fmt.Sprintf("9131%014d", made), now.AddDate(0, 0, 9), now).Error)
		}
	}
	own, staff := h.visitor(t), h.visitor(t)
	own.post("/sign-in", "email", "citizen@demo.test", "password", app.DemoPassword)
	staff.post("/sign-in", "email", "dispatcher@demo.test", "password", app.DemoPassword)
	older := map[string]string{"en": "Only the newest are listed; there are older ones.", "zh-Hant": "只列出最近的，更早的沒有列出。", "zh-Hans": "只列出最近的，更早的没有列出。"}
	for _, step := range []struct {
		to        int
		own, desk bool
	}{{enterprises.ClaimsMost, false, false}, {enterprises.ClaimsMost + 1, true, false}, {enterprises.OpenMost, true, false}, {enterprises.OpenMost + 1, true, true}} {
		grow(step.to)
		for lang, words := range leavesOut {
			mine, desk := own.get("/enterprise?lang="+lang), staff.get("/people/enterprises?lang="+lang)
			require.Equal(t, []int{200, 200}, []int{mine.code, desk.code}, h.log)
			require.Equal(t, step.own, strings.Contains(mine.body, older[lang]), "%s %d", lang, step.to)
			require.Equal(t, step.desk, strings.Contains(desk.body, said(words[1], enterprises.OpenMost)), "%s %d", lang, step.to)
		}
	}
}

package app_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/app"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/i18n"
)

// published is a benefit for people of 65 or more who are somebody's guardian.
func published(t *testing.T, d *db.DB, code string) {
	t.Helper()
	now := time.Now().UTC()
	require.NoError(t, d.From(t.Context()).Exec(`INSERT INTO benefits (id, code, unit_id, matter_id, author_id, state, name, gives, about, law, definition, moves_money, window_days, per, published_at, created_at, updated_at)
 SELECT ?, ?, (SELECT id FROM units WHERE code = 'LJ'), (SELECT id FROM matters ORDER BY id LIMIT 1), (SELECT account_id FROM grants WHERE role = 'outreach_officer' ORDER BY id LIMIT 1), 'published', '{"en":"Carers grant"}', '{"en":"A grant"}', '{}', '{"en":"x"}',
 '{"op":"all","of":[{"op":"cond","leaf":"age","with":{"min":"65"}},{"op":"cond","leaf":"relation","with":{"is":"guardian"}}]}', ?, 9, 'once', ?, ?, ?`, db.NewID(now), code, false, now, now, now).Error)
}

// TestStaffAskForSomebodyWhyNotMe has those who talk with people ask why a benefit is not
// for somebody: each sees what the person would, less what their role does not see of a
// record, and is in the log of reads.
func TestStaffAskForSomebodyWhyNotMe(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, true, "MINQING_SECOND_FACTOR_ROLES=off")
		h.serve(t, app.ServeOptions{Web: true})
		published(t, d, "carers")
		citizen, err := h.Identity.ByEmail(t.Context(), "citizen@demo.test")
		require.NoError(t, err)
		who := citizen.ConstituentID
		mine := actor.With(t.Context(), actor.Actor{Kind: actor.Citizen, AccountID: citizen.ID, ConstituentID: who})
		h.handled(t, openCase(t, h, mine))
		require.NoError(t, d.From(t.Context()).Exec("DELETE FROM constituent_relations WHERE from_id = ? OR to_id = ?", who, who).Error)
		born := func(year int) {
			require.NoError(t, d.From(t.Context()).Exec("UPDATE constituents SET birth_year = ? WHERE id = ?", year, who).Error)
		}
		born(1940)
		words := map[string]map[string]string{
			"en":      {"unknown": "Something is not known", "no": "A condition is not met", "hidden": "It hangs on something that your role does not see", "leaf": "Not shown to you"},
			"zh-Hant": {"unknown": "有些事不清楚", "no": "有條件不符合", "hidden": "取決於您的角色看不到的內容", "leaf": "不顯示給您"},
			"zh-Hans": {"unknown": "有些事不清楚", "no": "有条件不符合", "hidden": "取决于您的角色看不到的内容", "leaf": "不显示给您"},
		}
		for name, verdict := range map[string]string{"agent": "hidden", "dispatcher": "unknown", "supervisor": "unknown", "outreach": "hidden"} {
			b := h.visitor(t)
			b.post("/sign-in", "email", name+"@demo.test", "password", app.DemoPassword)
			require.Contains(t, b.get("/people/"+who+"?lang=en").body, `href="/people/`+who+`/benefits"`, name)
			require.Contains(t, b.get("/people/"+who+"/benefits?lang=en").body, `href="/people/`+who+`/benefits/carers"`)
			for _, year := range []int{1940, 2000} {
				want := verdict
				if born(year); year == 2000 { // too young, whatever the rest
					want = "no"
				}
				for lang, say := range words {
					before := count(t, d, "audit_reads WHERE object_id = ? AND reason = 'Carers grant' AND CAST(fields AS text) LIKE '%benefits%'", who)
					page := b.get("/people/" + who + "/benefits/carers?lang=" + lang)
					require.Equal(t, 200, page.code, h.log)
					for key, word := range say {
						should := key == want || key == "leaf" && verdict == "hidden"
						if should {
							require.Contains(t, page.body, word, "%s, %s, %d", name, lang, year)
						} else {
							require.NotContains(t, page.body, word, "%s, %s, %d", name, lang, year)
						}
					}
					require.Equal(t, before+1, count(t, d, "audit_reads WHERE object_id = ? AND reason = 'Carers grant' AND CAST(fields AS text) LIKE '%benefits%'", who), "each look is logged")
				}
			}
			require.Equal(t, 404, b.get("/people/"+who+"/benefits/nothing").code)
		}
		for _, name := range []string{"official", "auditor", "admin", "integrity"} {
			b := h.visitor(t)
			b.post("/sign-in", "email", name+"@demo.test", "password", app.DemoPassword)
			require.Equal(t, 403, b.get("/people/"+who+"/benefits/carers").code, name)
		}
		other, err := h.Constituents.Create(actor.AsSystem(t.Context(), "test"), constituents.Contact{Name: "李大華", Phone: "13912345678"}, "en")
		require.NoError(t, err)
		b := h.visitor(t)
		b.post("/sign-in", "email", "handler@demo.test", "password", app.DemoPassword)
		require.Equal(t, 404, b.get("/people/"+other+"/benefits/carers").code, "who asks in no case of theirs")
		require.Zero(t, count(t, d, "audit_reads WHERE object_id = ?", other))

		born(1940)
		benefit, err := h.Offers.Public(mine, "carers")
		require.NoError(t, err)
		own, err := h.Offers.WhyNot(mine, benefit, i18n.En)
		require.NoError(t, err)
		sheet, err := h.Record.ForBenefits(h.as(t, "supervisor"), who, "x")
		require.NoError(t, err)
		of, err := h.Offers.WhyNotOf(h.as(t, "supervisor"), benefit, sheet.Family, i18n.En)
		require.NoError(t, err)
		require.Equal(t, own, of, "staff say what the person reads")
		_, err = h.Offers.WhyNotOf(h.as(t, "auditor"), benefit, sheet.Family, i18n.En)
		require.Error(t, err)
	})
}

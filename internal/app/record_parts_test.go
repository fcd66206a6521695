package app_test

import (
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/app"
	"minqing/internal/cases"
	"minqing/internal/constituents"
	"minqing/internal/db"
)

// cards are the sections of a record that stand or fall with one right alone.
var cards = regexp.MustCompile(`aria-labelledby="(past|reach|needs|relations|consents|numbers|notes)"`)

// rightsOf reads from the guide which roles see which part of a record.
func rightsOf(t *testing.T, column int) (parts []string) {
	t.Helper()
	guide, err := os.ReadFile("../../docs/constituents.md")
	require.NoError(t, err)
	for _, line := range strings.Split(string(guide), "\n") {
		cells := strings.Split(line, "|")
		if len(cells) != 8 || !strings.HasPrefix(strings.TrimSpace(cells[1]), "`record.") || strings.TrimSpace(cells[2+column]) != "yes" {
			continue
		}
		for _, one := range regexp.MustCompile("`record\\.([a-z]+)`").FindAllStringSubmatch(cells[1], -1) {
			parts = append(parts, one[1])
		}
	}
	return parts
}

// TestEachRoleSeesTheSectionsOfItsPurpose opens one record as every role of the guide and
// finds the sections that the guide gives it, and no other.
func TestEachRoleSeesTheSectionsOfItsPurpose(t *testing.T) {
	d := oneCity(t)
	h := open(t, d, true, "MINQING_SECOND_FACTOR_ROLES=off")
	h.serve(t, app.ServeOptions{Web: true})
	citizen, err := h.Identity.ByEmail(t.Context(), "citizen@demo.test")
	require.NoError(t, err)
	who := citizen.ConstituentID
	h.handled(t, openCase(t, h, actor.With(t.Context(), actor.Actor{Kind: actor.Citizen, AccountID: citizen.ID, ConstituentID: who})), cases.Accept{}, cases.Dispatch{})
	for name, column := range map[string]int{"agent": 0, "dispatcher": 1, "handler": 2, "head": 3, "supervisor": 3, "outreach": 4} {
		var want, got []string
		rights := rightsOf(t, column)
		for _, part := range rights {
			if slices.Contains([]string{"past", "reach", "needs", "relations", "consents", "numbers", "notes"}, part) {
				want = append(want, part)
			}
		}
		require.NotEmpty(t, want, name)
		b := h.visitor(t)
		b.post("/sign-in", "email", name+"@demo.test", "password", app.DemoPassword)
		require.Equal(t, 200, b.get("/people/"+who+"?lang=en").code, name)
		for _, one := range cards.FindAllStringSubmatch(b.body, -1) {
			got = append(got, one[1])
		}
		require.ElementsMatch(t, want, got, name)
		require.Equal(t, slices.Contains(rights, "story") || slices.Contains(rights, "consents"), strings.Contains(b.body, `id="story"`), name)
		require.Equal(t, slices.Contains(rights, "benefits"), strings.Contains(b.body, `href="/people/`+who+`/benefits"`), name)
	}
}

// TestRelationsStageAndEndsStandOnARecord writes down on the pages what people are to each
// other, where an enterprise stands, and that something holds no more.
func TestRelationsStageAndEndsStandOnARecord(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, true, "MINQING_SECOND_FACTOR_ROLES=off")
		h.serve(t, app.ServeOptions{Web: true})
		system := actor.AsSystem(t.Context(), "test")
		make := func(c constituents.Contact) string {
			id, err := h.Constituents.Create(system, c, "en")
			require.NoError(t, err)
			return id
		}
		one, other := make(constituents.Contact{Name: "王小明", Phone: "13812345678"}), make(constituents.Contact{Name: "李大華", Phone: "13912345678"})
		firm := make(constituents.Contact{Kind: constituents.Enterprise, Name: "臨江電器有限公司", Phone: "13712345678"})
		b := h.visitor(t)
		b.post("/sign-in", "email", "dispatcher@demo.test", "password", app.DemoPassword)
		page := "/people/" + one
		tie := func(relation, phone string) int {
			return b.send(page+"/relations", url.Values{"do": {"save"}, "relation": {relation}, "other": {phone}, "source": {"staff"}, "seen": {"yes"}}).code
		}
		for relation, phone := range map[string]string{"household.to": "13912345678", "guardian.to": "13912345678", "guardian.from": "13912345678", "agent.to": "13712345678", "agent.from": "13712345678", "member.to": "13712345678"} {
			require.Equal(t, 200, tie(relation, phone), relation)
			require.Equal(t, 200, tie(relation, phone), "again: one and the same")
		}
		require.Equal(t, 422, tie("member.to", "13912345678"), "nobody belongs to a person")
		require.Equal(t, 422, tie("guardian.to", "13712345678"), "an enterprise has no guardian")
		require.Equal(t, 422, tie("household.to", "13812345678"), "of themselves")
		require.Equal(t, 422, tie("household.to", "13612345678"), "of nobody")
		require.Contains(t, b.body, `value="13612345678"`)
		sheet := b.get(page + "?lang=en").body
		for _, words := range []string{"Same household as", "Guardian of", "Has the guardian", "Acts for", "Is represented by", "Belongs to"} {
			require.Equal(t, 1, strings.Count(sheet, words), words)
		}
		require.Contains(t, b.get("/people/"+firm+"?lang=en").body, "Has the member")
		require.Contains(t, b.get("/people/"+other+"?lang=en").body, "Same household as", "it is of both")

		var row struct {
			ID      string
			Version string
		}
		require.NoError(t, d.From(t.Context()).Raw("SELECT id, version FROM constituent_relations WHERE kind = 'guardian' AND from_id = ?", one).Scan(&row).Error)
		require.Equal(t, 200, b.send(page+"/relations", url.Values{"do": {"end"}, "row": {row.ID}, "version": {row.Version}}).code)
		require.Equal(t, 409, b.send(page+"/relations", url.Values{"do": {"end"}, "row": {row.ID}, "version": {row.Version}}).code)
		require.Equal(t, 1, strings.Count(b.get(page+"?lang=en").body, "No longer used"), "that it was stays to be read")

		require.NoError(t, d.From(t.Context()).Raw("SELECT id, version FROM contact_points WHERE constituent_id = ? AND kind = 'phone'", one).Scan(&row).Error)
		require.Equal(t, 200, b.send(page+"/reach", url.Values{"do": {"end"}, "row": {row.ID}, "version": {row.Version}}).code)
		require.Equal(t, 2, strings.Count(b.get(page+"?lang=en").body, "No longer used"))
		require.Regexp(t, `(?s)mq-quiet"><span class="mq-quiet">Phone</span>.{0,400}20\d\d to [^<]*20\d\d</span></li>`, b.body, "since when and until when")
		require.NotContains(t, b.post("/people", "q", "13812345678").body, page, "nobody is reached there any more")

		profile := func(id string, v url.Values) int {
			var version string
			require.NoError(t, d.From(t.Context()).Raw("SELECT version FROM constituents WHERE id = ?", id).Scan(&version).Error)
			v["version"], v["locale"], v["source"] = []string{version}, []string{"en"}, []string{"staff"}
			return b.send("/people/"+id+"/profile", v).code
		}
		require.Equal(t, 422, profile(one, url.Values{"stage": {"set_up"}}), "a person has none")
		require.Equal(t, 422, profile(firm, url.Values{"stage": {"born"}}))
		require.Equal(t, 200, profile(firm, url.Values{"stage": {"set_up"}, "established_on": {"2026-01-05"}, "industry": {"電器"}}))
		firmPage := b.get("/people/" + firm + "?lang=en").body
		for _, words := range []string{"Being set up", "電器", "2026"} {
			require.Contains(t, firmPage, words)
		}
		require.Equal(t, 200, profile(firm, url.Values{"stage": {"closing"}, "established_on": {"2026-01-05"}, "industry": {"電器"}}))
		require.Contains(t, b.get("/people/"+firm+"?lang=en").body, "Closing")
		require.Equal(t, 2, count(t, d, "audit_entries WHERE action = 'constituent.profile' AND object_id = ?", firm))
	})
}

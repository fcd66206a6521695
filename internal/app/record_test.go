package app_test

import (
	"context"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/app"
	"minqing/internal/cases"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/demo"
)

var numberInPage = regexp.MustCompile(`/desk/cases/(LJ[0-9A-Z]+)`)

// numbersIn are the cases that a page leads to.
func numbersIn(page string) []string {
	var list []string
	for _, m := range numberInPage.FindAllStringSubmatch(page, -1) {
		list = append(list, m[1])
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// as is the context of somebody of the demo city.
func (h *house) as(t *testing.T, name string) context.Context {
	t.Helper()
	a, err := h.Identity.ByEmail(t.Context(), name+"@demo.test")
	require.NoError(t, err)
	return actor.With(t.Context(), actor.Actor{Kind: actor.Staff, AccountID: a.ID})
}

// TestARecordShowsWhatSingleReadsAllow compares the pages of records with opening
// every case of the person, for everybody who may open records.
func TestARecordShowsWhatSingleReadsAllow(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, true, "MINQING_SECOND_FACTOR_ROLES=off")
		require.NoError(t, h.LoadDemo(t.Context()))
		_, err := h.LoadDemoCases(t.Context(), demo.LoadOptions{Cases: 400, Seed: 3})
		require.NoError(t, err)
		citizen, err := h.Identity.ByEmail(t.Context(), "citizen@demo.test")
		require.NoError(t, err)
		who := citizen.ConstituentID
		mine := actor.With(t.Context(), actor.Actor{Kind: actor.Citizen, AccountID: citizen.ID, ConstituentID: who})
		for _, c := range []cases.Confidentiality{cases.Normal, cases.IdentityHidden, cases.Whistle, cases.AnonymousFiler} {
			r, err := h.Cases.File(mine, cases.Filing{Kind: cases.Complaint, MatterCode: "street-light", Title: "湖濱路", Description: trouble,
				Location: cases.Location{Address: "湖濱路 12 號"}, Confidentiality: c, Locale: "zh-Hant", Channel: cases.ChannelWeb})
			require.NoError(t, err)
			if c != cases.Whistle {
				h.handled(t, r.CaseNo, cases.Accept{}, cases.Dispatch{})
			}
		}
		about := openCase(t, h, mine)
		h.handled(t, about, cases.Accept{}, cases.Dispatch{})
		require.NoError(t, d.From(t.Context()).Exec(`INSERT INTO case_parties (id, case_id, role, unit_id, relation)
 SELECT ?, (SELECT id FROM cases WHERE case_no = ?), 'subject', id, '' FROM units WHERE code = 'CG03'`, db.NewID(time.Now()), about).Error)
		h.serve(t, app.ServeOptions{Web: true})
		var all []string
		require.NoError(t, d.From(t.Context()).Raw("SELECT case_no FROM cases ORDER BY case_no").Scan(&all).Error)
		for name, past := range map[string]bool{"agent": false, "dispatcher": true, "handler": true, "head": true, "supervisor": true, "outreach": false} {
			ctx := h.as(t, name)
			var want, open []string
			for _, no := range all {
				v, err := h.Cases.View(ctx, no)
				if err != nil || v.Confidentiality == cases.Whistle {
					continue
				}
				if _, shown := v.People[who]; shown {
					want = append(want, no)
					if !v.Status.Ended() {
						open = append(open, no)
					}
				}
			}
			b := h.visitor(t)
			b.post("/sign-in", "email", name+"@demo.test", "password", app.DemoPassword)
			require.Equal(t, 200, b.get("/people/"+who+"?lang=en").code, name)
			got := numbersIn(b.body)
			for more := regexp.MustCompile(`rel="next" href="([^"#]+)`); ; {
				m := more.FindStringSubmatch(b.body)
				if m == nil {
					break
				}
				b.get(strings.ReplaceAll(m[1], "&amp;", "&"))
				got = append(got, numbersIn(b.body)...)
			}
			slices.Sort(got)
			got = slices.Compact(got)
			switch {
			case name == "outreach":
				require.Empty(t, got, "no case at all")
			case past:
				require.Equal(t, want, got, name)
				require.NotEmpty(t, got, name)
			default:
				slices.Sort(open)
				require.Equal(t, open, got, name)
			}
		}
		for _, name := range []string{"official", "auditor", "admin", "integrity"} {
			v := h.visitor(t)
			v.post("/sign-in", "email", name+"@demo.test", "password", app.DemoPassword)
			require.Equal(t, 403, v.get("/people/"+who).code, name)
		}
	})
}

func openCase(t *testing.T, h *house, ctx context.Context) string {
	t.Helper()
	r, err := h.Cases.File(ctx, cases.Filing{Kind: cases.Complaint, MatterCode: "street-light", Title: "燈", Description: trouble,
		Location: cases.Location{Address: "湖濱路 12 號"}, Confidentiality: cases.Normal, Locale: "zh-Hant", Channel: cases.ChannelWeb})
	require.NoError(t, err)
	return r.CaseNo
}

// TestARecordIsFoundReadChangedAndRevealed goes through the pages of a record.
func TestARecordIsFoundReadChangedAndRevealed(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, true, "MINQING_SECOND_FACTOR_ROLES=off")
		h.serve(t, app.ServeOptions{Web: true})
		system := actor.AsSystem(t.Context(), "test")
		person, err := h.Constituents.Create(system, constituents.Contact{Name: "王小明", Phone: "13812345678"}, "zh-Hant")
		require.NoError(t, err)
		other, err := h.Constituents.Create(system, constituents.Contact{Name: "李大華", Phone: "13912345678"}, "zh-Hant")
		require.NoError(t, err)
		handler := h.visitor(t)
		handler.post("/sign-in", "email", "handler@demo.test", "password", app.DemoPassword)
		require.NotContains(t, handler.post("/people", "q", "13812345678").body, person, "no case of theirs")
		require.Equal(t, 404, handler.get("/people/"+person).code)

		agent := h.visitor(t)
		agent.post("/sign-in", "email", "agent@demo.test", "password", app.DemoPassword)
		require.Contains(t, agent.post("/people", "q", " 138-1234-5678").body, "/people/"+person)
		require.Equal(t, 1, count(t, d, "audit_reads WHERE object_id = ?", person))
		require.NotContains(t, agent.post("/people", "q", "1381234567").body, person, "a part finds nobody")
		require.Equal(t, 422, agent.post("/people", "q", "").code)
		page := "/people/" + person
		require.Equal(t, 200, agent.get(page+"?lang=en").code, h.log)
		require.Contains(t, agent.body, "王*明")
		require.NotContains(t, agent.body, "13812345678")
		require.Equal(t, 2, count(t, d, "audit_reads WHERE object_id = ?", person))

		require.Equal(t, 422, agent.post(page+"/reach", "do", "save", "point_kind", "phone", "point", "12").code)
		require.Contains(t, agent.body, `value="12"`, "nothing typed is lost")
		require.Equal(t, 200, agent.send(page+"/reach", url.Values{"do": {"save"}, "point_kind": {"email"}, "point": {"wang@example.test"}}).code)
		var pt struct {
			ID      string
			Version int64
		}
		require.NoError(t, d.From(t.Context()).Raw("SELECT id, version FROM contact_points WHERE constituent_id = ? AND kind = 'email'", person).Scan(&pt).Error)
		require.Equal(t, 200, agent.send(page+"/reach", url.Values{"do": {"prefer"}, "row": {pt.ID}, "version": {"1"}}).code)
		require.Equal(t, 409, agent.send(page+"/reach", url.Values{"do": {"end"}, "row": {pt.ID}, "version": {"1"}}).code, "it has changed meanwhile")
		require.Equal(t, 200, agent.send(page+"/reach", url.Values{"do": {"end"}, "row": {pt.ID}, "version": {"2"}}).code)
		require.Equal(t, 404, agent.send("/people/"+other+"/reach", url.Values{"do": {"end"}, "row": {pt.ID}, "version": {"3"}}).code, "of somebody else")
		require.Equal(t, 200, agent.send(page+"/needs", url.Values{"do": {"save"}, "need": {"phone_only"}, "source": {"self"}}).code)
		require.Contains(t, agent.get(page+"?lang=en").body, "By phone only")
		require.Equal(t, 200, agent.send(page+"/profile", url.Values{"birth_year": {"1958"}, "locale": {"zh-Hant"}, "source": {"self"}, "version": {"1"}}).code)
		require.Equal(t, 409, agent.send(page+"/profile", url.Values{"birth_year": {"1959"}, "locale": {"zh-Hant"}, "source": {"self"}, "version": {"1"}}).code)
		require.Contains(t, agent.body, `value="1959"`, "what was typed stays")
		require.Equal(t, 422, agent.send(page+"/profile", url.Values{"birth_year": {"x"}, "locale": {"zh-Hant"}, "source": {"self"}, "version": {"2"}}).code)
		for _, part := range []string{"numbers", "notes", "relations"} {
			require.Equal(t, 403, agent.get(page+"/"+part).code, "an agent does not see the %s", part)
		}
		require.Equal(t, 422, agent.send(page+"/reveal", url.Values{"reason": {""}}).code)
		require.Equal(t, 200, agent.send(page+"/reveal", url.Values{"reason": {"回電"}}).code)
		require.Contains(t, agent.body, "王小明")
		require.Contains(t, agent.body, "13812345678")
		require.Equal(t, 1, count(t, d, "audit_entries WHERE action = 'constituent.reveal' AND object_id = ?", person))
	})
}

// TestWhatIsKnownGoesWithThePerson fills a record as a head does, has the person's
// copy list it, a note end on its day, and all of it erased.
func TestWhatIsKnownGoesWithThePerson(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, true, "MINQING_SECOND_FACTOR_ROLES=off")
		h.serve(t, app.ServeOptions{Web: true})
		system := actor.AsSystem(t.Context(), "test")
		citizen, err := h.Identity.ByEmail(t.Context(), "citizen@demo.test")
		require.NoError(t, err)
		who := citizen.ConstituentID
		no := openCase(t, h, actor.With(t.Context(), actor.Actor{Kind: actor.Citizen, AccountID: citizen.ID, ConstituentID: who}))
		h.handled(t, no, cases.Accept{}, cases.Dispatch{})
		head := h.visitor(t)
		head.post("/sign-in", "email", "head@demo.test", "password", app.DemoPassword)
		page := "/people/" + who
		require.Contains(t, head.get("/desk/cases/"+no).body, `href="`+page+`"`)
		require.Equal(t, 422, head.send(page+"/numbers", url.Values{"do": {"save"}, "number_kind": {"resident_id"}, "number": {"11010519491231002Y"}}).code)
		require.Equal(t, 200, head.send(page+"/numbers", url.Values{"do": {"save"}, "number_kind": {"resident_id"}, "number": {"11010519491231002x"}, "seen": {"yes"}}).code)
		until := h.Options.Now().UTC().AddDate(0, 0, 30).Format(time.DateOnly)
		require.Equal(t, 422, head.send(page+"/notes", url.Values{"do": {"save"}, "note": {"請打給兒子"}, "note_purpose": {"contact"}, "keep_until": {"1999-01-01"}}).code)
		require.Contains(t, head.body, "請打給兒子")
		require.Equal(t, 200, head.send(page+"/notes", url.Values{"do": {"save"}, "note": {"請打給兒子"}, "note_purpose": {"contact"}, "keep_until": {until}}).code)
		sheet := head.get(page + "?lang=en").body
		require.Contains(t, sheet, "110***********002X")
		require.Contains(t, sheet, "請打給兒子")
		ids, err := h.Constituents.FindByNumber(system, "１１０１０５１９４９１２３１００２Ｘ")
		require.NoError(t, err)
		require.Equal(t, []string{who}, ids)

		own, err := h.Constituents.Own(system, who)
		require.NoError(t, err)
		require.Equal(t, "11010519491231002X", own.Known.Numbers[0].Value)
		require.Equal(t, "請打給兒子", own.Known.Notes[0].Text)

		require.NoError(t, h.Record.Sweep(system))
		require.Equal(t, 1, count(t, d, "constituent_notes"))
		require.NoError(t, d.From(t.Context()).Exec("UPDATE constituent_notes SET keep_until = '2020-01-01'").Error)
		require.NoError(t, h.Record.Sweep(system))
		require.Zero(t, count(t, d, "constituent_notes"))
		require.Equal(t, 1, count(t, d, "audit_entries WHERE action = 'constituent.note_expired' AND object_id = ?", who))

		require.NoError(t, h.DB.Tx(system, func(ctx context.Context) error {
			return h.Constituents.Erase(ctx, []string{who}, h.Options.Now())
		}))
		require.Zero(t, count(t, d, "constituent_ids WHERE constituent_id = ?", who))
		gone := head.get(page + "?lang=en")
		require.Equal(t, 200, gone.code)
		require.Contains(t, gone.body, "Erased")
		require.Equal(t, 404, head.get(page+"/notes").code)
	})
}

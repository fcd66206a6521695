package portal_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
)

func TestAComplaintAboutAUnitIsFiledForSomebodyElse(t *testing.T) {
	dbtest.Each(t, filesAgainst)
}

func filesAgainst(t *testing.T, d *db.DB) {
	w := newTownOn(t, d)
	what := []string{"kind", "complaint", "title", theTitle, "description", theText, "subject.name", "某科員"}
	w.post("/file/street-light/what", append(what, "subject.unit_code", "NOBODY")...)
	require.Equal(t, 422, w.code)
	require.Contains(t, w.body, `href="#subject-unit_code"`)
	require.Contains(t, w.body, `value="某科員"`, "what was typed stays")
	require.Contains(t, w.get("/file/street-light/what"), `value="某科員"`, "and comes back after a reload")

	w.post("/file/street-light/what", append(what, "subject.unit_code", "CG03")...)
	require.Equal(t, "/file/street-light/questions", w.at, w.body)
	require.Contains(t, w.body, "「照明管理科」是被反映的對象，不得承辦", "the side says who handles it instead")
	w.post(w.at, "asked", "pole", "asked", "lamps", "asked", "since", "asked", "count", "asked", "number")
	w.post("/file/street-light/where", "location.address", "湖濱路 12 號前")
	require.Equal(t, "/file/street-light/who", w.at, w.body)
	require.Contains(t, w.body, `name="filing_for" type="radio" value="self" checked`)

	mine := []string{"confidentiality", "identity_hidden", "contact.name", "林小雨", "contact.phone", "13800138000"}
	w.post(w.at, append(mine, "filing_for", "nobody")...)
	require.Contains(t, w.body, `href="#filing_for"`)
	w.post("/file/street-light/who", append(mine, "filing_for", "other", "on_behalf_of.relation", "母親")...)
	require.Equal(t, 422, w.code)
	require.Contains(t, w.body, `href="#on_behalf_of-name"`)
	require.Contains(t, w.body, `value="母親"`)
	w.post("/file/street-light/who", append(mine, "filing_for", "other", "on_behalf_of.relation", "母親", "on_behalf_of.name", strings.Repeat("長", 81))...)
	require.Equal(t, 422, w.code)
	require.Contains(t, w.body, `id="on_behalf_of-name-error"`)
	w.post("/file/street-light/who", append(mine, "filing_for", "other", "on_behalf_of.relation", "母親", "on_behalf_of.name", "王秀英")...)
	require.Equal(t, "/file/street-light/check", w.at, w.body)
	for _, shown := range []string{"市城市管理局 · 照明管理科", "某科員", "王秀英", "母親", "林小雨"} {
		require.Contains(t, w.body, shown)
	}
	require.Regexp(t, `href="/file/street-light/what">[^<]*<span class="govuk-visually-hidden"> 被反映的單位`, w.body)
	require.Regexp(t, `href="/file/street-light/who">[^<]*<span class="govuk-visually-hidden"> 對方姓名`, w.body)

	w.post(w.at)
	no := numberOnPage.FindStringSubmatch(w.body)
	require.NotNil(t, no, w.body)
	require.NotContains(t, w.body, "照明管理科", "the receipt names nobody who may not handle it")
	v, err := w.cases.View(actor.AsSystem(t.Context(), "test"), no[1])
	require.NoError(t, err)
	roles := map[string]cases.Party{}
	for _, p := range v.Parties {
		roles[p.Role] = p
	}
	require.Equal(t, "王秀英", roles[cases.RoleBeneficiary].Name)
	require.Equal(t, "母親", roles[cases.RoleBeneficiary].Relation)
	require.Equal(t, "某科員", roles[cases.RoleSubject].Name)
	require.NotNil(t, roles[cases.RoleSubject].UnitID)
	require.NotEqual(t, *roles[cases.RoleSubject].UnitID, v.UnitID)
}

func TestOnlyComplaintsAndReportsAreAboutSomebody(t *testing.T) {
	w := newTown(t)
	w.post("/file/street-light/what", "kind", "help_request", "title", theTitle, "description", theText, "subject.unit_code", "CG03", "subject.name", "某科員")
	require.NotContains(t, w.body, "被反映的對象")
	w.post("/file/street-light/questions", "asked", "pole", "asked", "lamps", "asked", "since", "asked", "count", "asked", "number")
	w.post("/file/street-light/where", "location.address", "湖濱路 12 號前")
	w.post("/file/street-light/who", "confidentiality", "anonymous", "filing_for", "self", "on_behalf_of.name", "王秀英")
	require.Equal(t, "/file/street-light/check", w.at, w.body)
	require.NotContains(t, w.body, "某科員", "what a help request does not ask is not sent")
	require.NotContains(t, w.body, "王秀英")
	w.post(w.at)
	var parties int
	require.NoError(t, w.db.From(t.Context()).Raw("SELECT count(*) FROM case_parties").Scan(&parties).Error)
	require.Zero(t, parties)
}

func TestTheUnitsAreNamedInEachLanguage(t *testing.T) {
	w := newTown(t)
	for lang, name := range map[string]string{"zh-Hant": "市城市管理局 · 照明管理科", "zh-Hans": "市城市管理局 · 照明管理科", "en": "City Management Bureau · Street Lighting Section"} {
		body := w.get("/file/street-light/what?lang=" + lang)
		require.Regexp(t, `<option value="CG03">`+regexp.QuoteMeta(name), body, lang)
	}
}

func TestStaffSayByWhichChannelTheyHeardOfIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTownOn(t, d)
		mine := []string{"confidentiality", "normal", "contact.name", "林小雨", "contact.phone", "13800138000"}
		file := func(channel ...string) (stored string) {
			w.fill()
			require.Equal(t, w.who.Kind == actor.Staff, strings.Contains(w.body, `name="channel"`))
			require.Equal(t, w.who.Kind == actor.Staff, !strings.Contains(w.body, "您的姓名"), "the clerk's own name is not asked")
			w.post(w.at, append(channel, mine...)...)
			require.Equal(t, "/file/water-outage/check", w.at, w.body)
			w.post(w.at)
			no := numberOnPage.FindStringSubmatch(w.body)
			require.NotNil(t, no, w.body)
			require.NoError(t, d.From(t.Context()).Raw("SELECT channel FROM cases WHERE case_no = ?", no[1]).Scan(&stored).Error)
			return stored
		}
		require.Equal(t, "web", file("channel", "counter"), "citizens are not asked")
		w.who = actor.Actor{Kind: actor.Staff, AccountID: agent(t, d)}
		_, err := w.access.Give(actor.AsSystem(t.Context(), "test"), access.Giving{AccountID: w.who.AccountID, Role: "call_agent", UnitCode: "LJ", Reason: "test"})
		require.NoError(t, err)
		require.Equal(t, "phone", file(), "the usual one")
		require.Equal(t, "counter", file("channel", "counter"))
		w.fill()
		w.post(w.at, append(mine, "channel", "web")...)
		require.Equal(t, 422, w.code)
		require.Contains(t, w.body, `href="#channel"`)
		w.post("/file/water-outage/who", append(mine, "channel", "counter")...)
		require.Contains(t, w.body, "臨櫃", "the check shows it")
	})
}

// agent makes an account that may be granted a role.
func agent(t *testing.T, d *db.DB) (id string) {
	t.Helper()
	id = db.NewID(now)
	key, tx := db.NewID(now), d.From(t.Context())
	require.NoError(t, tx.Exec("INSERT INTO vault_keys (id, owner_kind, suite, ring_key, created_at) VALUES (?, 'account', 'aes256gcm', 'k1', ?)", key, now).Error)
	require.NoError(t, tx.Exec(`INSERT INTO accounts (id, kind, login_index, vault_key_id, email_cipher, locale, status, link_key, created_at)
 VALUES (?, 'staff', ?, ?, ?, 'zh-Hant', 'active', 'k1', ?)`, id, []byte(id), key, []byte{1}, now).Error)
	return id
}

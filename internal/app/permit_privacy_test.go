package app_test

import (
	"bytes"
	"encoding/json"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/app"
	"minqing/internal/calendar"
	"minqing/internal/db"
	"minqing/internal/files"
	"minqing/internal/permits"
	"minqing/internal/privacy"
	"minqing/internal/register"
)

// TestPermitsAreCopiedAndErasedWithTheirHolder has a granted application, a draft
// and a permit of one person.
func TestPermitsAreCopiedAndErasedWithTheirHolder(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, true)
		h.serve(t, app.ServeOptions{Web: true})
		me := h.citizen(t)
		caseNo, _ := file(me)
		h.concluded(t, d, caseNo)
		who, err := h.Identity.ByEmail(t.Context(), leaver)
		require.NoError(t, err)
		own := actor.With(t.Context(), actor.Actor{Kind: actor.Citizen, AccountID: who.ID, ConstituentID: who.ConstituentID})
		begin := func(code, material, name string) *permits.Application {
			a, err := h.Permits.Begin(own, code)
			require.NoError(t, err)
			body := []byte("%PDF-1.4\n附件的內容\n%%EOF\n")
			require.NoError(t, h.Permits.Attach(own, a.ID, material, files.Upload{Name: name, Content: bytes.NewReader(body), Size: int64(len(body))}))
			return a
		}
		others := count(t, d, "files WHERE owner_kind = 'material' AND state = 'stored'") // of the demo city
		sent, draft := begin("tree-felling", "photo", "樹木照片.pdf"), begin("outdoor-sign", "drawing", "招牌圖.pdf")
		permitNo := grantedTo(t, h, d, caseNo, sent)

		h.visited(t, d, sent)

		me.open("/me/privacy?lang=en")
		me.send(url.Values{"password": {leaverPassword}, "do": {"json"}}, `value="json"`)
		require.Equal(t, 200, me.status)
		var is privacy.Copy
		require.NoError(t, json.Unmarshal([]byte(me.page), &is))
		require.Len(t, is.Applications, 2)
		require.Equal(t, []string{"tree-felling", "granted", caseNo}, []string{is.Applications[0].TypeCode, is.Applications[0].State, is.Applications[0].CaseNo})
		require.Equal(t, "樹木照片.pdf", is.Applications[0].Materials[0].Files[0].Name)
		require.NotEmpty(t, is.Applications[0].Materials[0].Name)
		require.Equal(t, "draft", is.Applications[1].State)
		held, visit := is.Applications[0].Held, is.Applications[0].Visits
		require.Len(t, held, 1)
		require.Equal(t, []string{"question", "place", "湖濱路 9 號", "搬家了"}, []string{held[0].Part, held[0].Code, held[0].Value, held[0].Reason})
		require.NotEmpty(t, held[0].Name)
		require.Len(t, visit, 1)
		require.Equal(t, []string{"recorded", "no", "少了兩棵", "unmet", "只有一棵"}, []string{visit[0].State, visit[0].Passed, visit[0].Findings, visit[0].Checks[0].Verdict, visit[0].Checks[0].Note})
		require.NotEmpty(t, visit[0].Checks[0].Name)
		require.Len(t, is.Permits, 1)
		require.Equal(t, permitNo, is.Permits[0].No)
		for lang, words := range map[string]string{"zh-Hant": "許可申請", "zh-Hans": "许可申请", "en": "Applications for permits"} {
			me.open("/me/privacy?lang=" + lang)
			me.send(url.Values{"password": {leaverPassword}, "do": {"read"}}, `value="json"`)
			for _, part := range []string{"樹木照片.pdf", "招牌圖.pdf", permitNo, caseNo, words, "湖濱路 9 號", "搬家了", "少了兩棵", "只有一棵"} {
				require.Contains(t, me.page, part)
			}
			require.NotRegexp(t, `\b(permit|privacy)\.[a-z_]+\.`, mainPart.FindString(me.page))
		}

		_, err = h.Privacy.Erase(actor.AsSystem(t.Context(), "test"), who.ConstituentID, "letter 1")
		require.NoError(t, err)
		require.Zero(t, count(t, d, "permit_applications WHERE id = ?", draft.ID))
		require.Equal(t, 1, count(t, d, "permit_applications WHERE id = ? AND case_no = ? AND state = 'granted' AND answers_cipher IS NULL AND signer_cipher IS NULL", sent.ID, caseNo))
		require.Equal(t, others, count(t, d, "files WHERE owner_kind = 'material' AND state = 'stored'"))
		require.Zero(t, count(t, d, "vault_keys WHERE id IN (?, ?) AND destroyed_at IS NULL", sent.VaultKeyID, draft.VaultKeyID))
		require.Equal(t, 1, count(t, d, "permits WHERE permit_no = ? AND holder_shown = '' AND state = 'valid'", permitNo))
		require.NoError(t, h.Keys.Vault.CheckRing(t.Context()))
		h.quietLog(t, "樹木照片", leaverName)
	})
}

// visited has an answer of the application held already, and corrected, and somebody
// on site.
func (h *house) visited(t *testing.T, d *db.DB, a *permits.Application) {
	t.Helper()
	now := time.Now().UTC()
	value, err := h.Keys.Vault.Seal(t.Context(), a.VaultKeyID, "permit.already", []byte("湖濱路 9 號"))
	require.NoError(t, err)
	why, err := h.Keys.Vault.Seal(t.Context(), a.VaultKeyID, "permit.already.why", []byte("搬家了"))
	require.NoError(t, err)
	x, visit := d.From(t.Context()), db.NewID(now)
	require.NoError(t, x.Exec(`INSERT INTO permit_already_held (id, application_id, part, code, source, as_of, held_cipher, reason_cipher, corrected)
 VALUES (?, ?, 'question', 'place', 'identity_register', ?, ?, ?, true)`, db.NewID(now), a.ID, calendar.DateOf(now, time.UTC), value, why).Error)
	require.NoError(t, x.Exec(`INSERT INTO permit_inspections (id, application_id, no, state, visit_at, visit_on, appointed_at, client_id, recorded_at, recorded_on, findings)
 VALUES (?, ?, 1, 'recorded', ?, ?, ?, ?, ?, ?, '少了兩棵')`, visit, a.ID, now, calendar.DateOf(now, time.UTC), now, db.NewID(now), now, calendar.DateOf(now, time.UTC)).Error)
	require.NoError(t, x.Exec("INSERT INTO permit_inspection_checks (inspection_id, code, verdict, note) VALUES (?, 'count', 'unmet', '只有一棵')", visit).Error)
}

// grantedTo makes the application one that was granted, and enters its permit.
func grantedTo(t *testing.T, h *house, d *db.DB, caseNo string, a *permits.Application) (no string) {
	t.Helper()
	var c struct{ ID, UnitID string }
	require.NoError(t, d.From(t.Context()).Raw("SELECT id, unit_id FROM cases WHERE case_no = ?", caseNo).Scan(&c).Error)
	require.NoError(t, d.From(t.Context()).Exec("UPDATE permit_applications SET state = 'granted', case_id = ?, case_no = ?, received_at = ? WHERE id = ?", c.ID, caseNo, time.Now().UTC(), a.ID).Error)
	no, err := h.Register.Issue(actor.AsSystem(t.Context(), "test"), register.Issue{CaseID: c.ID, CaseNo: caseNo, TypeCode: a.TypeCode, TypeVersion: a.TypeVersion,
		HolderID: a.HolderID, UnitID: c.UnitID, ValidFrom: calendar.DateOf(time.Now(), time.UTC)})
	require.NoError(t, err)
	require.Equal(t, 1, count(t, d, "permits WHERE permit_no = ? AND holder_shown <> ''", no))
	return no
}

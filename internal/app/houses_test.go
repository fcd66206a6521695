package app_test

import (
	"bytes"
	"context"
	"mime/multipart"
	"net/http"
	"net/url"
	"path"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/notify"
)

// houses is the product with people who keep house for enterprises.
type houses struct{ *matrix }

func (m *houses) who(name string) context.Context {
	m.t.Helper()
	a, err := m.Identity.ByEmail(m.t.Context(), name+"@demo.test")
	require.NoError(m.t, err)
	return actor.With(m.t.Context(), actor.Actor{Kind: actor.Citizen, AccountID: a.ID, ConstituentID: a.ConstituentID, Locale: "en"})
}

// post sends a form of name and value pairs and gives status, page and where it leads.
func (m *houses) post(who, at string, pairs ...string) (int, string, string) {
	m.t.Helper()
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	w := m.send(who, "POST", at, aForm, v.Encode())
	return w.Code, w.Body.String(), w.Header().Get("Location")
}

// attach sends a form with one file.
func (m *houses) attach(who, at, file string, pairs ...string) (int, string, string) {
	m.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for i := 0; i < len(pairs); i += 2 {
		require.NoError(m.t, form.WriteField(pairs[i], pairs[i+1]))
	}
	if file != "" {
		part, err := form.CreateFormFile("document", file)
		require.NoError(m.t, err)
		_, err = part.Write([]byte("a letter with a stamp"))
		require.NoError(m.t, err)
	}
	require.NoError(m.t, form.Close())
	w := m.send(who, "POST", at, form.FormDataContentType(), body.String())
	return w.Code, w.Body.String(), w.Header().Get("Location")
}

func (m *houses) get(who, at string) (int, string) {
	w := m.send(who, "GET", at, "", "")
	return w.Code, w.Body.String()
}

// link is the token of the one invitation that waits.
func (m *houses) link(who, enterprise string) string {
	m.t.Helper()
	list, err := m.Enterprises.Invitations(m.who(who), enterprise)
	require.NoError(m.t, err)
	require.Len(m.t, list, 1)
	return m.Enterprises.Token(&list[0])
}

func TestAnEnterpriseKeepsHouse(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		m := &houses{&matrix{house: open(t, d, true, "MINQING_SMTP_URL=smtp://127.0.0.1:1"), t: t, cookies: map[string]*http.Cookie{}}}
		require.NoError(t, m.LoadDemo(t.Context()))
		kit, err := m.Pages()
		require.NoError(t, err)
		m.handler = kit.Handler()
		id := m.registers(d)
		m.invites(d, id)
		m.appoints(d, id)
		m.disputes(d, id)
	})
}

// registers an enterprise by its code, and tries another's out.
func (m *houses) registers(d *db.DB) string {
	t := m.t
	code, page, _ := m.post("citizen", "/enterprise/register", "code", "91000000MA1LJ0042X")
	require.Equal(t, 422, code, "a wrong check character")
	require.Contains(t, page, `value="91000000MA1LJ0042X"`)
	code, page, _ = m.post("citizen", "/enterprise/register", "code", "91000000000000123L")
	require.Equal(t, 409, code)
	require.Contains(t, page, `/enterprise/ask?code=91000000000000123L`, "somebody has it: what to do")
	code, _, to := m.post("citizen", "/enterprise/register", "code", "92000000MA1LJ0050X")
	require.Equal(t, 303, code)
	require.Equal(t, "/enterprise/ask?code=92000000MA1LJ0050X", to, "the register has no address")

	code, _, to = m.post("citizen", "/enterprise/register", "code", "91000000MA1LJ00426")
	require.Equal(t, 303, code)
	for range 9 {
		code, page, _ = m.post("citizen", to, "do", "prove", "code", "AAAA-AAAA")
		require.Equal(t, 422, code)
		require.Contains(t, page, `value="AAAA-AAAA"`)
	}
	code, page, _ = m.post("citizen", to, "do", "prove", "code", "AAAA-AAAA")
	require.Equal(t, 409, code)
	require.NotContains(t, page, `name="code"`, "nothing is left to try")
	require.Contains(t, page, "/enterprise/ask?code=91000000MA1LJ00426")
	code, _ = m.get("clerk", to)
	require.Equal(t, 404, code, "somebody else's registration")

	code, _, to = m.post("citizen", "/enterprise/register", "code", "0001 0003")
	require.Equal(t, 303, code)
	code, page, _ = m.post("citizen", to, "do", "prove", "code", "")
	require.Equal(t, 422, code, "no try is made of nothing")
	require.NotContains(t, page, "service@qinghe.example", "the address is masked")
	code, _, _ = m.post("citizen", to, "do", "again")
	require.Equal(t, 303, code)
	mail, err := m.Enterprises.Letter(actor.AsSystem(t.Context(), "test"), notify.EnterpriseProof, path.Base(to))
	require.NoError(t, err)
	code, _, home := m.post("citizen", to, "do", "prove", "code", strings.ToLower(mail.Code))
	require.Equal(t, 303, code)
	require.Equal(t, "/enterprise", home)
	code, page = m.get("citizen", "/enterprise")
	require.Equal(t, 200, code)
	require.Contains(t, page, "臨江青禾股份有限公司")
	_, page = m.get("citizen", "/file")
	require.Contains(t, page, "臨江青禾股份有限公司", "whoever files sees for whom")
	there, err := m.Enterprises.ByCode(t.Context(), constituents.TaiwanUBN, "00010003")
	require.NoError(t, err)
	require.Equal(t, 1, count(t, d, "enterprise_acting WHERE enterprise_id = ?", there.ID))
	return there.ID
}

func (m *houses) invites(d *db.DB, id string) {
	t := m.t
	code, page, _ := m.post("citizen", "/enterprise/members", "enterprise", id, "do", "invite", "mail", "nobody", "role", "reader")
	require.Equal(t, 422, code)
	require.Contains(t, page, `value="nobody"`)
	code, _, _ = m.post("citizen", "/enterprise/members", "enterprise", id, "do", "invite", "mail", "clerk@demo.test", "role", "reader")
	require.Equal(t, 303, code)
	at := "/enterprise/invitation/" + m.link("citizen", id)
	code, _ = m.get("visitor", at)
	require.Equal(t, 303, code, "to the sign-in")
	code, _, _ = m.post("company", at, "do", "accept")
	require.Equal(t, 403, code, "it went to another address")
	code, page = m.get("clerk", at)
	require.Equal(t, 200, code)
	require.Contains(t, page, "臨江青禾股份有限公司")
	code, _, _ = m.post("clerk", at, "do", "accept")
	require.Equal(t, 303, code)
	code, _, _ = m.post("clerk", at, "do", "accept")
	require.Equal(t, 409, code, "once")
	code, _, _ = m.post("clerk", "/enterprise/members", "enterprise", id, "do", "invite", "mail", "x@example.org", "role", "reader")
	require.Equal(t, 403, code, "a reader invites nobody")

	list, err := m.Enterprises.Members(m.who("citizen"), id)
	require.NoError(t, err)
	require.Len(t, list, 2)
	owner, clerk := "/enterprise/members/"+list[0].ID, "/enterprise/members/"+list[1].ID
	code, _, _ = m.post("citizen", owner, "enterprise", id, "do", "remove", "version", "1")
	require.Equal(t, 409, code, "the last owner hands over first")
	code, _, _ = m.post("citizen", clerk, "enterprise", id, "do", "role", "role", "manager", "version", "1")
	require.Equal(t, 303, code)
	code, page, _ = m.post("citizen", clerk, "enterprise", id, "do", "role", "role", "applicant", "version", "1")
	require.Equal(t, 409, code, "somebody was quicker")
	require.Contains(t, page, `value="applicant" checked`, "what was chosen is kept")

	code, _, _ = m.post("citizen", "/enterprise/handover", "enterprise", id, "do", "offer", "member", list[1].ID)
	require.Equal(t, 303, code)
	_, page = m.get("clerk", "/enterprise")
	require.Contains(t, page, `href="/enterprise/handover"`)
	require.Contains(t, page, "mq-chip--due")
	var offer string
	require.NoError(t, d.From(t.Context()).Raw("SELECT id FROM enterprise_handovers WHERE enterprise_id = ?", id).Scan(&offer).Error)
	code, _, _ = m.post("clerk", "/enterprise/handover", "enterprise", id, "do", "decline", "id", offer)
	require.Equal(t, 303, code)

	code, _ = m.get("clerk", "/enterprise/members")
	require.Equal(t, 200, code)
	code, _, _ = m.post("citizen", clerk, "enterprise", id, "do", "remove", "version", "2")
	require.Equal(t, 303, code)
	code, page, _ = m.post("clerk", "/enterprise/members", "enterprise", id, "do", "invite", "mail", "x@example.org", "role", "reader")
	require.Equal(t, 404, code, "removed while the page was open")
	require.Contains(t, page, "目前不能代表它辦事")
	_, page = m.get("clerk", "/enterprise")
	require.NotContains(t, page, "臨江青禾股份有限公司")

	code, _, _ = m.post("citizen", "/enterprise/members", "enterprise", id, "do", "invite", "mail", "clerk@demo.test", "role", "reader")
	require.Equal(t, 303, code)
	at = "/enterprise/invitation/" + m.link("citizen", id)
	require.NoError(t, d.From(t.Context()).Exec("UPDATE enterprise_invitations SET expires_at = created_at WHERE enterprise_id = ? AND state = 'open'", id).Error)
	code, page = m.get("clerk", at)
	require.Equal(t, 200, code)
	require.NotContains(t, page, `value="accept"`, "it has lapsed")
	code, _, _ = m.post("clerk", at, "do", "accept")
	require.Equal(t, 409, code)
}

func (m *houses) appoints(d *db.DB, id string) {
	t := m.t
	today := []string{"from.year", "2099", "from.month", "1", "from.day", "5", "until.year", "2099", "until.month", "12", "until.day", "31"}
	form := append([]string{"enterprise", id, "mail", "clerk@demo.test", "scope", "outdoor-sign"}, today...)
	code, page, _ := m.attach("citizen", "/enterprise/agents/new", "", form...)
	require.Equal(t, 422, code, "no letter")
	require.Contains(t, page, `value="clerk@demo.test"`)
	require.Contains(t, page, `value="outdoor-sign" checked`)
	code, _, _ = m.attach("citizen", "/enterprise/agents/new", "letter.txt", append([]string{"enterprise", id, "mail", "x"}, today...)...)
	require.Equal(t, 422, code)
	require.Zero(t, count(t, d, "files WHERE owner_kind = 'draft' AND state = 'stored'"), "what came to nothing is dropped")
	code, _, _ = m.attach("citizen", "/enterprise/agents/new", "letter.txt", form...)
	require.Equal(t, 303, code)
	at := "/enterprise/invitation/" + m.link("citizen", id)
	invitation, _, _ := strings.Cut(path.Base(at), ".")
	code, page = m.get("clerk", at+"/letter")
	require.Equal(t, 200, code)
	require.Equal(t, "a letter with a stamp", page)
	code, _ = m.get("company", at+"/letter")
	require.Equal(t, 403, code)
	code, _, _ = m.post("clerk", at, "do", "accept", "as", "me")
	require.Equal(t, 303, code)
	code, page = m.get("citizen", "/enterprise/agents")
	require.Equal(t, 200, code)
	require.Contains(t, page, "何小帳")
	code, page = m.get("citizen", "/enterprise/agents/"+invitation+"/letter")
	require.Equal(t, 200, code)
	require.Equal(t, "a letter with a stamp", page)
	list, err := m.Enterprises.Agents(m.who("citizen"), id)
	require.NoError(t, err)
	code, _, _ = m.post("company", "/enterprise/agents", "enterprise", id, "do", "end", "id", list[0].ID, "version", "1")
	require.Equal(t, 404, code, "a stranger")
	code, _, _ = m.post("citizen", "/enterprise/agents", "enterprise", id, "do", "end", "id", list[0].ID, "version", "1")
	require.Equal(t, 303, code)
}

// disputes whose the enterprise is, before staff.
func (m *houses) disputes(d *db.DB, id string) {
	t := m.t
	code, page, _ := m.attach("company", "/enterprise/ask", "licence.txt", "code", "00010003", "name", "x", "words", "")
	require.Equal(t, 422, code)
	require.Contains(t, page, "臨江青禾股份有限公司")
	code, _, to := m.attach("company", "/enterprise/ask", "licence.txt", "code", "00010003", "name", "x", "words", "我是負責人。")
	require.Equal(t, 303, code)
	code, _ = m.get("company", to)
	require.Equal(t, 200, code)
	_, page = m.get("citizen", "/enterprise")
	require.Contains(t, page, "臨江青禾股份有限公司", "asking changes nothing")

	one := "/people/enterprises/" + path.Base(to)
	code, page = m.get("dispatcher", "/people/enterprises")
	require.Equal(t, 200, code)
	require.Contains(t, page, one)
	code, _ = m.get("handler", one)
	require.Equal(t, 403, code)
	code, page = m.get("dispatcher", one)
	require.Equal(t, 200, code)
	require.NotContains(t, page, "林小滿", "names are masked")
	require.Contains(t, page, "/desk/cases/", "the documents hang on the case")
	code, page, _ = m.post("dispatcher", one, "grant", "yes", "end_owners", "yes", "reason", "", "version", "1")
	require.Equal(t, 422, code)
	require.Contains(t, page, `value="yes" checked`)
	code, _, _ = m.post("dispatcher", one, "grant", "yes", "end_owners", "yes", "reason", "負責人證明屬實。", "version", "1")
	require.Equal(t, 303, code)
	code, _, _ = m.post("dispatcher", one, "grant", "no", "reason", "x", "version", "1")
	require.Equal(t, 409, code, "it is decided")
	code, _, _ = m.post("citizen", "/enterprise/members", "enterprise", id, "do", "invite", "mail", "x@example.org", "role", "reader")
	require.Equal(t, 404, code, "the former owner is out")
	code, _, _ = m.post("company", "/enterprise/acting", "enterprise", id, "to", "//elsewhere.example/")
	require.Equal(t, 303, code)
	_, page = m.get("company", "/enterprise")
	require.Contains(t, page, "臨江青禾股份有限公司")
}

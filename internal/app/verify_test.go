package app_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/app"
	"minqing/internal/calendar"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/document/documenttest"
	"minqing/internal/i18n"
	"minqing/internal/idcode"
	"minqing/internal/register"
)

// held enters a permit of a holder from a year ago until a day.
func (h *house) held(t testing.TB, d *db.DB, holder string, until *calendar.Date) string {
	t.Helper()
	var unit string
	require.NoError(t, d.From(t.Context()).Raw("SELECT id FROM units WHERE code = 'CG01'").Scan(&unit).Error)
	from := calendar.DateOf(time.Now().UTC().AddDate(-1, 0, 0), time.UTC)
	no, err := h.Register.Bring(actor.AsSystem(t.Context(), "test"), register.Issue{TypeCode: "outdoor-sign", TypeVersion: 1, HolderID: holder, UnitID: unit,
		ValidFrom: from, ValidUntil: until, Particulars: map[string]string{"place": "濱江區湖濱路 12 號", "own_building": "true"}}, time.Now().UTC().AddDate(-1, 0, 0))
	require.NoError(t, err)
	return no
}

func TestEverybodySeesHowAPermitStands(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, true)
		h.serve(t, app.ServeOptions{Web: true})
		who, err := h.Identity.ByEmail(t.Context(), "citizen@demo.test")
		require.NoError(t, err)
		firm, err := h.Constituents.Create(actor.AsSystem(t.Context(), "test"), constituents.Contact{Kind: constituents.Enterprise, Name: "四海餐飲有限公司"}, "zh-Hant")
		require.NoError(t, err)
		soon, past := calendar.DateOf(time.Now().UTC(), time.UTC).Add(30), calendar.DateOf(time.Now().UTC(), time.UTC).Add(-5)
		mine, theirs, old := h.held(t, d, who.ConstituentID, &soon), h.held(t, d, firm, nil), h.held(t, d, firm, &past)

		t.Run("anybody", func(t *testing.T) { h.asked(t, mine, theirs, old) })
		t.Run("programs", func(t *testing.T) { h.askedByPrograms(t, mine, old) })
		t.Run("holder and unit", func(t *testing.T) { h.takenAway(t, mine, theirs) })
		t.Run("to come", func(t *testing.T) { h.toCome(t, firm) })
		t.Run("withdrawn", func(t *testing.T) { h.withdrawn(t, mine) })
		h.quietLog(t, "林小滿")
	})
}

// asked is what people without an account see.
func (h *house) asked(t *testing.T, mine, theirs, old string) {
	b := visit(t, h.url)
	for lang, words := range map[string][3]string{"zh-Hant": {"這張許可證有效", "這種許可證沒有到期日", "這張許可證已到期"},
		"zh-Hans": {"该许可证有效", "此类许可证没有到期日", "该许可证已到期"}, "en": {"This permit is valid", "no last day", "This permit has expired"}} {
		for i, no := range []string{mine, theirs, old} {
			b.open("/verify/" + no + "?lang=" + lang)
			require.Contains(t, b.page, words[i])
			require.Contains(t, b.page, no)
			require.Contains(t, b.page, "濱江區湖濱路 12 號")
			require.NotRegexp(t, `\b(verify|register)\.[a-z_]+\b`, mainPart.FindString(b.page))
		}
		b.open("/verify?lang=" + lang)
		require.NotRegexp(t, `\b(verify|register)\.[a-z_]+\b`, mainPart.FindString(b.page))
	}
	b.open("/verify/" + mine)
	require.Contains(t, b.page, "林**")
	require.NotContains(t, b.page, "own the building", "what the type does not make public")
	require.NotContains(t, b.page, "林小滿", "a person is masked")
	b.open("/verify/" + theirs)
	require.Contains(t, b.page, "四海餐飲有限公司", "an enterprise is not")
	require.Equal(t, "no-store", headers(t, h.url+"/verify/"+mine).Get("Cache-Control"))

	b.open("/verify?number=" + url.QueryEscape(" "+strings.ToLower(mine[:7])+" "+mine[7:]))
	require.Equal(t, "/verify/"+mine, b.at.Path)
	b.open("/verify/" + strings.ToLower(mine))
	require.Equal(t, "/verify/"+mine, b.at.Path)
	wrong := mine[:len(mine)-2] + string("0123456789"[(mine[len(mine)-2]-'0'+1)%10]) + mine[len(mine)-1:]
	for typed, say := range map[string]string{wrong: "One character is wrong", "": "Enter the permit number", "牌照": "This is not a permit number", "LJ20260000123N": "the number of a case"} {
		b.took(b.client.Get(h.url + "/verify?lang=en&number=" + url.QueryEscape(typed)))
		require.Equal(t, 422, b.status, typed)
		require.Contains(t, b.page, say)
		require.Contains(t, b.page, `value="`+typed+`"`, "what was typed is kept")
	}
	b.took(b.client.Get(h.url + "/verify/" + wrong))
	require.Equal(t, 404, b.status)
	require.Contains(t, b.page, "One character is wrong")
	b.took(b.client.Get(h.url + "/verify/LJP20269999990" + check(t, "LJP", 9999990)))
	require.Equal(t, 404, b.status)
	require.Contains(t, b.page, "we have never issued this permit")
}

// toCome is a permit whose first day is still ahead.
func (h *house) toCome(t *testing.T, firm string) {
	var unit string
	require.NoError(t, h.DB.From(t.Context()).Raw("SELECT id FROM units WHERE code = 'CG01'").Scan(&unit).Error)
	from := calendar.DateOf(time.Now().UTC(), time.UTC).Add(10)
	until := from.Add(5)
	no, err := h.Register.Bring(actor.AsSystem(t.Context(), "test"), register.Issue{TypeCode: "road-occupation", TypeVersion: 1, HolderID: firm, UnitID: unit,
		ValidFrom: from, ValidUntil: &until}, time.Now().UTC())
	require.NoError(t, err)
	b := visit(t, h.url)
	for lang, words := range map[i18n.Lang][2]string{i18n.ZhHant: {"這張許可證還沒生效", "有效期起"}, i18n.ZhHans: {"该许可证尚未生效", "有效期起"}, i18n.En: {"This permit is not in force yet", "Valid from"}} {
		b.open("/verify/" + no + "?lang=" + string(lang))
		day := i18n.Format{Lang: lang}.Date(from.UTC())
		require.Contains(t, b.page, words[0])
		require.Regexp(t, regexp.QuoteMeta(words[1])+`</dt>\s*<dd[^>]*>\s*`+regexp.QuoteMeta(day), b.page)
	}
	_, body := ask(t, "GET", h.url+"/verify/"+no, "Accept", "application/json")
	require.Contains(t, body, `"state":"future","since":"`+from.String()+`"`)
	require.Contains(t, body, `"valid_from":"`+from.String()+`"`)
}

// askedByPrograms is the same without words, and what they need to check alone.
func (h *house) askedByPrograms(t *testing.T, mine, old string) {
	got, body := ask(t, "GET", h.url+"/verify/"+mine, "Accept", "application/json")
	require.Equal(t, 200, got.StatusCode, body)
	var is struct {
		State  string `json:"state"`
		Since  string `json:"since"`
		Permit struct {
			Number string `json:"number"`
			Holder struct{ Kind, Name string }
		}
	}
	require.NoError(t, json.Unmarshal([]byte(body), &is))
	require.Equal(t, []string{"valid", mine, "person", "林**"}, []string{is.State, is.Permit.Number, is.Permit.Holder.Kind, is.Permit.Holder.Name})
	require.NotContains(t, body, "own_building")
	require.Equal(t, "public, max-age=30", got.Header.Get("Cache-Control"))
	again, body := ask(t, "GET", h.url+"/verify/"+mine, "Accept", "application/json", "If-None-Match", got.Header.Get("ETag"))
	require.Equal(t, 304, again.StatusCode)
	require.Empty(t, body)
	_, body = ask(t, "GET", h.url+"/verify/"+old, "Accept", "application/json")
	require.NoError(t, json.Unmarshal([]byte(body), &is))
	require.Equal(t, "expired", is.State)
	require.NotEmpty(t, is.Since)
	for path, status := range map[string]int{"/verify/LJP1": 404, "/verify?number=LJP1": 422} {
		got, body = ask(t, "GET", h.url+path, "Accept", "application/json")
		require.Equal(t, status, got.StatusCode)
		require.Contains(t, got.Header.Get("Content-Type"), "application/problem+json", body)
	}
	for path, kind := range map[string]string{"/verify/status": "application/jose+json", register.JWKSPath: "application/jwk-set+json"} {
		got, body = ask(t, "GET", h.url+path)
		require.Equal(t, 200, got.StatusCode, body)
		require.Contains(t, got.Header.Get("Content-Type"), kind)
		require.Contains(t, got.Header.Get("Cache-Control"), "public, max-age=")
		require.Empty(t, got.Cookies())
		require.NotContains(t, body, "林")
	}
}

// takenAway is the permit on paper and as a credential: the holder's alone.
func (h *house) takenAway(t *testing.T, mine, theirs string) {
	me := h.enters(t, "citizen@demo.test", app.DemoPassword)
	me.open("/me/permits/" + mine + "/permit.pdf?lang=zh-Hant")
	text := documenttest.Text(t, []byte(me.page))
	for _, want := range []string{"戶外招牌許可", "持有人林小滿", "許可證編號" + mine, h.url + "/verify/" + mine} {
		require.Contains(t, text, want)
	}
	me.open("/me/permits/" + mine + "/credential")
	c, err := h.Register.ReadCredential(t.Context(), me.page)
	require.NoError(t, err)
	require.Equal(t, []string{mine, "林小滿"}, []string{c.Subject, c.Permit.Holder.Name})
	for _, what := range []string{"/permit.pdf", "/credential"} {
		me.took(me.client.Get(h.url + "/me/permits/" + theirs + what))
		require.Equal(t, 404, me.status, "another's")
		other := h.enters(t, "company@demo.test", app.DemoPassword)
		other.took(other.client.Get(h.url + "/me/permits/" + mine + what))
		require.Equal(t, 404, other.status, "a person's, asked by an enterprise")
		got, _ := ask(t, "GET", h.url+"/me/permits/"+mine+what)
		require.Equal(t, 303, got.StatusCode, "nobody without signing in")
	}
	staff := h.signIn(t, "permits")
	staff.open("/desk/permits/" + mine + "/permit.pdf?lang=zh-Hant")
	text = documenttest.Text(t, []byte(staff.page))
	require.Contains(t, text, "持有人林**")
	require.Contains(t, text, "存查用副本")
	require.NotContains(t, text, "林小滿")
	staff.open("/desk/permits/" + theirs + "/permit.pdf?lang=zh-Hant")
	require.Contains(t, documenttest.Text(t, []byte(staff.page)), "持有人四海餐飲有限公司")
}

// withdrawn is a permit that the head of its unit revokes.
func (h *house) withdrawn(t *testing.T, mine string) {
	p, err := h.Register.ByNo(t.Context(), mine)
	require.NoError(t, err)
	_, err = h.Register.Propose(as(t, h, "permits@demo.test"), mine, register.Do{Act: register.Revoke, Ground: "deceit", Reason: "以不實資料取得", Version: p.Version})
	require.NoError(t, err)
	head := as(t, h, "head@demo.test")
	one, err := h.Register.Open(head, p)
	require.NoError(t, err)
	must(h.Register.Ask(head, mine, one.ID, h.Register.AnswerFrom(head, p).String()))
	require.NoError(t, h.Register.Answer(h.citizenOf(t, "citizen@demo.test"), p, one.ID, "資料沒有不實。"))
	_, err = h.Register.Decide(head, mine, register.Verdict{ProposalID: one.ID, Agrees: true, Version: p.Version})
	require.NoError(t, err)
	b := visit(t, h.url)
	b.open("/verify/" + mine + "?lang=en")
	require.Contains(t, b.page, "This permit was revoked")
	require.Contains(t, b.page, "mq-notice--over")
	require.NotContains(t, b.page, "不實", "why is between the office and the holder")
	me := h.enters(t, "citizen@demo.test", app.DemoPassword)
	me.took(me.client.Get(h.url + "/me/permits/" + mine + "/credential"))
	require.Equal(t, 409, me.status)
	me.open("/me/permits/" + mine + "/permit.pdf?lang=en")
	require.Contains(t, documenttest.Text(t, []byte(me.page)), "This permit was revoked")
}

func headers(t *testing.T, address string) http.Header {
	t.Helper()
	got, _ := ask(t, "GET", address)
	return got.Header
}

// check is the check character of a number of this prefix in 2026.
func check(t *testing.T, prefix string, seq int64) string {
	t.Helper()
	n, err := idcode.NewCaseNumber(prefix, 2026, seq)
	require.NoError(t, err)
	s := n.String()
	return s[len(s)-1:]
}

// One permit again and again, as anybody asks for it.
func BenchmarkVerify(b *testing.B) {
	eachEngine(b, func(b *testing.B, s *busy) {
		who, err := s.h.Identity.ByEmail(b.Context(), "citizen@demo.test")
		require.NoError(b, err)
		no := s.h.held(b, s.h.DB, who.ConstituentID, nil)
		s.pages(b, "", 200, "GET", "/verify/"+no, "")
	})
}

// Who opens the permit of an enterprise without having switched is told for whom the
// page is; what is their own says so while they act for the enterprise.
func TestAPageOfAPermitSaysForWhomItIs(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, true)
		h.serve(t, app.ServeOptions{Web: true})
		var one struct{ No, Enterprise string }
		require.NoError(t, d.From(t.Context()).Raw(`SELECT p.permit_no AS no, p.holder_id AS enterprise FROM permits p JOIN enterprise_members m ON m.enterprise_id = p.holder_id
 JOIN accounts a ON a.id = m.account_id WHERE m.ended_at IS NULL ORDER BY p.permit_no LIMIT 1`).Scan(&one).Error)
		require.NotEmpty(t, one.No)
		me := h.enters(t, "company@demo.test", app.DemoPassword)
		switches := func(to string) {
			me.took(me.client.PostForm(h.url+"/enterprise/acting", url.Values{"enterprise": {to}, "to": {"/enterprise"}}))
			require.Equal(t, 200, me.status)
		}
		line := func(at string) string {
			me.open(at + "?lang=en")
			said := regexp.MustCompile(`(?s)<section class="mq-acting".*?<span>(.*?)</span>`).FindStringSubmatch(me.page)
			require.NotNil(t, said, at)
			return said[1]
		}
		at := "/me/permits/" + one.No
		switches("")
		require.Equal(t, "You act for yourself", line("/me/permits"))
		require.Regexp(t, `^This page is about .+\. Elsewhere you act for yourself$`, line(at))
		switches(one.Enterprise)
		require.Regexp(t, `^You act for .+ \(owner\)$`, line(at))
	})
}

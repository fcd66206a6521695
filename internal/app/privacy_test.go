package app_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/app"
	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/identity"
	"minqing/internal/outreach"
	"minqing/internal/outreach/offers"
	"minqing/internal/privacy"
)

const (
	leaver         = "leaver@example.org"
	leaverPassword = "violet kettle drum 93"
	leaverName     = "歐陽漱石"
)

func (h *house) citizen(t *testing.T) *browser {
	t.Helper()
	_, err := h.Identity.CreateCitizen(actor.AsSystem(t.Context(), "test"), identity.NewAccount{Email: leaver, Password: leaverPassword, Name: leaverName, Locale: "en"})
	require.NoError(t, err)
	return h.enters(t, leaver, leaverPassword)
}

// ripe lets the time of a wish pass and carries it out.
func (h *house) ripe(t *testing.T) {
	t.Helper()
	h.Privacy.Now = func() time.Time { return time.Now().Add(privacy.Cooling + time.Hour) }
	require.NoError(t, h.Privacy.CarryOut(actor.AsSystem(t.Context(), "test")))
	h.Privacy.Now = time.Now
}

func TestSomebodyIsErasedAndTheFileStays(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, true)
		h.serve(t, app.ServeOptions{Web: true})
		me := h.citizen(t)
		caseNo, code := file(me)
		me.open("/me/privacy/erase?lang=en")
		require.Contains(t, me.page, caseNo, "it says which case is open")
		require.NotContains(t, me.page, `name="typed"`)
		typed := url.Values{"typed": {"erase my data"}, "password": {leaverPassword}}
		me.took(me.client.PostForm(h.url+"/me/privacy/erase", typed))
		require.Equal(t, 409, me.status)

		h.concluded(t, d, caseNo)
		view, err := h.Cases.Track(t.Context(), cases.Key{CaseNo: caseNo, QueryCode: code})
		require.NoError(t, err)
		link := h.Cases.EvaluationToken(&view.Case)
		clerk := h.signIn(t, "handler")
		clerk.open("/desk/cases/" + caseNo)
		clerk.send(url.Values{"reveal_reason": {"回電給" + leaverName}}, `name="reveal_reason"`)
		auditor := h.signIn(t, "auditor")
		auditor.open("/admin/audit?lang=en&area=constituent")
		require.Contains(t, auditor.page, "回電給"+leaverName)
		me.open("/me/privacy/erase")
		for _, wrong := range []url.Values{{"typed": {"erase"}, "password": {leaverPassword}}, {"typed": {"erase my data"}, "password": {"wrong"}}} {
			me.send(wrong, `name="typed"`)
			require.Equal(t, 422, me.status)
			require.Contains(t, me.page, "govuk-error-summary")
		}
		require.Zero(t, count(t, d, "erasures"))
		me.send(typed, `name="typed"`)
		require.Equal(t, "/me/privacy", me.at.Path)
		require.Equal(t, 1, count(t, d, "erasures WHERE state = 'asked'"))
		me.took(me.client.PostForm(h.url+"/me/privacy/erase", typed))
		require.Equal(t, 409, me.status, "once is enough")
		me.open("/")
		require.Contains(t, me.page, "You asked us to erase your data", "whoever signs in hears of it")
		me.open("/me/privacy")
		me.send(url.Values{"do": {"cancel"}}, `value="cancel"`)
		h.ripe(t)
		require.Zero(t, count(t, d, "constituents WHERE erased_at IS NOT NULL"), "taken back in time")
		me.open("/me/privacy/erase")
		me.send(typed, `name="typed"`)
		require.NoError(t, h.Privacy.CarryOut(t.Context()))
		var person string
		require.NoError(t, d.From(t.Context()).Raw("SELECT constituent_id FROM erasures WHERE state = 'asked'").Scan(&person).Error)
		offer, offered := h.offered(t, d, person)
		h.ripe(t)
		require.Equal(t, 1, count(t, d, "offers WHERE id = ? AND state = 'refused' AND reason = 'gone' AND note_cipher IS NULL", offer))
		_, err = h.Offers.ByToken(actor.AsSystem(t.Context(), "test"), offered, "en")
		require.Equal(t, fault.NotFound, fault.KindOf(err), "its link opens nothing")
		require.Equal(t, fault.NotFound, fault.KindOf(h.Offers.AnswerByToken(actor.AsSystem(t.Context(), "test"), offered, offers.Agree, "")))
		require.NoError(t, h.Offers.Sweep(t.Context()))
		require.Zero(t, count(t, d, "deliveries WHERE about_id = ? AND constituent_id = ?", offer, person), "and nobody is told")

		require.Equal(t, 1, count(t, d, "constituents WHERE id = ? AND erased_at IS NOT NULL AND name_cipher IS NULL", person))
		require.Zero(t, count(t, d, "contact_points WHERE constituent_id = ?", person))
		require.Zero(t, count(t, d, "sessions s JOIN accounts a ON a.id = s.account_id WHERE a.constituent_id = ?", person))
		require.Zero(t, count(t, d, "deliveries WHERE constituent_id = ? AND address_cipher IS NOT NULL", person))
		me.took(me.client.Get(h.url + "/me/privacy"))
		require.Equal(t, "/sign-in", me.at.Path, "the session is over")
		_, _, err = h.Identity.SignIn(t.Context(), leaver, leaverPassword)
		require.Error(t, err)

		auditor.open("/admin/audit?lang=en&area=constituent")
		require.NotContains(t, auditor.page, leaverName)
		require.Contains(t, auditor.page, "erased with the person")
		clerk.open("/desk/cases/" + caseNo + "?lang=en")
		require.Contains(t, clerk.page, "Erased on")
		require.NotContains(t, clerk.page, `name="reveal_reason"`, "there is nobody to be shown")
		require.Contains(t, clerk.page, strings.Split(trouble, "，")[0], "the file stays")
		_, err = h.Cases.Act(actor.AsSystem(t.Context(), "test"), caseNo, 0, cases.Note{Text: "x"})
		require.Error(t, err, "and is used for nothing else")
		_, err = h.Cases.Track(t.Context(), cases.Key{CaseNo: caseNo, QueryCode: code})
		require.Error(t, err)
		_, err = h.Cases.ByEvaluationToken(t.Context(), link)
		require.Error(t, err)
		require.NoError(t, h.Cases.Index(t.Context()))
		require.Zero(t, count(t, d, "case_search WHERE case_id = ?", view.ID))
		require.NoError(t, h.Keys.Vault.CheckRing(t.Context()))

		again := h.citizen(t) // the same address, and somebody new
		again.open("/me/cases")
		require.NotContains(t, again.page, caseNo)
		require.Equal(t, 1, count(t, d, "audit_entries WHERE action = 'privacy.erased'"))
		require.Zero(t, count(t, d, "audit_entries f JOIN audit_entries e ON e.at = f.at WHERE e.action = 'privacy.erased' AND f.object_id IN (?, ?)", view.ID, caseNo),
			"no entry tells whose file it was")
		require.Zero(t, count(t, d, "audit_entries WHERE CAST(changes AS TEXT) LIKE ? OR reason LIKE ?", "%"+leaver+"%", "%"+leaverName+"%"))
		_, err = h.Privacy.Erase(actor.AsSystem(t.Context(), "test"), person, "")
		require.NoError(t, err, "twice is no error")
		h.quietLog(t, leaver, leaverName)
	})
}

func TestSomebodyCorrectsAndCopiesTheirData(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, true)
		h.serve(t, app.ServeOptions{Web: true})
		me := h.citizen(t)
		caseNo, _ := file(me)
		me.open("/me/privacy?lang=zh-Hant")
		require.Contains(t, me.page, leaver)
		me.send(url.Values{"name": {""}, "phone": {"139 1234 5678"}, "do": {"correct"}}, `name="phone"`)
		require.Equal(t, 422, me.status)
		require.Contains(t, me.page, "139 1234 5678", "what was typed stays")
		me.send(url.Values{"name": {"歐陽修"}, "phone": {"no number"}, "do": {"correct"}}, `name="phone"`)
		require.Equal(t, 422, me.status)
		for _, number := range []string{"13912345678", "13912345679"} {
			me.send(url.Values{"name": {"歐陽修"}, "phone": {number}, "do": {"correct"}}, `name="phone"`)
			require.Equal(t, 200, me.status)
			require.Contains(t, me.page, "86"+number)
		}
		ids, err := h.Constituents.FindByContact(t.Context(), constituents.Phone, "13912345678")
		require.NoError(t, err)
		require.Empty(t, ids, "the old number leads to nobody")

		me.send(url.Values{"password": {"wrong"}, "do": {"json"}}, `value="json"`)
		require.Equal(t, 422, me.status)
		require.Zero(t, count(t, d, "audit_entries WHERE action = 'export.own_data'"))
		me.open("/me/privacy")
		me.send(url.Values{"password": {leaverPassword}, "do": {"json"}}, `value="json"`)
		require.Equal(t, 200, me.status)
		var own privacy.Copy
		require.NoError(t, json.Unmarshal([]byte(me.page), &own))
		require.Equal(t, leaver, own.Account.Email)
		require.Equal(t, []string{"歐陽修"}, own.Person.Names)
		require.Len(t, own.Cases, 1)
		require.Equal(t, caseNo, own.Cases[0].CaseNo)
		require.Equal(t, trouble, own.Cases[0].Description)
		require.NotEmpty(t, own.Cases[0].Steps)
		me.open("/me/privacy")
		me.send(url.Values{"password": {leaverPassword}, "do": {"read"}}, `value="json"`)
		for _, part := range []string{leaver, caseNo, trouble, "歐陽修", "8613912345679"} {
			require.Contains(t, me.page, part)
		}
		require.Equal(t, 2, count(t, d, "audit_entries WHERE action = 'export.own_data'"))
	})
}

func TestACopyHoldsWhatStaffWroteDown(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, true)
		require.NoError(t, h.LoadDemo(t.Context()))
		h.serve(t, app.ServeOptions{Web: true})
		me := h.citizen(t)
		own := actor.AsSystem(t.Context(), "test")
		var person, other, district, segment, officer string
		for sql, to := range map[string]*string{"SELECT constituent_id FROM accounts ORDER BY created_at DESC, id DESC LIMIT 1": &person,
			"SELECT constituent_id FROM accounts WHERE constituent_id IS NOT NULL ORDER BY id LIMIT 1": &other, "SELECT code FROM districts ORDER BY code LIMIT 1": &district,
			"SELECT id FROM segments WHERE purpose <> 'planning' ORDER BY id LIMIT 1": &segment, "SELECT owner_id FROM segments ORDER BY id LIMIT 1": &officer} {
			require.NoError(t, d.From(t.Context()).Raw(sql).Scan(to).Error)
			require.NotEmpty(t, *to, sql)
		}
		view, err := h.Constituents.Known(own, []string{person})
		require.NoError(t, err)
		require.NoError(t, h.Constituents.SetProfile(own, person, constituents.Profile{BirthYear: 1958, DistrictCode: district, Source: constituents.FromStaff, Locale: "en", Version: view.Version}))
		_, err = h.Constituents.AddNumber(own, person, constituents.Document{Kind: constituents.TaiwanID, Value: "A123456789", Seen: true})
		require.NoError(t, err)
		_, err = h.Constituents.AddNeed(own, person, constituents.SignLanguage, constituents.FromStaff)
		require.NoError(t, err)
		require.NoError(t, d.From(t.Context()).Exec("INSERT INTO constituent_relations (id, from_id, to_id, kind, valid_from, source, version) VALUES (?, ?, ?, 'guardian', ?, 'staff', 1)",
			db.NewID(time.Now()), other, person, time.Now().UTC()).Error)
		until := calendar.DateOf(time.Now(), time.UTC).Add(30)
		for purpose, words := range map[constituents.NotePurpose]string{"contact": "轉接時請用閩南語。", "safety": "上門時請兩人同行。"} {
			_, err = h.Constituents.AddNote(own, person, constituents.NewNote{Text: words, Purpose: purpose, KeepUntil: until})
			require.NoError(t, err)
		}
		require.NoError(t, h.Outreach.Fix(actor.With(t.Context(), actor.Actor{Kind: actor.Staff, AccountID: officer}), segment, person, outreach.In, "本人來電請求告知。"))

		require.NoError(t, d.From(t.Context()).Exec(`INSERT INTO campaign_assignments (campaign_id, constituent_id, arm, status, queued_at, refused_at)
 SELECT id, ?, 'told', 'sent', started_at, window_ends_at FROM campaigns WHERE state = 'done'`, person).Error)

		h.offered(t, d, person)
		me.open("/me/privacy?lang=en")
		me.send(url.Values{"password": {leaverPassword}, "do": {"json"}}, `value="json"`)
		require.Equal(t, 200, me.status)
		var is privacy.Copy
		require.NoError(t, json.Unmarshal([]byte(me.page), &is))
		require.NotContains(t, me.page, "上門時請兩人同行")
		require.Equal(t, 1958, is.Person.BirthYear)
		require.Equal(t, district, is.Person.District)
		require.NotEmpty(t, is.Person.DistrictName)
		require.Equal(t, "A123456789", is.Person.Numbers[0].Value)
		require.Equal(t, "sign_language", is.Person.Needs[0].Kind)
		require.Equal(t, []string{"guardian", "from"}, []string{is.Person.Relations[0].Kind, is.Person.Relations[0].Value})
		require.Len(t, is.Person.Notes, 1)
		require.Equal(t, "轉接時請用閩南語。", is.Person.Notes[0].Text)
		require.Len(t, is.Person.HeldBack, 1)
		require.Equal(t, until.String(), is.Person.HeldBack[0].KeepUntil)
		require.Equal(t, []string{"in", "本人來電請求告知。"}, []string{is.Person.Groups[0].ByHand, is.Person.Groups[0].Reason})

		require.Len(t, is.Person.Campaigns, 1)
		require.Equal(t, []string{"told", "sent"}, []string{is.Person.Campaigns[0].Group, is.Person.Campaigns[0].Status})
		require.NotNil(t, is.Person.Campaigns[0].RefusedAt)

		require.Len(t, is.Person.Offers, 1)
		offer := is.Person.Offers[0]
		require.Equal(t, []string{"objected", "自己有車，不需要。", calendar.DateOf(time.Now(), time.UTC).Add(9).String()}, []string{offer.State, offer.Note, offer.AnswerBy})
		require.NotNil(t, offer.ToldAt)
		require.NotNil(t, offer.AnsweredAt)
		require.NotEmpty(t, offer.Law.In("en"))

		me.open("/me/privacy")
		me.send(url.Values{"password": {leaverPassword}, "do": {"read"}}, `value="json"`)
		for _, part := range []string{"Offered to me", offer.Name.In("en") + ": Objected. " + offer.Law.In("en"), "Answer by " + offer.AnswerBy, offer.Note, "What you were told unasked", "to be told", "You refused more", "1958", is.Person.DistrictName.In("en"), "A123456789", "Sign language", "Has the guardian", "轉接時請用閩南語。", "Notes that are not shown",
			until.String(), is.Person.Groups[0].Name.In("en"), "Put in by hand: 本人來電請求告知。"} {
			require.Contains(t, me.page, part)
		}
		require.NotContains(t, me.page, "上門時請兩人同行")
		require.NotContains(t, me.page, "王小明", "the other one of a relation is not named")
		h.quietLog(t, "A123456789", "閩南語")
	})
}

// offered makes somebody an offer to which they object with a word, and gives it with
// its link.
func (h *house) offered(t *testing.T, d *db.DB, person string) (id, token string) {
	t.Helper()
	system, at := actor.AsSystem(t.Context(), "test"), time.Now().UTC()
	id = db.NewID(at)
	require.NoError(t, d.From(system).Exec(`INSERT INTO offers (id, list_id, benefit_id, constituent_id, period, state, why, told_at, respond_by, respond_on, code_key, created_at, updated_at)
 SELECT ?, list_id, benefit_id, ?, period, 'offered', why, ?, ?, ?, code_key, created_at, updated_at FROM offers WHERE told_at IS NOT NULL ORDER BY id LIMIT 1`,
		id, person, at, at.AddDate(0, 0, 9), calendar.DateOf(at, time.UTC).Add(9)).Error)
	token = must(h.Offers.Facts(system, []string{id}))[id].Token
	require.NoError(t, h.Offers.AnswerByToken(system, token, offers.Object, "自己有車，不需要。"))
	return id, token
}

func TestWhoHasNoPasswordCopiesTheirDataAfterSigningIn(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, true)
		h.serve(t, app.ServeOptions{Web: true})
		me := h.citizen(t)
		require.NoError(t, d.From(t.Context()).Exec("UPDATE accounts SET password_hash = '' WHERE kind = 'citizen'").Error)
		me.open("/me/privacy?lang=en")
		require.Contains(t, me.page, "Your account has none: leave this empty.")
		me.send(url.Values{"password": {""}, "do": {"json"}}, `value="json"`)
		require.Equal(t, 200, me.status)
		require.Contains(t, me.page, leaver)
		require.NoError(t, d.From(t.Context()).Exec("UPDATE sessions SET created_at = ?, proved_at = NULL", time.Now().Add(-11*time.Minute)).Error)
		me.open("/me/privacy?lang=en")
		me.send(url.Values{"password": {""}, "do": {"json"}}, `value="json"`)
		require.Equal(t, 422, me.status)
		require.Contains(t, me.page, "Sign out and in again")
	})
}

func TestNewsGoByMailUntilSomebodyRefusesThem(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, true, "MINQING_SMTP_URL=smtp://127.0.0.1:1")
		h.serve(t, app.ServeOptions{Web: true, Workers: true})
		me := h.citizen(t)
		who, err := h.Identity.ByEmail(t.Context(), leaver)
		require.NoError(t, err)
		caseNo, _ := file(me)
		me.open("/me/privacy?lang=en")
		require.Contains(t, me.page, `value="case_news.mail" checked`)
		me.send(url.Values{"consent": nil, "outreach_mail": nil, "outreach_sms": nil, "outreach_inapp": nil, "do": {"consent"}}, `name="consent"`)
		require.Equal(t, 200, me.status)
		require.Contains(t, me.page, `value="case_news.mail"`)
		require.NotContains(t, me.page, `value="case_news.mail" checked`)
		me.send(url.Values{"consent": nil, "outreach_mail": nil, "outreach_sms": nil, "outreach_inapp": nil, "do": {"consent"}}, `name="consent"`)
		require.Equal(t, 1, count(t, d, "consents WHERE NOT given AND constituent_id = ?", who.ConstituentID), "the same word again adds nothing")
		require.Error(t, d.From(t.Context()).Exec("UPDATE consents SET given = ?", true).Error, "the ledger is only added to")
		require.Error(t, d.From(t.Context()).Exec("DELETE FROM consents").Error)

		h.handled(t, caseNo, cases.NotAccept{Reason: cases.NotAcceptReasons[0], Explanation: "不屬本市。"})
		require.Eventually(t, func() bool {
			return count(t, d, "deliveries WHERE kind = 'not_accepted' AND channel = 'mail'") == 1
		}, 20*time.Second, 50*time.Millisecond)
		require.Zero(t, count(t, d, "deliveries WHERE reason = 'refused'"), "the law asks for a notice of it")
		require.Equal(t, 1, count(t, d, "deliveries WHERE kind = 'not_accepted' AND channel = 'inapp' AND status = 'sent'"))
		me.open("/me/privacy")
		me.send(url.Values{"consent": {"case_news.mail"}, "outreach_mail": nil, "outreach_sms": nil, "outreach_inapp": nil, "do": {"consent"}}, `name="consent"`)
		require.Equal(t, 1, count(t, d, "consents WHERE given AND constituent_id = ?", who.ConstituentID))
	})
}

func TestTheLawThatIsCitedIsThatOfThePlace(t *testing.T) {
	for calendar, law := range map[string]string{"CN": "個人信息保護法第13條", "TW": "個人資料保護法第15條"} {
		h := open(t, oneCity(t), true, "MINQING_CALENDAR="+calendar)
		h.serve(t, app.ServeOptions{Web: true})
		me := h.citizen(t)
		me.open("/me/privacy?lang=zh-Hant")
		require.Contains(t, me.page, law)
		require.Contains(t, me.page, "結案後 10 年", "the term is that of the rule")
	}
}

func TestAnotherAddressCountsOnceItsLinkWasOpened(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, true, "MINQING_SMTP_URL=smtp://127.0.0.1:1")
		h.serve(t, app.ServeOptions{Web: true})
		me := h.citizen(t)
		person := ""
		require.NoError(t, d.From(t.Context()).Raw("SELECT constituent_id FROM accounts WHERE constituent_id IS NOT NULL ORDER BY created_at DESC, id DESC LIMIT 1").Scan(&person).Error)
		me.open("/me/privacy?lang=en")
		for _, bad := range []string{"nonsense", leaver} {
			me.send(url.Values{"email": {bad}, "do": {"mail"}}, `name="email"`)
			require.Equal(t, 422, me.status)
			require.Contains(t, me.page, bad, "what was typed stays")
		}
		me.send(url.Values{"email": {"New.Address@Example.org"}, "do": {"mail"}}, `name="email"`)
		require.Equal(t, 200, me.status)
		require.Contains(t, me.page, "new.address@example.org", "it waits")
		reach, err := h.Constituents.Reach(t.Context(), person)
		require.NoError(t, err)
		require.Equal(t, leaver, reach.Email, "messages go where they went")
		require.Equal(t, 1, count(t, d, "deliveries WHERE kind = 'confirm_address' AND channel = 'mail' AND constituent_id = ? AND NOT proven", person))

		token := reach.Pending["new.address@example.org"]
		other := visit(t, h.url)
		other.open("/confirm/" + token)
		other.send(nil)
		reach, err = h.Constituents.Reach(t.Context(), person)
		require.NoError(t, err)
		require.Equal(t, "new.address@example.org", reach.Email)
		require.True(t, reach.EmailProven)
		for _, more := range []string{"a@example.org", "b@example.org", "c@example.org"} {
			me.open("/me/privacy")
			me.send(url.Values{"email": {more}, "do": {"mail"}}, `name="email"`)
			require.Equal(t, 200, me.status)
		}
		me.send(url.Values{"email": {"d@example.org"}, "do": {"mail"}}, `name="email"`)
		require.Equal(t, 422, me.status, "nobody mails strangers from here")
	})
}

// Somebody follows questions by mail without an account: by an address that they
// proved elsewhere it is theirs all the same.
func TestWhoFollowsByMailIsFoundAmongTheirDataAndErased(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, true, "MINQING_SMTP_URL=smtp://127.0.0.1:1")
		h.serve(t, app.ServeOptions{Web: true})
		_, path := h.published(t, d)
		id := strings.TrimPrefix(path, "/voices/")
		const before, other = "leaver.before@example.org", "neighbour@example.org"
		for _, mail := range []string{leaver, before, other} {
			require.NoError(t, h.Voices.Follow(actor.With(t.Context(), actor.Actor{Kind: actor.Anonymous}), id, mail, "en"))
		}
		me := h.citizen(t)
		var person string
		require.NoError(t, d.From(t.Context()).Raw("SELECT constituent_id FROM accounts WHERE constituent_id IS NOT NULL ORDER BY created_at DESC, id DESC LIMIT 1").Scan(&person).Error)
		_, err := h.Constituents.Attach(actor.AsSystem(t.Context(), "test"), person, constituents.Email, other, false)
		require.NoError(t, err, "named, not proven")
		point, err := h.Constituents.Attach(actor.AsSystem(t.Context(), "test"), person, constituents.Email, before, true)
		require.NoError(t, err)
		require.NoError(t, d.From(t.Context()).Exec("UPDATE contact_points SET valid_to = ? WHERE id = ?", time.Now().Add(time.Hour).UTC(), point).Error)

		me.took(me.client.PostForm(h.url+path+"/concern", url.Values{"do": {"say"}}))
		me.open("/me/privacy?lang=en")
		require.Contains(t, me.page, "Published questions that you follow by mail")
		me.send(url.Values{"password": {leaverPassword}, "do": {"json"}}, `value="json"`)
		require.Equal(t, 200, me.status)
		var own privacy.Copy
		require.NoError(t, json.Unmarshal([]byte(me.page), &own))
		require.Len(t, own.Follows, 2)
		require.ElementsMatch(t, []string{leaver, before}, []string{own.Follows[0].Address, own.Follows[1].Address})
		require.NotEmpty(t, own.Follows[0].Title)
		require.Equal(t, []string{own.Follows[0].Title}, own.Concerns)
		me.open("/me/privacy")
		me.send(url.Values{"password": {leaverPassword}, "do": {"read"}}, `value="json"`)
		require.Contains(t, me.page, before)
		require.Contains(t, me.page, "concern you too")
		require.NotContains(t, me.page, other+"</li>")

		require.NoError(t, d.From(t.Context()).Exec("UPDATE contact_points SET valid_to = ? WHERE id = ?", time.Now().Add(-time.Hour).UTC(), point).Error)
		var keys []string
		require.NoError(t, d.From(t.Context()).Raw("SELECT vault_key_id FROM voice_follows ORDER BY id").Scan(&keys).Error)
		_, err = h.Privacy.Erase(actor.AsSystem(t.Context(), "test"), person, "letter 2")
		require.NoError(t, err)
		require.Equal(t, 2, count(t, d, "voice_follows"), "a neighbour's stays, and what an address asked for after it was given up")
		require.Equal(t, 1, count(t, d, "vault_keys WHERE destroyed_at IS NOT NULL AND id IN ?", keys))
		require.Zero(t, count(t, d, "voice_concerns WHERE account_id IS NOT NULL"))
	})
}

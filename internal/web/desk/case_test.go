package desk_test

import (
	"context"
	"mime"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/files"
	"minqing/internal/web"
)

// guest is a citizen who is not signed in.
func guest(t testing.TB) context.Context {
	return actor.With(t.Context(), actor.Actor{Kind: actor.Anonymous})
}

func TestACaseTellsItsClockItsPlaceAndWhyItCameHere(t *testing.T) {
	o := newOffice(t, dbtest.New(t))
	no := o.file().CaseNo
	o.walk(no, cases.Dispatched, "")
	o.as("handler@CG03")
	at := "/desk/cases/" + no
	p := o.get(at).has("3 working days left", "Reply by Fri 27 November 2026, 23:59", "3 working days: how it was counted",
		"the day of receipt does not count", "湖濱路 12 號前", "Earlier Intake Desk", "By the dispatch catalogue")
	require.Equal(t, 1, strings.Count(p.Body.String(), `mq-card--first`))
	o.now = o.now.Add(7 * 24 * time.Hour)
	o.get(at).has("2 working days overdue")
	for lang, words := range map[string]string{"zh-Hant": "已逾期 2 個工作日", "zh-Hans": "已超期2个工作日"} {
		o.get(at + "?lang=" + lang).has(words)
	}
}

func TestWhoHasNothingToDoLearnsWhoseMoveItIs(t *testing.T) {
	o := newOffice(t, dbtest.New(t))
	handler := o.as("handler@CG03")
	no := o.file().CaseNo
	at := "/desk/cases/" + no
	o.walk(no, cases.Dispatched, "")
	o.as("call_agent@LJ")
	o.get(at).has("Dispatched; waiting for Street Lighting Section to sign it in.")
	o.do(no, cases.SignIn{}, cases.Assign{HandlerID: handler})
	o.get(at).has("王handler@CG03 of Street Lighting Section is handling it")
	o.do(no, cases.RequestInfo{Question: "哪一盞？"})
	o.get(at).has("The citizen was asked for information")
	_, err := o.cases.Withdraw(guest(t), cases.Key{CaseNo: no, QueryCode: o.code(no)}, "修好了")
	require.NoError(t, err)
	o.get(at).has("Withdrawn by the citizen; nothing more to do.", "修好了").hasNot("Reply by", "overdue")
}

// code derives the query code as the receipt has it.
func (o *office) code(no string) string {
	v, err := o.cases.View(o.system(), no)
	require.NoError(o.t, err)
	return o.cases.QueryCode(&v.Case)
}

func TestAReturnedCaseWaitsWhereItWasSentBackTo(t *testing.T) {
	o := newOffice(t, dbtest.New(t))
	no := o.file().CaseNo
	o.walk(no, cases.Dispatched, "")
	o.do(no, cases.Return{Reason: "not_our_duty", Explanation: "屬道路科"})
	o.as("call_agent@LJ")
	o.get("/desk/cases/"+no).has("Returned; waiting for Intake Desk to decide.", "Now with Intake Desk", "Not our duty", "Returned: 1", "Return awaits decision")
	o.as("dispatcher@LJ")
	require.NotContains(t, o.get("/desk/cases/"+no).Body.String(), `<option value="CG03" selected`, "not again to the unit that sent it back")
}

func TestAFormSaysWhatIsSentToWhom(t *testing.T) {
	o := newOffice(t, dbtest.New(t))
	handler := o.as("supervisor@LJ")
	show := func(to cases.Status, change ...func(*cases.Filing)) page {
		no := o.file(change...).CaseNo
		o.walk(no, to, handler)
		return o.get("/desk/cases/" + no)
	}
	show(cases.Handling).has("Goes to the citizen at once", "To 王*明: on their case page, with a notice by mail to m***@example.org.")
	show(cases.Handling, func(f *cases.Filing) { f.Contact.Email = "" }).has("No mail goes out; call 138****5678")
	show(cases.Handling, reviewed).has("The unit head audits it first").hasNot("Goes to the citizen at once")
	show(cases.Handling, func(f *cases.Filing) {
		f.Confidentiality, f.Contact = cases.AnonymousFiler, cases.Contact{}
	}).has("The requester is anonymous: it is seen on the case page only", "Requester Anonymous")
	show(cases.Replied, reviewed).has("Approved, this reply goes to the citizen at once", "Awaiting audit, not yet shown to the citizen", "已派員處理。")
	o.as("dispatcher@LJ")
	show(cases.Accepted).has("no message is sent")
}

func TestTheStoryTellsApartWhatTheCitizenSees(t *testing.T) {
	o := newOffice(t, dbtest.New(t))
	handler := o.as("supervisor@LJ")
	no := o.file(reviewed).CaseNo
	o.walk(no, cases.Replied, handler)
	inside := func(words string) bool {
		body := o.get("/desk/cases/" + no).Body.String()
		_, story, _ := strings.Cut(body, "mq-case__story")
		items := strings.Split(story, `<li class="mq-story__item`)
		for _, it := range items {
			if strings.Contains(it, words) {
				return strings.HasPrefix(it, " mq-story__item--internal")
			}
		}
		t.Fatalf("%s is not in the story", words)
		return false
	}
	require.True(t, inside("已派員處理。"), "a reply that waits for its audit")
	o.do(no, cases.ReviewReply{Approve: true})
	require.False(t, inside("已派員處理。"), "a reply that was published")
	o.do(no, cases.Note{Text: "內部的話"})
	require.True(t, inside("內部的話"))
	_, err := o.cases.Say(guest(t), cases.Key{CaseNo: no, QueryCode: o.code(no)}, "我的電話是 13812345678，謝謝")
	require.NoError(t, err)
	o.get("/desk/cases/"+no).has("Message from the citizen", "謝謝").hasNot("13812345678")
}

// present signs the handler of CG03 in.
func (o *office) present(id string) {
	o.t.Helper()
	_, _, err := o.identity.SignIn(guest(o.t), "handler-cg03@city.example", "Long-enough-CG03-2026")
	require.NoError(o.t, err)
	require.NoError(o.t, o.db.From(o.t.Context()).Raw("SELECT id FROM sessions WHERE account_id = ?", id).Scan(&o.who.SessionID).Error)
}

func TestSomebodyIsShownInTheClearForAReasonThatIsKept(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		no := o.file().CaseNo
		o.walk(no, cases.Dispatched, "")
		at := "/desk/cases/" + no
		o.present(o.as("handler@CG03"))
		o.get(at).has("王*明", "138****5678").hasNot("王小明", "13812345678")
		p := o.ask("POST", at+"/reveal", url.Values{"reveal_reason": {"  "}})
		require.Equal(t, 422, p.Code)
		p.has("Give a reason for looking").hasNot("王小明")
		p = o.ask("POST", at+"/reveal", url.Values{"reveal_reason": {"約時間到場"}})
		require.Equal(t, 200, p.Code)
		p.has("王小明", "ming@example.org", "Shown in full and recorded")
		require.Equal(t, "no-store", p.Header().Get("Cache-Control"))
		require.Contains(t, p.Body.String(), at+"/reveal?lang=zh-Hans")
		require.Equal(t, at, o.get(at+"/reveal").Header().Get("Location"), "another language shows the page masked again")
		o.get(at).hasNot("王小明")
		var kept []string
		require.NoError(t, d.From(t.Context()).Raw("SELECT reason FROM audit_entries WHERE action = 'constituent.reveal'").Scan(&kept).Error)
		require.Len(t, kept, 1)
		require.NotContains(t, kept[0], "約時間到場", "it may name somebody")
		reason, gone, err := o.cases.Constituents.Reason(t.Context(), kept[0])
		require.NoError(t, err)
		require.False(t, gone)
		require.Equal(t, "約時間到場", reason)
		o.as("official@LJ")
		require.Equal(t, 403, o.ask("POST", at+"/reveal", url.Values{"reveal_reason": {"好奇"}}).Code)
		o.as("handler@HB02")
		require.Equal(t, 404, o.ask("POST", at+"/reveal", url.Values{"reveal_reason": {"好奇"}}).Code)
	})
}

func TestNobodyIsShownInTheClearAtAnUnattendedDesk(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		no := o.file().CaseNo
		o.walk(no, cases.Dispatched, "")
		id := o.as("handler@CG03")
		o.present(id)
		reveal := func(password string) page {
			form := url.Values{"reveal_reason": {"約時間到場"}}
			if password != "" {
				form.Set("password", password)
			}
			return o.ask("POST", "/desk/cases/"+no+"/reveal", form)
		}
		require.Equal(t, 200, reveal("").Code, "just signed in")
		var before time.Time
		require.NoError(t, d.From(t.Context()).Raw("SELECT created_at FROM sessions").Scan(&before).Error)
		before = before.Add(-11 * time.Minute)
		require.NoError(t, d.From(t.Context()).Exec("UPDATE sessions SET created_at = ?", before).Error)
		for _, typed := range []string{"", "Long-enough-CG04-2026"} {
			p := reveal(typed)
			require.Equal(t, 422, p.Code)
			for _, kept := range []string{`name="password"`, `value="約時間到場"`} {
				require.Contains(t, p.Body.String(), kept)
			}
			for _, not := range []string{"王小明", "Long-enough"} {
				require.NotContains(t, p.Body.String(), not)
			}
		}
		require.Equal(t, 200, reveal("Long-enough-CG03-2026").Code)
		reveal("").has("王小明", "Shown in full and recorded")
		require.NoError(t, d.From(t.Context()).Exec("UPDATE sessions SET proved_at = ?", before).Error)
		require.Equal(t, 422, reveal("").Code)
	})
}

func TestAttachmentsOpenForThoseWhoReadTheCase(t *testing.T) {
	o := newOffice(t, dbtest.New(t))
	no := o.file().CaseNo
	o.walk(no, cases.Dispatched, "")
	v, err := o.cases.View(o.system(), no)
	require.NoError(t, err)
	plan := "%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
	f, err := o.files.Add(o.system(), files.Upload{Owner: files.Owner{Kind: files.Case, ID: v.ID}, Name: "平面圖.pdf",
		Content: strings.NewReader(plan), Size: int64(len(plan))})
	require.NoError(t, err)
	o.as("handler@CG03")
	at := "/desk/cases/" + no
	o.get(at).has("平面圖.pdf", "1 KB")
	p := page{ResponseRecorder: o.ask("GET", at+"/files/"+f.ID, nil).ResponseRecorder, t: t}
	require.Equal(t, 200, p.Code)
	require.Contains(t, p.Body.String(), "%PDF-1.4")
	o.as("handler@HB02")
	require.Equal(t, 404, o.get(at+"/files/"+f.ID).Code)
}

// People name files after themselves; who may not know who filed reads no such name.
func TestStaffReadNoFileNamesOfSecretCases(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		handler := o.as("handler@CG03")
		for _, secrecy := range []cases.Confidentiality{cases.Normal, cases.IdentityHidden, cases.AnonymousFiler} {
			no := o.file(func(f *cases.Filing) {
				if f.Confidentiality = secrecy; secrecy == cases.AnonymousFiler {
					f.Contact = cases.Contact{}
				}
			}).CaseNo
			o.walk(no, cases.Handling, handler)
			v, err := o.cases.View(o.system(), no)
			require.NoError(t, err)
			at, second := "/desk/cases/"+no, ""
			for _, name := range []string{"王小明 330103199001011234.txt", "王小明的狀紙.TXT"} {
				f, err := o.files.Add(o.system(), files.Upload{Owner: files.Owner{Kind: files.Case, ID: v.ID}, Name: name,
					Content: strings.NewReader("路燈不亮。"), Size: 15})
				require.NoError(t, err)
				second = at + "/files/" + f.ID
			}
			page, sent := o.get(at), o.ask("GET", second, nil).Header().Get("Content-Disposition")
			_, params, err := mime.ParseMediaType(sent)
			require.NoError(t, err)
			_, reads := o.taken(no)
			require.Equal(t, 1, reads, "that it was opened is noted")
			if secrecy == cases.Normal {
				page.has("王小明 330103199001011234.txt", "王小明的狀紙.TXT")
				require.Equal(t, "王小明的狀紙.TXT", params["filename"])
				continue
			}
			page.has("附件 1.txt", "附件 2.txt").hasNot("330103199001011234", "狀紙")
			require.Equal(t, "附件 2.txt", params["filename"], secrecy)
			list, err := o.files.List(o.system(), files.Owner{Kind: files.Case, ID: v.ID})
			require.NoError(t, err)
			require.Equal(t, "王小明的狀紙.TXT", list[1].Name, "it is kept for its person")
		}
	})
}

func TestAnswersReadAsTheyWereGiven(t *testing.T) {
	o := newOffice(t, dbtest.New(t))
	no := o.file(func(f *cases.Filing) {
		f.MatterCode = "water-outage"
		f.Answers = map[string]any{"since": "2026-11-23", "households": 1250, "extent": "street"}
	}).CaseNo
	o.as("dispatcher@LJ")
	at := "/desk/cases/" + no
	o.get(at).has("Mon 23 November 2026", "1,250").hasNot(">street<", "2026-11-23")
	o.get(at+"?lang=zh-Hans").has("2026年11月23日（周一）", "1,250")
}

func TestUnitAndPersonComplainedAboutAreBothShown(t *testing.T) {
	o := newOffice(t, dbtest.New(t))
	no := o.file(func(f *cases.Filing) { f.Subject = cases.Subject{UnitCode: "HB02", Name: "李大成"} }).CaseNo
	only := o.file(func(f *cases.Filing) { f.Subject = cases.Subject{UnitCode: "HB02"} }).CaseNo
	o.as("dispatcher@LJ")
	unit := o.get("/desk/cases/" + only).subject()
	require.NotEmpty(t, unit)
	require.Equal(t, unit+"\n李*成", o.get("/desk/cases/"+no).subject())
}

// subject is what the page says of who is complained about.
func (p page) subject() string {
	hit := regexp.MustCompile(`<dt>Subject of complaint</dt><dd>([^<]*)</dd>`).FindStringSubmatch(p.Body.String())
	require.NotNil(p.t, hit)
	return hit[1]
}

func TestAHiddenIdentityIsNoAnonymousOne(t *testing.T) {
	o := newOffice(t, dbtest.New(t))
	handler := o.as("handler@CG03")
	hidden := o.file(func(f *cases.Filing) { f.Confidentiality = cases.IdentityHidden }).CaseNo
	nobody := o.file(func(f *cases.Filing) { f.Confidentiality, f.Contact = cases.AnonymousFiler, cases.Contact{} }).CaseNo
	o.walk(hidden, cases.Handling, handler)
	o.walk(nobody, cases.Handling, handler)
	o.get("/desk/cases/"+hidden).has("Requester Identity hidden", "whose identity is hidden from you").hasNot("Requester Anonymous", "The requester is anonymous")
	o.get("/desk/cases/"+nobody).has("Requester Anonymous", "The requester is anonymous").hasNot("Requester Identity hidden")
}

func TestOneAccountRevealsNoWholeTown(t *testing.T) {
	o := newOffice(t, dbtest.New(t), func(w *web.Options) { w.RateFactor = 0.025 }) // three a minute
	handler := o.as("handler@CG03")
	no := o.file().CaseNo
	o.walk(no, cases.Handling, handler)
	reveal := func() int {
		return o.ask("POST", "/desk/cases/"+no+"/reveal", url.Values{"reveal_reason": {"約時間到場"}}).Code
	}
	for range 3 {
		require.Equal(t, 422, reveal(), "the password is asked for first")
	}
	require.Equal(t, 429, reveal())
	require.Equal(t, 200, o.get("/desk/cases/"+no).Code)
	o.as("head@CG03")
	require.Equal(t, 422, reveal(), "each account by itself")
}

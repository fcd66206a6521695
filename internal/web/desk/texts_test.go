package desk_test

import (
	"net/url"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/i18n"
	"minqing/internal/notify"
	"minqing/internal/replies"
)

func (o *office) prepare(k replies.Kind, unit, title, body string, change ...func(*replies.Text)) *replies.Text {
	o.t.Helper()
	snap, err := o.replies.Catalogue.Snapshot(o.system())
	require.NoError(o.t, err)
	u, err := snap.Unit(unit)
	require.NoError(o.t, err)
	one := replies.Text{Kind: k, UnitID: u.ID, Locale: i18n.ZhHant, Title: title, Body: body}
	for _, c := range change {
		c(&one)
	}
	kept, err := o.replies.Put(o.system(), one)
	require.NoError(o.t, err)
	return kept
}

func TestATemplateIsWrittenByTheHeadOfItsUnit(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		o.as("handler@CG03")
		require.Equal(t, 403, o.get("/desk/templates").Code)
		require.Equal(t, 403, o.get("/desk/knowledge/new").Code)
		o.as("head@CG")
		o.get("/desk/templates").has("Nothing matches")
		form := url.Values{"title": {"路燈修復"}, "unit": {"CG03"}, "matter": {"street-light"}, "locale": {"zh-Hant"}, "body": {"{{citizen}}：{{nobody}}"}}
		p := o.ask("POST", "/desk/templates/new", form)
		require.Equal(t, 422, p.Code)
		p.has("There is no field “nobody”", "{{citizen}}：{{nobody}}")
		require.Contains(t, p.Body.String(), `href="#body"`)

		form.Set("body", "{{citizen}}：案件 {{case_no}}，預計〔日期〕修復。")
		form.Set("do", "preview")
		p = o.ask("POST", "/desk/templates/new", form)
		require.Equal(t, 200, p.Code)
		p.has("王女士：案件 LJ20260001234", "The handler has to fill in:", "〔日期〕")

		form.Del("do")
		p = o.ask("POST", "/desk/templates/new", form)
		require.Equal(t, 303, p.Code, p.text())
		at := p.Header().Get("Location")
		o.get(at).has("路燈修復", "Street", "Version 1")
		o.get("/desk/templates").has("路燈修復")

		form.Set("version", "1")
		form.Set("body", "{{citizen}}：已修復。")
		require.Equal(t, 303, o.ask("POST", at+"/edit", form).Code)
		p = o.ask("POST", at+"/edit", form)
		require.Equal(t, 409, p.Code)
		p.has("A colleague has just changed it")
		o.get(at).has("Version 2")

		form.Set("unit", "HB02")
		p = o.ask("POST", "/desk/templates/new", form)
		require.Equal(t, 422, p.Code)
		p.has("You do not keep texts of this unit")
		o.as("head@HB")
		require.Equal(t, 404, o.get(at).Code)
		require.NotContains(t, o.get("/desk/templates").Body.String(), "路燈修復")
		form.Set("unit", "HB")
		form.Set("version", "2")
		require.Equal(t, 403, o.ask("POST", at+"/edit", form).Code, "a text of others is not taken over")
	})
}

func TestArticlesAreSearchedByEverybodyAtTheDesk(t *testing.T) {
	o := newOffice(t, dbtest.New(t))
	past := calendar.NewDate(2026, 1, 1)
	one := o.prepare(replies.Article, "CG", "夜間照明", "依《道路照明規範》辦理。")
	o.prepare(replies.Article, "HB", "河川", "河川巡查。", func(x *replies.Text) { x.ValidTo = &past })
	o.as("call_agent@LJ")
	p := o.get("/desk/knowledge")
	p.has("夜間照明", "河川", "Expired")
	require.NotContains(t, p.Body.String(), "/desk/knowledge/new")
	p = o.get("/desk/knowledge?q=" + url.QueryEscape("道路照明规范"))
	p.has("夜間照明")
	require.NotContains(t, p.Body.String(), "河川")
	p = o.get("/desk/knowledge/" + one.ID)
	p.has("依《道路照明規範》辦理。")
	require.NotContains(t, p.Body.String(), "/edit")
}

func TestATemplateAndAQuotationFillTheReply(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		no := o.file().CaseNo
		hidden := o.file(func(f *cases.Filing) { f.Confidentiality = cases.IdentityHidden }).CaseNo
		o.walk(no, cases.Handling, o.as("handler@CG03"))
		o.walk(hidden, cases.Handling, o.as("handler@CG03"))
		one := o.prepare(replies.Template, "CG03", "修復", "{{citizen}}：案件 {{case_no}} 預計〔日期〕修復。")
		past := calendar.NewDate(2026, 1, 1)
		o.prepare(replies.Article, "CG03", "舊規定", "舊。", func(x *replies.Text) { x.ValidTo = &past })
		art := o.prepare(replies.Article, "CG", "照明規定", "路燈由本局維護。", func(x *replies.Text) { x.LegalBasis = "《道路照明規範》" })
		o.as("handler@CG03")
		at := "/desk/cases/" + no + "/reply"
		p := o.get(at)
		p.has("Begin with a template", "修復", "照明規定", "Articles on this matter (1)")
		require.NotContains(t, p.Body.String(), "舊規定")

		p = o.ask("POST", at, url.Values{"do": {"fill"}, "template": {one.ID}, "reply.text": {"我先寫的。"}, "version": {"6"}})
		require.Equal(t, 200, p.Code)
		p.has("我先寫的。", "案件 "+no+" 預計〔日期〕修復。")
		require.NotContains(t, p.Body.String(), "王小明", "the name stays masked")
		p = o.ask("POST", at, url.Values{"do": {"quote:" + art.ID}, "reply.text": {"您好。"}})
		p.has("您好。", "路燈由本局維護。（《道路照明規範》）")
		p = o.ask("POST", at, url.Values{"do": {"check"}, "reply.text": {"預計〔日期〕修復。"}})
		p.has("To mend before it can be sent", "〔日期〕")
		p = o.ask("POST", at, url.Values{"do": {"check"}, "reply.text": {wholeReply}})
		p.has("Nothing was found.")

		p = o.ask("POST", "/desk/cases/"+hidden+"/reply", url.Values{"do": {"fill"}, "template": {one.ID}})
		p.has("您：案件 " + hidden)
		require.NotContains(t, p.Body.String(), "\n王")
		o.do(no, cases.Reply{Text: wholeReply})
		o.as("handler@CG03")
		require.Equal(t, 409, o.get(at).Code, "a case that is answered takes no second reply")
		o.as("official@LJ")
		require.Equal(t, 403, o.get(at).Code)
	})
}

func TestANoteSaysWhomItReached(t *testing.T) {
	o := newOffice(t, dbtest.New(t))
	o.cases.Names = o.identity.Names
	no := o.file().CaseNo
	o.walk(no, cases.Handling, o.as("handler@CG03"))
	o.do(no, cases.Note{Text: "@王handler@CG03 請看，@沒有這個人 也是。"})
	o.as("handler@CG03")
	o.get("/desk/cases/"+no).has("Told 王handler@CG03", "Names after @ that reached nobody: 1")
}

func TestWhoIsNamedInANoteIsLedToIt(t *testing.T) {
	o := newOffice(t, dbtest.New(t))
	r := o.file()
	o.walk(r.CaseNo, cases.Handling, o.as("handler@CG03"))
	o.now = o.now.Add(time.Minute)
	o.do(r.CaseNo, cases.Note{Text: "請看這一則。"})
	o.now = o.now.Add(time.Minute)
	o.do(r.CaseNo, cases.Note{Text: "後來的一則。"})
	o.as("handler@CG03")
	v, err := o.cases.View(o.system(), r.CaseNo)
	require.NoError(t, err)
	note := v.Events[len(v.Events)-2]
	moment := note.ID[:8] + note.ID[9:13]
	o.told.list = []notify.Note{{ID: note.ID[:13] + "-7abc-827b-5f7224ad9ff0", Kind: notify.Mentioned, CaseID: r.CaseID, CreatedAt: o.now}}
	href := "/desk/cases/" + r.CaseNo + "?at=" + moment + "#at-" + moment
	require.Contains(t, o.get("/desk/clocks").Body.String(), `href="`+href+`"`)
	page := o.get("/desk/cases/" + r.CaseNo + "?at=" + moment).Body.String()
	marked := regexp.MustCompile(`mq-story__item--marked" id="at-` + moment + `">(?s).*?</li>`).FindString(page)
	require.Contains(t, marked, "請看這一則。")
	require.NotContains(t, marked, "後來的一則。")
	ids := regexp.MustCompile(`id="at-[0-9a-f]{12}"`).FindAllString(page, -1)
	slices.Sort(ids)
	require.Equal(t, ids, slices.Compact(slices.Clone(ids)), "no two parts of the page have one name")
	require.NotContains(t, o.get("/desk/cases/"+r.CaseNo).Body.String(), "mq-story__item--marked")
}

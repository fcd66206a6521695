package desk_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
)

func TestTheInboxSaysInTwoLinesWhatIsDueFirst(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		handler := o.as("handler@CG03")
		later := o.file(func(f *cases.Filing) {
			f.Title, f.MatterCode, f.Location.DistrictCode = "後到期的", "street-light", ""
		}).CaseNo
		o.walk(later, cases.Handling, handler)
		urgent := o.file(func(f *cases.Filing) { f.Title, f.Danger = "漏電的燈桿", true }).CaseNo
		o.walk(urgent, cases.SignedIn, handler)
		o.now = o.now.Add(3 * 24 * time.Hour)
		p := o.get("/desk")
		require.Equal(t, 200, p.Code)
		p.has("Everything open 2", "Assigned to me 1", "Unassigned 1", "漏電的燈桿", "Danger to life", "unassigned", "3 days old", "王handler@CG03", "Street light out or broken")
		require.Less(t, strings.Index(p.text(), "漏電的燈桿"), strings.Index(p.text(), "後到期的"))
		p.hasNot("Street Lighting Section", "Unit, with those below it") // the only unit of this reader
		for lang, word := range map[string]string{"zh-Hant": "收件 3 天", "zh-Hans": "接收 3 天"} {
			o.get("/desk?lang=" + lang).has(word)
		}
	})
}

func TestWhatIsDueSoonHasAListOfItsOwn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		handler := o.as("handler@CG03")
		late := o.file(func(f *cases.Filing) { f.Title = "已經逾期的" }).CaseNo
		o.walk(late, cases.Handling, handler)
		o.now = o.now.Add(2 * 24 * time.Hour) // Thursday: the first is due on Friday
		waits := o.file(func(f *cases.Filing) { f.Title = "中止中的" }).CaseNo
		o.walk(waits, cases.Handling, handler)
		o.do(waits, cases.Suspend{Type: "appraisal", Until: "2026-12-20", Notice: "需送驗。"})
		o.as("handler@CG03")
		o.get("/desk?view=due").has("Due soon 1", "已經逾期的").hasNot("中止中的")
		o.now = o.now.Add(2 * 24 * time.Hour) // Saturday
		soon := o.file(func(f *cases.Filing) { f.Title = "還早的" }).CaseNo
		o.walk(soon, cases.Handling, handler)
		o.as("handler@CG03")
		o.get("/desk?view=due").has("Due soon 0", "Overdue 1", "Nothing is due by the end of the next working day.").hasNot("已經逾期的")
		o.get("/desk?view=overdue").has("已經逾期的").hasNot("還早的")
		o.now = o.now.Add(3 * 24 * time.Hour) // Tuesday; due on Wednesday
		o.as("handler@CG03")
		o.get("/desk?view=due").has("Due soon 1", "還早的").hasNot("已經逾期的")
	})
}

func TestASearchMarksWhatItFoundAndSaysHowToNarrowIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		handler := o.as("supervisor@LJ")
		done := o.file(func(f *cases.Filing) { f.Title = "湖濱路路燈不亮" }).CaseNo
		o.walk(done, cases.Concluded, handler)
		other := o.file(func(f *cases.Filing) {
			f.Title, f.Description, f.Kind = "樹枝擋路", "擋住<b>路燈</b>，電話 13900139000。", cases.HelpRequest
		}).CaseNo
		noted := o.file(func(f *cases.Filing) { f.Title, f.Description = "地面不平", "有坑。" }).CaseNo
		o.do(noted, cases.Accept{}, cases.Note{Text: "就在那盞路燈下。"})
		require.NoError(t, o.cases.Index(o.system()))
		o.as("supervisor@LJ")
		p := o.get("/desk?q=" + url.QueryEscape("路灯"))
		for _, part := range []string{"湖濱路<mark>路燈</mark>不亮", "擋住&lt;b&gt;<mark>路燈</mark>&lt;/b&gt;", "就在那盞<mark>路燈</mark>下。", "3 found: narrow by status, kind or unit",
			`href="/desk?q=%E8%B7%AF%E7%81%AF&amp;status=concluded"`, `href="/desk?kind=help_request&amp;q=%E8%B7%AF%E7%81%AF"`, `<option value="concluded">`} {
			require.Contains(t, p.Body.String(), part)
		}
		p.hasNot("13900139000")
		o.get("/desk?q="+url.QueryEscape("路灯")+"&status=concluded").has(done).hasNot(other, noted)
		require.NotContains(t, o.get("/desk").Body.String(), "<mark>")
		require.NotContains(t, o.get("/desk").Body.String(), `<option value="concluded">`, "no list without a search holds those")
	})
}

func TestFiltersAreTagsThatCanBeTakenAway(t *testing.T) {
	o := newOffice(t, dbtest.New(t))
	handler := o.as("supervisor@LJ")
	lamp := o.file().CaseNo
	o.walk(lamp, cases.Handling, handler)
	river := o.file(reviewed).CaseNo
	o.walk(river, cases.Dispatched, handler)
	p := o.get("/desk?view=open&unit=CG&status=handling&kind=complaint")
	p.has(lamp, "Filtered by", "Remove filter", "Clear filters", "City Management Bureau").hasNot(river)
	require.Contains(t, p.Body.String(), `href="/desk?kind=complaint&amp;unit=CG"`, "without the status")
	require.Contains(t, p.Body.String(), `href="/desk?status=handling&amp;unit=CG"`, "without the kind")
	require.Contains(t, p.Body.String(), `<a class="govuk-link" href="/desk">Clear filters`)
	o.get("/desk?unit=HB").has(river).hasNot(lamp)
	o.get("/desk?unit=LJ").has(river, lamp)
	o.get("/desk?q="+lamp).has(lamp, "Words or case number").hasNot(river)
	for name, words := range map[string]string{"view": "There is no view “bogus”", "status": "There is no status “bogus”", "kind": "There is no kind “bogus”", "unit": "There is no unit “bogus”"} {
		p := o.get("/desk?" + name + "=bogus")
		require.Equal(t, 422, p.Code, name)
		p.has(words, "The filter asks for something that does not exist", "Clear filters").hasNot(river, lamp)
		require.Empty(t, p.Result().Cookies(), "the way back does not lead here")
		require.Equal(t, name != "view", strings.Contains(p.Body.String(), `href="#`+name+`"`))
	}
	o.get("/desk?kind=" + strings.Repeat("x", 1000)).has("“" + strings.Repeat("x", 40) + "…”")
	require.Equal(t, 422, o.get("/desk?cursor=nonsense").Code)
}

func TestAnEmptyInboxSaysWhatToDoNext(t *testing.T) {
	o := newOffice(t, dbtest.New(t))
	o.as("supervisor@LJ")
	o.get("/desk").has("All done. New cases appear here").hasNot("Show everything open", "Keyboard shortcuts")
	o.file()
	o.get("/desk?view=mine").has("Nothing is assigned to you", "Show everything open")
	o.get("/desk?view=overdue").has("Nothing is overdue")
	o.get("/desk?kind=report").has("Nothing matches", "Clear filters")
	o.get("/desk?q=LJ20260009999X").has("No case matches")
	o.as("security_admin@LJ")
	require.Equal(t, "/admin/access", o.get("/desk").Header().Get("Location"))
	o.as("auditor@LJ")
	require.Equal(t, "/admin/audit", o.get("/desk").Header().Get("Location"))
	o.as("official@LJ")
	require.Equal(t, "/insight/performance", o.get("/desk").Header().Get("Location"))
}

func TestTheWayBackFromACaseLeadsToTheListItCameFrom(t *testing.T) {
	o := newOffice(t, dbtest.New(t))
	o.as("handler@CG03")
	no := o.file().CaseNo
	o.walk(no, cases.Dispatched, "")
	kept := o.get("/desk?view=unassigned&status=dispatched&q=").cookie("mq_inbox")
	p := o.get("/desk/cases/"+no, kept)
	require.Contains(t, p.Body.String(), `<a href="/desk?status=dispatched&amp;view=unassigned" class="govuk-back-link">`)
	forged := &http.Cookie{Name: "mq_inbox", Value: "view=%22%3E%3Cscript%3E&next=//evil.example"}
	require.Contains(t, o.get("/desk/cases/"+no, forged).Body.String(), `<a href="/desk" class="govuk-back-link">`)
	typed := o.get("/desk?q=" + no).cookie("mq_inbox")
	require.NotContains(t, typed.Value, no, "what was typed is not kept")
}

func TestLongListsAreReadPageByPage(t *testing.T) {
	o := newOffice(t, dbtest.New(t))
	o.as("supervisor@LJ")
	for i := range 51 {
		o.file(func(f *cases.Filing) { f.Title = fmt.Sprint("第", i, "件") })
	}
	p := o.get("/desk?kind=complaint")
	require.Equal(t, 50, strings.Count(p.Body.String(), "data-row"))
	_, next, found := strings.Cut(p.Body.String(), `rel="next" href="`)
	require.True(t, found)
	next, _, _ = strings.Cut(next, `"`)
	next = strings.ReplaceAll(next, "&amp;", "&")
	require.Contains(t, next, "kind=complaint")
	p = o.get(next)
	require.Equal(t, 1, strings.Count(p.Body.String(), "data-row"))
	require.Contains(t, p.Body.String(), `<a class="govuk-link" href="/desk?kind=complaint">Back to the start`)
}

// What is counted on a page of its own has no number in the rail: nought would be a lie.
func TestTheRailCountsNothingThatItHasNotCounted(t *testing.T) {
	o := newOffice(t, dbtest.New(t))
	o.as("call_agent@HL")
	body := o.get("/desk").Body.String()
	require.Regexp(t, `<a class="govuk-link" href="/desk/callbacks"><span>Callbacks</span></a>`, body)
	require.Regexp(t, `href="/desk/supervised"><span>Supervised</span><span class="mq-count">0</span></a>`, body)
}

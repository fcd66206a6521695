package desk_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/worklist"
)

func TestManyCasesAreActedOnFromTheInbox(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		handler := o.as("handler@CG03")
		one, two, other := o.file().CaseNo, o.file().CaseNo, o.file().CaseNo
		o.walk(one, cases.Dispatched, handler)
		o.walk(two, cases.Dispatched, handler)
		o.walk(other, cases.Handling, handler)
		p := o.get("/desk")
		p.has("Act on the chosen cases", "Act on all in this list", "Choose the row")
		require.Equal(t, 3, strings.Count(p.Body.String(), `form="bulk" name="case"`))
		p = o.get("/desk/bulk?view=open&case=" + one + "&case=" + other)
		p.has("2 cases are chosen", "Sign in", "possible with 1 case", "Internal note").hasNot("Accept")
		o.get("/desk/bulk?view=open&all=1").has("3 cases are chosen", "Assign")
		o.get("/desk/bulk").has("No case is chosen")
		require.Equal(t, 422, o.get("/desk/bulk?all=1&view=bogus").Code)
		require.Equal(t, 404, o.get("/desk/bulk?action=reply&case="+one).Code)
		o.get("/desk/bulk?view=open&action=note&case="+one).has("1 case is chosen", "Look at what will happen")

		p = o.ask("POST", "/desk/bulk", url.Values{"action": {"note"}, "case": {one, two}, "note.text": {""}})
		require.Equal(t, 422, p.Code)
		require.Contains(t, p.Body.String(), `href="#note-text"`)
		p = o.ask("POST", "/desk/bulk", url.Values{"action": {"sign_in"}, "all": {"1"}, "view": {"open"}})
		require.Equal(t, 303, p.Code)
		run := p.Header().Get("Location")
		p = o.get(run)
		p.has("Look before it is done", "2 cases will be done; 1 will be left", "Not possible at this step: Being handled", "Do it for 2 cases")
		require.Empty(t, p.Header().Get("Refresh"))
		for lang, word := range map[string]string{"zh-Hant": "將處理 2 案", "zh-Hans": "将办理 2 件"} {
			o.get(run + "?lang=" + lang).has(word)
		}
		o.get(run+"?only=refused").has(other).hasNot(one, two)
		require.Equal(t, 303, o.ask("POST", run, url.Values{}).Code)
		p = o.get(run)
		p.has("It is being done", "0 done and 1 left as they were, of 3", "See how far it is")
		require.Equal(t, "3", p.Header().Get("Refresh"), "goes on by itself without scripts")
		require.NoError(t, d.From(t.Context()).Exec("UPDATE river_job SET state = 'discarded', finalized_at = scheduled_at WHERE kind = 'worklist.bulk'").Error)
		p = o.get(run)
		p.has("It stopped before it was done", "0 done and 1 left as they were, of 3", "2 cases still wait", "Go on with the remaining 2 cases").hasNot("It is being done")
		require.Empty(t, p.Header().Get("Refresh"), "nothing will change by itself")
		for lang, word := range map[string]string{"zh-Hant": "繼續做其餘 2 案", "zh-Hans": "继续办其余 2 件"} {
			o.get(run + "?lang=" + lang).has(word)
		}
		require.Equal(t, 303, o.ask("POST", run, url.Values{}).Code)
		o.get(run).has("It is being done")
		o.do(two, cases.Note{Text: "meanwhile"})
		id := run[strings.LastIndexByte(run, '/')+1:]
		require.NoError(t, o.bulk.Do(actor.AsSystem(t.Context(), "test"), worklist.Work{RunID: id, From: 1, To: 100}))
		p = o.get(run)
		p.has("It is done", "1 done, 2 left as they were", "Somebody changed it meanwhile", "Now: Signed in")
		require.Empty(t, p.Header().Get("Refresh"))

		o.as("head@CG03")
		require.Equal(t, 404, o.get(run).Code, "of somebody else")
		require.Equal(t, 404, o.ask("POST", run, url.Values{}).Code)
	})
}

func TestACaseThatOneMayNotSeeIsNotNamed(t *testing.T) {
	o := newOffice(t, dbtest.New(t))
	far := o.file(func(f *cases.Filing) { f.Title = "別的單位的事" }).CaseNo
	handler := o.as("handler@CG03")
	near := o.file().CaseNo
	o.walk(near, cases.Dispatched, handler)
	p := o.ask("POST", "/desk/bulk", url.Values{"action": {"note"}, "case": {near, far}, "note.text": {"同一件事"}})
	require.Equal(t, 303, p.Code)
	o.get(p.Header().Get("Location")).has("A case that you do not see", "There is no such case, or you may not see it", "同一件事").hasNot("別的單位的事")
}

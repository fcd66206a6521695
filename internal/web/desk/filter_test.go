package desk_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
)

func TestCasesAreFilteredByWhatIsKnownOfThem(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		handler := o.as("supervisor@LJ")
		lamp := o.file(func(f *cases.Filing) { f.Channel = cases.ChannelPhone }).CaseNo
		o.walk(lamp, cases.Concluded, handler)
		o.now = o.now.Add(5 * 24 * time.Hour)
		river := o.file(reviewed).CaseNo
		o.as("supervisor@LJ")
		require.Contains(t, o.get("/desk").Body.String(), `href="/desk/filter"`)
		o.get("/desk/filter").has("Choose what to list", "Service matter", "Received from", "Channel").hasNot(lamp, river, "Clear filters")
		o.get("/desk/filter?channel=phone").has(lamp, "Telephone", "Filtered by").hasNot(river)
		o.get("/desk/filter?channel=phone&status=concluded&matter=street-light&received_to=2026-11-25").has(lamp)
		o.get("/desk/filter?received_from=2026-11-26").has(river).hasNot(lamp)
		p := o.get("/desk/filter?unit=LJ&received_from=2026-11-01")
		p.has(lamp, river, "2 cases: narrow them further")
		for _, part := range []string{`href="/desk/filter?received_from=2026-11-01"`, `href="/desk/filter?unit=LJ"`, `href="/desk/filter?channel=phone&amp;received_from=2026-11-01&amp;unit=LJ"`,
			`href="/desk/lists?received_from=2026-11-01&amp;unit=LJ&amp;view=filter"`} {
			require.Contains(t, p.Body.String(), part)
		}
		require.NoError(t, o.cases.Index(o.system()))
		o.get("/desk/filter?channel=phone&q="+url.QueryEscape("路灯")).has(lamp, "路燈").hasNot(river)
		o.get("/desk/filter?channel=counter").has("No case matches", "Clear filters")
		for lang, words := range map[string]string{"zh-Hant": "收件日起", "zh-Hans": "接收日期起"} {
			o.get("/desk/filter?lang=" + lang).has(words)
		}
		o.as("handler@CG03")
		o.get("/desk/filter?received_from=2026-11-01").has(lamp).hasNot(river)
	})
}

func TestAFilterKeepsWhatIsWrongAndSaysHowToMendIt(t *testing.T) {
	o := newOffice(t, dbtest.New(t))
	o.as("supervisor@LJ")
	lamp := o.file().CaseNo
	for query, words := range map[string]string{"matter=nope": "There is no matter “nope”", "field=nope": "There is no field “nope”", "district=nope": "There is no district “nope”", "channel=nope": "There is no channel “nope”",
		"kind=nope": "There is no kind “nope”", "status=nope": "There is no status “nope”", "unit=nope": "There is no unit “nope”", "due_from=tomorrow": "Enter a date", "received_from=2026-11-24&received_to=2026-11-01": "The last day must not come before"} {
		p := o.get("/desk/filter?" + query)
		require.Equal(t, 422, p.Code, query)
		p.has(words).hasNot(lamp)
		name, _, _ := strings.Cut(query, "=")
		require.Contains(t, p.Body.String(), `id="`+strings.ReplaceAll(name, "received_from", "received_to")+`"`)
		require.Empty(t, p.Result().Cookies(), "the way back does not lead here")
	}
	require.Contains(t, o.get("/desk/filter?received_from=2026-13-40").Body.String(), `value="2026-13-40"`)
	require.Equal(t, 422, o.get("/desk/filter?channel=web&cursor=x").Code)
}

func TestAFilterWithANumberOfAPersonHidesItInItsAddress(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		o.as("supervisor@LJ")
		lamp := o.file().CaseNo
		p := o.ask("POST", "/desk/filter", url.Values{"q": {"13812345678"}, "channel": {"web"}, "matter": {""}})
		require.Equal(t, 303, p.Code)
		to := p.Header().Get("Location")
		require.NotContains(t, to, "138")
		require.Contains(t, to, "channel=web")
		p = o.get(to)
		p.has(lamp)
		require.NotRegexp(t, `href="[^"]*13812345678`, p.Body.String())
	})
}

func TestAFilterIsSavedAndIsTheWayBack(t *testing.T) {
	o := newOffice(t, dbtest.New(t))
	o.as("supervisor@LJ")
	lamp := o.file().CaseNo
	kept := o.get("/desk/filter?channel=web&received_from=2026-11-01&q=%E8%B7%AF").cookie("mq_inbox")
	p := o.get("/desk/cases/"+lamp, kept)
	require.Contains(t, p.Body.String(), `<a href="/desk/filter?channel=web&amp;received_from=2026-11-01" class="govuk-back-link">`)
	o.get("/desk/lists?view=filter&channel=web&received_from=2026-11-01&q=secret").has("Save this list", "Filter cases", "Website", "Words of a search are not kept").hasNot("secret")
	require.Equal(t, 422, o.get("/desk/lists?view=filter&received_from=soon").Code)
	form := url.Values{"do": {"save"}, "query": {"view=filter&channel=web&q=secret&bogus=1"}, "name": {"From the website"}}
	require.Equal(t, 303, o.ask("POST", "/desk/lists", form).Code)
	require.Contains(t, o.get("/desk").Body.String(), `href="/desk/filter?channel=web"`)
	require.Contains(t, o.get("/desk/lists").Body.String(), `href="/desk/filter?channel=web"`)
}

func TestALongFilteredListIsReadPageByPage(t *testing.T) {
	o := newOffice(t, dbtest.New(t))
	o.as("supervisor@LJ")
	for i := range 53 {
		o.file(func(f *cases.Filing) {
			f.Title, f.Contact = fmt.Sprintf("案 %d", i), cases.Contact{Name: "王", Phone: fmt.Sprintf("138%08d", i)}
		})
	}
	p := o.get("/desk/filter?channel=web")
	p.has("50 on this page", "案 52").hasNot("案 2 ")
	_, after, _ := strings.Cut(p.Body.String(), `rel="next" href="`)
	next, _, _ := strings.Cut(after, `"`)
	p = o.get(strings.ReplaceAll(next, "&amp;", "&"))
	p.has("案 2 ", "3 on this page").hasNot("案 52")
}

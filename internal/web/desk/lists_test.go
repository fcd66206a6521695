package desk_test

import (
	"net/url"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
)

func TestAListOfTheInboxIsSavedUnderAName(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		handler := o.as("handler@CG03")
		require.NoError(t, d.From(t.Context()).Raw("SELECT id FROM units WHERE code = 'CG03'").Row().Scan(&o.who.UnitID))
		unit := o.who.UnitID
		no := o.file().CaseNo
		o.walk(no, cases.Dispatched, handler)
		o.get("/desk").has("Save this list").hasNot("Change saved lists")
		o.get("/desk/lists").has("No list is saved")
		p := o.get("/desk/lists?view=open&status=dispatched&q=secret")
		p.has("Save this list", "Everything open", "Words of a search are not kept").hasNot("secret")
		require.Equal(t, 422, o.get("/desk/lists?view=bogus").Code)
		form := url.Values{"do": {"save"}, "query": {"status=dispatched&view=open&q=secret"}, "name": {""}}
		p = o.ask("POST", "/desk/lists", form)
		require.Equal(t, 422, p.Code)
		p.has("Give the list a name")
		form.Set("name", "To sign in")
		form.Set("shared", "1")
		require.Equal(t, 303, o.ask("POST", "/desk/lists", form).Code)
		p = o.get("/desk")
		p.has("To sign in", "Change saved lists")
		require.Contains(t, p.Body.String(), `href="/desk?status=dispatched&amp;view=open"`)
		for lang, word := range map[string]string{"zh-Hant": "與本單位分享", "zh-Hans": "与本单位共享"} {
			o.get("/desk/lists?lang=" + lang).has(word)
		}
		id := regexp.MustCompile(`name="id" value="([0-9a-f-]{36})"`).FindStringSubmatch(o.get("/desk/lists").Body.String())[1]
		require.Equal(t, 303, o.ask("POST", "/desk/lists", url.Values{"do": {"prefer"}, "id": {id}}).Code)
		p = o.get("/desk")
		require.Equal(t, 303, p.Code)
		require.Equal(t, "/desk?status=dispatched&view=open", p.Header().Get("Location"))
		p = o.get("/desk?status=dispatched&view=open")
		p.has(no)
		require.NotContains(t, p.Body.String(), `href="/desk">Clear`, "it would lead back here")
		require.Contains(t, p.Body.String(), `href="/desk?view=open"`)

		o.as("head@CG02")
		o.get("/desk").hasNot("To sign in", no)
		o.who.UnitID = unit // a colleague by their home, whose grants reach elsewhere
		o.get("/desk?status=dispatched&view=open").has("To sign in").hasNot(no)
		require.Equal(t, 404, o.ask("POST", "/desk/lists", url.Values{"do": {"delete"}, "id": {id}}).Code)
		o.who.AccountID = handler
		p = o.ask("POST", "/desk/lists", url.Values{"do": {"save"}, "id": {id}, "name_" + id: {""}})
		require.Equal(t, 422, p.Code)
		require.Equal(t, 303, o.ask("POST", "/desk/lists", url.Values{"do": {"delete"}, "id": {id}}).Code)
		require.Equal(t, 200, o.get("/desk").Code)
	})
}

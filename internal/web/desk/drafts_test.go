package desk_test

import (
	"net/url"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
)

func TestATextThatWasNotSentIsOfferedAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		handler := o.as("handler@CG03")
		no := o.file().CaseNo
		o.walk(no, cases.Handling, handler)
		at := "/desk/cases/" + no + "/drafts"
		require.Contains(t, o.get("/desk/cases/"+no).Body.String(), `data-drafts="`+at+`"`)
		require.JSONEq(t, `[]`, o.get(at).Body.String())
		require.Equal(t, 204, o.ask("POST", at, url.Values{"action": {"note"}, "note.text": {"寫到一半\r\n的話"}, "note.contacted": {"yes"}, "reply.text": {"x"}, "version": {"1"}}).Code)
		p := o.get(at)
		require.JSONEq(t, `[{"action":"note","fields":{"note.text":["寫到一半\n的話"],"note.contacted":["yes"]}}]`, p.Body.String())
		require.Equal(t, "no-store", p.Header().Get("Cache-Control"))
		require.Equal(t, 404, o.ask("POST", at, url.Values{"action": {"bogus"}, "bogus.text": {"x"}}).Code)
		require.Equal(t, 204, o.ask("POST", at, url.Values{"action": {"transfer"}, "transfer.body": {"court"}, "transfer.reason": {""}}).Code)
		require.NotContains(t, o.get(at).Body.String(), "transfer", "what was only chosen is not kept")
		o.as("head@CG02")
		require.Equal(t, 404, o.get(at).Code)
		require.Equal(t, 404, o.ask("POST", at, url.Values{"action": {"note"}, "note.text": {"x"}}).Code)
		o.as("handler@CG03")
		_, version := o.status(no)
		p = o.ask("POST", "/desk/cases/"+no, url.Values{"action": {"note"}, "version": {strconv.FormatInt(version-1, 10)}, "note.text": {"寫到一半"}})
		require.Equal(t, 409, p.Code)
		require.NotEqual(t, `[]`, o.get(at).Body.String(), "still there after a conflict")
		p = o.ask("POST", "/desk/cases/"+no, url.Values{"action": {"note"}, "version": {strconv.FormatInt(version, 10)}, "note.text": {"寫完了"}})
		require.Equal(t, 303, p.Code)
		require.JSONEq(t, `[]`, o.get(at).Body.String(), "sent, and so forgotten")
	})
}

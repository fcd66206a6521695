package app_test

import (
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/stretchr/testify/require"

	"minqing/internal/access"
	"minqing/internal/db"
)

// what has an id and is somebody's, or one unit's, besides cases.
type owned struct {
	name   string
	id     string
	closed func(who string) bool // who must never reach it
}

const judgedByNobody = "a case of the Street Lighting Section whose outcome nobody judged"

// fillOwned makes what has an owner, as its owner does.
func (m *matrix) fillOwned(d *db.DB) {
	m.owned = map[string][]owned{}
	last := func(sql string, args ...any) (id string) {
		require.NoError(m.t, d.From(m.t.Context()).Raw(sql, args...).Scan(&id).Error)
		require.NotEmpty(m.t, id, sql)
		return id
	}
	form := func(who, at string, v url.Values) string {
		got := m.send(who, "POST", at, aForm, v.Encode())
		require.Equal(m.t, http.StatusSeeOther, got.Code, "%s: %s", at, got.Body)
		return path.Base(got.Header().Get("Location"))
	}
	noCitizen := func(who string) bool { return who == "visitor" || who == "citizen" || who == "company" }
	run := form("dispatcher", "/desk/bulk", url.Values{"action": {"note"}, "note.text": {"x"}, "case": {m.things[0].no}})
	m.owned["/desk/bulk/"] = []owned{{"an act that the dispatcher prepared", run, func(who string) bool { return who != "dispatcher" }}}
	text := url.Values{"title": {"路燈"}, "unit": {"CG"}, "locale": {"zh-Hant"}, "body": {"已派員查看。"}}
	for kind, at := range map[string]string{"template": "/desk/templates/", "article": "/desk/knowledge/"} {
		form("head", at+"new", text)
		id := last("SELECT id FROM prepared_texts WHERE kind = ? ORDER BY id DESC LIMIT 1", kind)
		m.owned[at] = []owned{{"one of the City Management Bureau", id, noCitizen}}
	}
	account := func(email string) string {
		a, err := m.Identity.ByEmail(m.t.Context(), email)
		require.NoError(m.t, err)
		return a.ID
	}
	notSecurity := func(who string) bool { return who != "security" }
	m.owned["/admin/accounts/"] = []owned{{"the handler's account", account("handler@demo.test"), notSecurity},
		{"the citizen's account", account("citizen@demo.test"), func(string) bool { return true }}}
	asked, err := m.Access.AskToGive(as(m.t, m.house, "security2@demo.test"), access.Giving{AccountID: account("handler@demo.test"), Role: "handler", UnitCode: "CG02", Reason: "x"})
	require.NoError(m.t, err)
	m.owned["/admin/access/requests/"] = []owned{{"what another administrator asked for", asked, notSecurity}}
	k, at := m.published(m.t, d)
	m.owned["/voices/"] = []owned{{"a published question", path.Base(at), func(string) bool { return false }}}
	m.unjudged = k.CaseNo
}

// rowsOfOwned are the requests about what has an owner; nil where a route is about
// something else.
func (m *matrix) rowsOfOwned(r *row) (list []*row) {
	for prefix, things := range m.owned {
		rest, ok := strings.CutPrefix(r.Path, prefix)
		if !ok || !strings.HasPrefix(rest, ":id") {
			continue
		}
		for _, o := range things {
			one := *r
			one.thing, one.closed = o.name, o.closed
			one.path = strings.Replace(r.Path, ":id", o.id, 1)
			if r.Method == http.MethodPost {
				one.kind, one.body = aForm, "do="+map[bool]string{true: "end", false: "nothing"}[prefix == "/admin/accounts/"]+"&reason=x&version=999999"
			}
			list = append(list, &one)
		}
	}
	return list
}

// unjudgedRow asks about a case that somebody is to be rung about.
func (m *matrix) unjudgedRow(r row) *row {
	r.thing, r.path = judgedByNobody, strings.Replace(r.Path, ":case_no", m.unjudged, 1)
	r.closed = func(who string) bool { return !slices.Contains([]string{"agent", "dispatcher", "supervisor"}, who) }
	if r.Method == http.MethodPost {
		r.kind, r.body = aForm, "version=999999"
	}
	return &r
}

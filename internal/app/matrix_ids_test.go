package app_test

import (
	"maps"
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
	more   map[string]string     // other parameters of the route
	body   string                // what is posted: refused for its version, after the permission
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
	m.owned["/desk/bulk/"] = []owned{{name: "an act that the dispatcher prepared", id: run, closed: func(who string) bool { return who != "dispatcher" }}}
	text := url.Values{"title": {"路燈"}, "unit": {"CG"}, "locale": {"zh-Hant"}, "body": {"已派員查看。"}}
	for kind, at := range map[string]string{"template": "/desk/templates/", "article": "/desk/knowledge/"} {
		form("head", at+"new", text)
		id := last("SELECT id FROM prepared_texts WHERE kind = ? ORDER BY id DESC LIMIT 1", kind)
		m.owned[at] = []owned{{name: "one of the City Management Bureau", id: id, closed: noCitizen}}
	}
	account := func(email string) string {
		a, err := m.Identity.ByEmail(m.t.Context(), email)
		require.NoError(m.t, err)
		return a.ID
	}
	notSecurity := func(who string) bool { return who != "security" }
	m.owned["/admin/accounts/"] = []owned{{name: "the handler's account", id: account("handler@demo.test"), closed: notSecurity},
		{name: "the citizen's account", id: account("citizen@demo.test"), closed: func(string) bool { return true }}}
	asked, err := m.Access.AskToGive(as(m.t, m.house, "security2@demo.test"), access.Giving{AccountID: account("handler@demo.test"), Role: "handler", UnitCode: "CG02", Reason: "x"})
	require.NoError(m.t, err)
	m.owned["/admin/access/requests/"] = []owned{{name: "what another administrator asked for", id: asked, closed: notSecurity}}
	k, at := m.published(m.t, d)
	m.owned["/voices/"] = []owned{{name: "a published question", id: path.Base(at), closed: func(string) bool { return false }}}
	m.unjudged = k.CaseNo
	m.fillPeople(d)
	m.fillOffers(d)
	m.fillHeld()
	m.fillPermits(d)
}

// rowsOfOwned are the requests about what has an owner; nil where a route is about
// something else.
func (m *matrix) rowsOfOwned(r *row) (list []*row) {
	prefix, things := m.ownedBy(r.Path)
	for _, o := range things {
		one := *r
		one.thing, one.closed = o.name, o.closed
		one.path = strings.Replace(r.Path, ":id", o.id, 1)
		for _, name := range slices.Backward(slices.Sorted(maps.Keys(o.more))) { // longer names first
			one.path = strings.Replace(one.path, name, o.more[name], 1)
		}
		if r.Method == http.MethodPost {
			one.kind, one.body = aForm, o.body
			switch {
			case prefix == "/admin/accounts/":
				one.body = "do=end&reason=x&version=999999"
			case strings.HasSuffix(r.Path, "/edit"):
				one.body = "do=save&version=999999"
			case strings.HasSuffix(r.Path, ":person"):
				one.body = "do=in"
			case o.body == "":
				one.body = "do=nothing&reason=x&version=999999"
			}
		}
		list = append(list, &one)
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

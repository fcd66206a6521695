package app_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/app"
	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/files"
	"minqing/internal/satisfaction"
	"minqing/internal/web"
)

var update = flag.Bool("update", false, "write the recorded table anew")

const accessTable = "../../docs/access.md"

// What a request came to.
const (
	reached = "yes"     // the page, or an answer to what was sent: a redirect, a field in error, a conflict
	signIn  = "sign in" // the way to the sign-in page, or 401
	refused = "no"      // 403
	hidden  = "hidden"  // 404
	byCode  = "code"    // the way to the form that asks for the query code
)

// askers are the columns of the table: nobody, and the people of the demo city.
var askers = []string{"visitor", "citizen", "company", "agent", "dispatcher", "handler", "head", "supervisor", "integrity", "outreach", "official", "auditor", "security", "admin"}

// row is a request that everybody makes.
type row struct {
	web.Route
	thing string // what stands for the parameters, when it matters
	path  string
	body  string
	kind  string // of the body
	cells map[string]string

	closed func(who string) bool // who must never be let in; may be nil
}

// matrix is the product with a few cases, asked by everybody.
type matrix struct {
	*house
	t       *testing.T
	handler http.Handler
	cookies map[string]*http.Cookie
	things  []thing
	job     string

	owned    map[string][]owned // by the beginning of routes
	unjudged string             // a case
	applied  string             // the case of an application for a permit
	parts    map[string]string  // what hangs on it, by the parameters of routes
}

// thing is a case that rows are about.
type thing struct {
	name string
	no   string
	file string
	id   string
}

func TestAccessTable(t *testing.T) {
	d := dbtest.New(t)
	m := &matrix{house: open(t, d, true, "MINQING_SMTP_URL=smtp://127.0.0.1:1"), t: t, cookies: map[string]*http.Cookie{}}
	require.NoError(t, m.LoadDemo(t.Context()))
	kit, err := m.Pages()
	require.NoError(t, err)
	m.handler = kit.Handler()
	m.fill(d)
	m.fillOwned(d)
	m.masked()
	before := state(t, d)
	var rows []*row
	for _, route := range kit.Routes() {
		rows = append(rows, m.rows(route)...)
	}
	for _, r := range rows {
		r.cells = map[string]string{}
		for _, who := range askers {
			r.cells[who] = m.ask(who, r)
		}
	}
	require.Equal(t, before, state(t, d), "asking must change no case and give no role")
	neverOpen(t, rows)
	recorded(t, rows)
}

// state is what no request of the table may change.
func state(t *testing.T, d *db.DB) string {
	t.Helper()
	var versions []string
	require.NoError(t, d.From(t.Context()).Raw("SELECT case_no || ' ' || version || ' ' || status FROM cases ORDER BY id").Scan(&versions).Error)
	return fmt.Sprint(versions, count(t, d, "case_events"), count(t, d, "case_messages"), count(t, d, "evaluations"), count(t, d, "grants"), count(t, d, "grant_requests"),
		count(t, d, "constituents WHERE merged_how IS NOT NULL"), count(t, d, "contact_points"), count(t, d, "constituent_needs"), count(t, d, "constituent_notes"),
		count(t, d, "constituent_ids"), count(t, d, "constituent_relations"), count(t, d, "constituent_merges WHERE undone_at IS NOT NULL"), count(t, d, "segment_fixed"),
		count(t, d, "segment_versions"), count(t, d, "segments WHERE retired_at IS NOT NULL"))
}

// fill files four cases that have ended by withdrawal, so that no act of the
// citizen is possible any more and trying one changes nothing.
func (m *matrix) fill(d *db.DB) {
	who := func(email string) context.Context {
		a, err := m.Identity.ByEmail(m.t.Context(), email)
		require.NoError(m.t, err)
		return actor.With(m.t.Context(), actor.Actor{Kind: actor.Citizen, AccountID: a.ID, ConstituentID: a.ConstituentID})
	}
	var lamp bytes.Buffer
	require.NoError(m.t, png.Encode(&lamp, image.NewGray(image.Rect(0, 0, 2, 2))))
	for _, c := range []struct {
		name, by, matter string
		privacy          cases.Confidentiality
	}{
		{"a case of the Street Lighting Section, filed by the citizen", "citizen@demo.test", "street-light", cases.Normal},
		{"a case of another bureau, filed by the company", "company@demo.test", "illegal-parking", cases.Normal},
		{"a complaint about the Street Lighting Section that it has, filed by the citizen", "citizen@demo.test", "street-light", cases.Normal},
		{"a whistle-blower's report, filed by the citizen", "citizen@demo.test", "street-light", cases.Whistle},
	} {
		ctx := who(c.by)
		r, err := m.Cases.File(ctx, cases.Filing{Kind: cases.Complaint, MatterCode: c.matter, Title: "湖濱路", Description: trouble,
			Location: cases.Location{Address: "湖濱路 12 號"}, Confidentiality: c.privacy, Locale: "zh-Hant", Channel: cases.ChannelWeb})
		require.NoError(m.t, err)
		m.handled(m.t, r.CaseNo, cases.Accept{}, cases.Dispatch{}, cases.SignIn{})
		done, err := m.Cases.Withdraw(ctx, cases.Key{CaseNo: r.CaseNo}, "")
		require.NoError(m.t, err)
		require.NoError(m.t, m.Satisfaction.ByKey(ctx, cases.Key{CaseNo: r.CaseNo}, satisfaction.Judgement{Grade: 5, Resolved: "yes", Channel: "web"}))
		f, err := m.Files.Add(actor.AsSystem(m.t.Context(), "test"), files.Upload{Owner: files.Owner{Kind: files.Case, ID: done.ID}, Name: "a.png", Content: bytes.NewReader(lamp.Bytes()), Size: int64(lamp.Len())})
		require.NoError(m.t, err)
		m.things = append(m.things, thing{c.name, r.CaseNo, f.ID, done.ID})
	}
	// Who is complained about came out when the section already had the case.
	require.NoError(m.t, d.From(m.t.Context()).Exec(`INSERT INTO case_parties (id, case_id, role, unit_id, relation)
 SELECT ?, ?, 'subject', id, '' FROM units WHERE code = 'CG03'`, db.NewID(time.Now()), m.things[2].id).Error)
	require.NoError(m.t, d.From(m.t.Context()).Raw("SELECT CAST(min(id) AS text) FROM river_job").Scan(&m.job).Error)
	require.NotEmpty(m.t, m.job)
}

// rows are the requests that try a route: one, or one for each case.
func (m *matrix) rows(route web.Route) []*row {
	fixed := strings.NewReplacer(":code", "street-light", ":matter", "street-light", ":step", "check", ":token", "nonsense",
		"/admin/jobs/:id", "/admin/jobs/"+m.job, "/admin/messages/:id", "/admin/messages/"+db.NewID(time.Now()))
	if !strings.Contains(route.Path, ":case_no") {
		bare := &row{Route: route, path: parameter.ReplaceAllString(fixed.Replace(route.Path), "1")}
		return append([]*row{bare}, m.rowsOfOwned(bare)...)
	}
	var list []*row
	add := func(name, no, file string) {
		path := parameter.ReplaceAllString(strings.NewReplacer(":case_no", no, ":id", file).Replace(route.Path), "1")
		r := &row{Route: route, thing: name, path: path}
		r.kind, r.body = trying(route)
		list = append(list, r)
	}
	of := m.things
	if !strings.Contains(route.Path, "/desk") {
		of = of[:2]
	}
	for _, c := range of {
		add(c.name, c.no, c.file)
	}
	if r := m.applicationRow(route); r != nil {
		list = append(list, r)
	}
	if strings.HasPrefix(route.Path, "/desk/callbacks/") {
		list = append(list, m.unjudgedRow(row{Route: route}))
	}
	if strings.Contains(route.Path, ":id") {
		add("the file of another case, under the case of the Street Lighting Section", m.things[0].no, m.things[1].file)
	}
	return list
}

const aForm, aDocument = "application/x-www-form-urlencoded", "application/json"

// trying is what is sent about a case: enough to be looked at after the
// permission, and refused for the state or the version of the case.
func trying(route web.Route) (kind, body string) {
	if route.Method != http.MethodPost {
		return "", ""
	}
	sent := map[string]string{
		"/desk/cases/:case_no":                "action=note&version=999999&note.text=x",
		"/cases/:case_no":                     "do=appeal&appeal_reason=x",
		"/api/v1/desk/cases/:case_no/actions": `{"action": "note", "version": 999999, "text": "x"}`,
		"/api/v1/cases/:case_no/messages":     `{"text": "x"}`,
		"/api/v1/cases/:case_no/withdraw":     `{}`,
		"/api/v1/cases/:case_no/appeal":       `{"reason": "x"}`,
		"/api/v1/cases/:case_no/evaluation":   `{"grade": 5, "resolved": "yes"}`,
	}[route.Path]
	if strings.HasPrefix(route.Path, "/api/") {
		return aDocument, sent
	}
	return aForm, sent
}

// ask makes a request as somebody and says what it came to.
func (m *matrix) ask(who string, r *row) string {
	got := m.send(who, r.Method, r.path, r.kind, r.body)
	if r.Method != http.MethodGet { // some acts end the session
		if at := m.send(who, "GET", "/me", "", ""); strings.HasPrefix(at.Header().Get("Location"), "/sign-in") {
			delete(m.cookies, who)
		}
	}
	to := got.Header().Get("Location")
	if at, err := url.Parse(to); err == nil && at.Host != "" {
		to = at.RequestURI()
	}
	switch code := got.Code; {
	case code == 401, code == 303 && strings.HasPrefix(to, "/sign-in"):
		return signIn
	case code == 303 && strings.HasPrefix(to, "/track"):
		return byCode
	case code == 303 && r.Method == http.MethodGet: // what it leads to counts
		next := *r
		next.path = to
		return m.ask(who, &next)
	case code >= 200 && code < 400, code == 409, code == 422:
		return reached
	case code == 403:
		return refused
	case code == 404:
		return hidden
	}
	m.t.Errorf("%s %s as %s: %d\n%.500s", r.Method, r.path, who, got.Code, got.Body)
	return "?"
}

func (m *matrix) send(who, method, path, kind, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	switch {
	case kind != "":
		r.Header.Set("Content-Type", kind)
	case method != http.MethodGet:
		r.Header.Set("Content-Type", aForm)
	}
	if who != "visitor" {
		r.AddCookie(m.session(who))
	}
	w := httptest.NewRecorder()
	m.handler.ServeHTTP(w, r)
	return w
}

// session is the cookie of somebody who has signed in.
func (m *matrix) session(who string) *http.Cookie {
	if c := m.cookies[who]; c != nil {
		return c
	}
	form := url.Values{"email": {who + "@demo.test"}, "password": {app.DemoPassword}}
	for _, c := range m.send("visitor", "POST", "/sign-in", aForm, form.Encode()).Result().Cookies() {
		if strings.HasSuffix(c.Name, "mq_session") {
			m.cookies[who] = c
		}
	}
	require.NotNil(m.t, m.cookies[who], who)
	return m.cookies[who]
}

// neverOpen holds what no recording may change.
func neverOpen(t *testing.T, rows []*row) {
	t.Helper()
	staffOnly, one, others := []string{"/desk", "/insight", "/admin", "/api/v1/desk", "/api/v1/reports"}, 0, 0
	for _, r := range rows {
		at := r.Method + " " + r.Path + ", " + r.thing
		if slices.ContainsFunc(staffOnly, func(p string) bool { return strings.HasPrefix(r.Path, p) }) {
			one++
			require.Equal(t, signIn, r.cells["visitor"], at)
			for _, who := range []string{"citizen", "company"} {
				require.Equal(t, refused, r.cells[who], "%s as %s", at, who)
			}
		}
		for who, cell := range r.cells {
			require.False(t, cell == reached && r.closed != nil && r.closed(who), "%s as %s", at, who)
		}
		if r.Verb != access.Public {
			require.Equal(t, signIn, r.cells["visitor"], at)
		}
		if strings.HasPrefix(r.Path, "/admin") {
			for _, who := range []string{"agent", "dispatcher", "handler", "head", "supervisor", "integrity", "outreach", "official"} {
				require.Equal(t, refused, r.cells[who], "%s as %s", at, who)
			}
		}
		if strings.Contains(r.Path, ":case_no") && r.closed == nil {
			others++
			ofCases(t, r, at)
		}
	}
	require.Greater(t, one, 15)
	require.Greater(t, others, 20)
}

// ofCases holds who never reaches which case.
func ofCases(t *testing.T, r *row, at string) {
	t.Helper()
	desk, whistle := strings.Contains(r.Path, "/desk"), strings.HasPrefix(r.thing, "a whistle-blower's report")
	var closed []string
	switch {
	case desk && strings.HasPrefix(r.thing, "a case of another bureau"):
		closed = []string{"handler", "head"} // of other units; the call centre took it in
	case desk && strings.HasPrefix(r.thing, "a complaint about"):
		closed = []string{"handler"} // one of those complained about
	case desk && strings.HasPrefix(r.thing, "the file of another case"):
		closed = askers
	case !desk && strings.Contains(r.thing, "filed by the citizen"):
		closed = []string{"company"}
	case !desk && strings.Contains(r.thing, "filed by the company"):
		closed = []string{"citizen"}
	}
	if desk && whistle {
		closed = slices.DeleteFunc(slices.Clone(askers), func(who string) bool { return who == "integrity" })
	} else if desk {
		closed = append(slices.Clone(closed), "integrity", "outreach", "official", "auditor", "security", "admin")
	} else {
		closed = append(slices.Clone(closed), askers[3:]...) // staff as well have no cases of their own here
		closed = append(closed, "visitor")
	}
	for _, who := range closed {
		require.NotEqual(t, reached, r.cells[who], "%s as %s", at, who)
	}
}

// recorded compares the table with the one that is kept, or keeps it.
func recorded(t *testing.T, rows []*row) {
	t.Helper()
	const begin, end = "<!-- the table begins -->\n", "<!-- the table ends -->"
	text, err := os.ReadFile(accessTable)
	require.NoError(t, err)
	head, rest, ok := strings.Cut(string(text), begin)
	require.True(t, ok)
	kept, tail, ok := strings.Cut(rest, end)
	require.True(t, ok)
	found := table(rows)
	if *update {
		require.NoError(t, os.WriteFile(accessTable, []byte(head+begin+found+end+tail), 0o644))
		return
	}
	was, is := strings.Split(kept, "\n"), strings.Split(found, "\n")
	for _, line := range was {
		if !slices.Contains(is, line) {
			t.Errorf("gone: %s", line)
		}
	}
	for _, line := range is {
		if !slices.Contains(was, line) {
			t.Errorf("new:  %s", line)
		}
	}
	if kept != found {
		t.Error("who reaches what has changed. Is that meant? Then: go test ./internal/app -run TestAccessTable -update")
	}
}

var areas = []struct{ name, prefix string }{{"The API of programs", "/api"}, {"Administration", "/admin"}, {"Reports", "/insight"}, {"The desk", "/desk"}, {"The portal", "/"}}

func table(rows []*row) string {
	groups := make([][]*row, len(areas))
	for _, r := range rows {
		i := slices.IndexFunc(areas, func(a struct{ name, prefix string }) bool { return strings.HasPrefix(r.Path, a.prefix) })
		groups[i] = append(groups[i], r)
	}
	var b strings.Builder
	for i := len(areas) - 1; i >= 0; i-- {
		fmt.Fprintf(&b, "\n### %s\n\n| route | verb | %s |\n|---|---|%s\n", areas[i].name, strings.Join(askers, " | "), strings.Repeat("---|", len(askers)))
		for _, r := range groups[i] {
			fmt.Fprintf(&b, "| `%s %s`", r.Method, r.Path)
			if r.thing != "" {
				fmt.Fprintf(&b, "<br>%s", r.thing)
			}
			fmt.Fprintf(&b, " | `%s` |", r.Verb)
			for _, who := range askers {
				fmt.Fprintf(&b, " %s |", r.cells[who])
			}
			b.WriteString("\n")
		}
	}
	b.WriteString("\n")
	return b.String()
}

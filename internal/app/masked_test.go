package app_test

import (
	"context"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/files"
)

// What somebody wrote where no phone or number is asked for; the mark tells that
// a page shows the text at all.
const (
	titleMark, answerMark = "藍尾鵲路燈", "燈桿銅綠"
	saidTitle             = titleMark + " 13877665544 A123456789"
	saidAnswer            = answerMark + " 18955443322"
	saidPlace             = "湖濱路 12 號，到了打 18955443322"
)

var saidNumbers = []string{"13877665544", "A123456789", "18955443322"}

// masks is the product with the cases of one citizen at every place of the desk.
type masks struct {
	*matrix
	citizen context.Context
	numbers []string
	run     string
	seen    map[string]bool // the routes that showed a mark
}

func (m *masks) file() string {
	m.t.Helper()
	r, err := m.Cases.File(m.citizen, cases.Filing{Kind: cases.Complaint, MatterCode: "street-light", Title: saidTitle, Description: saidTitle,
		Answers: map[string]any{"pole": saidAnswer}, Location: cases.Location{Address: saidPlace}, OnBehalfOf: cases.Behalf{Name: requester, Relation: "母親 13877665544"},
		Confidentiality: cases.Normal, Locale: "zh-Hant", Channel: cases.ChannelWeb})
	require.NoError(m.t, err)
	v, err := m.Cases.Track(m.citizen, cases.Key{CaseNo: r.CaseNo})
	require.NoError(m.t, err)
	_, err = m.Files.Add(m.citizen, files.Upload{Owner: files.Owner{Kind: files.Case, ID: v.ID}, Name: "身分證A123456789.txt", Content: strings.NewReader("x"), Size: 1})
	require.NoError(m.t, err)
	m.numbers = append(m.numbers, r.CaseNo)
	return r.CaseNo
}

// fill brings cases to every list: fresh, with an order and an extension asked
// for, in parts, merged, and concluded with a callback due and to be published.
func (m *masks) fill(d *db.DB) {
	t := m.t
	a, err := m.Identity.ByEmail(t.Context(), "citizen@demo.test")
	require.NoError(t, err)
	m.citizen = actor.With(t.Context(), actor.Actor{Kind: actor.Citizen, AccountID: a.ID, ConstituentID: a.ConstituentID})
	clerk, err := m.Identity.ByEmail(t.Context(), "handler@demo.test")
	require.NoError(t, err)
	begun := []cases.Command{cases.Accept{}, cases.Dispatch{}, cases.SignIn{}, cases.Assign{HandlerID: clerk.ID}}
	lead, follower := m.file(), m.file()
	m.handled(t, follower, cases.Merge{Into: lead})
	watched := m.file()
	m.handled(t, watched, begun...)
	m.handled(t, watched, cases.RequestExtension{Days: "1", Ground: "等料。"},
		cases.Supervise{Form: cases.OrderForms[0], Ground: cases.OrderGrounds[0], Days: "2", Text: "請儘快修復。"})
	whole := m.file()
	m.handled(t, whole, append(slices.Clone(begun), cases.Split{UnitCode: "CG02", Title: saidTitle, Task: "查管線。"})...)
	for range 2 { // one to ring about, one that was rung about
		done := m.file()
		m.handled(t, done, append(slices.Clone(begun), cases.Reply{Text: "已修復。"}, cases.Conclude{Outcome: cases.Resolved})...)
		require.NoError(t, d.From(t.Context()).Exec("UPDATE cases SET voice = 'agreed' WHERE case_no = ?", done).Error)
	}
	require.NoError(t, d.From(t.Context()).Exec("UPDATE callbacks SET due_at = opened_at, due_on = '2026-11-20', remind_at = NULL").Error)
	form := url.Values{"action": {"note"}, "case": m.numbers, "note.text": {"同一件事"}, "do": {"run"}}
	got := m.send("handler", "POST", "/desk/bulk", aForm, form.Encode())
	m.read("handler", "POST /desk/bulk", got)
	require.NoError(t, d.From(t.Context()).Raw("SELECT CAST(id AS text) FROM bulk_runs LIMIT 1").Scan(&m.run).Error)
	require.NotEmpty(t, m.run, got.Body.String())
}

// read looks at what somebody got.
func (m *masks) read(who, route string, got *httptest.ResponseRecorder) {
	m.t.Helper()
	body := got.Body.String()
	if got.Code >= 500 {
		m.t.Errorf("%s as %s: %d", route, who, got.Code)
	}
	for _, value := range saidNumbers {
		if i := strings.Index(body, value); i >= 0 {
			m.t.Errorf("%s as %s holds %s: …%s…", route, who, value, body[max(0, i-120):min(len(body), i+60)])
		}
	}
	for _, mark := range []string{titleMark, answerMark} {
		if strings.Contains(body, mark) {
			m.seen[route+" "+mark] = true
		}
	}
}

// walk opens every page of staff as somebody who works there.
func (m *masks) walk(who string, routes []string) {
	for _, route := range routes {
		paths := []string{strings.ReplaceAll(route, "/bulk/:id", "/bulk/"+m.run)}
		if strings.Contains(route, ":case_no") {
			paths = nil
			for _, no := range m.numbers {
				paths = append(paths, strings.ReplaceAll(route, ":case_no", no))
			}
		}
		for _, path := range paths {
			path = parameter.ReplaceAllString(path, "1")
			m.read(who, "GET "+route, m.send(who, "GET", path, "", ""))
		}
	}
	for _, path := range []string{"/desk?view=open", "/desk?view=all", "/desk?view=mine", "/desk?q=" + url.QueryEscape(titleMark),
		"/desk/bulk?all=1&view=open&action=note", "/desk/cases/" + m.numbers[3] + "/merge?with=" + m.numbers[0]} {
		at, _, _ := strings.Cut(strings.ReplaceAll(path, m.numbers[3], ":case_no"), "?")
		m.read(who, "GET "+at+" asked", m.send(who, "GET", path, "", ""))
	}
	for _, act := range []string{"merge", "split", "reply", "note", "transfer", "end_part", "withdraw_part"} {
		for _, no := range m.numbers {
			m.read(who, "GET /desk/cases/:case_no?do=", m.send(who, "GET", "/desk/cases/"+no+"?do="+act, "", ""))
		}
	}
	call := url.Values{"do": {"look"}, "contact.phone": {phone}, "matter_code": {"street-light"}, "description": {titleMark + "不亮"}, "location.address": {"湖濱路 12 號"}}
	m.read(who, "POST /desk/intake", m.send(who, "POST", "/desk/intake", aForm, call.Encode()))
}

func TestNoPageOfStaffShowsANumberThatSomebodyWrote(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		m := &masks{matrix: &matrix{house: open(t, d, true, "MINQING_SMTP_URL=smtp://127.0.0.1:1"), t: t, cookies: map[string]*http.Cookie{}}, seen: map[string]bool{}}
		require.NoError(t, m.LoadDemo(t.Context()))
		kit, err := m.Pages()
		require.NoError(t, err)
		m.handler = kit.Handler()
		m.fill(d)
		var routes []string
		for _, r := range kit.Routes() {
			if r.Method == http.MethodGet && !strings.HasSuffix(r.Path, "/live") && slices.ContainsFunc([]string{"/desk", "/insight", "/admin", "/api/v1/desk", "/api/v1/reports"},
				func(p string) bool { return strings.HasPrefix(r.Path, p) }) {
				routes = append(routes, r.Path)
			}
		}
		require.Greater(t, len(routes), 40)
		for _, who := range []string{"agent", "dispatcher", "handler", "head", "supervisor", "official", "auditor", "admin"} {
			m.walk(who, routes)
		}
		for _, at := range []string{"/desk", "/desk/clocks", "/desk/supervised", "/desk/callbacks", "/desk/callbacks/:case_no", "/desk/voices", "/desk/bulk/:id",
			"/desk/cases/:case_no", "/desk/cases/:case_no/reply", "/desk/cases/:case_no/publish", "/desk/cases/:case_no/merge asked", "/api/v1/desk/cases", "/api/v1/desk/cases/:case_no"} {
			require.True(t, m.seen["GET "+at+" "+titleMark], "%s shows no such case; seen: %v", at, slices.Sorted(maps.Keys(m.seen)))
		}
		for _, at := range []string{"/desk/cases/:case_no", "/api/v1/desk/cases/:case_no"} {
			require.True(t, m.seen["GET "+at+" "+answerMark], at)
		}
		require.Contains(t, m.send("handler", "GET", "/desk/cases/"+m.numbers[2], "", "").Body.String(), "湖濱路 12 號，到了打 189****3322", "who handles it has to find the place")
		for _, path := range []string{"/cases/" + m.numbers[0], "/api/v1/cases/" + m.numbers[0]} { // the person's own
			require.Contains(t, m.send("citizen", "GET", path, "", "").Body.String(), saidTitle, path)
		}
		require.Contains(t, m.send("citizen", "GET", "/me/cases", "", "").Body.String(), saidTitle)
	})
}

package app_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/calendar"
	"minqing/internal/db"
	"minqing/internal/fees"
	"minqing/internal/i18n"
	"minqing/internal/permittypes"
)

// authority is what an enterprise gave its agent, and what the agent may do with it.
type authority struct {
	name        string
	scope       string
	from, until int // in days from today
	ended       bool

	acts   bool // the agent may act for the enterprise at all
	covers bool // signs are within the authority
}

var authorities = []authority{
	{name: "over since yesterday", scope: `["outdoor-sign"]`, from: -30, until: -1},
	{name: "begins tomorrow", scope: `["outdoor-sign"]`, from: 1, until: 30},
	{name: "ended before its day", scope: `["outdoor-sign"]`, from: -30, until: 30, ended: true},
	{name: "over, and for everything", scope: `[]`, from: -30, until: -1},
	{name: "for another type", scope: `["road-occupation"]`, from: -30, until: 30, acts: true},
	{name: "from today", scope: `["outdoor-sign"]`, from: 0, until: 30, acts: true, covers: true},
	{name: "until today", scope: `["road-occupation","outdoor-sign"]`, from: -30, until: 0, acts: true, covers: true},
	{name: "for everything", scope: `[]`, from: -30, until: 30, acts: true, covers: true},
}

// signs is what an enterprise has to do with signs.
type signs struct{ house, draft, permit, fee, duty string }

// TestAnAgentActsWithinTheAuthorityOnly: who is an agent applies, reads and pays on the
// days and for the types that the authority names. Beyond them nothing of the
// enterprise exists for them, on single pages and on lists.
func TestAnAgentActsWithinTheAuthorityOnly(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		m := &houses{&matrix{house: open(t, d, true), t: t, cookies: map[string]*http.Cookie{}}}
		kit, err := m.Pages()
		require.NoError(t, err)
		m.handler = kit.Handler()
		s := m.signsOf(d)
		for _, a := range authorities {
			t.Run(a.name, func(t *testing.T) {
				m.t = t
				m.gives(d, s.house, a)
				m.agentReads(a, s)
				m.agentWrites(d, a, s)
			})
		}
	})
}

// signsOf makes an application, a permit and a fee of an enterprise whose agent the
// clerk's firm is; the clerk is no member of it any more.
func (m *houses) signsOf(d *db.DB) (s signs) {
	t := m.t
	sql := func(to any, sql string, args ...any) {
		require.NoError(t, d.From(t.Context()).Raw(sql, args...).Scan(to).Error)
	}
	sql(&s.house, "SELECT id FROM enterprises WHERE code = '91000000000000123L'")
	clerk := actor.From(m.who("clerk")).AccountID
	require.NoError(t, d.From(t.Context()).Exec("UPDATE enterprise_members SET ended_at = ? WHERE enterprise_id = ? AND account_id = ?", time.Now(), s.house, clerk).Error)
	code, _, _ := m.post("company", "/enterprise/acting", "enterprise", s.house)
	require.Equal(t, 303, code)
	code, _, _ = m.post("company", "/enterprise/apply/outdoor-sign")
	require.Equal(t, 303, code)
	sql(&s.draft, "SELECT id FROM permit_applications WHERE holder_id = ? AND type_code = 'outdoor-sign' AND state = 'draft' AND bundle_id IS NULL", s.house)
	require.NotEmpty(t, s.draft)
	s.permit = m.held(t, d, s.house, nil)
	var c struct{ ID, CaseNo, UnitID string }
	sql(&c, "SELECT id, case_no, unit_id FROM cases WHERE track = 'permit' ORDER BY case_no LIMIT 1")
	require.NotEmpty(t, c.ID)
	require.NoError(t, m.Fees.Charge(actor.AsSystem(t.Context(), "test"), fees.Charge{CaseID: c.ID, CaseNo: c.CaseNo, HolderID: s.house, UnitID: c.UnitID, TypeCode: "outdoor-sign", TypeVersion: 1,
		TypeName: i18n.Text{i18n.En: "Sign"}, When: permittypes.FeeAtGrant, DueOn: calendar.DateOf(time.Now(), time.UTC).Add(14),
		Items: []fees.Item{{Code: "agency", Name: i18n.Text{i18n.En: "Paper of the sign"}, Amount: 1000, Currency: "CNY"}}}))
	sql(&s.fee, "SELECT order_no FROM fee_orders WHERE holder_id = ? AND fee_code = 'agency'", s.house)
	require.NotEmpty(t, s.fee)
	sql(&s.duty, "SELECT u.id FROM permit_duties u JOIN permits p ON p.id = u.permit_id WHERE p.permit_no = ? AND u.state = 'due' ORDER BY u.id LIMIT 1", s.permit)
	require.NotEmpty(t, s.duty)
	require.NoError(t, d.From(t.Context()).Exec("UPDATE permit_duties SET due_on = ? WHERE id = ?", m.Duties.Today().Add(1), s.duty).Error)
	return s
}

// gives writes the authority as it would stand on its day, and has the agent choose the
// enterprise.
func (m *houses) gives(d *db.DB, house string, a authority) {
	m.t.Helper()
	today := calendar.DateOf(time.Now(), m.Enterprises.Zone)
	var ended *time.Time
	if a.ended {
		at := time.Now()
		ended = &at
	}
	res := d.From(m.t.Context()).Exec("UPDATE enterprise_agents SET scope = ?, valid_from = ?, valid_until = ?, ended_at = ? WHERE enterprise_id = ?", a.scope, today.Add(a.from), today.Add(a.until), ended, house)
	require.NoError(m.t, res.Error)
	require.EqualValues(m.t, 1, res.RowsAffected)
	want := 404
	if a.acts {
		want = 303
	}
	code, _, _ := m.post("clerk", "/enterprise/acting", "enterprise", house)
	require.Equal(m.t, want, code)
}

func (m *houses) agentReads(a authority, s signs) {
	want := 404
	if a.covers {
		want = 200
	}
	for _, page := range []string{"/enterprise/applications/" + s.draft + "/questions", "/enterprise/applications/" + s.draft + "/materials", "/me/permits/" + s.permit,
		"/me/permits/" + s.permit + "/permit.pdf", "/me/permits/" + s.permit + "/credential", "/me/fees/" + s.fee} {
		code, _ := m.get("clerk", page)
		require.Equal(m.t, want, code, page)
	}
	duty := "/me/permits/" + s.permit + "/duties/" + s.duty
	for _, of := range [][2]string{{"/enterprise/applications", "/enterprise/applications/" + s.draft}, {"/me/permits", s.permit}, {"/me/fees", s.fee},
		{"/me/next", "/me/fees/" + s.fee}, {"/me/next", duty}, {"/enterprise", "/me/fees/" + s.fee}, {"/enterprise", duty}} {
		list, part := of[0], of[1]
		code, page := m.get("clerk", list)
		require.Equal(m.t, 200, code)
		if a.covers {
			require.Contains(m.t, page, part, list)
		} else {
			require.NotContains(m.t, page, part, list)
		}
	}
}

// agentWrites begins an application, answers in the draft of a colleague, and pays.
func (m *houses) agentWrites(d *db.DB, a authority, s signs) {
	t := m.t
	code, _, to := m.post("clerk", "/enterprise/apply/outdoor-sign")
	switch {
	case a.covers:
		require.Equal(t, 303, code)
		require.Contains(t, to, s.draft, "the draft of the enterprise is shared")
	case a.acts:
		require.Equal(t, 404, code, "for the enterprise, of which this is not given")
	default:
		require.NotContains(t, to, s.draft, "it is the clerk's own application, or none")
	}
	var version int64
	require.NoError(t, d.From(t.Context()).Raw("SELECT version FROM permit_applications WHERE id = ?", s.draft).Scan(&version).Error)
	code, _, _ = m.post("clerk", "/enterprise/applications/"+s.draft+"/questions", "version", "0", "asked", "place", "answers.place", "x")
	order := one(t, d, "SELECT version FROM fee_orders WHERE order_no = ?", s.fee)
	paid, _, away := m.post("clerk", "/me/fees/"+s.fee+"/pay", "version", fmt.Sprint(order))
	about, _, _ := m.post("clerk", "/me/permits/"+s.permit, "do", "change")
	if a.covers {
		require.Equal(t, 409, code, "a page that is old, of what the agent may write")
		require.Equal(t, 303, paid)
		require.NotEmpty(t, away)
		require.NotEqual(t, 404, about)
		return
	}
	require.Equal(t, []int{404, 404, 404}, []int{code, paid, about})
	require.EqualValues(t, version, one(t, d, "SELECT version FROM permit_applications WHERE id = ?", s.draft), "nothing was written")
	require.Zero(t, count(t, d, "permit_applications WHERE holder_id = ? AND type_code = 'outdoor-sign' AND id <> ? AND begun_by_id = ?", s.house, s.draft, actor.From(m.who("clerk")).AccountID))
}

func one(t *testing.T, d *db.DB, sql string, args ...any) (n int64) {
	t.Helper()
	require.NoError(t, d.From(t.Context()).Raw(sql, args...).Scan(&n).Error)
	return n
}

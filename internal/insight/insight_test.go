package insight_test

import (
	"context"
	"io/fs"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing"
	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/db"
	"minqing/internal/insight"
)

var start = time.Date(2026, 9, 20, 2, 0, 0, 0, time.UTC)

var taipei = time.FixedZone("CST", 8*3600)

// city is a database with some units, a clock to turn and the service.
type city struct {
	t     testing.TB
	d     *db.DB
	s     *insight.Service
	a     *access.Service
	now   time.Time
	units []string
}

func newCity(t testing.TB, d *db.DB) *city {
	t.Helper()
	c := &city{t: t, d: d, now: start}
	clock := func() time.Time { return c.now }
	policies, err := fs.Sub(minqing.Files, "policies")
	require.NoError(t, err)
	trail := audit.New(d, clock)
	c.a, err = access.New(d, trail, policies, clock)
	require.NoError(t, err)
	c.s = insight.New(insight.Deps{DB: d, Access: c.a, Audit: trail, Zone: taipei, Now: clock})
	for _, code := range []string{"CG", "GS", "HB"} {
		id := db.NewID(c.now)
		c.exec("INSERT INTO units (id, code, name, path, kind, valid_from) VALUES (?, ?, '{}', ?, 'section', '2026-01-01')", id, code, "LJ/"+code+"/")
		c.units = append(c.units, id)
	}
	return c
}

func (c *city) exec(query string, args ...any) {
	c.t.Helper()
	require.NoError(c.t, c.d.From(context.Background()).Exec(query, args...).Error)
}

// official is a signed-in person who reads reports of a unit.
func (c *city) official(unitCode string) context.Context { return c.staff("official", unitCode) }

func (c *city) staff(role, unitCode string) context.Context {
	id, key := db.NewID(c.now), db.NewID(c.now)
	c.exec("INSERT INTO vault_keys (id, owner_kind, suite, ring_key, created_at) VALUES (?, 'account', 'aes256gcm', 'k1', ?)", key, c.now)
	c.exec(`INSERT INTO accounts (id, kind, login_index, vault_key_id, email_cipher, locale, status, link_key, created_at)
 VALUES (?, 'staff', ?, ?, ?, 'zh-Hant', 'active', 'k1', ?)`, id, []byte(id), key, []byte{1}, c.now)
	_, err := c.a.Give(system(), access.Giving{AccountID: id, Role: role, UnitCode: unitCode, Reason: "test"})
	require.NoError(c.t, err)
	return actor.With(context.Background(), actor.Actor{Kind: actor.Staff, AccountID: id})
}

func system() context.Context { return actor.AsSystem(context.Background(), "test") }

func day(at time.Time) calendar.Date { return calendar.DateOf(at, taipei) }

// a is one case of a test: what is not given has a harmless value.
type a struct {
	unit            int
	kind            string
	channel         string
	confidentiality string
	due             time.Duration // after receipt
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// file stores a case with its first event, as filing would, now.
func (c *city) file(f a) string {
	id := db.NewID(c.now)
	if f.due == 0 {
		f.due = 5 * 24 * time.Hour
	}
	due, response := c.now.Add(f.due), c.now.Add(24*time.Hour)
	c.exec(`INSERT INTO cases (id, case_no, track, kind, status, confidentiality, channel, locale, unit_id, received_at, received_on,
 response_due_at, response_due_on, due_at, due_on, code_key, created_at, updated_at)
 VALUES (?, ?, 'hotline', ?, 'submitted', ?, ?, 'zh-Hant', ?, ?, ?, ?, ?, ?, ?, 'k1', ?, ?)`,
		id, id, or(f.kind, "complaint"), or(f.confidentiality, "normal"), or(f.channel, "web"), c.units[f.unit], c.now, day(c.now),
		response, day(response), due, day(due), c.now, c.now)
	c.event(id, "file")
	return id
}

func (c *city) event(id, action string) {
	c.exec("UPDATE cases SET event_count = event_count + 1 WHERE id = ?", id)
	c.exec(`INSERT INTO case_events (id, case_id, seq, at, action, from_status, to_status, actor_kind, public)
 SELECT ?, id, event_count, ?, ?, status, status, 'staff', ? FROM cases WHERE id = ?`, db.NewID(c.now), c.now, action, false, id)
}

// merge lets a case follow another, of the same person or of somebody else.
func (c *city) merge(id, into string, same bool) {
	if id != into {
		c.exec("UPDATE cases SET status = 'merged', merged_into_id = ?, duplicate = ? WHERE id = ? AND concluded_at IS NULL", into, same, id)
		c.event(id, "merge")
	}
}

// unmerge takes that back.
func (c *city) unmerge(id string) {
	c.exec("UPDATE cases SET status = 'handling', merged_into_id = NULL, duplicate = ? WHERE id = ? AND status = 'merged'", false, id)
	c.event(id, "unmerge")
}

func (c *city) contact(id string) {
	c.exec("UPDATE cases SET contacted_at = ?, contacted_on = ?, status = 'handling' WHERE id = ? AND contacted_at IS NULL", c.now, day(c.now), id)
	c.event(id, "request_info")
}

func (c *city) conclude(id string) {
	c.exec("UPDATE cases SET concluded_at = ?, concluded_on = ?, status = 'concluded', conclusion_no = conclusion_no + 1 WHERE id = ?", c.now, day(c.now), id)
	c.event(id, "conclude")
}

func (c *city) rework(id string) {
	c.exec("UPDATE cases SET concluded_at = NULL, concluded_on = NULL, status = 'handling' WHERE id = ?", id)
	c.event(id, "rework")
}

func (c *city) withdraw(id string) {
	c.exec("UPDATE cases SET status = 'withdrawn' WHERE id = ?", id)
	c.event(id, "withdraw")
}

func (c *city) move(id string, unit int) {
	c.exec("UPDATE cases SET unit_id = ? WHERE id = ?", c.units[unit], id)
	c.event(id, "redispatch")
}

func (c *city) postpone(id string, by time.Duration) {
	due := c.now.Add(by)
	c.exec("UPDATE cases SET due_at = ?, due_on = ?, kind = 'enquiry' WHERE id = ?", due, day(due), id)
	c.event(id, "accept")
}

// judge stores an evaluation of the newest conclusion; a second one changes nothing.
func (c *city) judge(id string, grade int, resolved string) {
	c.exec(`INSERT INTO evaluations (id, case_id, conclusion_no, grade, resolved, channel, evaluated_at, evaluated_on)
 SELECT ?, id, conclusion_no, ?, ?, 'web', ?, ? FROM cases WHERE id = ?
 ON CONFLICT (case_id, conclusion_no, round) DO NOTHING`, db.NewID(c.now), grade, resolved, c.now, day(c.now), id)
}

func (c *city) report(ctx context.Context, g insight.Group) insight.Report {
	c.t.Helper()
	r, err := c.s.Performance(ctx, insight.Query{From: day(start).Add(-40), To: day(start).Add(200), GroupBy: g})
	require.NoError(c.t, err)
	return r
}

// rate is a figure of the total, "18/20", "none" or "hidden".
func rate(r insight.Row, id string) insight.Rate {
	for i, f := range insight.Figures {
		if f.ID == id {
			return r.Rates[i]
		}
	}
	panic("no figure " + id)
}

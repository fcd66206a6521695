package seven_test

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing"
	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/db"
	"minqing/internal/insight/seven"
	"minqing/internal/outreach/campaign"
)

var start = time.Date(2026, 11, 20, 2, 0, 0, 0, time.UTC)

var taipei = time.FixedZone("CST", 8*3600)

// town is a database with a small government and the service.
type town struct {
	t        testing.TB
	d        *db.DB
	s        *seven.Service
	a        *access.Service
	now      time.Time
	units    map[string]string
	matters  map[string]string
	segments []string
	official context.Context
	head     context.Context
	ctx      context.Context //nolint:containedctx // the transaction of many rows
}

func newTown(t testing.TB, d *db.DB) *town {
	t.Helper()
	c := &town{t: t, d: d, ctx: context.Background(), now: start, units: map[string]string{}, matters: map[string]string{}}
	clock := func() time.Time { return c.now }
	policies, err := fs.Sub(minqing.Files, "policies")
	require.NoError(t, err)
	trail := audit.New(d, clock)
	c.a, err = access.New(d, trail, policies, clock)
	require.NoError(t, err)
	c.s = seven.New(seven.Deps{DB: d, Access: c.a, Audit: trail, Campaigns: campaign.New(campaign.Deps{DB: d}), Zone: taipei, Now: clock})
	for path, code := range map[string]string{"LJ/": "LJ", "LJ/CG/": "CG", "LJ/CG/01/": "CG01", "LJ/GS/": "GS"} {
		id := db.NewID(c.now)
		c.exec("INSERT INTO units (id, code, name, path, kind, valid_from) VALUES (?, ?, '{}', ?, 'section', '2024-01-01')", id, code, path)
		c.units[path] = id
	}
	for _, field := range []string{"roads", "tax"} {
		id := db.NewID(c.now)
		c.exec("INSERT INTO matter_fields (id, code, name, summary, valid_from) VALUES (?, ?, '{}', '{}', '2024-01-01')", id, field)
		for i := range 2 {
			matter, code := db.NewID(c.now), fmt.Sprint(field, i)
			c.exec(`INSERT INTO matters (id, code, field_id, name, summary, guide, keywords, kinds, questions, track, handling_limit, response_limit, signin_limit, legal_basis, valid_from)
 VALUES (?, ?, ?, '{}', '{}', '{}', '[]', '[]', '{}', 'hotline', '5wd', '1wd', '1wd', '{}', '2024-01-01')`, matter, code, id)
			c.matters[code] = matter
		}
	}
	city := db.NewID(c.now)
	c.exec("INSERT INTO districts (id, code, name, level, geometry, centre_lat, centre_lng, valid_from) VALUES (?, 'C', '{}', 'city', '{}', 0, 0, '2024-01-01')", city)
	for _, code := range []string{"D1", "D2"} {
		id := db.NewID(c.now)
		c.exec("INSERT INTO districts (id, code, name, parent_id, level, geometry, centre_lat, centre_lng, valid_from) VALUES (?, ?, '{}', ?, 'district', '{}', 0, 0, '2024-01-01')", id, code, city)
		c.exec("INSERT INTO districts (id, code, name, parent_id, level, geometry, centre_lat, centre_lng, valid_from) VALUES (?, ?, '{}', ?, 'subdistrict', '{}', 0, 0, '2024-01-01')", db.NewID(c.now), code+"-1", id)
	}
	c.official, c.head = c.staff("official", "LJ"), c.staff("head", "CG")
	for _, unit := range []string{"LJ/", "LJ/CG/"} {
		id := db.NewID(c.now)
		c.exec(`INSERT INTO segments (id, unit_id, owner_id, name, purpose, basis, basis_text, definition, created_at, updated_at)
 VALUES (?, ?, ?, '{}', 'offer', 'benefit', '{}', '{}', ?, ?)`, id, c.units[unit], actor.From(c.official).AccountID, c.now, c.now)
		c.segments = append(c.segments, id)
	}
	return c
}

func (c *town) exec(query string, args ...any) {
	c.t.Helper()
	require.NoError(c.t, c.d.From(c.ctx).Exec(query, args...).Error)
}

// together stores many rows in one transaction, which is much quicker.
func (c *town) together(store func()) {
	c.t.Helper()
	require.NoError(c.t, c.d.Tx(context.Background(), func(ctx context.Context) error {
		c.ctx = ctx
		defer func() { c.ctx = context.Background() }()
		store()
		return nil
	}))
}

func system() context.Context { return actor.AsSystem(context.Background(), "test") }

func (c *town) staff(role, unitCode string) context.Context {
	id, key := db.NewID(c.now), db.NewID(c.now)
	c.exec("INSERT INTO vault_keys (id, owner_kind, suite, ring_key, created_at) VALUES (?, 'account', 'aes256gcm', 'k1', ?)", key, c.now)
	c.exec(`INSERT INTO accounts (id, kind, login_index, vault_key_id, email_cipher, locale, status, link_key, created_at)
 VALUES (?, 'staff', ?, ?, ?, 'zh-Hant', 'active', 'k1', ?)`, id, []byte(id), key, []byte{1}, c.now)
	_, err := c.a.Give(system(), access.Giving{AccountID: id, Role: role, UnitCode: unitCode, Reason: "test"})
	require.NoError(c.t, err)
	return actor.With(context.Background(), actor.Actor{Kind: actor.Staff, AccountID: id})
}

func (c *town) person(kind, district string, segments ...int) string {
	id, key := db.NewID(c.now), db.NewID(c.now)
	c.exec("INSERT INTO vault_keys (id, owner_kind, suite, ring_key, created_at) VALUES (?, 'constituent', 'aes256gcm', 'k1', ?)", key, c.now)
	c.exec("INSERT INTO constituents (id, kind, vault_key_id, locale, district_code, created_at) VALUES (?, ?, ?, 'zh-Hant', ?, ?)", id, kind, key, db.Ref(district), c.now)
	for _, g := range segments {
		c.exec("INSERT INTO segment_members (segment_id, constituent_id, since) VALUES (?, ?, '2026-01-01')", c.segments[g], id)
	}
	return id
}

// a is a case of a test: what is not given has a harmless value.
type a struct {
	person, unit, matter, channel string
	at                            time.Time
	done                          time.Duration // after receipt; 0: still open
	contact                       time.Duration
	confidentiality, status       string
	duplicate, about              bool
	asked                         int // times that more was asked for
	grade                         int
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

func day(at time.Time) calendar.Date { return calendar.DateOf(at, taipei) }

func (c *town) file(f a) string {
	id := db.NewID(f.at)
	due := f.at.Add(5 * 24 * time.Hour)
	var matter *string
	if m := c.matters[f.matter]; m != "" {
		matter = &m
	}
	c.exec(`INSERT INTO cases (id, case_no, track, kind, status, confidentiality, channel, locale, unit_id, matter_id, received_at, received_on,
 due_at, due_on, code_key, duplicate, created_at, updated_at) VALUES (?, ?, 'hotline', 'complaint', ?, ?, ?, 'zh-Hant', ?, ?, ?, ?, ?, ?, 'k1', ?, ?, ?)`,
		id, id, or(f.status, "handling"), or(f.confidentiality, "normal"), or(f.channel, "web"), c.units[or(f.unit, "LJ/CG/01/")], matter, f.at, day(f.at), due, day(due), f.duplicate, f.at, f.at)
	if f.person != "" {
		c.exec("INSERT INTO case_parties (id, case_id, role, constituent_id) VALUES (?, ?, 'requester', ?)", db.NewID(f.at), id, f.person)
	}
	if f.about {
		c.exec("INSERT INTO case_parties (id, case_id, role, unit_id) VALUES (?, ?, 'subject', ?)", db.NewID(f.at), id, c.units["LJ/GS/"])
	}
	for i := range f.asked {
		c.exec("INSERT INTO case_events (id, case_id, seq, at, action, from_status, to_status, actor_kind, public) VALUES (?, ?, ?, ?, 'request_info', 'handling', 'need_info', 'staff', ?)", db.NewID(f.at), id, i+1, f.at, true)
	}
	if f.contact > 0 {
		c.exec("UPDATE cases SET contacted_at = ?, contacted_on = ? WHERE id = ?", f.at.Add(f.contact), day(f.at.Add(f.contact)), id)
	}
	if f.done > 0 {
		done := f.at.Add(f.done)
		c.exec("UPDATE cases SET status = 'concluded', concluded_at = ?, concluded_on = ?, conclusion_no = 1 WHERE id = ?", done, day(done), id)
		if f.grade > 0 {
			c.exec("INSERT INTO evaluations (id, case_id, conclusion_no, grade, resolved, channel, evaluated_at, evaluated_on) VALUES (?, ?, 1, ?, 'yes', 'web', ?, ?)", db.NewID(done), id, f.grade, done, day(done))
		}
	}
	return id
}

func (c *town) page(who context.Context, q seven.Query) *seven.Page {
	c.t.Helper()
	if q.From == 0 {
		q.From, q.To = calendar.NewDate(2025, 12, 1), day(c.now)
	}
	p, err := c.s.Page(who, q)
	require.NoError(c.t, err)
	return p
}

// line finds a line of a figure.
func line(t testing.TB, p *seven.Page, figure, item, part string) seven.Line {
	t.Helper()
	for _, l := range p.Lines {
		if l.Figure == figure && l.Item == item && l.Part == part {
			return l
		}
	}
	require.Fail(t, "no line", "%s %s %s", figure, item, part)
	return seven.Line{}
}

func (c *town) enter(e seven.Entry) {
	c.t.Helper()
	if e.AsOf == "" {
		e.AsOf = "2025-01-01"
	}
	if e.Source == "" {
		e.Source = "a test"
	}
	require.NoError(c.t, c.s.Enter(system(), e))
}

// many stores rows of a table, two hundred in a statement.
func (c *town) many(table, columns string, rows [][]any) {
	c.t.Helper()
	for part := range slices.Chunk(rows, 200) {
		var args []any
		for _, r := range part {
			args = append(args, r...)
		}
		one := "(?" + strings.Repeat(", ?", len(part[0])-1) + ")"
		c.exec("INSERT INTO "+table+" ("+columns+") VALUES "+one+strings.Repeat(", "+one, len(part)-1), args...)
	}
}

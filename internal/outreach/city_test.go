package outreach

import (
	"context"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/catalogue"
	"minqing/internal/clocks"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/demo"
	"minqing/internal/i18n/i18ntest"
	"minqing/internal/jobs"
	"minqing/internal/permittypes"
	"minqing/internal/place"
	"minqing/internal/satisfaction"
	"minqing/internal/vault"
)

// at is a Tuesday, 16:00 in the city.
var at = time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)

// town is the demo city with its people, and the service over it.
type town struct {
	*Service
	t     *testing.T
	later time.Duration
	off   map[string]bool // accounts that are locked
}

func (c *town) Active(_ context.Context, id string) (bool, error) { return !c.off[id], nil }

func system() context.Context { return actor.AsSystem(context.Background(), "test") }

func newTown(t *testing.T, d *db.DB, load int) *town {
	t.Helper()
	c := &town{t: t, off: map[string]bool{}}
	clock := func() time.Time { return at.Add(c.later) }
	ring, err := vault.CreateRing(filepath.Join(t.TempDir(), "keys"))
	require.NoError(t, err)
	v, trail := vault.New(d, ring, clock), audit.New(d, clock)
	queue, err := jobs.New(d, trail, jobs.Options{})
	require.NoError(t, err)
	policies, err := fs.Sub(os.DirFS("../.."), "policies")
	require.NoError(t, err)
	may, err := access.New(d, trail, policies, clock)
	require.NoError(t, err)
	cat, places := catalogue.New(d, trail, clock), place.New(d, trail, clock)
	zone := time.FixedZone("CST", 8*3600)
	types, city := permittypes.New(d, trail, cat, zone, clock), demo.New(cat, places)
	city.Permits = types
	require.NoError(t, city.LoadCity(system()))
	times, err := clocks.New("CN")
	require.NoError(t, err)
	words, err := i18ntest.Words()
	require.NoError(t, err)
	people := constituents.New(constituents.Deps{DB: d, Vault: v, Audit: trail, Now: clock, Region: "CN"})
	all := cases.New(cases.Deps{DB: d, Vault: v, Audit: trail, Jobs: queue, Catalogue: cat, Places: places, Access: may, Clocks: times, Now: clock, Constituents: people})
	c.Service = New(Deps{DB: d, Vault: v, Audit: trail, Jobs: queue, Access: may, Catalogue: cat, Places: places, PermitTypes: types, Constituents: people, Cases: all,
		Accounts: c, Words: words, Zone: zone, Now: clock})
	for _, role := range []string{"handler", "head", "dispatcher", "call_agent"} {
		c.staff(role, "LJ")
	}
	if load > 0 {
		to := calendar.NewDate(2026, 11, 24)
		l := &demo.Loader{Cases: all, Audit: trail, Satisfaction: satisfaction.New(satisfaction.Deps{DB: d, Cases: all, Vault: v, Audit: trail, Now: clock})}
		_, err = l.Load(system(), demo.LoadOptions{Cases: load, Seed: 7, From: to.Add(-300), To: to})
		require.NoError(t, err)
		c.tell()
	}
	return c
}

// merged has one record stand under another, as staff merge; parted takes it back.
func (c *town) merged(id, into string) {
	c.t.Helper()
	c.exec("UPDATE constituents SET merged_into_id = ?, merged_how = 'judged' WHERE id = ?", into, id)
	require.NoError(c.t, c.Constituents.Rehang(system()))
}

func (c *town) parted(ids ...string) {
	c.t.Helper()
	c.exec("UPDATE constituents SET merged_into_id = NULL, merged_how = NULL WHERE id IN ?", ids)
	require.NoError(c.t, c.Constituents.Rehang(system()))
}

func (c *town) exec(sql string, args ...any) {
	c.t.Helper()
	require.NoError(c.t, c.DB.From(system()).Exec(sql, args...).Error)
}

// staff makes an account with a role for a unit.
func (c *town) staff(role, unit string) string {
	c.t.Helper()
	id, key := db.NewID(at), db.NewID(at)
	c.exec("INSERT INTO vault_keys (id, owner_kind, suite, ring_key, created_at) VALUES (?, 'account', 'aes256gcm', 'k1', ?)", key, at)
	c.exec(`INSERT INTO accounts (id, kind, login_index, vault_key_id, email_cipher, locale, status, demo, link_key, created_at)
 VALUES (?, 'staff', ?, ?, ?, 'zh-Hant', 'active', ?, 'k1', ?)`, id, []byte(id), key, []byte{1}, true, at)
	c.exec("INSERT INTO grants (id, account_id, role, unit_id, valid_from, created_at) SELECT ?, ?, ?, id, ?, ? FROM units WHERE code = ?", db.NewID(at), id, role, at.Add(-time.Hour), at, unit)
	return id
}

func as(account string) context.Context {
	return actor.With(context.Background(), actor.Actor{Kind: actor.Staff, AccountID: account})
}

func (c *town) list(sql string, args ...any) (ids []string) {
	c.t.Helper()
	require.NoError(c.t, c.DB.From(system()).Raw(sql, args...).Scan(&ids).Error)
	return ids
}

// tell writes down of the people of the city what conditions may ask: of some
// much, of some nothing, a few merged, a few erased, a few cases kept back.
func (c *town) tell() {
	c.t.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	var districts []string
	m, err := c.Places.Map(system())
	require.NoError(c.t, err)
	for _, d := range m.Districts {
		districts = append(districts, d.Code)
	}
	ids := c.list("SELECT id FROM constituents ORDER BY id")
	one := func(list ...string) string { return list[r.IntN(len(list))] }
	for i, id := range ids {
		if r.IntN(4) == 0 {
			c.exec("UPDATE constituents SET kind = 'enterprise' WHERE id = ?", id)
			if r.IntN(3) > 0 {
				c.exec("UPDATE constituents SET stage = ?, industry = ?, established_on = ? WHERE id = ?", one("set_up", "operating", "closing"), one("餐飲", "零售"), c.today().Add(-r.IntN(300)), id)
			}
		} else if r.IntN(3) > 0 {
			c.exec("UPDATE constituents SET birth_year = ? WHERE id = ?", 1935+r.IntN(80), id)
		}
		if r.IntN(2) == 0 {
			c.exec("UPDATE constituents SET district_code = ? WHERE id = ?", one(districts...), id)
		}
		for _, n := range []string{"phone_only", "large_type", "step_free"} {
			if r.IntN(5) == 0 {
				ended := (*time.Time)(nil)
				if r.IntN(4) == 0 {
					ended = &at
				}
				c.exec("INSERT INTO constituent_needs (id, constituent_id, kind, valid_from, valid_to, source) VALUES (?, ?, ?, ?, ?, 'self')", db.NewID(at), id, n, at, ended)
			}
		}
		if i > 0 && r.IntN(4) == 0 {
			c.exec("INSERT INTO constituent_relations (id, from_id, to_id, kind, valid_from, source) VALUES (?, ?, ?, ?, ?, 'staff')", db.NewID(at), id, ids[r.IntN(i)], one("member", "guardian", "agent", "household"), at)
		}
	}
	for i := 10; i+8 < len(ids) && i < 90; i += 9 { // a chain of three, and one more under the last
		c.merged(ids[i+7], ids[i])
		c.merged(ids[i+8], ids[i+7])
		c.merged(ids[i+5], ids[i])
	}
	c.exec("UPDATE constituents SET erased_at = ? WHERE id IN ?", at, ids[2:5])
	c.permits(ids)
	for i, id := range c.list("SELECT id FROM evaluations ORDER BY id") {
		switch i % 5 {
		case 0:
			c.exec("UPDATE evaluations SET mended_at = ? WHERE id = ?", at, id)
		case 1:
			c.exec("UPDATE evaluations SET excluded = ? WHERE id = ?", true, id)
		case 2:
			c.exec("UPDATE evaluations SET grade = 1 WHERE id = ?", id)
		}
	}
	numbers := c.list("SELECT id FROM cases ORDER BY id")
	for i, how := range []string{"whistle", "identity_hidden"} {
		c.exec("UPDATE cases SET confidentiality = ? WHERE id IN ?", how, numbers[20*i:20*i+15])
	}
	c.exec("UPDATE case_units SET unit_path = '~' || unit_path WHERE case_id IN ?", numbers[:15])
	c.exec("UPDATE cases SET frozen_at = ? WHERE id IN ?", at, numbers[60:70])
	section := c.list("SELECT id FROM units WHERE code = 'CG'")[0]
	for _, id := range numbers[100:140] {
		c.exec("INSERT INTO case_parties (id, case_id, role, unit_id) VALUES (?, ?, 'subject', ?)", db.NewID(at), id, section)
	}
}

// permits gives people of the city permits of two bureaus and three types, for one of
// which nobody may apply any more: some that end at the edges of a window, some
// suspended, taken back, not begun, without an end or replaced.
func (c *town) permits(ids []string) {
	c.t.Helper()
	c.exec(`INSERT INTO permit_types (id, code, version, matter_code, content, valid_from, published_at) SELECT ?, code, 9, matter_code, replace(content, '{"code"', '{"withdrawn":true,"code"'), ?, ? FROM permit_types WHERE code = 'drainage'`,
		db.NewID(at), c.today().Add(-9), at)
	var last string
	for i, id := range ids {
		if i%3 > 0 {
			continue
		}
		unit, state, until, from, replaces := "CG", "valid", any(c.today().Add([]int{-1, 0, 30, 31, 60, 61}[i/3%6])), c.today().Add(-300), any(nil)
		switch i / 3 % 7 {
		case 1:
			state = "suspended"
		case 2:
			until = nil
		case 3:
			from = c.today().Add(1)
		case 4:
			state, unit = "revoked", "GA"
		case 5:
			unit = "GA"
		case 6:
			replaces = last
		}
		last = db.NewID(at)
		c.exec(`INSERT INTO permits (id, permit_no, type_code, type_version, type_name, unit_id, unit_path, holder_id, holder_kind, holder_shown, valid_from, valid_until, particulars, state, since, since_on, issued_at, issued_on, replaces_id, updated_at)
 SELECT ?, ?, ?, 1, '{}', id, path, ?, 'person', '', ?, ?, '{}', ?, ?, ?, ?, ?, ?, ? FROM units WHERE code = ?`, last, "P"+strconv.Itoa(i), []string{"outdoor-sign", "drainage", "outdoor-sign", "food-business", "drainage"}[i/3%5], id, from, until, state, at, c.today(), at, c.today(), replaces, at, unit)
	}
	c.works("LJ02", "valid", 0, 30)
}

// works is a permit for works in a district, from one day to another, counted from today.
func (c *town) works(district, state string, from, until int) (id string) {
	c.t.Helper()
	id = db.NewID(at)
	holder := c.list("SELECT id FROM constituents ORDER BY id LIMIT 1")[0]
	c.exec(`INSERT INTO permits (id, permit_no, type_code, type_version, type_name, unit_id, unit_path, holder_id, holder_kind, holder_shown, valid_from, valid_until, particulars, state, since, since_on, issued_at, issued_on, updated_at)
 SELECT ?, ?, 'road-occupation', 1, '{}', id, path, ?, 'person', '', ?, ?, ?, ?, ?, ?, ?, ?, ? FROM units WHERE code = 'CG'`, id, "W"+id, holder, c.today().Add(from), c.today().Add(until), `{"place":"x","works_district":"`+district+`"}`, state, at, c.today(), at, c.today(), at)
	return id
}

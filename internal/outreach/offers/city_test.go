package offers_test

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/cases"
	"minqing/internal/catalogue"
	"minqing/internal/clocks"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/demo"
	"minqing/internal/i18n"
	"minqing/internal/i18n/i18ntest"
	"minqing/internal/jobs"
	"minqing/internal/notify"
	"minqing/internal/outreach"
	"minqing/internal/outreach/offers"
	"minqing/internal/permittypes"
	"minqing/internal/place"
	"minqing/internal/satisfaction"
	"minqing/internal/vault"
)

// at is a Tuesday, 16:00 in the city.
var at = time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)

// town is the demo city with people of known age, and the service over it.
type town struct {
	*offers.Service
	t      *testing.T
	later  time.Duration
	cases  *cases.Service
	people *constituents.Service
	judge  *satisfaction.Service
	told   []notify.Telling
	fails  error // of telling

	writer, head, other string // accounts of staff
}

func (c *town) Active(context.Context, string) (bool, error) { return true, nil }

func (c *town) tell(_ context.Context, t notify.Telling) error {
	if c.fails == nil {
		c.told = append(c.told, t)
	}
	return c.fails
}

func system() context.Context { return actor.AsSystem(context.Background(), "test") }

func newTown(t *testing.T, d *db.DB) *town {
	t.Helper()
	c := &town{t: t}
	clock := func() time.Time { return at.Add(c.later) }
	ring, err := vault.CreateRing(filepath.Join(t.TempDir(), "keys"))
	require.NoError(t, err)
	v, trail := vault.New(d, ring, clock), audit.New(d, clock)
	queue, err := jobs.New(d, trail, jobs.Options{})
	require.NoError(t, err)
	policies, err := fs.Sub(os.DirFS("../../.."), "policies")
	require.NoError(t, err)
	may, err := access.New(d, trail, policies, clock)
	require.NoError(t, err)
	cat, places := catalogue.New(d, trail, clock), place.New(d, trail, clock)
	require.NoError(t, demo.New(cat, places).LoadCity(system()))
	times, err := clocks.New("CN")
	require.NoError(t, err)
	words, err := i18ntest.Words()
	require.NoError(t, err)
	c.people = constituents.New(constituents.Deps{DB: d, Vault: v, Audit: trail, Now: clock, Region: "CN"})
	c.cases = cases.New(cases.Deps{DB: d, Vault: v, Audit: trail, Jobs: queue, Catalogue: cat, Places: places, Access: may, Clocks: times, Now: clock, Constituents: c.people})
	c.judge = satisfaction.New(satisfaction.Deps{DB: d, Cases: c.cases, Vault: v, Audit: trail, Now: clock})
	zone := time.FixedZone("CST", 8*3600)
	groups := outreach.New(outreach.Deps{DB: d, Vault: v, Audit: trail, Jobs: queue, Access: may, Catalogue: cat, Places: places, PermitTypes: permittypes.New(d, trail, cat, time.UTC, clock), Constituents: c.people, Cases: c.cases,
		Accounts: c, Words: words, Zone: zone, Now: clock})
	c.Service = offers.New(offers.Deps{DB: d, Vault: v, Audit: trail, Jobs: queue, Access: may, Catalogue: cat, Constituents: c.people, Cases: c.cases, Outreach: groups, Words: words,
		Tell: c.tell, Zone: zone, Now: clock})
	c.writer, c.head, c.other = c.staff("outreach_officer", "LJ"), c.staff("head", "MZ"), c.staff("head", "CG")
	return c
}

func (c *town) exec(sql string, args ...any) {
	c.t.Helper()
	require.NoError(c.t, c.DB.From(system()).Exec(sql, args...).Error)
}

func (c *town) list(sql string, args ...any) (found []string) {
	c.t.Helper()
	require.NoError(c.t, c.DB.From(system()).Raw(sql, args...).Scan(&found).Error)
	return found
}

func (c *town) count(sql string, args ...any) (n int) {
	c.t.Helper()
	require.NoError(c.t, c.DB.From(system()).Raw(sql, args...).Scan(&n).Error)
	return n
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

// me is somebody who is signed in as a person.
func me(person string) context.Context {
	return actor.With(context.Background(), actor.Actor{Kind: actor.Citizen, AccountID: db.NewID(at), ConstituentID: person})
}

// person makes somebody born in a year; 0: nobody has told.
func (c *town) person(name string, born int) string {
	c.t.Helper()
	rows, err := c.people.Prepare(system(), constituents.Contact{Name: name, Phone: fmt.Sprintf("139%08d", c.count("SELECT COUNT(*) FROM constituents")+1)}, "zh-Hant")
	require.NoError(c.t, err)
	require.NoError(c.t, c.DB.InsertAll(system(), rows.Stmts()...))
	if born > 0 {
		c.exec("UPDATE constituents SET birth_year = ? WHERE id = ?", born, rows.ConstituentID())
	}
	return rows.ConstituentID()
}

const aged = `{"op":"all","of":[{"op":"cond","leaf":"kind","with":{"is":"person"}},{"op":"cond","leaf":"age","with":{"min":65}}]}`

func rule(t *testing.T, definition string) *outreach.Node {
	t.Helper()
	root, err := outreach.Parse([]byte(definition))
	require.NoError(t, err)
	return root
}

// heating is the allowance that the tests speak of.
func (c *town) heating() offers.Written {
	all := func(s string) i18n.Text { return i18n.Text{i18n.ZhHant: s, i18n.ZhHans: s, i18n.En: s} }
	matters, err := c.Matters(system())
	require.NoError(c.t, err)
	require.NotEmpty(c.t, matters)
	return offers.Written{Code: "heating", UnitCode: "MZ", MatterCode: matters[0], Name: all("冬季取暖補助"), Gives: all("每戶 600 元。"), About: all("給 65 歲以上的長者。"),
		Law: i18n.Text{i18n.ZhHant: "《老年人權益保障法》第 33 條"}, Amount: 600, MovesMoney: true, WindowDays: 14, Per: offers.Yearly, Root: rule(c.t, aged)}
}

// published keeps a benefit and publishes it.
func (c *town) published(w offers.Written) string {
	c.t.Helper()
	id, err := c.Create(as(c.writer), w)
	require.NoError(c.t, err)
	require.NoError(c.t, c.Publish(as(c.writer), id, 1))
	return id
}

// matched makes a list and fills it.
func (c *town) matched(benefit string) *offers.List {
	c.t.Helper()
	id, err := c.Match(as(c.writer), benefit)
	require.NoError(c.t, err)
	require.NoError(c.t, c.MatchNow(system(), id))
	l, _, err := c.ListOf(as(c.writer), id)
	require.NoError(c.t, err)
	require.Equal(c.t, offers.Open, l.State)
	return l
}

// told has a list confirmed and everybody on it told.
func (c *town) confirmed(benefit string) *offers.List {
	c.t.Helper()
	l := c.matched(benefit)
	require.NoError(c.t, c.Confirm(as(c.head), l.ID, l.Version))
	require.NoError(c.t, c.TellNow(system(), l.ID))
	return l
}

// offer is the offer to somebody on a list: its id.
func (c *town) offer(l *offers.List, person string) string {
	c.t.Helper()
	ids := c.list("SELECT id FROM offers WHERE list_id = ? AND constituent_id = ?", l.ID, person)
	require.Len(c.t, ids, 1)
	return ids[0]
}

func (c *town) state(offer string) offers.State {
	return offers.State(c.list("SELECT state FROM offers WHERE id = ?", offer)[0])
}

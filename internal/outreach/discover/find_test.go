package discover

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
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
	"minqing/internal/db/dbtest"
	"minqing/internal/demo"
	"minqing/internal/fault"
	"minqing/internal/i18n/i18ntest"
	"minqing/internal/jobs"
	"minqing/internal/outreach"
	"minqing/internal/permittypes"
	"minqing/internal/place"
	"minqing/internal/satisfaction"
	"minqing/internal/vault"
)

// at is a Tuesday, 16:00 in the city.
var at = time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)

type accounts struct{}

func (accounts) Active(context.Context, string) (bool, error) { return true, nil }

func system() context.Context { return actor.AsSystem(context.Background(), "test") }

func as(account string) context.Context {
	return actor.With(context.Background(), actor.Actor{Kind: actor.Staff, AccountID: account})
}

type town struct {
	*Service
	t     *testing.T
	owner string
}

func newTown(t *testing.T, d *db.DB, load int) *town {
	t.Helper()
	clock := func() time.Time { return at }
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
	people := constituents.New(constituents.Deps{DB: d, Vault: v, Audit: trail, Now: clock, Region: "CN"})
	all := cases.New(cases.Deps{DB: d, Vault: v, Audit: trail, Jobs: queue, Catalogue: cat, Places: places, Access: may, Clocks: times, Now: clock, Constituents: people})
	zone := time.FixedZone("CST", 8*3600)
	groups := outreach.New(outreach.Deps{DB: d, Vault: v, Audit: trail, Jobs: queue, Access: may, Catalogue: cat, Places: places, PermitTypes: permittypes.New(d, trail, cat, time.UTC, clock), Constituents: people, Cases: all,
		Accounts: accounts{}, Words: words, Zone: zone, Now: clock})
	c := &town{Service: New(Deps{DB: d, Audit: trail, Jobs: queue, Access: may, Outreach: groups, Zone: zone, Now: clock}), t: t}
	c.owner = c.staff("outreach_officer", "LJ")
	for _, role := range []string{"handler", "head", "dispatcher", "call_agent"} {
		c.staff(role, "LJ")
	}
	if load > 0 {
		to := calendar.NewDate(2026, 11, 24)
		l := &demo.Loader{Cases: all, Audit: trail, Satisfaction: satisfaction.New(satisfaction.Deps{DB: d, Cases: all, Vault: v, Audit: trail, Now: clock})}
		_, err = l.Load(system(), demo.LoadOptions{Cases: load, Seed: 7, From: to.Add(-420), To: to})
		require.NoError(t, err)
	}
	return c
}

func (c *town) exec(sql string, args ...any) {
	c.t.Helper()
	require.NoError(c.t, c.DB.From(system()).Exec(sql, args...).Error)
}

func (c *town) staff(role, unit string) string {
	c.t.Helper()
	id, key := db.NewID(at), db.NewID(at)
	c.exec("INSERT INTO vault_keys (id, owner_kind, suite, ring_key, created_at) VALUES (?, 'account', 'aes256gcm', 'k1', ?)", key, at)
	c.exec(`INSERT INTO accounts (id, kind, login_index, vault_key_id, email_cipher, locale, status, demo, link_key, created_at)
 VALUES (?, 'staff', ?, ?, ?, 'zh-Hant', 'active', ?, 'k1', ?)`, id, []byte(id), key, []byte{1}, true, at)
	c.exec("INSERT INTO grants (id, account_id, role, unit_id, valid_from, created_at) SELECT ?, ?, ?, id, ?, ? FROM units WHERE code = ?", db.NewID(at), id, role, at.Add(-time.Hour), at, unit)
	return id
}

// countable are the cases that count, written down anew: of the year, with a matter,
// normal, their person not erased, as whoever they were merged into.
const countable = `SELECT COALESCE(p.merged_into_id, p.id) AS who, c.matter_id FROM cases c JOIN case_parties y ON y.case_id = c.id AND y.role = 'requester' JOIN constituents p ON p.id = y.constituent_id
 WHERE c.confidentiality = 'normal' AND c.frozen_at IS NULL AND c.matter_id IS NOT NULL AND p.erased_at IS NULL AND c.received_on > ? AND c.received_on <= ?`

func TestGroupsAreDescribedAsIndependentSQLDoes(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d, 1500)
		var ids []string
		require.NoError(t, d.From(system()).Raw("SELECT id FROM constituents ORDER BY id LIMIT 12").Scan(&ids).Error)
		c.exec("UPDATE constituents SET erased_at = ? WHERE id IN ?", at, ids[:3])
		c.exec("UPDATE constituents SET merged_into_id = ?, head_id = ? WHERE id = ?", ids[5], ids[5], ids[4])
		run, err := c.Start(as(c.owner))
		require.NoError(t, err)
		_, err = c.Start(as(c.owner))
		require.Equal(t, fault.Conflict, fault.KindOf(err), "one at a time")
		require.NoError(t, c.Do(system(), run))
		require.NoError(t, c.Do(system(), run), "done twice, it is done once")
		r, groups, err := c.Latest(as(c.owner))
		require.NoError(t, err)
		require.Equal(t, Done, r.State)
		require.NotEmpty(t, groups)

		from, to := r.FromOn, r.ToOn
		require.Equal(t, "2025-11-24", from.String())
		c.exec("CREATE TABLE who_groups (who text, no int)") // of everybody, by what the search read
		c.assign(r)
		var counted struct{ People, Cases int64 }
		require.NoError(t, d.From(system()).Raw("SELECT COUNT(DISTINCT q.who) AS people, COUNT(*) AS cases FROM ("+countable+") q", from, to).Scan(&counted).Error)
		require.Equal(t, counted.People, r.People)
		require.Equal(t, counted.Cases, r.Cases)
		marked := 0
		for _, g := range groups {
			require.GreaterOrEqual(t, g.People, int64(outreach.Few))
			var own struct{ People, Cases int64 }
			require.NoError(t, d.From(system()).Raw("SELECT COUNT(DISTINCT q.who) AS people, COUNT(*) AS cases FROM ("+countable+") q JOIN who_groups w ON w.who = CAST(q.who AS text) WHERE w.no = ?", from, to, g.No).Scan(&own).Error)
			require.Equal(t, own.People, g.People)
			require.Equal(t, own.Cases, g.Cases)
			for _, m := range g.Matters {
				var q struct {
					Nsm   int64
					Value float64
				}
				err := d.From(system()).Raw(`WITH q AS (`+countable+`), s AS (SELECT q.* FROM q JOIN who_groups w ON w.who = CAST(q.who AS text) WHERE w.no = ?)
 SELECT (SELECT COUNT(*) FROM s WHERE matter_id = ?) AS nsm, ((SELECT COUNT(*) FROM s WHERE matter_id = ?) * 1.0 / (SELECT COUNT(*) FROM s)) / ((SELECT COUNT(*) FROM q WHERE matter_id = ?) * 1.0 / (SELECT COUNT(*) FROM q)) AS value`,
					from, to, g.No, m.MatterID, m.MatterID, m.MatterID).Scan(&q).Error
				require.NoError(t, err)
				require.Equal(t, q.Nsm, m.Cases)
				require.InDelta(t, q.Value, m.Value, 1e-9)
				require.True(t, m.Value >= 1.5 && m.Cases >= 20 && m.Low > 1)
				marked++
			}
		}
		require.Positive(t, marked)
		_, none, err := c.Latest(as(c.staff("outreach_officer", "LJ")))
		require.NoError(t, err)
		require.Empty(t, none, "a search is of whoever began it")
	})
}

// assign notes in which group everybody is: the search itself keeps it nowhere.
func (c *town) assign(r *Run) {
	n, err := c.profiles(system(), r)
	require.NoError(c.t, err)
	groups, err := Cluster(n.profiles, len(n.matters), quiet)
	require.NoError(c.t, err)
	at := map[string]int{}
	for i, m := range n.matters {
		at[m] = i
	}
	needs := map[string]map[int]int{}
	require.NoError(c.t, c.Outreach.Needs(system(), r.AccountID, r.FromOn, r.ToOn, func(one outreach.Need) error {
		if needs[one.PersonID] == nil {
			needs[one.PersonID] = map[int]int{}
		}
		needs[one.PersonID][at[one.MatterID]] = one.Cases
		return nil
	}))
	for who, need := range needs {
		for i, p := range n.profiles {
			same := len(p.Needs) == len(need)
			for _, e := range p.Needs {
				same = same && need[e.Matter] == e.Cases
			}
			if same {
				c.exec("INSERT INTO who_groups (who, no) VALUES (?, ?)", who, groups.Of[i]+1)
			}
		}
	}
}

func TestASearchThatFailsSaysSoAndMayBeginAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d, 0)
		run, err := c.Start(as(c.owner))
		require.NoError(t, err)
		require.NoError(t, c.Do(system(), run))
		r, groups, err := c.Latest(as(c.owner))
		require.NoError(t, err)
		require.Equal(t, Done, r.State)
		require.Empty(t, groups, "of nobody there are no groups")

		run, err = c.Start(as(c.owner))
		require.NoError(t, err)
		c.exec("UPDATE discovered_runs SET from_on = '2026-11-25', account_id = ? WHERE id = ?", c.owner, run)
		stopped, stop := context.WithCancel(system())
		stop()
		require.Error(t, c.Do(stopped, run))
		r, _, err = c.Latest(as(c.owner))
		require.NoError(t, err)
		require.Equal(t, Running, r.State, "it goes on when the process is there again")
		require.NoError(t, c.Do(system(), run))
		_, _, err = c.Latest(as(c.staff("handler", "LJ")))
		require.Equal(t, fault.Forbidden, fault.KindOf(err))
	})
}

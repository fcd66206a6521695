package outreach

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/access"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
)

// merger merges as staff do and remembers which merges may be taken back.
type merger struct {
	c    *town
	m    *constituents.Merging
	open []string
}

func (g *merger) version(id string) (v int64) {
	require.NoError(g.c.t, g.c.DB.From(system()).Raw("SELECT version FROM constituents WHERE id = ?", id).Scan(&v).Error)
	return v
}

func (g *merger) merge(id, into string) {
	g.c.t.Helper()
	merge, err := g.m.Merge(system(), constituents.Merge{Survivor: into, Merged: id, SurvivorVersion: g.version(into), MergedVersion: g.version(id), Reason: "同一人"})
	require.NoError(g.c.t, err)
	g.open = append(g.open, merge)
}

func (g *merger) undo(i int) {
	g.c.t.Helper()
	require.NoError(g.c.t, g.m.Unmerge(system(), g.open[i], 1, "弄錯了"))
	g.open = slices.Delete(g.open, i, i+1)
}

func (c *town) merger() *merger {
	return &merger{c: c, m: constituents.NewMerging(c.Constituents, c.Access, nil)}
}

// TestSegmentsFollowMergesMadeAndTakenBack merges at random and takes back, in chains,
// as staff do. After each step the people who were looked at again make the segments
// that a recount in Go makes, and so does a count of everybody.
func TestSegmentsFollowMergesMadeAndTakenBack(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d, 300)
		owner := c.staff("outreach_officer", "LJ")
		c.ruled(access.RecordRelations, true)
		rules := []*Node{leaf("cases", "within", "365", "at_least", "2"), leaf("repeated", "within", "365"), leaf("graded", "within", "365", "max", "3"), leaf("permits", "ends", "60"),
			leaf("need", "in", "phone_only"), leaf("relation", "is", "household,has_member"), {Op: Not, Of: []*Node{leaf("need", "in", "large_type")}}}
		purposes := []Purpose{Offer, FollowUp, FollowUp, Notice, Notice, Offer, Notice}
		ids := make([]string, len(rules))
		for i, rule := range rules {
			ids[i] = c.create(owner, draft(purposes[i], rule))
		}
		require.NoError(t, c.Touch(system()))
		g, r, deep, left := c.merger(), rand.New(rand.NewPCG(5, 8)), 0, 0
		pool := c.list("SELECT id FROM constituents WHERE erased_at IS NULL AND kind = 'person' AND id IN (SELECT constituent_id FROM case_parties) ORDER BY id LIMIT 30")
		for step := range 40 {
			c.later += 10 * time.Minute
			heads := newRecount(c, "LJ/")
			own := slices.DeleteFunc(slices.Clone(pool), func(id string) bool { return heads.people[id].MergedIntoID != nil })
			if len(g.open) > 0 && (r.IntN(3) == 0 || len(own) < 8) {
				g.undo(r.IntN(len(g.open)))
				left++
			} else if a, b := own[r.IntN(len(own))], own[r.IntN(len(own))]; a != b {
				g.merge(a, b)
			}
			require.NoError(t, c.Touch(system()))
			again := newRecount(c, "LJ/")
			for id, p := range again.people {
				if p.MergedIntoID != nil && *p.MergedIntoID != again.head(id) {
					deep++
				}
			}
			for i, rule := range rules {
				want := again.members(rule)
				require.NotEmpty(t, want, "step %d: %s tries nothing", step, rule.Leaf)
				require.Equal(t, want, c.members(ids[i]), "step %d: %s", step, rule.Leaf)
				require.Equal(t, want, c.compiled(rule, owner, nil), "step %d: %s of everybody", step, rule.Leaf)
			}
		}
		require.Positive(t, left, "some were taken back")
		require.Greater(t, deep, 40, "chains were tried")
	})
}

// TestWhoIsFreeAgainIsLookedAt takes back a merge in whose trail only the other one is
// named: the one set free, and whoever stood under them, join again what they were in.
func TestWhoIsFreeAgainIsLookedAt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d, 200)
		owner := c.staff("outreach_officer", "LJ")
		rule := leaf("age", "min", "50")
		id := c.create(owner, draft(Offer, rule))
		require.NoError(t, c.Touch(system()))
		r := newRecount(c, "LJ/")
		alone := slices.DeleteFunc(r.members(rule), func(id string) bool {
			for _, p := range r.people {
				if p.MergedIntoID != nil && *p.MergedIntoID == id {
					return true
				}
			}
			return r.people[id].Kind != "person"
		})
		require.Greater(t, len(alone), 2)
		g := c.merger()
		c.later += time.Hour
		g.merge(alone[0], alone[1])
		g.merge(alone[1], alone[2])
		c.later += time.Hour
		require.NoError(t, c.Touch(system()))
		require.NotContains(t, c.members(id), alone[0])
		require.NotContains(t, c.members(id), alone[1])
		for _, one := range []int{0, 1} { // the last one first: the lower merge stays
			c.later += time.Hour
			g.undo(len(g.open) - 1)
			require.NoError(t, c.Touch(system()))
			require.Contains(t, c.members(id), alone[1-one])
		}
	})
}

// TestWhatIsToldUnderAMergedRecordCountsForTheHead has a need and a relation under the
// last record of a chain: the head has them, for segments, offers and next steps alike,
// and nobody else has.
func TestWhatIsToldUnderAMergedRecordCountsForTheHead(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d, 0)
		owner := c.staff("outreach_officer", "LJ")
		chain := make([]string, 5)
		for i := range chain {
			key, err := c.Vault.NewKey(system(), "constituent")
			require.NoError(t, err)
			chain[i] = db.NewID(at)
			c.exec("INSERT INTO constituents (id, kind, vault_key_id, locale, created_at) VALUES (?, 'person', ?, 'zh-Hant', ?)", chain[i], key, at)
		}
		last, middle, head, other := chain[0], chain[1], chain[2], chain[3]
		c.exec("INSERT INTO constituent_needs (id, constituent_id, kind, valid_from, source) VALUES (?, ?, 'phone_only', ?, 'self')", db.NewID(at), last, at)
		c.exec("INSERT INTO constituent_relations (id, from_id, to_id, kind, valid_from, source) VALUES (?, ?, ?, 'guardian', ?, 'staff')", db.NewID(at), last, other, at)
		c.exec("INSERT INTO constituent_relations (id, from_id, to_id, kind, valid_from, source) VALUES (?, ?, ?, 'household', ?, 'staff')", db.NewID(at), last, middle, at)
		need, ward, home := leaf("need", "in", "phone_only"), leaf("relation", "is", "guardian"), leaf("relation", "is", "household")
		require.Equal(t, []string{last}, c.compiled(need, owner, nil))
		require.ElementsMatch(t, []string{last, middle}, c.compiled(home, owner, nil))
		c.merged(last, middle)
		c.merged(middle, head)
		for _, rule := range []*Node{need, ward} {
			require.Equal(t, []string{head}, c.compiled(rule, owner, nil), rule.Leaf)
			require.Equal(t, []string{head}, c.compiled(rule, owner, []string{head}), rule.Leaf)
			terms, err := c.Terms(system(), rule)
			require.NoError(t, err)
			all, err := c.Judge(system(), terms, []string{head, other})
			require.NoError(t, err)
			require.Equal(t, Verdicts{Yes}, all[head], rule.Leaf)
			require.NotEqual(t, Verdicts{Yes}, all[other], rule.Leaf)
			holds, _, err := c.Fits(system(), head, rule, "en")
			require.NoError(t, err)
			require.True(t, holds, rule.Leaf)
		}
		require.Empty(t, c.compiled(home, owner, nil), "two records of one person are no household")
		require.Equal(t, []string{other}, c.compiled(leaf("relation", "is", "has_guardian"), owner, nil))
	})
}

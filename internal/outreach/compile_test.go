package outreach

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/i18n"
)

func TestEveryConditionFindsWhomARecountFinds(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d, 600)
		owners := map[string]*recount{
			c.staff("outreach_officer", "LJ"): newRecount(c, "LJ/"),
			c.staff("outreach_officer", "CG"): newRecount(c, "LJ/CG/", "LJ/CG/"),
			c.staff("handler", "LJ"):          newRecount(c, "no right at all"),
		}
		leaves := append([]*Node{}, samples...)
		root, err := c.Catalogue.Snapshot(system())
		require.NoError(t, err)
		areas, err := c.Places.Map(system())
		require.NoError(t, err)
		leaves = append(leaves, leaf("district", "in", areas.Districts[1].Code+","+areas.Districts[5].Code))
		require.NotEmpty(t, root.Matters)
		for owner, r := range owners {
			for _, n := range leaves {
				want := r.members(n)
				require.Equal(t, want, c.compiled(n, owner, nil), "%v", n)
				not := &Node{Op: Not, Of: []*Node{n}}
				require.Equal(t, r.members(not), c.compiled(not, owner, nil), "not %v", n)
				if r.prefix == "LJ/" {
					require.NotEmpty(t, want, "nobody meets %v: it tries nothing", n)
				}
			}
		}
	})
}

// What somebody types to break out of the SQL is a value like any other: it finds whom it
// names, and nobody else.
func TestWordsAreValuesWhateverTheySay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d, 200)
		owner := c.staff("outreach_officer", "LJ")
		firm := c.list("SELECT id FROM constituents WHERE kind = 'enterprise' AND merged_into_id IS NULL AND erased_at IS NULL ORDER BY id LIMIT 1")
		require.Len(t, firm, 1)
		for _, word := range []string{"'; DROP TABLE segment_members; --", "x' OR '1'='1", `\'); DELETE FROM segments; --`, "餐飲\" OR \"a\"=\"a", "%", "_", "?", "$1", "?) OR (1=1"} {
			rule := leaf("industry")
			rule.With["is"] = Values{word}
			require.Empty(t, c.compiled(rule, owner, nil), word)
			id := c.create(owner, draft(Offer, rule))
			require.Empty(t, c.members(id), word)
			c.exec("UPDATE constituents SET industry = ? WHERE id = ?", word, firm[0])
			require.NoError(t, c.Refresh(as(owner), id))
			require.Equal(t, firm, c.members(id), word)
			says, err := c.Sentences(as(owner), &Node{Op: All, Of: []*Node{rule}})
			require.NoError(t, err)
			require.Contains(t, says[i18n.En], word)
			c.exec("UPDATE constituents SET industry = NULL WHERE id = ?", firm[0])
		}
	})
}

func TestMembersAreThoseForWhomTheDefinitionHoldsAlone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d, 250)
		owner := c.staff("outreach_officer", "LJ")
		r := newRecount(c, "LJ/")
		w, err := c.world(system())
		require.NoError(t, err)
		mine, err := c.reach(system(), owner)
		require.NoError(t, err)
		rapid.Check(t, func(rt *rapid.T) {
			n := tree(rt, 3)
			want := r.members(n)
			require.Equal(rt, want, c.compiled(n, owner, nil))
			for id, p := range r.people {
				if rapid.IntRange(0, 60).Draw(rt, "one in sixty") > 0 {
					continue
				}
				require.Equal(rt, p.MergedIntoID == nil && p.ErasedAt == nil && r.node(p, n) == Yes, len(c.compiled(n, owner, []string{id})) == 1, id)
				_, leaves := n.Leaves()
				verdicts, err := c.verdicts(system(), w, mine, leaves, id)
				require.NoError(rt, err)
				for _, l := range leaves {
					if p.MergedIntoID == nil && p.ErasedAt == nil {
						require.Equal(rt, r.leaf(p, l), verdicts[l], "%s of %s", l.Leaf, id)
					}
				}
			}
		})
	})
}

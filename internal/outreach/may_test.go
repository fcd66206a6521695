package outreach

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"minqing/internal/catalogue"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
)

// own are the unit paths that a complaint may be about and then not count for somebody
// with a role for a unit: all above it but the government as a whole.
func own(path string) (list []string) {
	for i, c := range path {
		if c == '/' && i+1 > len("LJ/") {
			list = append(list, path[:i+1])
		}
	}
	return list
}

// owners are outreach officers of the city, of a district, of a part of one and of a
// bureau, and somebody without the right, each with who may count for them.
func (c *town) owners() map[string]*recount {
	c.t.Helper()
	out := map[string]*recount{c.staff("outreach_officer", "LJ"): newRecount(c, "LJ/"), c.staff("handler", "LJ"): newRecount(c, "no right at all")}
	snap, err := c.Catalogue.Snapshot(system())
	require.NoError(c.t, err)
	for _, kind := range []string{"district", "subdistrict"} {
		i := slices.IndexFunc(snap.Units, func(u *catalogue.Unit) bool { return string(u.Kind) == kind && u.DistrictID != nil })
		require.NotEqual(c.t, -1, i)
		u := snap.Units[i]
		out[c.staff("outreach_officer", u.Code)] = newRecount(c, u.Path, own(u.Path)...)
	}
	out[c.staff("outreach_officer", "CG")] = newRecount(c, "LJ/CG/", "LJ/CG/")
	return out
}

// TestNobodyIsInASegmentWhomItsOwnerMayNotCount has owners of every reach ask by any
// definition, negations too: they find whom the definition means of those who have to do
// with their units, and nobody else.
func TestNobodyIsInASegmentWhomItsOwnerMayNotCount(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d, 250)
		owners := c.owners()
		found := map[string]int{}
		rapid.Check(t, func(rt *rapid.T) {
			n := tree(rt, 3)
			for owner, r := range owners {
				got := c.compiled(n, owner, nil)
				for _, id := range got {
					require.True(rt, r.may(r.people[id]), "%s counts %s", r.prefix, id)
				}
				require.Equal(rt, r.members(n), got, r.prefix)
				found[r.prefix] += len(got)
				if len(got) > 0 {
					require.Equal(rt, got[:1], c.compiled(n, owner, got[:1]), "alone as with all")
				}
			}
		})
		for _, r := range owners {
			require.Equal(t, r.prefix == "no right at all", found[r.prefix] == 0, r.prefix)
			some, all := 0, 0
			for _, p := range r.people {
				all++
				if r.may(p) {
					some++
				}
			}
			require.Equal(t, r.prefix == "LJ/", some == all, "the reach of %s tries something", r.prefix)
		}
	})
}

// TestByHandNobodyComesInWhomTheOwnerMayNotCount puts somebody in who has nothing to do
// with the owner's units, and has a segment go to somebody with a smaller reach.
func TestByHandNobodyComesInWhomTheOwnerMayNotCount(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d, 250)
		city, bureau := c.staff("outreach_officer", "LJ"), c.staff("outreach_officer", "CG")
		r := newRecount(c, "LJ/CG/", "LJ/CG/")
		anybody := leaf("language", "in", "zh-Hant,zh-Hans,en")
		all, theirs := newRecount(c, "LJ/").members(anybody), r.members(anybody)
		stranger := all[slices.IndexFunc(all, func(id string) bool { return !slices.Contains(theirs, id) })]
		nobody := leaf("age", "min", "129")

		dr := draft(Offer, nobody)
		dr.UnitCode = "CG"
		id := c.create(bureau, dr)
		require.Equal(t, []string{"segment.fix.scope"}, keys(t, c.Fix(as(bureau), id, stranger, In, "x")))
		require.NoError(t, c.Fix(as(bureau), id, theirs[0], In, "x"))
		require.NoError(t, c.Fix(as(bureau), id, stranger, Out, "x"), "to keep somebody out counts nobody")
		require.Equal(t, theirs[:1], c.members(id))

		wide := c.create(city, dr)
		require.NoError(t, c.Fix(as(city), wide, stranger, In, "x"))
		require.NoError(t, c.Fix(as(city), wide, theirs[0], In, "x"))
		require.Len(t, c.members(wide), 2)
		require.NoError(t, c.Change(as(bureau), wide, c.segment(bureau, wide).Version, dr))
		require.NoError(t, c.RefreshAll(system()))
		require.Equal(t, theirs[:1], c.members(wide), "counted by what its new owner may count")
		require.NoError(t, c.Service.refresh(system(), wide, []string{stranger}))
		require.Equal(t, theirs[:1], c.members(wide))
	})
}

// TestWhoIsEntitledDoesNotHangOnWhoLooks asks for whom a benefit is meant: the law
// narrows that, no scope of any member of staff.
func TestWhoIsEntitledDoesNotHangOnWhoLooks(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d, 250)
		terms, err := c.Terms(as(c.staff("outreach_officer", "CG")), leaf("age", "min", "65"))
		require.NoError(t, err)
		sql, args := terms.Entitled()
		got := c.list(sql, args...)
		slices.Sort(got)
		require.Equal(t, newRecount(c, "LJ/").members(leaf("age", "min", "65")), got)
	})
}

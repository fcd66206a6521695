package register_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/register"
)

// A holder of many permits finds each of them once, those first that end first.
func TestAHolderFindsEveryPermit(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		const many = 103
		for i := range many {
			o.issue(func(x *register.Issue) {
				switch day := today.Add(30 + i/20); {
				case i%10 == 3:
					x.ValidUntil = nil
				default:
					x.ValidUntil = &day // twenty on each day
				}
			})
		}
		gone := o.issue()
		require.NoError(t, d.From(system()).Exec("UPDATE permits SET state = 'cancelled', next_on = NULL WHERE permit_no = ?", gone).Error)
		o.issue(func(x *register.Issue) { x.HolderID = o.person })

		types, err := o.HolderTypes(system(), []string{o.firm})
		require.NoError(t, err)
		require.Equal(t, []string{"road_occupation"}, types)
		var all []register.Permit
		pages := 0
		for cursor := ""; ; {
			page, err := o.HolderPage(system(), []string{o.firm}, types, cursor)
			require.NoError(t, err)
			require.LessOrEqual(t, len(page.Permits), 50)
			all, pages = append(all, page.Permits...), pages+1
			if cursor = page.Next; cursor == "" {
				break
			}
		}
		require.Equal(t, 3, pages)
		require.Len(t, all, many+1)
		seen := map[string]bool{}
		for i := range all {
			seen[all[i].ID] = true
			if i == 0 || i == len(all)-1 {
				continue
			}
			was := all[i-1].ValidUntil
			require.True(t, was != nil || all[i].ValidUntil == nil, "what has no end is last")
			require.True(t, was == nil || all[i].ValidUntil == nil || *was <= *all[i].ValidUntil)
		}
		require.Len(t, seen, many+1)
		require.Equal(t, gone, all[many].PermitNo, "what is in force is first")
		every, err := o.EveryOfHolder(system(), []string{o.firm})
		require.NoError(t, err)
		require.Len(t, every, many+1)
		none, err := o.HolderPage(system(), []string{o.firm}, nil, "")
		require.NoError(t, err)
		require.Empty(t, none.Permits, "an agent for nothing")
		for _, wrong := range []string{"x", db.EncodeCursor("2", "", all[0].ID), db.EncodeCursor("0", "soon", all[0].ID), db.EncodeCursor("0", "", "z")} {
			_, err := o.HolderPage(system(), []string{o.firm}, types, wrong)
			require.Equal(t, fault.Invalid, fault.KindOf(err), wrong)
		}
	})
}

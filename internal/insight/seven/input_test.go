package seven_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/insight/seven"
)

func TestInputsAreCheckedVersionedAndAudited(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d)
		admin := c.staff("system_admin", "LJ")
		good := seven.Entry{Kind: seven.Population, Item: "district:D1", AsOf: "2026-01-01", Amount: "4,000", Source: "register"}
		for name, change := range map[string]func(*seven.Entry){
			"kind": func(e *seven.Entry) { e.Kind = "wealth" }, "item": func(e *seven.Entry) { e.Item = "district:nowhere" },
			"amount": func(e *seven.Entry) { e.Amount = "4.5" }, "source": func(e *seven.Entry) { e.Source = " " },
			"as_of": func(e *seven.Entry) { e.AsOf = "2027-01-01" }, "part": func(e *seven.Entry) { e.Part = "clerk" },
		} {
			e := good
			change(&e)
			err := c.s.Enter(admin, e)
			bad, ok := fault.As(err)
			require.True(t, ok && bad.Kind == fault.Invalid, "%s: %v", name, err)
			require.Equal(t, name, bad.Fields[0].Name)
		}
		require.Equal(t, fault.Forbidden, fault.KindOf(c.s.Enter(c.official, good)), "who reads the figures does not set them")
		require.NoError(t, c.s.Enter(admin, good))
		require.Equal(t, fault.Invalid, fault.KindOf(c.s.Enter(admin, good)), "there is one for the day")
		list, err := c.s.Inputs(c.official)
		require.NoError(t, err)
		require.Len(t, list, 1)
		in := list[0]
		require.EqualValues(t, 400000, in.Amount)
		edit := good
		edit.ID, edit.Version, edit.Amount = in.ID, in.Version, "5000"
		require.NoError(t, c.s.Enter(admin, edit))
		require.Equal(t, fault.Conflict, fault.KindOf(c.s.Enter(admin, edit)), "somebody changed it meanwhile")
		require.Equal(t, fault.Conflict, fault.KindOf(c.s.Remove(admin, in.ID, in.Version)))
		require.NoError(t, c.s.Remove(admin, in.ID, in.Version+1))
		_, err = c.s.Input(admin, in.ID)
		require.Equal(t, fault.NotFound, fault.KindOf(err))
		versions, err := c.s.Versions(admin, in.ID)
		require.NoError(t, err)
		require.Len(t, versions, 3)
		require.True(t, versions[0].Removed)
		require.NoError(t, c.s.Enter(admin, good), "after it was taken out of use")
		var acts []string
		require.NoError(t, d.From(t.Context()).Raw("SELECT action FROM audit_entries WHERE object_kind = 'figure_input' ORDER BY id").Scan(&acts).Error)
		require.Equal(t, []string{"seven.input.enter", "seven.input.correct", "seven.input.remove", "seven.input.enter"}, acts)
	})
}

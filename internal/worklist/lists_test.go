package worklist_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/worklist"
)

func TestListsAreOnesOwnOrTheUnits(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		var unit, other string
		require.NoError(t, d.From(t.Context()).Raw("SELECT id FROM units WHERE code = 'CG03'").Row().Scan(&unit))
		require.NoError(t, d.From(t.Context()).Raw("SELECT id FROM units WHERE code = 'CG02'").Row().Scan(&other))
		in := func(account, unit string) context.Context {
			return actor.With(t.Context(), actor.Actor{Kind: actor.Staff, AccountID: account, UnitID: unit})
		}
		me, colleague, stranger := in(w.handler, unit), in(w.dispatcher, unit), in(w.dispatcher, other)
		names := func(ctx context.Context) (list []string) {
			found, err := w.Lists(ctx)
			require.NoError(t, err)
			for _, l := range found {
				list = append(list, l.Name)
			}
			return list
		}
		require.Empty(t, names(me))
		require.NoError(t, w.Save(me, "", " 待簽收 ", "status=dispatched", false))
		require.NoError(t, w.Save(me, "", "路燈", "unit=CG03", true))
		require.Equal(t, []string{"待簽收", "路燈"}, sorted(names(me)))
		require.Equal(t, []string{"路燈"}, names(colleague))
		require.Empty(t, names(stranger))
		for name, key := range map[string]string{"": "required", strings.Repeat("長", worklist.NameMost+1): "long", "路燈": "taken"} {
			e, _ := fault.As(w.Save(me, "", name, "", false))
			require.NotNil(t, e, key)
			require.Equal(t, "desk.lists.name."+key, e.Fields[0].Key)
		}
		e, _ := fault.As(w.Save(in(w.handler, ""), "", "x", "", true))
		require.Equal(t, "desk.lists.unitless", e.Fields[0].Key)

		shared, err := w.Lists(colleague)
		require.NoError(t, err)
		id := shared[0].ID
		require.False(t, shared[0].Mine)
		require.Equal(t, fault.NotFound, fault.KindOf(w.Save(colleague, id, "mine now", "", false)))
		require.Equal(t, fault.NotFound, fault.KindOf(w.Delete(colleague, id)))
		require.Equal(t, fault.NotFound, fault.KindOf(w.Prefer(stranger, id)))
		require.NoError(t, w.Prefer(colleague, id))
		require.NoError(t, w.Prefer(colleague, id))
		shared, err = w.Lists(colleague)
		require.NoError(t, err)
		require.True(t, shared[0].Default)
		require.NoError(t, w.Save(me, id, "街燈", "", false))
		require.Empty(t, names(colleague), "no longer shared")
		require.NoError(t, w.Delete(me, id))
		require.Zero(t, w.count("saved_list_defaults"))
		require.Equal(t, 1, w.count("audit_entries WHERE action = 'worklist.list_delete'"))
	})
}

func sorted(list []string) []string {
	slices.Sort(list)
	return list
}

package voices_test

import (
	"context"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
)

func (w *town) citizen() context.Context {
	return actor.With(w.t.Context(), actor.Actor{Kind: actor.Citizen, AccountID: w.head}) // any row of accounts
}

func (w *town) concerns(id string) int64 {
	w.t.Helper()
	v, err := w.Read(w.guest(), id)
	require.NoError(w.t, err)
	return v.Concerns
}

func TestAQuestionConcernsEachOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		_, v := w.published()
		var both sync.WaitGroup
		for range 2 { // the button pressed twice
			both.Go(func() { require.NoError(t, w.Concern(w.guest(), v.ID, "first", true)) })
		}
		both.Wait()
		require.EqualValues(t, 1, w.concerns(v.ID))
		require.NoError(t, w.Concern(w.guest(), v.ID, "second", true))
		require.NoError(t, w.Concern(w.citizen(), v.ID, "", true))
		require.NoError(t, w.Concern(w.citizen(), v.ID, "third", true), "from another browser")
		require.EqualValues(t, 3, w.concerns(v.ID))
		require.NoError(t, w.Concern(w.citizen(), v.ID, "", false))
		require.NoError(t, w.Concern(w.citizen(), v.ID, "second", true), "who said so before signing in")
		require.EqualValues(t, 2, w.concerns(v.ID))
		require.NoError(t, w.Concern(w.citizen(), v.ID, "", true))
		require.EqualValues(t, 3, w.concerns(v.ID))

		said, err := w.Concerned(w.guest(), v.ID, "second")
		require.NoError(t, err)
		require.True(t, said)
		require.NoError(t, w.Concern(w.guest(), v.ID, "second", false))
		require.NoError(t, w.Concern(w.guest(), v.ID, "second", false), "taken back twice")
		require.NoError(t, w.Concern(w.guest(), v.ID, "stranger", false), "who never said so")
		require.EqualValues(t, 2, w.concerns(v.ID))
		said, err = w.Concerned(w.guest(), v.ID, "second")
		require.NoError(t, err)
		require.False(t, said)

		require.Equal(t, fault.Forbidden, fault.KindOf(w.Concern(w.staff(), v.ID, "x", true)))
		require.Equal(t, fault.Invalid, fault.KindOf(w.Concern(w.guest(), v.ID, "", true)))
		require.Zero(t, w.count("audit_entries WHERE actor_kind = 'anonymous' AND action LIKE 'voice.concern%'"), "nothing keeps who it was")
	})
}

func TestWhatAQuestionConcernsEndsWithIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		k, v := w.published()
		require.NoError(t, w.Concern(w.guest(), v.ID, "first", true))
		draft, err := w.Draft(w.staff(), k.CaseNo)
		require.NoError(t, err)
		_, err = w.Publish(w.staff(), k.CaseNo, draft.Texts, "")
		require.NoError(t, err)
		require.EqualValues(t, 1, w.concerns(v.ID), "other words, the same matter")

		w.do(k.CaseNo, cases.Archive{})
		require.Equal(t, fault.Conflict, fault.KindOf(w.Concern(w.guest(), v.ID, "second", true)), "it is closed")
		require.NoError(t, w.Concern(w.guest(), v.ID, "first", false), "taken back it can be")
		require.Zero(t, w.concerns(v.ID))

		k, v = w.published()
		require.NoError(t, w.Concern(w.guest(), v.ID, "first", true))
		require.NoError(t, w.Decline(w.staff(), k.CaseNo, "涉及他案", ""))
		require.Equal(t, fault.NotFound, fault.KindOf(w.Concern(w.guest(), v.ID, "second", true)))
		require.Zero(t, w.count("voice_concerns"))
		require.Zero(t, w.the(k).Concerns)

		k, v = w.published()
		w.do(k.CaseNo, cases.Rework{Reason: "又壞了。"})
		require.Equal(t, fault.NotFound, fault.KindOf(w.Concern(w.guest(), v.ID, "second", true)), "out of sight")
	})
}

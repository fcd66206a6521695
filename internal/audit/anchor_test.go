package audit_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
)

func TestAChainThatWasRewrittenWholeDisagreesWithItsAnchors(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		path, now := filepath.Join(t.TempDir(), "anchors.txt"), start
		s := audit.New(d, func() time.Time { return now })
		anchor := func() []audit.Anchor {
			t.Helper()
			require.NoError(t, s.Anchor(t.Context(), path))
			list, err := audit.ReadAnchors(path)
			require.NoError(t, err)
			return list
		}
		require.Empty(t, anchor(), "an empty trail has no end")
		for i := range 3 {
			record(t, d, s, entry(i))
		}
		sealAll(t, s)
		require.Len(t, anchor(), 1)
		record(t, d, s, entry(3))
		sealAll(t, s)
		require.Len(t, anchor(), 1, "once an hour")
		now = now.Add(2 * time.Hour)
		require.Len(t, anchor(), 2)
		now = now.Add(2 * time.Hour)
		list := anchor()
		require.Len(t, list, 2, "nothing new happened")
		require.Equal(t, []int64{3, 4}, []int64{list[0].Seq, list[1].Seq})
		require.NoError(t, s.CheckAnchors(t.Context(), list))

		// Whoever owns the database takes an entry out and chains the rest anew.
		unprotect(t, d)
		for _, sql := range []string{"DELETE FROM audit_entries WHERE id = (SELECT entry_id FROM audit_seals WHERE seq = 2)", "DELETE FROM audit_seals"} {
			_, err := d.SQL().Exec(sql)
			require.NoError(t, err)
		}
		sealAll(t, s)
		requireHolds(t, s, 3)
		var broken *audit.Broken
		require.ErrorAs(t, s.CheckAnchors(t.Context(), list), &broken)
		require.Equal(t, audit.Broken{Seq: 3, EntryID: broken.EntryID, Why: "anchor"}, *broken)
		require.ErrorAs(t, s.CheckAnchors(t.Context(), list[1:]), &broken)
		require.EqualValues(t, 4, broken.Seq)
	})
}

func TestAnAnchorFileThatWasDamagedIsNotReadAsWhole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "anchors.txt")
	good := "2026-11-24T09:00:00Z 3 ab12\n"
	for body, wants := range map[string]int{"": 0, good: 1, good + "2026-11-25T": 1, good + good: 2} {
		require.NoError(t, os.WriteFile(path, []byte(body), 0o600))
		list, err := audit.ReadAnchors(path)
		require.NoError(t, err, body)
		require.Len(t, list, wants, body)
	}
	for _, body := range []string{"nonsense\n", "2026-11-24T09:00:00Z x ab\n", "2026-11-24 3 ab\n", "2026-11-24T09:00:00Z 3 xyz\n" + good} {
		require.NoError(t, os.WriteFile(path, []byte(body), 0o600))
		_, err := audit.ReadAnchors(path)
		require.ErrorContains(t, err, "line 1", body)
	}
	d := dbtest.New(t)
	s := trail(d)
	record(t, d, s, entry(0))
	sealAll(t, s)
	require.NoError(t, os.WriteFile(path, []byte("2026-11-2"), 0o600))
	require.ErrorContains(t, s.Anchor(t.Context(), path), "half a line")
}

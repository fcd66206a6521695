package audit_test

import (
	"context"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
)

// clocked writes entries at times of its own.
func clocked(t testing.TB, d *db.DB, at time.Time, who, as string, e audit.Entry) {
	t.Helper()
	s := audit.New(d, func() time.Time { return at })
	ctx := actor.With(t.Context(), actor.Actor{Kind: actor.Staff, AccountID: who, AsAccountID: as})
	require.NoError(t, d.Tx(ctx, func(ctx context.Context) error { return s.Record(ctx, e) }))
	require.NoError(t, s.Read(ctx, e.Kind, e.ID, []string{"phone"}, e.Reason))
}

func TestTheTrailIsFoundByWhoWhatAboutAndWhen(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		anna, bert := db.NewID(start), db.NewID(start)
		clocked(t, d, start, anna, "", audit.Entry{Action: "case.accept", Kind: "case", ID: "LJ1"})
		clocked(t, d, start.Add(time.Hour), bert, anna, audit.Entry{Action: "case.reply", Kind: "case", ID: "LJ2"})
		clocked(t, d, start.Add(2*time.Hour), bert, "", audit.Entry{Action: "casework.x", Kind: "constituent", ID: "p1", Reason: "=cmd"})
		s := trail(d)
		for _, c := range []struct {
			name  string
			f     audit.Filter
			wants []string // actions, newest first
			reads int
		}{
			{"all", audit.Filter{}, []string{"casework.x", "case.reply", "case.accept"}, 3},
			{"by whom, also in whose place", audit.Filter{AccountID: anna}, []string{"case.reply", "case.accept"}, 1},
			{"area ends at the dot", audit.Filter{Area: "case"}, []string{"case.reply", "case.accept"}, 3},
			{"object of whatever kind", audit.Filter{Object: "p1"}, []string{"casework.x"}, 1},
			{"object of another kind", audit.Filter{Object: "p1", Kind: "case"}, []string{}, 0},
			{"from", audit.Filter{From: start.Add(time.Hour)}, []string{"casework.x", "case.reply"}, 2},
			{"until, exclusive", audit.Filter{Until: start.Add(time.Hour)}, []string{"case.accept"}, 1},
		} {
			rows, next, err := s.Find(t.Context(), c.f)
			require.NoError(t, err, c.name)
			require.Empty(t, next, c.name)
			actions := []string{}
			for _, r := range rows {
				actions = append(actions, r.Action)
			}
			require.Equal(t, c.wants, actions, c.name)
			reads, _, err := s.FindReads(t.Context(), c.f)
			require.NoError(t, err, c.name)
			require.Len(t, reads, c.reads, c.name)
		}
		_, _, err := s.Find(t.Context(), audit.Filter{Cursor: "nonsense"})
		require.Equal(t, fault.Invalid, fault.KindOf(err))
		if _, _, err = s.Find(t.Context(), audit.Filter{Cursor: db.EncodeCursor("x")}); err != nil { // SQLite compares it as a text
			require.Equal(t, fault.NotFound, fault.KindOf(err), "%v", err)
		}
	})
}

func TestThePagesOfTheTrailTouchEachEntryOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		var entries []audit.Entry
		for i := range 25 {
			entries = append(entries, audit.Entry{Action: "job.retry", Kind: "job", ID: strconv.Itoa(i)})
		}
		s := trail(d)
		record(t, d, s, entries...)
		seen, f := map[string]bool{}, audit.Filter{Limit: 10}
		for pages := 0; pages == 0 || f.Cursor != ""; pages++ {
			rows, next, err := s.Find(t.Context(), f)
			require.NoError(t, err)
			for _, r := range rows {
				require.False(t, seen[r.ID])
				seen[r.ID] = true
			}
			f.Cursor = next
			require.Less(t, pages, 3)
		}
		require.Len(t, seen, 25)
	})
}

func TestAnExportIsAnEntryItself(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := trail(d)
		who := db.NewID(start)
		clocked(t, d, start, who, "", audit.Entry{Action: "case.accept", Kind: "case", ID: "LJ1"})
		rows, err := s.Export(t.Context(), audit.Filter{Object: "LJ1", AccountID: who})
		require.NoError(t, err)
		require.Len(t, rows, 1)
		reads, err := s.ExportReads(t.Context(), audit.Filter{})
		require.NoError(t, err)
		require.Len(t, reads, 1)
		rows, _, err = s.Find(t.Context(), audit.Filter{Area: "export"})
		require.NoError(t, err)
		require.Len(t, rows, 2)
		require.Equal(t, "export.audit_entries", rows[1].Action)
		require.Equal(t, "account="+who+" object=LJ1", rows[1].Reason)
		changes, err := rows[1].Fields()
		require.NoError(t, err)
		require.Equal(t, []audit.Change{{Field: "rows", After: "1"}}, changes)
	})
}

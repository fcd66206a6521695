package audit_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
)

// clock is a clock that a test moves.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(by)
}

func entry(i int) audit.Entry {
	return audit.Entry{Action: "case.note", Kind: "case", ID: fmt.Sprint(i), Fields: []audit.Change{{Field: "title", Before: "舊", After: "新 " + fmt.Sprint(i)}}}
}

func sealAll(t testing.TB, s *audit.Service) int {
	t.Helper()
	n, err := s.Seal(t.Context())
	require.NoError(t, err)
	return n
}

func requireHolds(t testing.TB, s *audit.Service, want int) {
	t.Helper()
	n, err := s.Verify(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, want, n)
}

func requireBroken(t testing.TB, s *audit.Service, seq int64, why string) {
	t.Helper()
	n, err := s.Verify(t.Context())
	var b *audit.Broken
	require.ErrorAs(t, err, &b)
	require.Equal(t, fmt.Sprint(seq, " ", why), fmt.Sprint(b.Seq, " ", b.Why), "%v", err)
	require.Equal(t, seq-1, n, "as many as hold before it")
}

func TestEntriesOfParallelWritersAreChainedOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := audit.New(d, time.Now)
		requireHolds(t, s, 0)
		require.Zero(t, sealAll(t, s))
		var all sync.WaitGroup
		for w := range 8 {
			all.Go(func() {
				for i := range 10 {
					err := d.Tx(t.Context(), func(ctx context.Context) error { return s.Record(ctx, entry(w*100+i)) })
					if err != nil {
						t.Error(err)
					}
					if i%4 == w%4 { // beside the writers
						if _, err := s.Seal(t.Context()); err != nil {
							t.Error(err)
						}
					}
				}
			})
		}
		all.Wait()
		sealAll(t, s)
		requireHolds(t, s, 80)
		require.Equal(t, 80, count(t, d, "audit_seals"))
		require.Zero(t, sealAll(t, s))
	})
}

func TestTwoProcessesThatSealAtOnceHarmNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		other, err := db.Open(t.Context(), d.URL(), db.Options{MaxConns: 4})
		require.NoError(t, err)
		defer other.Close()
		here, there := audit.New(d, time.Now), audit.New(other, time.Now)
		for round := range 5 {
			for i := range 20 {
				record(t, d, here, entry(round*20+i))
			}
			var both sync.WaitGroup
			for _, s := range []*audit.Service{here, there} {
				both.Go(func() {
					if _, err := s.Seal(t.Context()); err != nil {
						t.Error(err)
					}
				})
			}
			both.Wait()
		}
		sealAll(t, here)
		requireHolds(t, there, 100)
	})
}

func TestASealerThatStoodStillTakesEverything(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := &clock{at: start}
		s := audit.New(d, c.now)
		record(t, d, s, entry(0))
		require.Equal(t, 1, sealAll(t, s))
		for i := range 12 { // more than one batch, over half a day
			entries := make([]audit.Entry, 100)
			for j := range entries {
				entries[j] = entry(i)
			}
			record(t, d, s, entries...)
			c.advance(time.Hour)
		}
		require.Equal(t, 1200, sealAll(t, s))
		requireHolds(t, s, 1201)
	})
}

func TestAnEntryThatCommitsLateIsStillSealed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := &clock{at: start}
		s := audit.New(d, c.now)
		late, err := s.Prepare(t.Context(), entry(1))
		require.NoError(t, err)
		c.advance(50 * time.Minute)
		record(t, d, s, entry(2))
		require.Equal(t, 1, sealAll(t, s))
		require.NoError(t, d.InsertAll(t.Context(), db.Stmt{SQL: audit.Insert, Args: late.Args()}))
		require.Equal(t, 1, sealAll(t, s))
		requireHolds(t, s, 2)
	})
}

func TestAnyTamperingIsFound(t *testing.T) {
	id := func(n int) string { return fmt.Sprintf("(SELECT entry_id FROM audit_seals WHERE seq = %d)", n) }
	for _, tampering := range []struct {
		what string
		sql  []string
		seq  int64
		why  string
	}{
		{"a changed column", []string{"UPDATE audit_entries SET reason = 'other' WHERE id = " + id(3)}, 3, "changed"},
		{"a changed time", []string{"UPDATE audit_entries SET at = '2026-11-24 09:00:01+00:00' WHERE id = " + id(3)}, 3, "changed"},
		{"changed JSON", []string{`UPDATE audit_entries SET changes = '[{"field":"title","after":"other"}]' WHERE id = ` + id(4)}, 4, "changed"},
		{"a changed digest", []string{"UPDATE audit_entries SET digest = link FROM audit_seals WHERE entry_id = audit_entries.id AND seq = 2"}, 2, "changed"},
		{"a removed entry", []string{"DELETE FROM audit_entries WHERE id = " + id(5)}, 5, "missing"},
		{"a removed seal", []string{"DELETE FROM audit_seals WHERE seq = 5"}, 5, "gap"},
		{"a removed entry with its seal, the rest moved up", []string{"DELETE FROM audit_seals WHERE seq = 5",
			"UPDATE audit_seals SET seq = -seq WHERE seq > 5", "UPDATE audit_seals SET seq = -seq - 1 WHERE seq < 0"}, 5, "link"},
		{"two entries in the other order", []string{"UPDATE audit_seals SET seq = -6 WHERE seq = 6", "UPDATE audit_seals SET seq = 6 WHERE seq = 7",
			"UPDATE audit_seals SET seq = 7 WHERE seq = -6"}, 6, "link"},
		{"a later sealing time", []string{"UPDATE audit_seals SET sealed_at = '2027-01-01 00:00:00+00:00' WHERE seq = 8"}, 8, "link"},
		{"another suite", []string{"UPDATE audit_seals SET suite = 'sm3' WHERE seq = 8"}, 8, "link"},
		{"a changed link", []string{"UPDATE audit_seals SET link = previous WHERE seq = 9"}, 9, "link"},
		{"an entry put in behind the chain's back", []string{`INSERT INTO audit_entries (id, at, actor_kind, action, object_kind, digest)
 SELECT '01000000-0000-7000-8000-000000000001', at, 'staff', 'case.accept', 'case', digest FROM audit_entries WHERE id = ` + id(1)}, 11, "unsealed"},
	} {
		t.Run(tampering.what, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				s := trail(d)
				for i := range 10 {
					record(t, d, s, entry(i))
				}
				require.Equal(t, 10, sealAll(t, s))
				requireHolds(t, s, 10)
				unprotect(t, d)
				for _, sql := range tampering.sql {
					_, err := d.SQL().Exec(sql)
					require.NoError(t, err)
				}
				requireBroken(t, s, tampering.seq, tampering.why)
			})
		})
	}
}

// unprotect takes the foreign key away, as somebody with the owner's password could.
func unprotect(t *testing.T, d *db.DB) {
	t.Helper()
	sql := "PRAGMA foreign_keys = off"
	if d.Engine() == db.PostgreSQL {
		sql = "ALTER TABLE audit_seals DROP CONSTRAINT audit_seals_entry_id_fkey"
	}
	_, err := d.SQL().Exec(sql)
	require.NoError(t, err)
}

func TestASealedEntryCannotBeDeleted(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := trail(d)
		record(t, d, s, entry(1))
		sealAll(t, s)
		_, err := d.SQL().Exec("DELETE FROM audit_entries")
		require.Error(t, err)
	})
}

package audit_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
)

func TestTheLogOfReadsCannotBeChangedUnseen(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := &clock{at: start}
		s := audit.New(d, c.now)
		ctx := actor.With(t.Context(), actor.Actor{Kind: actor.Staff, AccountID: db.NewID(start)})
		read := func(n int) {
			for i := range n {
				c.advance(time.Minute)
				require.NoError(t, s.Read(ctx, "constituent", fmt.Sprint("c", i), []string{"phone", "name"}, "回電"))
			}
		}
		seal := func() int {
			n, err := s.SealReads(t.Context())
			require.NoError(t, err)
			return n
		}
		broken := func(seq int64, why string) {
			t.Helper()
			_, err := s.VerifyReads(t.Context())
			var b *audit.Broken
			require.ErrorAs(t, err, &b)
			require.ErrorIs(t, err, audit.ErrReads)
			require.Equal(t, fmt.Sprint(seq, " ", why), fmt.Sprint(b.Seq, " ", b.Why))
		}
		holds := func(want int64) {
			t.Helper()
			n, err := s.VerifyReads(t.Context())
			require.NoError(t, err)
			require.Equal(t, want, n)
		}
		exec := func(query string, args ...any) {
			t.Helper()
			require.NoError(t, d.From(t.Context()).Exec(query, args...).Error)
		}
		holds(0)
		read(6)
		require.Equal(t, 6, seal())
		require.Zero(t, seal())
		holds(6)
		var ids []string
		require.NoError(t, d.From(ctx).Raw("SELECT id FROM audit_reads ORDER BY id").Scan(&ids).Error)

		exec("UPDATE audit_reads SET reason = 'x' WHERE id = ?", ids[2])
		broken(3, "changed")
		exec("UPDATE audit_reads SET reason = '回電' WHERE id = ?", ids[2])
		exec("UPDATE audit_reads SET object_id = CASE WHEN id = ? THEN 'c2' ELSE 'c1' END WHERE id IN ?", ids[1], ids[1:3])
		broken(2, "changed")
		exec("UPDATE audit_reads SET object_id = CASE WHEN id = ? THEN 'c1' ELSE 'c2' END WHERE id IN ?", ids[1], ids[1:3])
		holds(6)
		exec("UPDATE read_seals SET seq = seq + 100 WHERE seq IN (2, 3)")
		broken(2, "gap")
		exec("UPDATE read_seals SET seq = seq - 100 WHERE seq > 100")
		holds(6)
		exec("INSERT INTO audit_reads (id, at, object_kind, object_id, fields, reason) VALUES (?, ?, 'constituent', 'c9', '[]', '')", db.NewID(start.Add(-2*time.Hour)), start)
		broken(7, "unsealed")
		exec("DELETE FROM audit_reads WHERE object_id = 'c9'")
		holds(6)

		c.advance(2 * time.Hour)
		read(2)
		require.Equal(t, 2, seal())
		exec("CREATE TABLE kept AS SELECT * FROM read_seals WHERE seq > 6")
		exec("DELETE FROM read_seals WHERE seq > 6")
		broken(7, "anchor") // its end was cut off
		exec("INSERT INTO read_seals SELECT * FROM kept")
		exec("DROP TABLE kept")
		holds(8)
	})
}

func TestReadsGoWhenTheirTermIsOverAndTheChainHolds(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := &clock{at: start}
		s := audit.New(d, c.now)
		for range 3 {
			require.NoError(t, s.Read(t.Context(), "constituent", "c1", nil, ""))
			c.advance(48 * time.Hour)
		}
		ids, err := s.OldReads(t.Context(), c.now(), "00000000-0000-0000-0000-000000000000", 9)
		require.NoError(t, err)
		require.Len(t, ids, 3)
		n, err := s.DeleteReads(t.Context(), ids[:1])
		require.NoError(t, err)
		require.Zero(t, n, "not before it is sealed")
		_, err = s.SealReads(t.Context())
		require.NoError(t, err)
		for range 2 {
			n, err = s.DeleteReads(t.Context(), ids[:2])
			require.NoError(t, err)
		}
		require.Zero(t, n, "the second time there is nothing")
		held, err := s.VerifyReads(t.Context())
		require.NoError(t, err)
		require.EqualValues(t, 3, held)
		require.NoError(t, d.From(t.Context()).Exec("DELETE FROM audit_reads").Error)
		_, err = s.VerifyReads(t.Context())
		require.ErrorIs(t, err, audit.ErrReads, "what went without the trail knowing is missed")
	})
}

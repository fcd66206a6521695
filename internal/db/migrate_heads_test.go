package db_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/db/dbtest"
)

// What stands for merged records is filled in while others read and write, and from where it
// was when it was interrupted. A trigger holds the filling up in its second part.
func TestHeadsAreFilledWhileOthersReadAndWrite(t *testing.T) {
	d := dbtest.Postgres(t)
	exec := func(sql string, args ...any) {
		t.Helper()
		require.NoError(t, d.From(t.Context()).Exec(sql, args...).Error)
	}
	count := func(what string) (n int) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		require.NoError(t, d.From(ctx).Raw("SELECT COUNT(*) FROM "+what).Scan(&n).Error)
		return n
	}
	for {
		steps, err := d.Steps(t.Context())
		require.NoError(t, err)
		last := 0
		for i, s := range steps {
			if !s.At.IsZero() {
				last = i
			}
		}
		if steps[last].Version < 146 {
			break
		}
		require.NoError(t, d.MigrateDown(t.Context()))
	}
	const id = "CAST(lpad(to_hex(%), 8, '0') || '-0000-7000-8000-000000000000' AS uuid)"
	of := func(sql string) string { return id[:len("CAST(lpad(to_hex(")] + sql + id[len("CAST(lpad(to_hex(%"):] }
	exec("INSERT INTO vault_keys (id, owner_kind, suite, ring_key, created_at) VALUES (" + of("1") + ", 'constituent', 'aes256gcm', 'k1', now())")
	exec("INSERT INTO constituents (id, kind, vault_key_id, locale, created_at, merged_into_id) SELECT " + of("i") + ", 'person', " + of("1") + ", 'en', now(), CASE WHEN i % 3 > 0 THEN " + of("i + 1") + " END FROM generate_series(1, 12000) i")
	exec("CREATE FUNCTION hold_up() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_advisory_xact_lock(4711); RETURN NEW; END $$")
	exec("CREATE TRIGGER hold_up BEFORE UPDATE ON constituents FOR EACH ROW WHEN (OLD.id = " + of("11000") + ") EXECUTE FUNCTION hold_up()")
	gate, err := d.SQL().Conn(t.Context())
	require.NoError(t, err)
	defer gate.Close()
	_, err = gate.ExecContext(t.Context(), "SELECT pg_advisory_lock(4711)")
	require.NoError(t, err)

	interrupted, stop := context.WithCancel(t.Context())
	defer stop()
	done := make(chan error, 1)
	go func() { done <- d.Migrate(interrupted) }()
	require.Eventually(t, func() bool {
		return count("pg_locks WHERE locktype = 'advisory' AND objid = 4711 AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())") == 1
	}, 30*time.Second, 20*time.Millisecond)
	require.Equal(t, 5000, count("constituents WHERE head_id IS NOT NULL"), "one part is there for all to see")
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	require.NoError(t, d.From(ctx).Exec("UPDATE constituents SET locale = 'zh-Hans' WHERE id = "+of("12000")).Error, "others write")
	stop()
	require.Error(t, <-done)

	_, err = gate.ExecContext(t.Context(), "SELECT pg_advisory_unlock(4711)")
	require.NoError(t, err)
	require.NoError(t, d.Migrate(t.Context()))
	require.Equal(t, 8000, count("constituents c JOIN constituents h ON h.id = c.head_id WHERE c.merged_into_id IS NOT NULL AND h.merged_into_id IS NULL AND "+
		of("(CAST('x' || left(CAST(c.id AS text), 8) AS bit(32))::int + 2) / 3 * 3")+" = h.id"))
	require.Equal(t, 8000, count("constituents WHERE head_id IS NOT NULL"))
	require.Equal(t, 2, count("pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indisvalid AND c.relname IN ('constituents_head_idx', 'constituent_merges_undone_idx') AND c.relnamespace = CAST(current_schema() AS regnamespace)"))
}

package jobs

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"

	"minqing/internal/db"
)

// River's indexes that we keep, and so let it rebuild at night.
var keptIndexes = []string{"river_job_kind", "river_job_pkey", "river_job_prioritized_fetching_index",
	"river_job_state_and_finalized_at_index", "river_job_unique_idx"}

// SchemaVersion changes whenever Migrate would leave other tables behind.
const SchemaVersion = "river-8 without two indexes"

// migrationLock is an arbitrary number that only this migration takes.
const migrationLock = 0x6d696e71696e67

// Migrate brings the queue's own tables up to date. It runs right after the
// migrations of db, may run again at any time, and on PostgreSQL waits for
// another process that is at it. Where nothing is to do it only looks.
func Migrate(ctx context.Context, d *db.DB) error {
	if done(ctx, d) {
		return nil
	}
	if d.Engine() == db.SQLite {
		return migrate(ctx, riversqlite.New(d.SQL()))
	}
	conn, err := d.SQL().Conn(ctx)
	if err != nil {
		return fmt.Errorf("migrate the queue: %w", err)
	}
	defer conn.Close()
	if err := lock(ctx, conn); err != nil {
		return fmt.Errorf("wait for another migration: %w", err)
	}
	defer conn.ExecContext(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", migrationLock) //nolint:errcheck // the connection's end frees it too
	if err := migrate(ctx, riverdatabasesql.New(d.SQL())); err != nil {
		return err
	}
	// River never reads these two; each insert would pay for them.
	_, err = conn.ExecContext(ctx, "DROP INDEX IF EXISTS river_job_args_index, river_job_metadata_index")
	if err != nil {
		return fmt.Errorf("drop unused indexes of the queue: %w", err)
	}
	return nil
}

// done says whether Migrate would change nothing. An error is a no.
func done(ctx context.Context, d *db.DB) bool {
	if ok, err := Migrated(ctx, d); err != nil || !ok {
		return false
	}
	if d.Engine() == db.SQLite {
		return true
	}
	var dropped bool
	err := d.SQL().QueryRowContext(ctx, `SELECT to_regclass('river_job_args_index') IS NULL
		AND to_regclass('river_job_metadata_index') IS NULL`).Scan(&dropped)
	return err == nil && dropped
}

// lock asks again and again rather than wait in the server, whose
// statement_timeout would end the waiting.
func lock(ctx context.Context, conn *sql.Conn) error {
	for {
		var got bool
		if err := conn.QueryRowContext(ctx, "SELECT pg_try_advisory_lock($1)", migrationLock).Scan(&got); err != nil || got {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(200 * time.Millisecond):
		}
	}
}

func migrate(ctx context.Context, drv riverdriver.Driver[*sql.Tx]) error {
	m, err := rivermigrate.New(drv, nil)
	if err != nil {
		return fmt.Errorf("prepare the queue's migration: %w", err)
	}
	if _, err := m.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("migrate the queue: %w", err)
	}
	return nil
}

// Migrated reports whether the queue's tables are up to date, for the doctor.
func Migrated(ctx context.Context, d *db.DB) (bool, error) {
	var drv riverdriver.Driver[*sql.Tx] = riverdatabasesql.New(d.SQL())
	if d.Engine() == db.SQLite {
		drv = riversqlite.New(d.SQL())
	}
	m, err := rivermigrate.New(drv, nil)
	if err != nil {
		return false, fmt.Errorf("prepare the queue's migration: %w", err)
	}
	res, err := m.Validate(ctx, nil)
	if err != nil {
		return false, fmt.Errorf("check the queue's migration: %w", err)
	}
	return res.OK, nil
}

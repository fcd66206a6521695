package db_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/db"
	"minqing/internal/db/dbtest"
)

// notes makes a table for tests of this package.
func notes(t testing.TB, d *db.DB) {
	t.Helper()
	instant := "DATETIME"
	if d.Engine() == db.PostgreSQL {
		instant = "timestamptz"
	}
	require.NoError(t, d.From(t.Context()).Exec(`CREATE TABLE notes (id TEXT PRIMARY KEY NOT NULL, body TEXT NOT NULL DEFAULT '', at `+instant+`)`).Error)
}

func write(ctx context.Context, d *db.DB, id string) error {
	return d.From(ctx).Exec("INSERT INTO notes (id) VALUES (?)", id).Error
}

func written(t testing.TB, d *db.DB) []string {
	t.Helper()
	var ids []string
	require.NoError(t, d.From(context.Background()).Raw("SELECT id FROM notes ORDER BY id").Scan(&ids).Error)
	return ids
}

func TestATransactionKeepsEverythingOrNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		notes(t, d)
		ctx := t.Context()
		require.NoError(t, d.Tx(ctx, func(ctx context.Context) error {
			require.NoError(t, write(ctx, d, "a"))
			return write(ctx, d, "b")
		}))
		no := errors.New("no")
		err := d.Tx(ctx, func(ctx context.Context) error {
			require.NoError(t, write(ctx, d, "c"))
			return fmt.Errorf("not so: %w", no)
		})
		require.ErrorIs(t, err, no)
		require.PanicsWithValue(t, "broken", func() {
			d.Tx(ctx, func(ctx context.Context) error {
				require.NoError(t, write(ctx, d, "d"))
				panic("broken")
			})
		})
		ended := make(chan bool)
		go func() {
			defer close(ended)
			d.Tx(ctx, func(ctx context.Context) error {
				_ = write(ctx, d, "e")
				runtime.Goexit()
				return nil
			})
		}()
		<-ended
		require.Equal(t, []string{"a", "b"}, written(t, d))
	})
}

func TestAnInnerTransactionJoinsTheOuterOne(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		notes(t, d)
		no := errors.New("no")
		err := d.Tx(t.Context(), func(outer context.Context) error {
			require.NoError(t, d.Tx(outer, func(inner context.Context) error {
				require.Same(t, d.SQLTx(outer), d.SQLTx(inner))
				return write(inner, d, "a")
			}))
			return no
		})
		require.ErrorIs(t, err, no)
		require.Empty(t, written(t, d), "what the inner one wrote goes with the outer one")
	})
}

func TestOnlyTheTransactionSeesWhatItWroteBeforeItCommits(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		notes(t, d)
		require.Nil(t, d.SQLTx(t.Context()))
		require.NoError(t, d.Tx(t.Context(), func(ctx context.Context) error {
			require.NoError(t, write(ctx, d, "a"))
			var inside, reader int
			require.NoError(t, d.From(ctx).Raw("SELECT count(*) FROM notes").Scan(&inside).Error)
			require.NoError(t, d.Reader(ctx).Raw("SELECT count(*) FROM notes").Scan(&reader).Error)
			require.Equal(t, []int{1, 1}, []int{inside, reader})
			require.Empty(t, written(t, d), "a reader outside waits for nobody and sees nothing yet")
			return nil
		}))
		require.Equal(t, []string{"a"}, written(t, d))
	})
}

func TestATransactionOfAnotherDatabaseIsNotJoined(t *testing.T) {
	a, b := dbtest.New(t), dbtest.New(t)
	notes(t, a)
	notes(t, b)
	no := errors.New("no")
	require.ErrorIs(t, a.Tx(t.Context(), func(ctx context.Context) error {
		require.Nil(t, b.SQLTx(ctx))
		require.NoError(t, b.Tx(ctx, func(ctx context.Context) error { return write(ctx, b, "b") }))
		return no
	}), no)
	require.Equal(t, []string{"b"}, written(t, b))
}

func TestWhatFollowsACommitRunsOnlyAfterOne(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		notes(t, d)
		var told []string
		tell := func(ctx context.Context, what string) { d.AfterCommit(ctx, func() { told = append(told, what) }) }
		require.NoError(t, d.Tx(t.Context(), func(ctx context.Context) error {
			tell(ctx, "first")
			require.NoError(t, d.Tx(ctx, func(ctx context.Context) error { tell(ctx, "second"); return nil }))
			require.Empty(t, told)
			return write(ctx, d, "a")
		}))
		require.Error(t, d.Tx(t.Context(), func(ctx context.Context) error {
			tell(ctx, "never")
			return errors.New("no")
		}))
		tell(t.Context(), "outside")
		require.Equal(t, []string{"first", "second", "outside"}, told)
	})
}

func TestACancelledCallerStartsNoTransaction(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		ran := false
		err := d.Tx(ctx, func(context.Context) error { ran = true; return nil })
		require.ErrorIs(t, err, context.Canceled)
		require.False(t, ran)
	})
}

func TestAReaderMustNotWrite(t *testing.T) {
	d := dbtest.New(t)
	notes(t, d)
	require.Error(t, d.Reader(t.Context()).Exec("INSERT INTO notes (id) VALUES ('a')").Error)
	require.Empty(t, written(t, d))
}

func TestSeveralInsertsActAsOne(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		notes(t, d)
		ctx := t.Context()
		at := time.Date(2026, 11, 24, 9, 0, 0, 0, time.FixedZone("", 8*3600))
		require.NoError(t, d.InsertAll(ctx))
		require.NoError(t, d.InsertAll(ctx, db.Insert("notes", "id, at", "a", at)))
		require.NoError(t, d.InsertAll(ctx, db.Insert("notes", "id, body", "b", "x"), db.Insert("notes", "id", "c")))
		err := d.InsertAll(ctx, db.Insert("notes", "id", "d"), db.Insert("notes", "id", "a"))
		require.True(t, db.IsDuplicate(err), "%v", err)
		require.Equal(t, []string{"a", "b", "c"}, written(t, d))
	})
}

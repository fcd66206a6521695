package jobs_test

import (
	"context"
	"database/sql"
	"testing"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivertype"
	"github.com/stretchr/testify/require"

	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/jobs"
)

// rivers own client, as the yardstick for the rows that we write ourselves.
func yardstick(t *testing.T, d *db.DB) *river.Client[*sql.Tx] {
	t.Helper()
	var drv riverdriver.Driver[*sql.Tx] = riverdatabasesql.New(d.SQL())
	if d.Engine() == db.SQLite {
		drv = riversqlite.New(d.SQL())
	}
	c, err := river.NewClient(drv, &river.Config{MaxAttempts: jobs.DefaultAttempts})
	require.NoError(t, err)
	return c
}

func TestOurRowsAreTheRowsThatRiverWrites(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		q, c := newQueue(t, d, nil), yardstick(t, d)
		later := time.Date(2030, 1, 2, 3, 4, 5, 678_000_000, time.FixedZone("CST", 8*3600))
		waiting := []rivertype.JobState{rivertype.JobStateAvailable, rivertype.JobStatePending,
			rivertype.JobStateRetryable, rivertype.JobStateRunning, rivertype.JobStateScheduled}
		var theirs []*rivertype.JobRow
		require.NoError(t, d.Tx(t.Context(), func(ctx context.Context) error {
			insert := func(o *river.InsertOpts) {
				res, err := c.InsertTx(ctx, d.SQLTx(ctx), ping{ID: 3}, o)
				require.NoError(t, err)
				theirs = append(theirs, res.Job)
			}
			insert(nil)
			insert(&river.InsertOpts{ScheduledAt: later, Queue: "mail", MaxAttempts: 4})
			insert(&river.InsertOpts{UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: waiting}})
			return nil
		}))
		add(t, d, q, ping{ID: 3})
		add(t, d, q, ping{ID: 3}, jobs.At(later), jobs.On("mail"), jobs.MaxAttempts(4))
		add(t, d, q, ping{ID: 3}, jobs.Unique("k"))
		for i, want := range theirs {
			got, err := c.JobGet(t.Context(), want.ID+int64(len(theirs)))
			require.NoError(t, err)
			want, err = c.JobGet(t.Context(), want.ID)
			require.NoError(t, err)
			require.WithinDuration(t, want.CreatedAt, got.CreatedAt, 5*time.Second)
			require.WithinDuration(t, want.ScheduledAt, got.ScheduledAt, 5*time.Second)
			require.Len(t, got.UniqueKey, len(want.UniqueKey))
			same := *want
			same.ID, same.CreatedAt, same.ScheduledAt, same.UniqueKey = got.ID, got.CreatedAt, got.ScheduledAt, got.UniqueKey
			same.Metadata = got.Metadata // on SQLite River marks its own inserts with a nonce
			require.Equal(t, &same, got, "row %d", i)
		}
	})
}

func TestAPreparedInsertionWorksInsideAnotherStatement(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		q := newQueue(t, d, nil)
		var c tally
		jobs.Work(q, c.work)
		start(t, q)
		time.Sleep(200 * time.Millisecond)
		ins, err := q.Insertion([]jobs.Args{ping{ID: 1}, ping{ID: 2}})
		require.NoError(t, err)
		require.NoError(t, d.Tx(t.Context(), func(ctx context.Context) error {
			statement := ins.SQL
			if d.Engine() == db.PostgreSQL {
				statement = "WITH j AS (" + ins.SQL + ") SELECT 1"
			}
			if err := d.From(ctx).Exec(statement, ins.Args...).Error; err != nil {
				return err
			}
			q.Wake(ctx, ins.Queue)
			return nil
		}))
		require.Eventually(t, func() bool { return c.of(1) == 1 && c.of(2) == 1 }, 8*time.Second, 5*time.Millisecond)
	})
}

func BenchmarkAdd(b *testing.B) {
	for _, engine := range []db.Engine{db.SQLite, db.PostgreSQL} {
		b.Run(string(engine), func(b *testing.B) {
			d := dbtest.New(b)
			if engine == db.PostgreSQL {
				d = dbtest.Postgres(b)
			}
			benchAdd(b, d)
		})
	}
}

func benchAdd(b *testing.B, d *db.DB) {
	ctx := context.Background()
	run := func(name string, add func(ctx context.Context) error) {
		b.Run(name, func(b *testing.B) {
			b.SetParallelism(8)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if err := d.Tx(ctx, add); err != nil {
						b.Error(err)
						return
					}
				}
			})
		})
	}
	var drv riverdriver.Driver[*sql.Tx] = riverdatabasesql.New(d.SQL())
	if d.Engine() == db.SQLite {
		drv = riversqlite.New(d.SQL())
	}
	c, err := river.NewClient(drv, &river.Config{FetchCooldown: time.Millisecond})
	require.NoError(b, err)
	q, err := jobs.New(d, nil, jobs.Options{})
	require.NoError(b, err)
	run("nothing", func(ctx context.Context) error {
		return d.From(ctx).Exec("DELETE FROM river_queue WHERE name = 'x'").Error
	})
	run("InsertTx", func(ctx context.Context) error {
		_, err := c.InsertTx(ctx, d.SQLTx(ctx), ping{ID: 1}, nil)
		return err
	})
	run("Add", func(ctx context.Context) error { return q.Add(ctx, ping{ID: 1}) })
	q.Close()
}

package jobs_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/jobs"
)

type ping struct {
	ID int `json:"id"`
}

func (ping) Kind() string { return "test.ping" }

type pong struct{}

func (pong) Kind() string { return "test.pong" }

// newQueue opens a queue as production does, but quiet.
func newQueue(t *testing.T, d *db.DB, change func(*jobs.Options)) *jobs.Queue {
	t.Helper()
	o := jobs.Options{Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
	if change != nil {
		change(&o)
	}
	q, err := jobs.New(d, audit.New(d, time.Now), o)
	require.NoError(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		require.NoError(t, q.Stop(ctx))
		q.Close()
	})
	return q
}

func add(t *testing.T, d *db.DB, q *jobs.Queue, args jobs.Args, opts ...jobs.Opt) {
	t.Helper()
	require.NoError(t, d.Tx(t.Context(), func(ctx context.Context) error { return q.Add(ctx, args, opts...) }))
}

func start(t *testing.T, q *jobs.Queue) {
	t.Helper()
	require.NoError(t, q.Start(t.Context()))
}

// tally counts runs by id.
type tally struct {
	mu   sync.Mutex
	runs map[int]int
}

func (c *tally) work(_ context.Context, p ping) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.runs == nil {
		c.runs = map[int]int{}
	}
	c.runs[p.ID]++
	return nil
}

func (c *tally) len() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.runs)
}

func (c *tally) of(id int) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.runs[id]
}

func counts(t *testing.T, q *jobs.Queue) map[jobs.State]int {
	t.Helper()
	c, err := q.Count(context.Background())
	require.NoError(t, err)
	return c
}

func TestAJobRunsOnceSoonAfterItsCommit(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		q := newQueue(t, d, nil) // the poll is ten seconds: only the bell can be quick
		var c tally
		jobs.Work(q, func(ctx context.Context, p ping) error {
			if a := actor.From(ctx); a.Kind != actor.System || a.Job != "test.ping" {
				return fmt.Errorf("runs as %v", a)
			}
			if r := jobs.Current(ctx); r.Attempt != 1 || r.Attempts != jobs.DefaultAttempts || r.Last() {
				return fmt.Errorf("run %v", r)
			}
			return c.work(ctx, p)
		})
		start(t, q)
		time.Sleep(300 * time.Millisecond) // the first look at the queue is over
		require.NoError(t, d.Tx(t.Context(), func(ctx context.Context) error {
			if err := q.Add(ctx, ping{ID: 7}); err != nil {
				return err
			}
			time.Sleep(100 * time.Millisecond)
			require.Zero(t, c.len(), "ran before the commit")
			return nil
		}))
		require.Eventually(t, func() bool { return c.of(7) == 1 }, 8*time.Second, 5*time.Millisecond)
		require.Eventually(t, func() bool { return counts(t, q)[jobs.Completed] == 1 }, 8*time.Second, 20*time.Millisecond)
		require.Equal(t, 1, c.of(7))
	})
}

func TestAJobOfARolledBackTransactionNeverRuns(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		q := newQueue(t, d, func(o *jobs.Options) { o.Poll = 50 * time.Millisecond })
		var c tally
		jobs.Work(q, c.work)
		start(t, q)
		regret := errors.New("regret")
		err := d.Tx(t.Context(), func(ctx context.Context) error {
			require.NoError(t, q.Add(ctx, ping{ID: 1}))
			return regret
		})
		require.ErrorIs(t, err, regret)
		add(t, d, q, ping{ID: 2})
		require.Eventually(t, func() bool { return c.of(2) == 1 }, 8*time.Second, 5*time.Millisecond)
		require.Zero(t, c.of(1))
		require.Zero(t, counts(t, q)[jobs.Available])
	})
}

func TestAJobOutsideATransactionIsRefused(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	q := newQueue(t, d, nil)
	require.ErrorIs(t, q.Add(t.Context(), ping{}), jobs.ErrNoTransaction)
	require.Zero(t, counts(t, q)[jobs.Available])
}

func TestAJobMayWaitForItsTimeOrRunInTheMailQueue(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		q := newQueue(t, d, nil)
		var c tally
		jobs.Work(q, c.work)
		start(t, q)
		add(t, d, q, ping{ID: 1}, jobs.At(time.Now().Add(time.Hour)))
		add(t, d, q, ping{ID: 2}, jobs.At(time.Now().Add(-time.Hour)))
		add(t, d, q, ping{ID: 3}, jobs.On(jobs.QueueMail))
		require.Eventually(t, func() bool { return c.of(2) == 1 && c.of(3) == 1 }, 12*time.Second, 20*time.Millisecond)
		require.Zero(t, c.of(1))
		page, err := q.List(t.Context(), jobs.Scheduled, "")
		require.NoError(t, err)
		require.Len(t, page.Jobs, 1)
		require.WithinDuration(t, time.Now().Add(time.Hour), page.Jobs[0].ScheduledAt, time.Minute)
	})
}

func TestAFailingJobIsTriedWithPausesAndThenDead(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		var mu sync.Mutex
		var pauses []int
		q := newQueue(t, d, func(o *jobs.Options) {
			o.Poll = 50 * time.Millisecond
			o.Backoff = func(failures int) time.Duration {
				mu.Lock()
				defer mu.Unlock()
				pauses = append(pauses, failures)
				return 60 * time.Millisecond
			}
		})
		var last atomic.Bool
		jobs.Work(q, func(ctx context.Context, p ping) error {
			last.Store(jobs.Current(ctx).Last())
			return errors.New("the printer is on fire")
		})
		jobs.Work(q, func(context.Context, pong) error { panic("no paper") })
		start(t, q)
		add(t, d, q, ping{ID: 9}, jobs.MaxAttempts(3))
		add(t, d, q, pong{}, jobs.MaxAttempts(1))
		require.Eventually(t, func() bool { return counts(t, q)[jobs.Dead] == 2 }, 10*time.Second, 30*time.Millisecond)

		page, err := q.List(t.Context(), jobs.Dead, "")
		require.NoError(t, err)
		require.Len(t, page.Jobs, 2)
		require.Empty(t, page.Next)
		j := page.Jobs[1] // newest first
		require.Equal(t, "test.ping", j.Kind)
		require.JSONEq(t, `{"id":9}`, j.Args)
		require.Equal(t, 3, j.Attempt)
		require.Len(t, j.Failures, 3)
		require.Contains(t, j.Failures[2].Error, "on fire")
		mu.Lock()
		defer mu.Unlock()
		require.Equal(t, []int{1, 2}, pauses)
		require.True(t, last.Load())
		require.Contains(t, page.Jobs[0].Failures[0].Error, "no paper")
	})
}

func TestPausesGrowToAnHour(t *testing.T) {
	t.Parallel()
	require.Equal(t, 15*time.Second, jobs.Backoff(1))
	require.Equal(t, 45*time.Second, jobs.Backoff(2))
	require.Equal(t, 20*time.Minute+15*time.Second, jobs.Backoff(5))
	require.Equal(t, time.Hour, jobs.Backoff(6))
	require.Equal(t, time.Hour, jobs.Backoff(60))
}

func TestStoppingFinishesWhatRunsAndLosesNone(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		const all = 60
		var c tally
		slow := func(ctx context.Context, p ping) error {
			time.Sleep(30 * time.Millisecond)
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return c.work(ctx, p)
		}
		first := newQueue(t, d, nil)
		jobs.Work(first, slow)
		start(t, first)
		var many []jobs.Args
		for i := range all {
			many = append(many, ping{ID: i})
		}
		require.NoError(t, d.Tx(t.Context(), func(ctx context.Context) error { return first.AddMany(ctx, many) }))
		require.Eventually(t, func() bool { return c.len() > 3 }, 5*time.Second, time.Millisecond)
		require.NoError(t, first.Stop(t.Context()))
		done := c.len()
		require.Less(t, done, all)
		left := counts(t, first)
		require.Zero(t, left[jobs.Running])
		require.Equal(t, done, left[jobs.Completed])
		require.Equal(t, all-done, left[jobs.Available])

		second := newQueue(t, d, nil)
		jobs.Work(second, slow)
		start(t, second)
		require.Eventually(t, func() bool { return c.len() == all }, 10*time.Second, 10*time.Millisecond)
		for id, n := range c.runs {
			require.Equal(t, 1, n, "job %d", id)
		}
	})
}

func TestAnImpatientStopPutsTheJobBackUnharmed(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		q := newQueue(t, d, nil)
		began := make(chan struct{})
		jobs.Work(q, func(ctx context.Context, _ ping) error {
			close(began)
			<-ctx.Done()
			return ctx.Err()
		})
		start(t, q)
		add(t, d, q, ping{ID: 1})
		<-began
		ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
		defer cancel()
		require.NoError(t, q.Stop(ctx))
		page, err := q.List(context.Background(), jobs.Available, "")
		require.NoError(t, err)
		require.Len(t, page.Jobs, 1)
		require.Zero(t, page.Jobs[0].Attempt)
		require.Empty(t, page.Jobs[0].Failures)
	})
}

func TestAThousandJobsOfFourWritersAreAllDoneOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		q := newQueue(t, d, nil)
		var c tally
		jobs.Work(q, c.work)
		start(t, q)
		var writers sync.WaitGroup
		began := time.Now()
		for w := range 4 {
			writers.Go(func() {
				for i := range 250 {
					err := d.Tx(context.Background(), func(ctx context.Context) error { return q.Add(ctx, ping{ID: w*250 + i}) })
					if err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		writers.Wait()
		added := time.Since(began)
		require.Eventually(t, func() bool { return c.len() == 1000 }, 30*time.Second, 5*time.Millisecond)
		t.Logf("added in %v, done in %v", added, time.Since(began))
		require.Eventually(t, func() bool { return counts(t, q)[jobs.Completed] == 1000 }, 5*time.Second, 50*time.Millisecond)
		for id, n := range c.runs {
			require.Equal(t, 1, n, "job %d", id)
		}
	})
}

func TestAKeyKeepsAJobFromWaitingTwice(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		q := newQueue(t, d, nil)
		for range 3 {
			add(t, d, q, ping{ID: 1}, jobs.Unique("a"))
		}
		add(t, d, q, ping{ID: 1}, jobs.Unique("b"))
		add(t, d, q, pong{}, jobs.Unique("a"))
		require.Equal(t, map[jobs.State]int{jobs.Available: 3}, counts(t, q))
		err := d.Tx(t.Context(), func(ctx context.Context) error {
			return q.AddMany(ctx, []jobs.Args{ping{ID: 1}, ping{ID: 2}}, jobs.Unique("c"))
		})
		require.Error(t, err)
	})
}

func TestABurstIsGatheredAndNoChangeIsMissed(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		q := newQueue(t, d, nil)
		began, end := make(chan struct{}, 2), make(chan struct{})
		var runs atomic.Int32
		jobs.Work(q, func(context.Context, ping) error {
			began <- struct{}{}
			<-end
			runs.Add(1)
			return nil
		})
		start(t, q)
		burst := func() {
			for range 5 {
				add(t, d, q, ping{ID: 1}, jobs.Coalesce("cell", time.Now().Add(time.Hour)))
			}
		}
		timeComes := func() { // what the schedule does within five seconds of a job's time
			page, err := q.List(t.Context(), jobs.Scheduled, "")
			require.NoError(t, err)
			require.Len(t, page.Jobs, 1)
			require.NoError(t, q.Retry(t.Context(), page.Jobs[0].ID))
		}
		burst()
		timeComes()
		<-began
		burst() // while it runs
		timeComes()
		close(end)
		require.Eventually(t, func() bool { return runs.Load() == 2 }, 5*time.Second, 10*time.Millisecond)
		require.Zero(t, counts(t, q)[jobs.Scheduled])
	})
}

func TestAPeriodicJobRunsAtTheStartAndAgain(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		q := newQueue(t, d, nil)
		var runs atomic.Int32
		jobs.Work(q, func(context.Context, pong) error { runs.Add(1); return nil })
		q.Every(time.Second, pong{})
		start(t, q)
		require.Eventually(t, func() bool { return runs.Load() >= 2 }, 15*time.Second, 20*time.Millisecond)
	})
}

func TestAnAdministratorRetriesAndDiscards(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		q := newQueue(t, d, nil)
		for i := range 120 {
			add(t, d, q, ping{ID: i}, jobs.At(time.Now().Add(time.Hour)))
		}
		var seen []int64
		for cursor, more := "", true; more; {
			page, err := q.List(t.Context(), jobs.Scheduled, cursor)
			require.NoError(t, err)
			for _, j := range page.Jobs {
				seen = append(seen, j.ID)
			}
			cursor, more = page.Next, page.Next != ""
		}
		require.Len(t, seen, 120)
		require.IsDecreasing(t, seen)
		_, err := q.List(t.Context(), jobs.Scheduled, "nonsense")
		require.Equal(t, fault.Invalid, fault.KindOf(err))

		var c tally
		jobs.Work(q, c.work)
		start(t, q)
		require.NoError(t, q.Retry(t.Context(), seen[0]))
		require.Eventually(t, func() bool { return c.of(119) == 1 }, 8*time.Second, 10*time.Millisecond)
		require.NoError(t, q.Discard(t.Context(), seen[1]))
		require.Equal(t, 1, counts(t, q)[jobs.Cancelled])
		require.NoError(t, q.Discard(t.Context(), seen[1]))
		require.Zero(t, counts(t, q)[jobs.Cancelled])
		require.Equal(t, fault.NotFound, fault.KindOf(q.Retry(t.Context(), seen[1])))
		require.Equal(t, fault.NotFound, fault.KindOf(q.Discard(t.Context(), 0)))

		var actions []string
		require.NoError(t, d.From(t.Context()).Raw("SELECT action FROM audit_entries ORDER BY id").Scan(&actions).Error)
		require.Equal(t, []string{"job.retried", "job.discarded", "job.discarded"}, actions)
	})
}

package jobs_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/jobs"
)

// childURL makes the test program a worker that takes a job and never ends it.
const childURL = "TEST_JOBS_CHILD_URL"

func TestMain(m *testing.M) {
	if address := os.Getenv(childURL); address != "" {
		if err := workForEver(address); err != nil {
			fmt.Println("failed:", err)
		}
		return
	}
	os.Exit(m.Run())
}

func workForEver(address string) error {
	ctx := context.Background()
	d, err := db.Open(ctx, address, db.Options{})
	if err != nil {
		return err
	}
	q, err := jobs.New(d, audit.New(d, time.Now), jobs.Options{})
	if err != nil {
		return err
	}
	jobs.Work(q, func(context.Context, ping) error {
		fmt.Println("running")
		select {}
	})
	if err := q.Start(ctx); err != nil {
		return err
	}
	select {}
}

// killWhileRunning starts a worker process and kills it in the middle of a job.
func killWhileRunning(t *testing.T, address string) {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childURL+"="+address)
	out, err := child.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, child.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, child.Process.Kill())
	_ = child.Wait()
	require.NoError(t, err)
	require.Equal(t, "running\n", line)
}

func TestAJobOfAKilledProcessRunsAgain(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		q := newQueue(t, d, func(o *jobs.Options) { o.RescueAfter, o.Backoff = 10*time.Minute, noPause })
		add(t, d, q, ping{ID: 5})
		killWhileRunning(t, d.URL())
		require.Equal(t, 1, counts(t, q)[jobs.Running])
		if d.Engine() == db.PostgreSQL { // there, other processes may still live: ten minutes must pass
			pass := func(sql string) { require.NoError(t, d.From(t.Context()).Exec(sql).Error) }
			pass("UPDATE river_job SET attempted_at = attempted_at - interval '11 minutes' WHERE state = 'running'")
			pass("UPDATE river_leader SET elected_at = elected_at - interval '11 minutes', expires_at = expires_at - interval '11 minutes'")
		}
		var c tally
		var attempt int
		jobs.Work(q, func(ctx context.Context, p ping) error {
			attempt = jobs.Current(ctx).Attempt
			return c.work(ctx, p)
		})
		start(t, q)
		require.Eventually(t, func() bool { return c.of(5) == 1 }, 20*time.Second, 10*time.Millisecond)
		require.Equal(t, 2, attempt)
	})
}

func TestAJobThatKillsItsProcessEveryTimeIsDeadInTheEnd(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	q := newQueue(t, d, nil)
	add(t, d, q, ping{ID: 5}, jobs.MaxAttempts(1))
	killWhileRunning(t, d.URL())
	var c tally
	jobs.Work(q, c.work)
	start(t, q)
	require.Equal(t, 1, counts(t, q)[jobs.Dead])
	require.Zero(t, c.len())
}

func noPause(int) time.Duration { return 10 * time.Millisecond }

package worklist_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/vault"
	"minqing/internal/worklist"
)

// What makes the test program a worker of another process, which falls silent in
// the middle of a chunk, and of a case.
const (
	childURL  = "TEST_WORKLIST_CHILD_URL"
	childKeys = "TEST_WORKLIST_CHILD_KEYS"
	childCase = 6
)

// TestBeTheWorkerThatIsKilled is that process; by itself it tests nothing.
func TestBeTheWorkerThatIsKilled(t *testing.T) {
	address := os.Getenv(childURL)
	if address == "" {
		t.Skip("only as the child of another test")
	}
	d, err := db.Open(t.Context(), address, db.Options{})
	require.NoError(t, err)
	ring, err := vault.LoadRing(os.Getenv(childKeys))
	require.NoError(t, err)
	w, seen := townOn(t, d, ring), 0
	w.cases.Names = func(context.Context, ...string) (map[string]string, error) { // asked inside the act, for the name after @
		if seen++; seen == childCase {
			fmt.Println("in the middle")
			select {}
		}
		return nil, nil
	}
	w.Register(w.queue)
	require.NoError(t, w.queue.Start(t.Context()))
	select {}
}

func (w *town) killInTheMiddle() {
	w.t.Helper()
	child := exec.Command(os.Args[0], "-test.run=^TestBeTheWorkerThatIsKilled$")
	child.Env = append(os.Environ(), childURL+"="+w.db.URL(), childKeys+"="+w.keys)
	out, err := child.StdoutPipe()
	require.NoError(w.t, err)
	require.NoError(w.t, child.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(w.t, child.Process.Kill())
	_ = child.Wait()
	require.NoError(w.t, err)
	require.Equal(w.t, "in the middle\n", line)
}

func TestARunWhoseWorkerIsKilledGoesOnAndActsOnceOnEach(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		var numbers []string
		for range 12 {
			numbers = append(numbers, w.file())
		}
		run, err := w.Prepare(w.as(w.dispatcher), cases.ActNote, worklist.Typed{"text": "@某人 看過了"}, numbers, false)
		require.NoError(t, err)
		require.NoError(t, w.Confirm(w.as(w.dispatcher), run))
		w.killInTheMiddle()
		sums, err := w.Sums(w.system(), run)
		require.NoError(t, err)
		require.Equal(t, map[string]int{worklist.Done: childCase - 1, worklist.Waiting: 12 - childCase + 1}, sums, "the case in the middle is as it was")
		require.Equal(t, childCase-1, w.count("case_events WHERE action = 'note'"))

		if d.Engine() == db.PostgreSQL { // there, other processes may still live: ten minutes must pass
			for _, sql := range []string{"UPDATE river_job SET attempted_at = attempted_at - interval '11 minutes' WHERE state = 'running'",
				"UPDATE river_leader SET elected_at = elected_at - interval '11 minutes', expires_at = expires_at - interval '11 minutes'"} {
				require.NoError(t, d.From(t.Context()).Exec(sql).Error)
			}
		}
		w.Register(w.queue)
		require.NoError(t, w.queue.Start(t.Context()))
		t.Cleanup(func() { _ = w.queue.Stop(context.WithoutCancel(t.Context())) })
		require.Eventually(t, func() bool { return w.count("bulk_items WHERE state = 'done'") == 12 }, 30*time.Second, 20*time.Millisecond)
		require.Equal(t, 12, w.count("case_events WHERE action = 'note'"))
		require.Equal(t, 12, w.count("(SELECT DISTINCT case_id FROM case_events WHERE action = 'note') AS x"), "one on each")
		require.Equal(t, 12, w.count("audit_entries WHERE action = 'case.note'"))
		require.Eventually(t, func() bool {
			return w.count("river_job WHERE kind = 'worklist.bulk' AND state = 'completed' AND attempt = 2") == 1
		}, 10*time.Second, 20*time.Millisecond)
	})
}

// TestARunThatTheWorkersGaveUpGoesOnOnceWithTheRest kills the jobs for good.
func TestARunThatTheWorkersGaveUpGoesOnOnceWithTheRest(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		var numbers []string
		for range 6 {
			numbers = append(numbers, w.file())
		}
		me := w.as(w.dispatcher)
		run, err := w.Prepare(me, cases.ActNote, worklist.Typed{"text": "看過了"}, numbers, false)
		require.NoError(t, err)
		going := func() bool {
			is, err := w.Going(w.system(), run)
			require.NoError(t, err)
			return is
		}
		require.False(t, going(), "nothing is handed over yet")
		require.NoError(t, w.Confirm(me, run))
		require.True(t, going())
		require.NoError(t, w.Do(w.system(), worklist.Work{RunID: run, From: 1, To: 3}))
		require.NoError(t, d.From(t.Context()).Exec("UPDATE river_job SET state = 'discarded', finalized_at = scheduled_at WHERE kind = 'worklist.bulk'").Error)
		require.False(t, going())
		errs := make([]error, 3)
		var clicks sync.WaitGroup
		for i := range errs {
			clicks.Go(func() { errs[i] = w.Confirm(me, run) })
		}
		clicks.Wait()
		require.NoError(t, errors.Join(errs...))
		require.True(t, going())
		require.Equal(t, 1, w.count("river_job WHERE kind = 'worklist.bulk' AND state = 'available'"), "clicked three times at once, it goes on once")
		require.NoError(t, w.work(run))
		require.NoError(t, d.From(t.Context()).Exec("UPDATE river_job SET state = 'completed', finalized_at = scheduled_at WHERE kind = 'worklist.bulk'").Error)
		require.Equal(t, 6, w.count("bulk_items WHERE state = 'done'"))
		require.Equal(t, 6, w.count("case_events WHERE action = 'note'"), "one on each")
		require.NoError(t, w.Confirm(me, run))
		require.False(t, going(), "nothing is left to do")
	})
}

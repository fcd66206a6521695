package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/riverqueue/river"

	"minqing/internal/db"
)

// fetchGap is how soon after one look for jobs the next may follow.
const fetchGap = 20 * time.Millisecond

// Start begins to work in the background. The context is for starting only;
// Stop ends the work.
func (q *Queue) Start(ctx context.Context) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.running != nil {
		return errors.New("jobs: started twice")
	}
	if q.db.Engine() == db.SQLite {
		if err := q.adoptOrphans(ctx); err != nil {
			return err
		}
	}
	client, err := river.NewClient(q.driver, &river.Config{
		Logger:               quiet(q.log),
		ErrorHandler:         report{q.log},
		FetchCooldown:        fetchGap,
		FetchPollInterval:    q.opts.Poll,
		JobTimeout:           q.opts.Timeout,
		RescueStuckJobsAfter: q.opts.RescueAfter,
		RetryPolicy:          retries{q.opts.Backoff},
		PeriodicJobs:         q.periodic,
		Queues: map[string]river.QueueConfig{
			QueueDefault: {MaxWorkers: q.opts.Workers},
			QueueMail:    {MaxWorkers: q.opts.MailWorkers},
		},
		ReindexerIndexNames: keptIndexes,
		Workers:             q.workers,
	})
	if err != nil {
		return fmt.Errorf("set up the workers: %w", err)
	}
	if err := client.Start(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("start the workers: %w", err)
	}
	q.running = client
	return nil
}

// Stop takes no further jobs and waits for the running ones. When ctx ends
// first, they are told to stop and go back into the queue unharmed: their
// attempt does not count. Nothing is lost either way.
func (q *Queue) Stop(ctx context.Context) error {
	q.mu.Lock()
	client := q.running
	q.running = nil
	q.mu.Unlock()
	if client == nil {
		return nil
	}
	err := client.Stop(ctx)
	if err == nil {
		return nil
	}
	hard, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if err := client.StopAndCancel(hard); err != nil {
		return fmt.Errorf("stop the workers: %w", err)
	}
	return nil
}

// Close releases what New opened. The queue must be stopped.
func (q *Queue) Close() {
	q.bell.still()
	q.driver.close()
}

// adoptOrphans makes jobs of a process that died available again. SQLite has
// one process, so at its start nobody else can be running any. A job that has
// no try left is dead: it may be what killed the process.
func (q *Queue) adoptOrphans(ctx context.Context) error {
	return q.db.Tx(ctx, func(ctx context.Context) error {
		_, err := q.db.SQLTx(ctx).ExecContext(ctx, `UPDATE river_job SET
			state = CASE WHEN attempt >= max_attempts THEN 'discarded' ELSE 'available' END,
			finalized_at = CASE WHEN attempt >= max_attempts THEN datetime('now', 'subsec') END
			WHERE state = 'running'`)
		if err != nil {
			return fmt.Errorf("adopt the jobs of a dead process: %w", err)
		}
		return nil
	})
}

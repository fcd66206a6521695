package jobs

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"minqing/internal/actor"
	"minqing/internal/tracing"
)

// Work registers what is done for jobs of one kind. The function runs as the
// system (see actor), must bear being run twice, and must end soon after its
// context does. An error means: try again later. Registering one kind twice, or
// after Start, is a defect of the wiring and panics.
func Work[A Args](q *Queue, fn func(ctx context.Context, args A) error, opts ...WorkOpt) {
	w := &worker[A]{fn: fn, tracer: q.opts.Tracer}
	for _, o := range opts {
		o(&w.plan)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.running != nil {
		panic("jobs: Work after Start")
	}
	river.AddWorker(q.workers, w)
}

// WorkOpt changes how a kind is worked.
type WorkOpt func(*plan)

type plan struct{ timeout time.Duration }

// Within gives a kind more or less time than Options.Timeout.
func Within(d time.Duration) WorkOpt { return func(p *plan) { p.timeout = d } }

// Every adds a job again and again while the queue runs, on one process of all
// that work this database, and once at the start. If the last one still waits
// or runs, none is added.
func (q *Queue) Every(interval time.Duration, args Args) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.running != nil {
		panic("jobs: Every after Start")
	}
	q.periodic = append(q.periodic, river.NewPeriodicJob(river.PeriodicInterval(interval),
		func() (river.JobArgs, *river.InsertOpts) {
			return args, &river.InsertOpts{UniqueOpts: river.UniqueOpts{ByQueue: true,
				ByState: []rivertype.JobState{rivertype.JobStateAvailable, rivertype.JobStatePending,
					rivertype.JobStateRetryable, rivertype.JobStateRunning, rivertype.JobStateScheduled}}}
		}, &river.PeriodicJobOpts{ID: args.Kind(), RunOnStart: true}))
}

// Run says which try of which job a function is in.
type Run struct {
	ID       int64
	Attempt  int // from 1
	Attempts int // how many there may be
}

// Last reports whether the job is dead if this try fails.
func (r Run) Last() bool { return r.Attempt >= r.Attempts }

type runKey struct{}

// Current is the run of a context that came from the queue; else zero.
func Current(ctx context.Context) Run {
	r, _ := ctx.Value(runKey{}).(Run)
	return r
}

type worker[A Args] struct {
	river.WorkerDefaults[A]
	fn     func(ctx context.Context, args A) error
	plan   plan
	tracer *tracing.Tracer
}

func (w *worker[A]) Timeout(*river.Job[A]) time.Duration { return w.plan.timeout }

func (w *worker[A]) Work(ctx context.Context, job *river.Job[A]) error {
	ctx, end := w.tracer.Job(ctx, job.Kind, job.ID, job.Attempt)
	failed := errPanicked
	defer func() { end(failed) }()
	ctx = actor.AsSystem(ctx, job.Kind)
	ctx = context.WithValue(ctx, runKey{}, Run{ID: job.ID, Attempt: job.Attempt, Attempts: job.MaxAttempts})
	failed = w.fn(ctx, job.Args)
	return failed
}

// errPanicked ends the span of a job that gave no answer.
var errPanicked = errors.New("the job panicked")

// retries turns our pauses into River's next time.
type retries struct {
	pause func(failures int) time.Duration
}

func (r retries) NextRetry(job *rivertype.JobRow) time.Time {
	return time.Now().UTC().Add(r.pause(len(job.Errors) + 1))
}

// report logs a failed run once, here at the edge.
type report struct{ log *slog.Logger }

func (r report) HandleError(ctx context.Context, job *rivertype.JobRow, err error) *river.ErrorHandlerResult {
	r.note(ctx, job, slog.String("error", err.Error()))
	return nil
}

func (r report) HandlePanic(ctx context.Context, job *rivertype.JobRow, val any, trace string) *river.ErrorHandlerResult {
	r.note(ctx, job, slog.Any("panic", val), slog.String("trace", trace))
	return nil
}

func (r report) note(ctx context.Context, job *rivertype.JobRow, more ...slog.Attr) {
	level, text := slog.LevelWarn, "job failed; it will be tried again"
	if job.Attempt >= job.MaxAttempts {
		level, text = slog.LevelError, "job is dead"
	}
	r.log.LogAttrs(ctx, level, text, append([]slog.Attr{slog.String("kind", job.Kind),
		slog.Int64("job", job.ID), slog.Int("attempt", job.Attempt), slog.Int("attempts", job.MaxAttempts)}, more...)...)
}

// quiet passes on only what River itself calls an error: what it says of
// single jobs, report says better.
func quiet(l *slog.Logger) *slog.Logger { return slog.New(errorsOnly{l.Handler()}) }

type errorsOnly struct{ slog.Handler }

func (h errorsOnly) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelError && h.Handler.Enabled(ctx, level)
}

func (h errorsOnly) WithAttrs(a []slog.Attr) slog.Handler { return errorsOnly{h.Handler.WithAttrs(a)} }

func (h errorsOnly) WithGroup(name string) slog.Handler { return errorsOnly{h.Handler.WithGroup(name)} }

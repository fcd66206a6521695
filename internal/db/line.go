package db

import (
	"context"
	"runtime"
	"sync"
	"time"
)

// line lets a few read, or write, at once and the others wait in the order of their coming.
// The pool of connections gives a free one to any who wait, so that under load some
// wait several times as long as others; and with many more of them than processors the
// database spends its time on going from one to the other.
type line struct {
	places   chan struct{}
	patience time.Duration
}

// patience is how long somebody waits in line: past it slow readers stand before
// it, and what is left of the pool is for the quick ones.
const patience = 100 * time.Millisecond

func newLine() line { return line{make(chan struct{}, max(4, 2*runtime.GOMAXPROCS(0))), patience} }

// besideOne leaves a processor to the one who writes. SQLite works in this process:
// pages that are made on every processor hold up each statement of a transaction for
// as long as the scheduler lets them run.
func besideOne() line { return line{make(chan struct{}, max(1, runtime.GOMAXPROCS(0)-1)), patience} }

// wait gives the way to leave, or ctx's error. Who waits in a channel is served in
// the order of coming.
func (l line) wait(ctx context.Context) (leave func(), err error) {
	leave = func() { <-l.places }
	select {
	case l.places <- struct{}{}:
		return leave, nil
	default:
	}
	late := time.NewTimer(l.patience)
	defer late.Stop()
	select {
	case l.places <- struct{}{}:
		return leave, nil
	case <-late.C:
		return func() {}, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// hold waits in line as wait does; who keeps the place for longer than others are
// patient loses it.
func (l line) hold(ctx context.Context) (leave func(), err error) {
	free, err := l.wait(ctx)
	if err != nil {
		return nil, err
	}
	once := sync.OnceFunc(free)
	late := time.AfterFunc(l.patience, once)
	return func() {
		late.Stop()
		once()
	}, nil
}

// Busy says that people keep the processors busy: that as many as there are processors
// read at this moment. What could be done at any time had better rest then. On SQLite,
// which works in this process, it always had.
func (d *DB) Busy() bool { return d.batch != nil || len(d.line.places) >= runtime.GOMAXPROCS(0) }

// turn is one place in the line for all that a request reads.
type turn struct {
	mu    sync.Mutex
	leave func()
	over  bool
}

type turnKey struct{}

// InTurn lets a request stand in the line once: what Together reads first takes the
// place, and it is kept until done is called, over what is read later and the writing
// of the page, which then nobody interrupts who came after. Who keeps a place for
// longer than others are patient loses it.
func (d *DB) InTurn(ctx context.Context) (_ context.Context, done func()) {
	t := &turn{}
	return context.WithValue(ctx, turnKey{}, t), t.end
}

// enter waits in line, unless the request has its place already. On SQLite nobody
// waits while nobody writes.
func (d *DB) enter(ctx context.Context) (leave func(), err error) {
	if d.batch != nil && d.batch.pending.Load() == 0 {
		return func() {}, nil
	}
	t, _ := ctx.Value(turnKey{}).(*turn)
	if t == nil {
		return d.line.wait(ctx)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.over:
		return d.line.wait(ctx)
	case t.leave == nil:
		if t.leave, err = d.line.wait(ctx); err != nil {
			return nil, err
		}
		time.AfterFunc(d.line.patience, t.end)
	}
	return func() {}, nil
}

func (t *turn) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.over && t.leave != nil {
		t.leave()
	}
	t.over = true
}

package db

import (
	"context"
	"runtime"
	"time"
)

// line lets a few read at once and the others wait in the order of their coming.
// The pool of connections gives a free one to any who wait, so that under load some
// wait several times as long as others; and with more readers than processors the
// database spends its time on going from one to the other.
type line struct {
	places   chan struct{}
	patience time.Duration
}

// patience is how long somebody waits in line: past it slow readers stand before
// it, and what is left of the pool is for the quick ones.
const patience = 100 * time.Millisecond

func newLine() line { return line{make(chan struct{}, max(4, 2*runtime.GOMAXPROCS(0))), patience} }

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

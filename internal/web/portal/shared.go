package portal

import (
	"context"
	"sync"
	"time"
)

// sharedLife is how old a value may be that is the same for everybody.
const sharedLife = time.Minute

// shared keeps such a value, so that a page which everybody opens asks the
// database once a minute. One reader's request reads it anew; meanwhile the
// others get the old value, and the zero value before there is one.
type shared[T any] struct {
	load   func(context.Context) (T, error)
	now    func() time.Time
	failed func(error) // told when load fails; the old value stays for a minute more

	mu    sync.Mutex
	value T
	until time.Time
	busy  bool
}

func (s *shared[T]) get(ctx context.Context) T {
	s.mu.Lock()
	if s.busy || s.now().Before(s.until) {
		defer s.mu.Unlock()
		return s.value
	}
	s.busy = true
	s.mu.Unlock()
	// Who goes away takes nobody else's figures with them.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	value, err := s.load(ctx)
	if err != nil {
		s.failed(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.busy, s.until = false, s.now().Add(sharedLife)
	if err == nil {
		s.value = value
	}
	return s.value
}

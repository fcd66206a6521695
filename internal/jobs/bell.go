package jobs

import (
	"sync"
	"time"
)

// bellGap is the least time between two rings.
const bellGap = 20 * time.Millisecond

// bell wakes workers after commits, at most once a gap however many jobs come
// in. NOTIFY inside the transaction would do it too, but on PostgreSQL such
// commits queue up behind one lock of the whole cluster.
type bell struct {
	gap  time.Duration
	ring func(queues []string)

	mu      sync.Mutex
	struck  map[string]bool
	last    time.Time
	waiting bool
	out     sync.WaitGroup
}

func newBell(gap time.Duration, ring func(queues []string)) *bell {
	return &bell{gap: gap, ring: ring, struck: map[string]bool{}}
}

// strike rings for a queue now, or with others when the gap is over.
func (b *bell) strike(queue string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.struck[queue] = true
	if b.waiting {
		return
	}
	b.waiting = true
	b.out.Add(1)
	time.AfterFunc(max(0, b.gap-time.Since(b.last)), b.flush)
}

func (b *bell) flush() {
	defer b.out.Done()
	b.mu.Lock()
	queues := make([]string, 0, len(b.struck))
	for name := range b.struck {
		queues = append(queues, name)
	}
	clear(b.struck)
	b.last, b.waiting = time.Now(), false
	b.mu.Unlock()
	b.ring(queues)
}

// still waits until the last ring has died away.
func (b *bell) still() { b.out.Wait() }

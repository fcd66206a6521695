package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"modernc.org/sqlite"
)

// batcher lets concurrent transactions on SQLite share one commit. A commit
// with synchronous=FULL waits for the disk; sixteen people who file at the same
// moment then wait once, not sixteen times. They run one after another on the
// single writing connection, each after the first in a savepoint of its own.
//
// The writer opens the savepoint and hands the turn to the caller, whose own
// goroutine runs the transaction: a panic keeps its stack, and a goroutine that
// ends ends nobody else's.
type batcher struct {
	d     *DB
	queue chan *member
	stop  chan struct{}
	done  chan struct{}
	once  sync.Once

	pending atomic.Int64 // transactions that are not over
}

// member is one transaction of a group. Every channel holds one message, so
// neither side waits for the other to listen.
type member struct {
	turn  chan *txState // from the writer: the savepoint is open; nil when there is none
	ended chan error    // from the caller: fn has run; nil to keep what it did
	ready chan error    // from the writer: it is on the disk, or why not
}

var (
	// errUndone is what the others of a group get when the engine gave up the
	// transaction that they shared, for example because the disk is full.
	errUndone = errors.New("the database undid the shared transaction")
	errClosed = errors.New("the database is closed")
	errBroken = errors.New("the transaction panicked or ended its goroutine")
)

const (
	batchMost = 64                    // members that may share a commit
	batchTime = 20 * time.Millisecond // after which the group takes nobody else in
)

func newBatcher(d *DB) *batcher {
	b := &batcher{d: d, queue: make(chan *member), stop: make(chan struct{}), done: make(chan struct{})}
	go b.loop()
	return b
}

func (b *batcher) close() {
	b.once.Do(func() { close(b.stop) })
	<-b.done
}

// run waits for the turn, runs fn and waits for the commit. Once it has the
// turn, fn runs to its end even if the request goes away: interrupting a
// statement could undo its neighbours.
func (b *batcher) run(ctx context.Context, fn func(ctx context.Context) error) error {
	b.pending.Add(1)
	defer b.pending.Add(-1)
	m := &member{turn: make(chan *txState, 1), ended: make(chan error, 1), ready: make(chan error, 1)}
	select {
	case b.queue <- m:
	case <-ctx.Done():
		return ctx.Err()
	case <-b.stop:
		return errClosed
	}
	s := <-m.turn
	if s == nil {
		return <-m.ready
	}
	outcome := errBroken
	var lost error
	func() {
		defer func() { // also when fn panics or ends the goroutine
			m.ended <- outcome
			lost = <-m.ready
		}()
		outcome = fn(context.WithValue(context.WithoutCancel(ctx), txKey{}, s))
	}()
	if outcome != nil {
		if broken := s.pool.broken(); broken != nil && !errors.Is(outcome, broken) {
			return fmt.Errorf("%w: %w", outcome, broken) // fn may have met only what followed
		}
		return outcome
	}
	if lost != nil {
		return lost
	}
	s.runAfter()
	return nil
}

func (b *batcher) loop() {
	defer close(b.done)
	for {
		select {
		case m := <-b.queue:
			b.group(m)
		case <-b.stop:
			return
		}
	}
}

// group runs the first member and whoever waits meanwhile, and commits once.
func (b *batcher) group(m *member) {
	tx, err := b.d.write.BeginTx(context.Background(), nil)
	if err != nil {
		m.turn <- nil
		m.ready <- err
		return
	}
	var kept []*member
	var lost error
	for end := time.Now().Add(batchTime); m != nil && lost == nil; {
		var keep bool
		if keep, lost = b.one(tx, m, len(kept) == 0); keep {
			kept = append(kept, m)
		} else if len(kept) == 0 {
			tx.Rollback() // the first has failed, and nobody else is in it
			return
		}
		m = nil
		if lost == nil && len(kept) < batchMost && time.Now().Before(end) {
			m = b.waiting()
		}
	}
	if lost != nil {
		tx.Rollback() // the engine has already undone it; this only frees the connection
	} else if err := tx.Commit(); err != nil {
		lost = fmt.Errorf("commit: %w", err)
	}
	for _, m := range kept {
		m.ready <- lost
	}
}

func (b *batcher) waiting() *member {
	select {
	case m := <-b.queue:
		return m
	default:
		return nil
	}
}

// one runs a member and says whether what it did is to be committed. The first
// has the transaction to itself: a savepoint would keep a copy of every page
// that it changes, which are very many in a load. Each further one runs in a
// savepoint. lost is set when the whole transaction is gone, as it may be after
// a full disk; a member that is not kept has been answered.
func (b *batcher) one(tx *sql.Tx, m *member, first bool) (keep bool, lost error) {
	ctx := context.Background()
	if !first {
		if _, err := tx.ExecContext(ctx, "SAVEPOINT member"); err != nil {
			m.turn <- nil
			m.ready <- err
			return false, undone(err)
		}
	}
	s := b.d.state(tx)
	s.pool.shared = true
	m.turn <- s
	err := <-m.ended
	if err == nil { // fn may have overlooked it
		err = s.pool.broken()
	}
	if first {
		if err != nil {
			m.ready <- err
		}
		return err == nil, nil
	}
	if err != nil {
		if _, back := tx.ExecContext(ctx, "ROLLBACK TO member"); back != nil {
			m.ready <- err
			return false, undone(s.pool.broken(), err, back)
		}
	}
	if _, gone := tx.ExecContext(ctx, "RELEASE member"); gone != nil {
		lost = undone(gone)
		if err == nil {
			err = lost
		}
	}
	if err != nil {
		m.ready <- err
	}
	return err == nil, lost
}

// undone names the engine's reason, the first that there is, and nothing else
// of the member that met it: what failed there is not the neighbours' fault.
func undone(reasons ...error) error {
	for _, err := range reasons {
		if lite, ok := errors.AsType[*sqlite.Error](err); ok {
			return fmt.Errorf("%w: %w", errUndone, lite)
		}
	}
	return errUndone
}

package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"
)

// batcher lets concurrent transactions on SQLite share one commit. A commit
// with synchronous=FULL waits for the disk; sixteen people who file at the same
// moment then wait once, not sixteen times. Each transaction runs in its own
// savepoint, one after another, on the single writing connection.
type batcher struct {
	d     *DB
	queue chan *member
	stop  chan struct{}
	done  chan struct{}
	once  sync.Once
}

type member struct {
	ctx   context.Context
	fn    func(ctx context.Context) error
	state *txState
	err   error
	panic any
	ready chan struct{}
}

// errUndone is what the others of a group get when the database gave up the
// transaction that they shared, for example because the disk is full.
var errUndone = errors.New("the database undid the shared transaction")

const (
	batchMost = 64                    // members that may share a commit
	batchTime = 20 * time.Millisecond // and how long the first may wait for others
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

// run hands fn to the writer and waits. Once taken, it runs to its end even if
// the caller goes away: interrupting a statement could undo its neighbours.
func (b *batcher) run(ctx context.Context, fn func(ctx context.Context) error) error {
	m := &member{ctx: context.WithoutCancel(ctx), fn: fn, ready: make(chan struct{})}
	select {
	case b.queue <- m:
	case <-ctx.Done():
		return ctx.Err()
	case <-b.stop:
		return errors.New("the database is closed")
	}
	<-m.ready
	if m.panic != nil {
		panic(m.panic)
	}
	if m.err == nil {
		m.state.runAfter()
	}
	return m.err
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

func (b *batcher) group(first *member) {
	members := []*member{first}
	tx, err := b.d.write.BeginTx(context.Background(), nil)
	if err != nil {
		first.err = err
		close(first.ready)
		return
	}
	alive := b.one(tx, first, 0)
	for end := time.Now().Add(batchTime); alive && len(members) < batchMost && time.Now().Before(end); {
		select {
		case m := <-b.queue:
			members = append(members, m)
			alive = b.one(tx, m, len(members)-1)
			continue
		default:
		}
		break
	}
	if alive {
		err = tx.Commit()
	} else {
		tx.Rollback() // SQLite has already undone the whole transaction
		err = errUndone
	}
	for _, m := range members {
		if err != nil && m.err == nil && m.panic == nil {
			m.err = fmt.Errorf("commit: %w", err)
		}
		close(m.ready)
	}
}

// one runs a member in its savepoint. It says false when the whole transaction
// is gone, as after a full disk.
func (b *batcher) one(tx *sql.Tx, m *member, n int) bool {
	ctx := context.Background()
	name := fmt.Sprintf("m%d", n)
	if _, m.err = tx.ExecContext(ctx, "SAVEPOINT "+name); m.err != nil {
		return false
	}
	returned := make(chan struct{})
	go func() { // its own goroutine: one that ends must not end the writer
		defer close(returned)
		b.call(tx, m)
	}()
	<-returned
	if m.err != nil || m.panic != nil {
		if _, err := tx.ExecContext(ctx, "ROLLBACK TO "+name); err != nil {
			return false
		}
	}
	_, err := tx.ExecContext(ctx, "RELEASE "+name)
	if err != nil && m.err == nil {
		m.err = err
	}
	return err == nil
}

func (b *batcher) call(tx *sql.Tx, m *member) {
	returned := false
	defer func() {
		if p := recover(); p != nil {
			m.panic = p
		} else if !returned {
			m.err = errors.New("a transaction ended its goroutine") // a failed test assertion
		}
	}()
	m.state = b.d.state(tx)
	m.err = m.fn(context.WithValue(m.ctx, txKey{}, m.state))
	returned = true
}

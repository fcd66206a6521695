package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"

	"gorm.io/gorm"
)

type txKey struct{}

type txState struct {
	owner *DB
	sql   *sql.Tx
	conn  *sql.Conn // the transaction's; PostgreSQL only, where COPY needs it
	gorm  *gorm.DB
	pool  *pool
	after []func()
}

func stateOf(ctx context.Context, d *DB) *txState {
	if s, ok := ctx.Value(txKey{}).(*txState); ok && s.owner == d {
		return s
	}
	return nil
}

// Tx runs fn in one transaction, which every From of the context that fn gets
// then uses. An error or a panic undoes everything. Inside an open transaction
// fn simply joins it; transactions never nest. A database that is full or away
// comes back as Unavailable; every other error comes back as fn gave it.
//
// On SQLite concurrent calls may share one commit: each runs in a savepoint of
// its own, so one that fails takes nothing of the others with it. Inside fn use
// only the context that it got: the one outside waits for this very call.
func (d *DB) Tx(ctx context.Context, fn func(ctx context.Context) error) error {
	if stateOf(ctx, d) != nil {
		return fn(ctx)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if d.batch != nil {
		return Fault(d.batch.run(ctx, fn), "", "")
	}
	return Fault(d.runAlone(ctx, fn), "", "")
}

func (d *DB) runAlone(ctx context.Context, fn func(ctx context.Context) error) (err error) {
	leave, err := d.writers.hold(ctx)
	if err != nil {
		return err
	}
	defer leave()
	conn, tx, err := d.beginOnConn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	done := false
	defer func() {
		if !done {
			tx.Rollback() // after an error or a panic there is nothing more to say
		}
	}()
	s := d.state(tx)
	s.conn = conn
	if err := fn(context.WithValue(ctx, txKey{}, s)); err != nil {
		return err
	}
	done = true
	if err := tx.Commit(); err != nil {
		return err
	}
	s.runAfter()
	return nil
}

// beginTries is how often a connection that turns out dead is replaced by
// another before a transaction begins; sql.DB.BeginTx tries as often.
const beginTries = 3

// beginOnConn begins a transaction on a connection that COPY can use too.
func (d *DB) beginOnConn(ctx context.Context) (*sql.Conn, *sql.Tx, error) {
	for i := 1; ; i++ {
		conn, err := d.write.Conn(ctx)
		if err != nil {
			return nil, nil, err
		}
		tx, err := conn.BeginTx(ctx, nil)
		if err == nil {
			return conn, tx, nil
		}
		conn.Close()
		if i == beginTries || !errors.Is(err, driver.ErrBadConn) {
			return nil, nil, err
		}
	}
}

func (d *DB) state(tx *sql.Tx) *txState {
	g := d.gorm.Session(&gorm.Session{NewDB: true, Context: context.Background()})
	p := &pool{write: tx, onQuery: d.opts.OnQuery}
	g.Statement.ConnPool = p
	return &txState{owner: d, sql: tx, gorm: g, pool: p}
}

func (s *txState) runAfter() {
	for _, f := range s.after {
		f()
	}
}

// Shared ends a select whose rows nobody may change before the transaction of its
// context is over. On SQLite those that write come one after the other anyway.
func (d *DB) Shared() string {
	if d.engine == PostgreSQL {
		return " FOR SHARE"
	}
	return ""
}

// Alone ends a select whose rows nobody else may take so before the transaction of
// its context is over; references to them may be made meanwhile.
func (d *DB) Alone() string {
	if d.engine == PostgreSQL {
		return " FOR NO KEY UPDATE"
	}
	return ""
}

// AfterCommit runs f once the transaction of the context is committed; at once
// when there is none. Use it to wake and to forget caches, never to write.
func (d *DB) AfterCommit(ctx context.Context, f func()) {
	if s := stateOf(ctx, d); s != nil {
		s.after = append(s.after, f)
		return
	}
	f()
}

// SQLTx gives the open transaction to the job queue, or nil. Never commit,
// roll back or keep it.
func (d *DB) SQLTx(ctx context.Context) *sql.Tx {
	if s := stateOf(ctx, d); s != nil {
		return s.sql
	}
	return nil
}

package db

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"sync/atomic"
	"time"

	"gorm.io/gorm"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// pool stands between gorm and the driver. It makes every bound time UTC and
// cuts it to the microseconds that PostgreSQL keeps, so that both engines store
// and compare the same instants; and on SQLite it sends plain SELECTs outside
// of a transaction to the reading connections.
type pool struct {
	write   gorm.ConnPool
	read    gorm.ConnPool // nil: the same as write
	onQuery func()

	// shared is set for a member of a group on SQLite. Its statements are never
	// interrupted, and after one that made the engine undo the transaction no
	// other may run: it would be committed on its own.
	shared bool
	failed atomic.Pointer[error]
}

var _ gorm.ConnPool = (*pool)(nil)

// utc gives the values as they are bound. It copies before it changes: the
// slice belongs to the caller.
func utc(args []any) []any {
	copied := false
	for i, a := range args {
		var at time.Time
		switch t := a.(type) {
		case time.Time:
			at = t
		case *time.Time:
			if t == nil {
				continue
			}
			at = *t
		case sql.NullTime:
			if !t.Valid {
				continue
			}
			at = t.Time
		case sql.Null[time.Time]:
			if !t.Valid {
				continue
			}
			at = t.V
		default:
			continue
		}
		if !copied {
			args, copied = append([]any(nil), args...), true
		}
		args[i] = at.UTC().Truncate(time.Microsecond)
	}
	return args
}

func (p *pool) side(query string) gorm.ConnPool {
	if p.onQuery != nil {
		p.onQuery()
	}
	if p.read == nil {
		return p.write
	}
	q := strings.TrimLeft(query, " \t\r\n(")
	if len(q) >= 6 && strings.EqualFold(q[:6], "SELECT") {
		return p.read
	}
	return p.write
}

// begin gives the context under which a statement may run.
func (p *pool) begin(ctx context.Context) (context.Context, error) {
	if !p.shared {
		return ctx, nil
	}
	if err := p.broken(); err != nil {
		return ctx, err
	}
	return context.WithoutCancel(ctx), ctx.Err()
}

// end notes an error after which SQLite may have undone the transaction
// (https://www.sqlite.org/lang_transaction.html, section 3).
func (p *pool) end(err error) {
	if !p.shared || err == nil {
		return
	}
	if lite, ok := errors.AsType[*sqlite.Error](err); ok {
		switch lite.Code() & 0xff {
		case sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_CORRUPT:
			p.failed.CompareAndSwap(nil, &err)
		}
	}
}

func (p *pool) broken() error {
	if err := p.failed.Load(); err != nil {
		return *err
	}
	return nil
}

func (p *pool) PrepareContext(ctx context.Context, query string) (*sql.Stmt, error) {
	return p.side(query).PrepareContext(ctx, query)
}

func (p *pool) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	ctx, err := p.begin(ctx)
	if err != nil {
		return nil, err
	}
	r, err := p.side(query).ExecContext(ctx, query, utc(args)...)
	p.end(err)
	return r, err
}

// execPrepared runs a statement that PrepareContext gave.
func (p *pool) execPrepared(ctx context.Context, stmt *sql.Stmt, args []any) error {
	ctx, err := p.begin(ctx)
	if err != nil {
		return err
	}
	if p.onQuery != nil {
		p.onQuery()
	}
	_, err = stmt.ExecContext(ctx, utc(args)...)
	p.end(err)
	return err
}

func (p *pool) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	ctx, err := p.begin(ctx)
	if err != nil {
		return nil, err
	}
	r, err := p.side(query).QueryContext(ctx, query, utc(args)...)
	p.end(err)
	return r, err
}

// QueryRowContext cannot return an error without the driver; a broken
// transaction or an ended context makes the driver refuse.
func (p *pool) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	if free, err := p.begin(ctx); err == nil {
		ctx = free
	} else {
		ended, cancel := context.WithCancelCause(ctx)
		cancel(err)
		ctx = ended
	}
	r := p.side(query).QueryRowContext(ctx, query, utc(args)...)
	p.end(r.Err())
	return r
}

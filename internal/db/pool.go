package db

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"gorm.io/gorm"
)

// pool stands between gorm and the driver. It makes every bound time UTC and
// cuts it to the microseconds that PostgreSQL keeps, so that both engines store
// and compare the same instants; and on SQLite it sends plain SELECTs outside
// of a transaction to the reading connections.
type pool struct {
	write   gorm.ConnPool
	read    gorm.ConnPool // nil: the same as write
	onQuery func()
}

var _ gorm.ConnPool = (*pool)(nil)

func utc(args []any) []any {
	for i, a := range args {
		switch t := a.(type) {
		case time.Time:
			args[i] = t.UTC().Truncate(time.Microsecond)
		case *time.Time:
			if t != nil {
				args[i] = t.UTC().Truncate(time.Microsecond)
			}
		}
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

func (p *pool) PrepareContext(ctx context.Context, query string) (*sql.Stmt, error) {
	return p.side(query).PrepareContext(ctx, query)
}

func (p *pool) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return p.side(query).ExecContext(ctx, query, utc(args)...)
}

func (p *pool) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return p.side(query).QueryContext(ctx, query, utc(args)...)
}

func (p *pool) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	return p.side(query).QueryRowContext(ctx, query, utc(args)...)
}

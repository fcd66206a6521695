package dbtest

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"strings"

	"github.com/jackc/pgx/v5/stdlib"
)

// driverName names pgx with one change: a database is cloned file by file. Page by
// page, as PostgreSQL does unless told otherwise, goes through its log and its cache.
const driverName = "pgx-clone"

func init() { sql.Register(driverName, cloner{}) }

type cloner struct{}

func (cloner) Open(name string) (driver.Conn, error) {
	c, err := stdlib.GetDefaultDriver().Open(name)
	if err != nil {
		return nil, err
	}
	return cloning{c.(*stdlib.Conn)}, nil
}

type cloning struct{ *stdlib.Conn }

func (c cloning) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if strings.HasPrefix(query, "CREATE DATABASE") && strings.Contains(query, "TEMPLATE") {
		query += " STRATEGY file_copy"
	}
	return c.Conn.ExecContext(ctx, query, args)
}

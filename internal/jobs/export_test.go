package jobs

import (
	"database/sql"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"

	"minqing/internal/audit"
	"minqing/internal/db"
)

// NewOver makes a queue whose own statements go through the given pools, so
// that a test can count them. listen is nil on SQLite.
func NewOver(d *db.DB, trail *audit.Service, pool *sql.DB, listen *pgxpool.Pool, o Options) (*Queue, error) {
	if listen == nil {
		return newQueue(d, trail, &sqliteDriver{Driver: riversqlite.New(pool), line: newLine()}, o)
	}
	return newQueue(d, trail, &postgresDriver{Driver: riverdatabasesql.NewWithPgxListener(pool, listen), pool: listen}, o)
}

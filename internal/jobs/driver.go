package jobs

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"

	"minqing/internal/db"
)

// driver is River's driver plus a way to wake the workers of a queue.
type driver interface {
	riverdriver.Driver[*sql.Tx]
	wake(ctx context.Context, queues []string) error
	close()
}

// topicInsert is the topic on which River's workers listen for new jobs.
const topicInsert = "river_insert"

func openDriver(d *db.DB) (driver, error) {
	if d.Engine() == db.SQLite {
		return &sqliteDriver{Driver: riversqlite.New(d.SQL()), line: newLine()}, nil
	}
	pool, err := listenPool(d.URL())
	if err != nil {
		return nil, err
	}
	return &postgresDriver{Driver: riverdatabasesql.NewWithPgxListener(d.SQL(), pool), pool: pool}, nil
}

type postgresDriver struct {
	*riverdatabasesql.Driver
	pool *pgxpool.Pool
}

// wake sends NOTIFY in a transaction of its own, so that no filing waits for
// the lock under which PostgreSQL commits it.
func (p *postgresDriver) wake(ctx context.Context, queues []string) error {
	payloads := make([]string, len(queues))
	for i, name := range queues {
		payloads[i] = insertPayload(name)
	}
	return p.GetExecutor().NotifyMany(ctx, &riverdriver.NotifyManyParams{Topic: topicInsert, Payload: payloads})
}

func (p *postgresDriver) close() { p.pool.Close() }

func insertPayload(queue string) string { return fmt.Sprintf(`{"queue": %q}`, queue) }

// listenPool holds the one connection that LISTEN needs. It connects when the
// workers start, not before.
func listenPool(address string) (*pgxpool.Pool, error) {
	cfg, err := pgxpool.ParseConfig(address)
	if err != nil {
		return nil, errors.New("prepare the listening connection: the database address is malformed")
	}
	cfg.MinConns, cfg.MaxConns = 0, 1
	cfg.ConnConfig.RuntimeParams["application_name"] = "minqing-jobs"
	pool, err := pgxpool.NewWithConfig(context.Background(), cfg)
	if err != nil {
		return nil, fmt.Errorf("prepare the listening connection: %w", err)
	}
	return pool, nil
}

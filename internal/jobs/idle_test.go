package jobs_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/require"
	"modernc.org/sqlite"

	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/jobs"
)

// meter counts statements by their first words.
type meter struct {
	mu   sync.Mutex
	seen map[string]int
	all  int
}

func (m *meter) note(sql string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.seen == nil {
		m.seen = map[string]int{}
	}
	words := strings.Fields(sql)
	m.seen[strings.Join(words[:min(len(words), 4)], " ")]++
	m.all++
}

func (m *meter) reset() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.seen, m.all = nil, 0
}

// TraceQueryStart makes the meter a tracer of pgx.
func (m *meter) TraceQueryStart(ctx context.Context, _ *pgx.Conn, q pgx.TraceQueryStartData) context.Context {
	m.note(q.SQL)
	return ctx
}

func (m *meter) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// An idle system asks the database at most twice a second in all; the queue may
// take three quarters of that.
func TestAnIdleQueueHardlyAsksTheDatabase(t *testing.T) {
	t.Parallel()
	meters := map[db.Engine]*meter{db.SQLite: {}, db.PostgreSQL: {}}
	for engine, m := range meters {
		q := metered(t, engine, m)
		jobs.Work(q, func(context.Context, ping) error { return nil })
		require.NoError(t, q.Start(t.Context()))
	}
	time.Sleep(2 * time.Second) // the start itself may ask more
	for _, m := range meters {
		m.reset()
	}
	const watched = 11 * time.Second
	time.Sleep(watched)
	for engine, m := range meters {
		m.mu.Lock()
		t.Logf("%s: %d statements in %v: %v", engine, m.all, watched, m.seen)
		require.Positive(t, m.all, "the meter is not connected")
		require.LessOrEqual(t, float64(m.all)/watched.Seconds(), 1.5, engine)
		m.mu.Unlock()
	}
}

func metered(t *testing.T, engine db.Engine, m *meter) *jobs.Queue {
	t.Helper()
	var d *db.DB
	var pool *sql.DB
	var listen *pgxpool.Pool
	if engine == db.SQLite {
		d = dbtest.New(t)
		path := strings.TrimPrefix(d.URL(), "sqlite:")
		pool = sql.OpenDB(&countingConnector{dsn: "file:" + path + "?_txlock=immediate&_pragma=busy_timeout(5000)", meter: m})
		pool.SetMaxOpenConns(1)
	} else {
		d = dbtest.Postgres(t)
		cfg, err := pgxpool.ParseConfig(d.URL())
		require.NoError(t, err)
		cfg.ConnConfig.Tracer, cfg.MaxConns = m, 1
		pool = stdlib.OpenDB(*cfg.ConnConfig)
		listen, err = pgxpool.NewWithConfig(context.Background(), cfg)
		require.NoError(t, err)
	}
	t.Cleanup(func() { pool.Close() })
	q, err := jobs.NewOver(d, audit.New(d, time.Now), pool, listen, jobs.Options{Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, q.Stop(context.Background())); q.Close() })
	return q
}

// countingConnector opens SQLite connections that tell a meter what they run.
type countingConnector struct {
	dsn   string
	meter *meter
}

func (c *countingConnector) Driver() driver.Driver { return &sqlite.Driver{} }

func (c *countingConnector) Connect(context.Context) (driver.Conn, error) {
	conn, err := (&sqlite.Driver{}).Open(c.dsn)
	if err != nil {
		return nil, err
	}
	return &countingConn{conn.(sqliteConn), c.meter}, nil
}

type sqliteConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ExecerContext
	driver.QueryerContext
}

type countingConn struct {
	sqliteConn
	meter *meter
}

func (c *countingConn) BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	c.meter.note("BEGIN")
	c.meter.note("COMMIT or ROLLBACK")
	return c.sqliteConn.BeginTx(ctx, o)
}

func (c *countingConn) ExecContext(ctx context.Context, q string, args []driver.NamedValue) (driver.Result, error) {
	c.meter.note(q)
	return c.sqliteConn.ExecContext(ctx, q, args)
}

func (c *countingConn) QueryContext(ctx context.Context, q string, args []driver.NamedValue) (driver.Rows, error) {
	c.meter.note(q)
	return c.sqliteConn.QueryContext(ctx, q, args)
}

// Package db opens the database, migrates it, runs transactions that travel in
// the context, translates driver errors and pages by key. Two engines answer
// behind it: SQLite, embedded, the default; and PostgreSQL for production.
package db

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"minqing/internal/tracing"
)

// Engine says which database answers. Only this package, jobs, text search and
// date arithmetic in insight may ask.
type Engine string

const (
	SQLite     Engine = "sqlite"
	PostgreSQL Engine = "postgres"
)

// Options are the settings with a usable zero value.
type Options struct {
	Now       func() time.Time // the clock; time.Now when nil
	MaxConns  int              // PostgreSQL connections; by the processors when zero
	Replicas  []string         // PostgreSQL read replicas
	MaxPages  int              // SQLite: refuse to grow past this many pages; no cap when zero
	OnQuery   func()           // called once a statement, for measurements; may be nil
	Statement time.Duration    // PostgreSQL statement_timeout; 15 s when zero
	Tracer    *tracing.Tracer  // of statements; nil: none are traced
}

// DB is an open database. It is safe for concurrent use.
type DB struct {
	engine   Engine
	url      string
	write    *sql.DB
	replicas []*sql.DB
	gorm     *gorm.DB
	readers  []*gorm.DB
	turn     atomic.Uint64
	batch    *batcher // SQLite only: transactions that share a commit
	line     line     // of those who ask several questions together
	writers  line     // PostgreSQL only: of transactions
	opts     Options
}

// Open connects to `sqlite:PATH` or `postgres://…` and checks that it answers.
func Open(ctx context.Context, address string, o Options) (*DB, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	switch {
	case strings.HasPrefix(address, "sqlite:"):
		return openSQLite(ctx, strings.TrimPrefix(address, "sqlite:"), o)
	case strings.HasPrefix(address, "postgres://"), strings.HasPrefix(address, "postgresql://"):
		return openPostgres(ctx, address, o)
	}
	return nil, fmt.Errorf("database address %q: want sqlite:PATH or postgres://…", Redact(address))
}

// Redact hides the passwords of a database address, for logs and doctor.
func Redact(address string) string {
	if strings.HasPrefix(address, "sqlite:") {
		return address
	}
	u, err := url.Parse(address)
	if err != nil { // show only where it leads: what stands before may hold anything
		rest := address[strings.LastIndexByte(address, '@')+1:]
		if rest == address {
			return "…"
		}
		host, _, _ := strings.Cut(rest, "?")
		return "…@" + host
	}
	q := u.Query()
	for name := range q {
		if strings.Contains(strings.ToLower(name), "password") {
			q.Set(name, "xxxxx")
			u.RawQuery = q.Encode()
		}
	}
	return u.Redacted()
}

// Engine says which engine answers.
func (d *DB) Engine() Engine { return d.engine }

// URL gives the address that was opened. It may hold a password: never log it.
func (d *DB) URL() string { return d.url }

// SQL is the pool that may write: for the migration tool and the job queue,
// which bring their own statements. Domain packages use From.
func (d *DB) SQL() *sql.DB { return d.write }

// Ping says whether the database answers.
func (d *DB) Ping(ctx context.Context) error { return d.write.PingContext(ctx) }

// Close waits for the running group of transactions and closes every pool.
func (d *DB) Close() error {
	if d.batch != nil {
		d.batch.close()
	}
	for _, r := range d.replicas {
		r.Close()
	}
	return d.write.Close()
}

// From gives the open transaction of the context, else the pool. Every query
// of a domain package starts here: one that does not would wait for itself on
// SQLite and slip out of the transaction on PostgreSQL.
func (d *DB) From(ctx context.Context) *gorm.DB {
	if s := stateOf(ctx, d); s != nil {
		return s.gorm.WithContext(ctx)
	}
	return d.gorm.WithContext(ctx)
}

// Reader gives a connection for lists and reports that may lag a little: a
// replica when there is one. Inside a transaction it is the transaction. It
// must not write: on SQLite and on a replica that fails. Two Readers may be two
// replicas; queries that must agree with one another share one.
func (d *DB) Reader(ctx context.Context) *gorm.DB {
	if s := stateOf(ctx, d); s != nil {
		return s.gorm.WithContext(ctx)
	}
	if n := len(d.readers); n > 0 {
		return d.readers[d.turn.Add(1)%uint64(n)].WithContext(ctx)
	}
	return d.gorm.WithContext(ctx)
}

func gormConfig(now func() time.Time) *gorm.Config {
	return &gorm.Config{
		SkipDefaultTransaction: true,
		DisableAutomaticPing:   true,
		Logger:                 logger.Discard, // errors are logged once, at the edge
		NowFunc:                func() time.Time { return now().UTC().Truncate(time.Microsecond) },
	}
}

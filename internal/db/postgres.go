package db

import (
	"context"
	"database/sql"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
)

// unlimited is the Options.Statement of a pool without statement_timeout.
const unlimited = time.Duration(-1)

func openPostgres(ctx context.Context, address string, o Options) (*DB, error) {
	write, err := postgresPool(address, o)
	if err != nil {
		return nil, err
	}
	if err := write.PingContext(ctx); err != nil {
		write.Close()
		return nil, fmt.Errorf("reach PostgreSQL at %s, which MINQING_DATABASE_URL names: %w", Redact(address), oneLine{err})
	}
	d := &DB{engine: PostgreSQL, url: address, write: write, opts: o, line: newLine(), writers: newLine()}
	if d.gorm, err = postgresGorm(write, o); err != nil {
		write.Close()
		return nil, err
	}
	for _, r := range o.Replicas {
		p, err := postgresPool(r, o)
		if err != nil {
			d.Close()
			return nil, err
		}
		d.replicas = append(d.replicas, p)
		g, err := postgresGorm(p, o)
		if err != nil {
			d.Close()
			return nil, err
		}
		d.readers = append(d.readers, g)
	}
	return d, nil
}

// oneLine is an error whose text is a single line. The driver lists every
// attempt to connect on a line of its own, and tries without TLS what it tried
// with it: what is said twice is said once.
type oneLine struct{ error }

// Unwrap gives the error itself.
func (e oneLine) Unwrap() error { return e.error }

// Error joins the lines.
func (e oneLine) Error() string {
	var lines []string
	for line := range strings.Lines(e.error.Error()) {
		if line = strings.TrimSpace(line); line != "" && !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, " ")
}

func postgresGorm(p *sql.DB, o Options) (*gorm.DB, error) {
	return gorm.Open(postgres.New(postgres.Config{Conn: &pool{write: p, onQuery: o.OnQuery}}), gormConfig(o.Now))
}

// enough is how many connections keep the processors busy. More only take
// turns: on 2 processors 16 made 10 % fewer pages a second than 8.
func enough() int { return max(8, 4*runtime.GOMAXPROCS(0)) }

func postgresPool(address string, o Options) (*sql.DB, error) {
	cfg, err := pgx.ParseConfig(address)
	if err != nil {
		return nil, fmt.Errorf("database address %s: %w", Redact(address), err)
	}
	limit := o.Statement
	if limit == 0 {
		limit = 15 * time.Second
	}
	if limit == unlimited {
		cfg.RuntimeParams["statement_timeout"] = "0"
	} else if cfg.RuntimeParams["statement_timeout"] == "" {
		cfg.RuntimeParams["statement_timeout"] = strconv.FormatInt(limit.Milliseconds(), 10)
	}
	if cfg.RuntimeParams["jit"] == "" {
		// What is estimated to cost much is compiled first, for seconds where the answer takes
		// milliseconds: over a million cases it was most of the minute's count of figures.
		cfg.RuntimeParams["jit"] = "off"
	}
	if o.Tracer != nil {
		cfg.Tracer = queryTrace{o.Tracer}
	}
	cfg.RuntimeParams["timezone"] = "UTC"
	cfg.RuntimeParams["application_name"] = "minqing"
	p := stdlib.OpenDB(*cfg, stdlib.OptionAfterConnect(func(_ context.Context, c *pgx.Conn) error {
		m := c.TypeMap()
		m.RegisterType(&pgtype.Type{Name: "timestamptz", OID: pgtype.TimestamptzOID,
			Codec: &pgtype.TimestamptzCodec{ScanLocation: time.UTC}})
		return nil
	}), stdlib.OptionShouldPing(mustAnswer))
	n := o.MaxConns
	if n == 0 {
		n = enough()
	}
	p.SetMaxOpenConns(n)
	p.SetMaxIdleConns(n)
	p.SetConnMaxIdleTime(5 * time.Minute)
	return p, nil
}

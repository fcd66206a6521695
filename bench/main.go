// Command bench measures the product against the floor (bench/floor), both on
// the same rows of the same PostgreSQL, in one run. A figure by itself says how
// busy the machine was; a ratio to the floor says what the product costs. It
// prints a table and ends with 1 when a goal is missed.
package main

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"syscall"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // speaks to PostgreSQL for database/sql
)

// bench is one run.
type bench struct {
	program    string // the product
	floor      string // the floor
	postgres   string // address of a server that may be filled
	folder     string // scratch, or what is kept for another run
	keep       bool   // databases that stand are measured as they are
	few, many  int    // cases in the two databases
	issuedMany int    // permits in the register whose days pass
	seconds    time.Duration
	rounds     int
	only       *regexp.Regexp
	postmaster int
	admin      *sql.DB
	results    []result
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	missed, err := measure(ctx)
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(2)
	}
	if missed > 0 {
		os.Exit(1)
	}
}

func measure(ctx context.Context) (int, error) {
	b := &bench{}
	flag.StringVar(&b.program, "program", "bin/minqing", "the product")
	flag.StringVar(&b.floor, "floor", "bin/floor", "the floor")
	flag.StringVar(&b.postgres, "postgres", os.Getenv("TEST_POSTGRES_URL"), "address of a PostgreSQL whose databases may be made and dropped")
	flag.IntVar(&b.few, "few", 10_000, "cases in the small database")
	flag.IntVar(&b.many, "many", 1_000_000, "cases in the large database")
	flag.IntVar(&b.issuedMany, "permits", 1_000_000, "permits in the register whose daily job is timed; 0: none")
	flag.DurationVar(&b.seconds, "time", 6*time.Second, "how long each run of a load lasts")
	flag.IntVar(&b.rounds, "rounds", 3, "runs of each load, floor and product in turn; the median counts")
	keep := flag.String("keep", "", "folder of the keys of databases that outlive the run: those that stand in the -postgres named are measured again, not made anew")
	only := flag.String("only", ".", "regular expression: which lines to measure")
	flag.Parse()
	var err error
	if b.only, err = regexp.Compile(*only); err != nil {
		return 0, err
	}
	if b.postgres == "" {
		return 0, errors.New("no PostgreSQL: run this by `make bench`")
	}
	if b.folder, b.keep = *keep, *keep != ""; b.keep {
		err = os.MkdirAll(b.folder, 0o700)
	} else if b.folder, err = os.MkdirTemp("", "minqing-bench."); err == nil {
		defer os.RemoveAll(b.folder)
	}
	if err != nil {
		return 0, err
	}
	if b.admin, err = sql.Open("pgx", b.postgres); err != nil {
		return 0, err
	}
	defer b.admin.Close()
	var backend int
	if err := b.admin.QueryRowContext(ctx, "SELECT pg_backend_pid()").Scan(&backend); err != nil {
		return 0, fmt.Errorf("reach PostgreSQL: %w", err)
	}
	b.postmaster, _ = stat(backend)
	for _, part := range []func(context.Context) error{b.quiet, b.lite, b.register, b.loads} {
		if err := part(ctx); err != nil {
			return 0, err
		}
	}
	return b.report(os.Stdout), nil
}

func (b *bench) say(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }

// city makes a database with the demo city and so many cases, unless it is kept.
func (b *bench) city(ctx context.Context, name string, n int) (string, error) {
	address := b.database(name)
	if stands, err := b.stands(ctx, name); err != nil || stands {
		return address, err
	}
	if err := b.recreate(ctx, name, ""); err != nil {
		return "", err
	}
	began := time.Now()
	if _, err := run(ctx, b.env(address), "", b.program, "migrate", "up"); err != nil {
		return "", err
	}
	out, err := run(ctx, b.env(address), "", b.program, "demo", "load", "--cases", fmt.Sprint(n))
	if err != nil {
		return "", err
	}
	took := time.Since(began)
	b.say("%d cases into %s: %.0f s. %s", n, name, took.Seconds(), out)
	if n >= 100_000 {
		b.note("load the demo city, whole command", float64(n)/took.Seconds(), "cases/s", atLeast(3000))
	}
	return address, b.at(ctx, name, "VACUUM ANALYZE")
}

// stands says that a database is there from a run before, and shall be kept.
func (b *bench) stands(ctx context.Context, name string) (there bool, err error) {
	if b.keep {
		err = b.admin.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)", name).Scan(&there)
	}
	return there, err
}

// env is how the product finds a database and the run's keys.
func (b *bench) env(database string) []string {
	return []string{"MINQING_DATABASE_URL=" + database, "MINQING_KEYS=" + filepath.Join(b.folder, "keys.json"),
		"MINQING_BLOB_URL=file:" + filepath.Join(b.folder, "blobs"), "MINQING_METRICS_LISTEN=off", "MINQING_RATE_LIMITS=off",
		"MINQING_LOG_LEVEL=error"}
}

var databaseName = regexp.MustCompile(`/[^/?]*(\?|$)`)

// database is the address of another database of the same server.
func (b *bench) database(name string) string {
	at := databaseName.FindStringIndex(b.postgres[len("postgres://"):])
	head, tail := b.postgres[:len("postgres://")+at[0]], b.postgres[len("postgres://")+at[1]:]
	if tail != "" {
		tail = "?" + tail
	}
	return head + "/" + name + tail
}

func (b *bench) recreate(ctx context.Context, name, template string) error {
	if _, err := b.admin.ExecContext(ctx, "DROP DATABASE IF EXISTS "+name); err != nil {
		return err
	}
	create := "CREATE DATABASE " + name
	if template != "" {
		create += " TEMPLATE " + template
	}
	_, err := b.admin.ExecContext(ctx, create)
	return err
}

func (b *bench) at(ctx context.Context, name, query string, args ...any) error {
	d, err := sql.Open("pgx", b.database(name))
	if err != nil {
		return err
	}
	defer d.Close()
	_, err = d.ExecContext(ctx, query, args...)
	return err
}

package main

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

// quiet measures a product that nobody uses: how soon it answers, what it holds
// and what it asks of the database.
func (b *bench) quiet(ctx context.Context) error {
	if !b.only.MatchString("quiet") {
		return nil
	}
	address, err := b.city(ctx, "bench_quiet", 1200)
	if err != nil {
		return err
	}
	var took []time.Duration
	for range 5 {
		s, d, err := start(ctx, "product", "/", b.env(address), b.program, "serve", "--demo")
		if err != nil {
			return err
		}
		took = append(took, d)
		if err := s.stop(); err != nil {
			return err
		}
	}
	slices.Sort(took)
	b.note("schema in place to first page, PostgreSQL", float64(took[len(took)/2].Microseconds())/1000, "ms", atMost(300))
	s, _, err := start(ctx, "product", "/", b.env(address), b.program, "serve", "--demo")
	if err != nil {
		return err
	}
	defer s.stop()
	time.Sleep(20 * time.Second) // first jobs run, caches fill
	b.memory("at rest", s, 64)
	asked, err := b.statements(ctx, "bench_quiet", time.Minute)
	if err != nil {
		return err
	}
	b.note("statements when idle", asked, "/s", atMost(2))
	return nil
}

// statements counts what a database was asked, by pg_stat_statements.
func (b *bench) statements(ctx context.Context, name string, d time.Duration) (float64, error) {
	if _, err := b.admin.ExecContext(ctx, "CREATE EXTENSION IF NOT EXISTS pg_stat_statements"); err != nil {
		return 0, fmt.Errorf("count statements: %w", err)
	}
	count := func() (n sql.NullInt64, err error) {
		err = b.admin.QueryRowContext(ctx, `SELECT sum(calls)::bigint FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid WHERE d.datname = $1`, name).Scan(&n)
		return n, err
	}
	before, err := count()
	if err != nil {
		return 0, err
	}
	time.Sleep(d)
	after, err := count()
	return float64(after.Int64-before.Int64) / d.Seconds(), err
}

func (b *bench) memory(when string, s *server, most float64) {
	b.note("memory "+when+", "+s.name, s.resident(), "MB", atMost(most))
}

// lite files on SQLite, whose every commit waits for the disk, beside readers.
func (b *bench) lite(ctx context.Context) error {
	const title = "file a case on SQLite beside readers"
	if !b.only.MatchString(title) {
		return nil
	}
	folder, err := os.MkdirTemp(b.folder, "lite.")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	env := b.env("sqlite:" + filepath.Join(folder, "bench.db"))
	if _, err := run(ctx, env, "", b.program, "demo", "load", "--cases", "10000"); err != nil {
		return err
	}
	s, _, err := start(ctx, "product", "/readyz", env, b.program, "serve", "--demo")
	if err != nil {
		return err
	}
	defer s.stop()
	write, read := filings(), get("/desk?limit=25")
	write.server, read.server = s, s
	if write.cookie, err = signIn(ctx, s, "agent@demo.test"); err != nil {
		return err
	}
	if read.cookie, err = signIn(ctx, s, "handler@demo.test"); err != nil {
		return err
	}
	inner, cancel := context.WithCancel(ctx)
	var readers sync.WaitGroup
	for range 2 {
		readers.Go(func() { b.reader(inner, read) })
	}
	f, err := b.load(ctx, write, clients, b.seconds)
	cancel()
	readers.Wait()
	if err != nil {
		return err
	}
	b.results = append(b.results, result{name: title, ours: &f, value: f.rate(), unit: "/s", goal: atLeast(300)})
	b.memory("after load, SQLite", s, 128)
	return nil
}

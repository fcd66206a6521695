package db

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations
var migrations embed.FS

// Step is one migration and whether it is in the database.
type Step struct {
	Version int64
	Name    string
	At      time.Time // zero while pending
}

// Migrate brings the schema up. Several instances may start at once on
// PostgreSQL: a session lock lets one work and the others wait. Where nothing is
// pending, which is at nearly every start, one look is all.
func (d *DB) Migrate(ctx context.Context) error {
	if d.migrated(ctx) {
		return nil
	}
	p, done, err := d.provider()
	if err != nil {
		return err
	}
	defer done()
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate the database: %w", err)
	}
	return nil
}

// UpToDate says whether no migration is pending.
func (d *DB) UpToDate(ctx context.Context) bool { return d.migrated(ctx) }

// migrated says whether every step is in the database. An error, such as that
// of a database without any table, is a no.
func (d *DB) migrated(ctx context.Context) bool {
	folder, err := Migrations(d.engine)
	if err != nil {
		return false
	}
	steps, err := fs.Glob(folder, "*.sql")
	if err != nil {
		return false
	}
	var applied []int64
	err = d.From(ctx).Raw("SELECT DISTINCT version_id FROM goose_db_version WHERE is_applied").Scan(&applied).Error
	if err != nil {
		return false
	}
	for _, name := range steps {
		version, err := goose.NumericComponent(name)
		if err != nil || !slices.Contains(applied, version) {
			return false
		}
	}
	return true
}

// MigrateDown takes the newest step back.
func (d *DB) MigrateDown(ctx context.Context) error {
	p, done, err := d.provider()
	if err != nil {
		return err
	}
	defer done()
	if _, err := p.Down(ctx); err != nil {
		return fmt.Errorf("take back a migration: %w", err)
	}
	return nil
}

// Steps lists every migration in order.
func (d *DB) Steps(ctx context.Context) ([]Step, error) {
	p, done, err := d.provider()
	if err != nil {
		return nil, err
	}
	defer done()
	all, err := p.Status(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the state of the migrations: %w", err)
	}
	steps := make([]Step, len(all))
	for i, s := range all {
		steps[i] = Step{Version: s.Source.Version, Name: s.Source.Path, At: s.AppliedAt}
	}
	return steps, nil
}

// Migrations gives the engine's folder of SQL files.
func Migrations(e Engine) (fs.FS, error) { return fs.Sub(migrations, "migrations/"+string(e)) }

// provider runs the migrations. On PostgreSQL it brings connections of its own
// without statement_timeout: an index on a large table takes its time.
func (d *DB) provider() (*goose.Provider, func(), error) {
	folder, err := Migrations(d.engine)
	if err != nil {
		return nil, nil, err
	}
	if d.engine == SQLite {
		p, err := goose.NewProvider(goose.DialectSQLite3, d.write, folder)
		return p, func() {}, err
	}
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 600)) // ask each second for ten minutes
	if err != nil {
		return nil, nil, err
	}
	own, err := postgresPool(d.url, Options{MaxConns: 3, Statement: unlimited})
	if err != nil {
		return nil, nil, err
	}
	p, err := goose.NewProvider(goose.DialectPostgres, own, folder, goose.WithSessionLocker(locker))
	if err != nil {
		own.Close()
		return nil, nil, err
	}
	return p, func() { own.Close() }, nil
}

package db

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
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
// PostgreSQL: a session lock lets one work and the others wait.
func (d *DB) Migrate(ctx context.Context) error {
	p, err := d.provider()
	if err != nil {
		return err
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate the database: %w", err)
	}
	return nil
}

// MigrateDown takes the newest step back.
func (d *DB) MigrateDown(ctx context.Context) error {
	p, err := d.provider()
	if err != nil {
		return err
	}
	if _, err := p.Down(ctx); err != nil {
		return fmt.Errorf("take back a migration: %w", err)
	}
	return nil
}

// Steps lists every migration in order.
func (d *DB) Steps(ctx context.Context) ([]Step, error) {
	p, err := d.provider()
	if err != nil {
		return nil, err
	}
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

func (d *DB) provider() (*goose.Provider, error) {
	folder, err := Migrations(d.engine)
	if err != nil {
		return nil, err
	}
	if d.engine == SQLite {
		return goose.NewProvider(goose.DialectSQLite3, d.write, folder)
	}
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectPostgres, d.write, folder, goose.WithSessionLocker(locker))
}

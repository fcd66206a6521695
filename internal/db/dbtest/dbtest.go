// Package dbtest gives each test a migrated database of its own: a copy of a
// SQLite file, and, when TEST_POSTGRES_URL names a server, a clone of a
// PostgreSQL template, both made once per content of the migrations.
package dbtest

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/peterldowns/pgtestdb"

	"minqing/internal/db"
	"minqing/internal/jobs"
)

// New gives a fresh, migrated SQLite database, closed when the test ends.
func New(t testing.TB, change ...func(*db.Options)) *db.DB {
	t.Helper()
	path := filepath.Join(t.TempDir(), "test.db")
	body, err := template()
	if err == nil {
		err = os.WriteFile(path, body, 0o600)
	}
	if err != nil {
		t.Fatalf("make the test database: %v", err)
	}
	return open(t, "sqlite:"+path, change)
}

// Postgres gives a fresh, migrated PostgreSQL database, or skips the test
// where no server was named. `make test` always names one.
func Postgres(t testing.TB, change ...func(*db.Options)) *db.DB {
	t.Helper()
	return clone(t, migrator{}, change)
}

// clone gives a copy of the template that m makes.
func clone(t testing.TB, m pgtestdb.Migrator, change []func(*db.Options)) *db.DB {
	t.Helper()
	server := os.Getenv("TEST_POSTGRES_URL")
	if server == "" {
		t.Skip("TEST_POSTGRES_URL names no PostgreSQL server; make test starts one")
	}
	u, err := url.Parse(server)
	if err != nil {
		t.Fatalf("TEST_POSTGRES_URL: %v", err)
	}
	password, _ := u.User.Password()
	host := u.Hostname()
	if h := u.Query().Get("host"); h != "" {
		host = h
	}
	conf := pgtestdb.Custom(t, pgtestdb.Config{
		DriverName: driverName, User: u.User.Username(), Password: password, Host: host, Port: u.Port(),
		Database: strings.TrimPrefix(u.Path, "/"), Options: "sslmode=disable", ForceTerminateConnections: true,
	}, m)
	return open(t, conf.URL(), change)
}

// Each runs the test on both engines.
func Each(t *testing.T, test func(t *testing.T, d *db.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, New(t)) })
	t.Run("postgres", func(t *testing.T) { test(t, Postgres(t)) })
}

// Kept is a filled database that many tests of a package begin with. It is made
// once in a process, on each engine; every test has a copy of its own.
type Kept struct {
	// Fill writes into a migrated database; what belongs to it, keys and files,
	// goes into the folder.
	Fill func(ctx context.Context, d *db.DB, folder string) error

	sqlite, postgres half
}

// half is what was made on one engine.
type half struct {
	sync.Once
	folder string
	err    error
}

// Each runs the test on a copy of the filled database, on both engines at once.
// The folder is what Fill left there, to be copied before anything is written.
func (k *Kept) Each(t *testing.T, test func(t *testing.T, d *db.DB, folder string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		d, folder := k.SQLite(t)
		test(t, d, folder)
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		d := clone(t, keptMigrator{k}, nil)
		if k.postgres.err != nil {
			t.Fatalf("fill the test database: %v", k.postgres.err)
		}
		test(t, d, k.postgres.files())
	})
}

// SQLite gives a copy of the filled database on SQLite, and the folder as Each does.
func (k *Kept) SQLite(t testing.TB) (d *db.DB, folder string) {
	t.Helper()
	k.sqlite.Do(func() {
		k.sqlite.fill(k, func(folder string) (string, error) {
			body, err := template()
			if err != nil {
				return "", err
			}
			path := filepath.Join(folder, name)
			return "sqlite:" + path, os.WriteFile(path, body, 0o600)
		})
	})
	if k.sqlite.err != nil {
		t.Fatalf("fill the test database: %v", k.sqlite.err)
	}
	path := filepath.Join(t.TempDir(), name)
	body, err := os.ReadFile(filepath.Join(k.sqlite.folder, name))
	if err == nil {
		err = os.WriteFile(path, body, 0o600)
	}
	if err != nil {
		t.Fatalf("copy the test database: %v", err)
	}
	return open(t, "sqlite:"+path, nil), k.sqlite.files()
}

// Remove takes the folders away; for TestMain.
func (k *Kept) Remove() {
	os.RemoveAll(k.sqlite.folder)
	os.RemoveAll(k.postgres.folder)
}

const name = "test.db"

func (h *half) files() string { return filepath.Join(h.folder, "files") }

func (h *half) fill(k *Kept, prepare func(folder string) (address string, err error)) {
	if h.folder, h.err = os.MkdirTemp("", "minqing-kept-"); h.err != nil {
		return
	}
	address, err := prepare(h.folder)
	if err != nil {
		h.err = err
		return
	}
	ctx := context.Background()
	d, err := db.Open(ctx, address, db.Options{MaxConns: 6})
	if err != nil {
		h.err = err
		return
	}
	if h.err = os.Mkdir(h.files(), 0o700); h.err == nil {
		h.err = k.Fill(ctx, d, h.files())
	}
	if err := d.Close(); h.err == nil {
		h.err = err
	}
}

// keptMigrator fills the template of this process: its program is its own.
type keptMigrator struct{ *Kept }

func (m keptMigrator) Hash() (string, error) {
	sum, err := hash(db.PostgreSQL)
	return fmt.Sprintf("%s-%d-%p", sum, os.Getpid(), m.Kept), err
}

func (m keptMigrator) Migrate(_ context.Context, _ *sql.DB, c pgtestdb.Config) error {
	m.postgres.Do(func() { m.postgres.fill(m.Kept, func(string) (string, error) { return c.URL(), migrate(c.URL()) }) })
	return m.postgres.err
}

func open(t testing.TB, address string, change []func(*db.Options)) *db.DB {
	t.Helper()
	o := db.Options{MaxConns: 6}
	for _, f := range change {
		f(&o)
	}
	d, err := db.Open(context.Background(), address, o)
	if err != nil {
		t.Fatalf("open the test database: %v", err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

func migrate(address string) error {
	ctx := context.Background()
	d, err := db.Open(ctx, address, db.Options{MaxConns: 2})
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Migrate(ctx); err != nil {
		return err
	}
	return jobs.Migrate(ctx, d)
}

// template is the bytes of a migrated SQLite file, kept between processes under
// the hash of the migrations. Several processes may make it at once: each works
// in a folder of its own beside it, so the rename at the end is atomic, and all
// of them make the same file.
var template = sync.OnceValues(func() ([]byte, error) {
	sum, err := hash(db.SQLite)
	if err != nil {
		return nil, err
	}
	kept := filepath.Join(os.TempDir(), "minqing-test-"+sum+".db")
	if body, err := os.ReadFile(kept); err == nil {
		return body, nil
	}
	folder, err := os.MkdirTemp("", "minqing-test-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "template.db")
	if err := migrate("sqlite:" + path); err != nil {
		return nil, err
	}
	body, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	_ = os.Rename(path, kept) // without it the next process makes its own
	return body, nil
})

// hash changes with every change of a migration and of the queue's version.
func hash(e db.Engine) (string, error) {
	folder, err := db.Migrations(e)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	h.Write([]byte(jobs.SchemaVersion))
	err = fs.WalkDir(folder, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		body, err := fs.ReadFile(folder, path)
		h.Write([]byte(path))
		h.Write(body)
		return err
	})
	return hex.EncodeToString(h.Sum(nil)[:12]), err
}

type migrator struct{}

func (migrator) Hash() (string, error) { return hash(db.PostgreSQL) }

func (migrator) Migrate(_ context.Context, _ *sql.DB, c pgtestdb.Config) error {
	return migrate(c.URL())
}

// Package dbtest gives each test a migrated database of its own: a copy of a
// SQLite file, and, when TEST_POSTGRES_URL names a server, a clone of a
// PostgreSQL template, both made once per content of the migrations.
package dbtest

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx", for pgtestdb
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
		DriverName: "pgx", User: u.User.Username(), Password: password, Host: host, Port: u.Port(),
		Database: strings.TrimPrefix(u.Path, "/"), Options: "sslmode=disable", ForceTerminateConnections: true,
	}, migrator{})
	return open(t, conf.URL(), change)
}

// Each runs the test on both engines.
func Each(t *testing.T, test func(t *testing.T, d *db.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, New(t)) })
	t.Run("postgres", func(t *testing.T) { test(t, Postgres(t)) })
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

package app_test

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"testing"

	"minqing/internal/app"
	"minqing/internal/config"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
)

// city is the demo city as a first start leaves it.
var city = dbtest.Kept{Fill: func(ctx context.Context, d *db.DB, folder string) error {
	c, err := config.Load([]string{"MINQING_DATABASE_URL=" + d.URL(), "MINQING_METRICS_LISTEN=off", "MINQING_LISTEN=127.0.0.1:0",
		"MINQING_KEYS=" + filepath.Join(folder, "keys.json"), "MINQING_BLOB_URL=file:" + filepath.Join(folder, "blobs")})
	if err != nil {
		return err
	}
	a, err := app.New(ctx, c, app.Options{Demo: true, Log: io.Discard, Version: "test"})
	if err != nil {
		return err
	}
	defer a.Close()
	if err := a.LoadDemo(ctx); err != nil {
		return err
	}
	return a.LoadFirstCases(ctx)
}}

// eachCity runs the test on both engines, with the demo city loaded: a house that
// is opened over it finds its keys and files.
func eachCity(t *testing.T, test func(t *testing.T, d *db.DB)) {
	t.Helper()
	city.Each(t, func(t *testing.T, d *db.DB, folder string) {
		bring(t, d, folder)
		test(t, d)
	})
}

// oneCity is the demo city on SQLite, for what is the same on both engines.
func oneCity(t testing.TB) *db.DB {
	t.Helper()
	d, folder := city.SQLite(t)
	bring(t, d, folder)
	return d
}

// bring copies keys and files of the city for a house over the database.
func bring(t testing.TB, d *db.DB, folder string) {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(folder)); err != nil {
		t.Fatalf("copy keys and files of the city: %v", err)
	}
	keys := filepath.Join(dir, "keys.json")
	if err := os.Chmod(keys, 0o600); err != nil {
		t.Fatalf("copy the keys of the city: %v", err)
	}
	keyFiles.Store(d.URL(), keys)
}

func TestMain(m *testing.M) {
	code := m.Run()
	city.Remove()
	os.Exit(code)
}

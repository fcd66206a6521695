package db_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/db"
	"minqing/internal/db/dbtest"
)

func TestAnAddressIsShownWithoutItsPasswords(t *testing.T) {
	for address, want := range map[string]string{
		"sqlite:/srv/me@home/minqing.db":                   "sqlite:/srv/me@home/minqing.db",
		"postgres://minqing@db/minqing":                    "postgres://minqing@db/minqing",
		"postgres://minqing:secret@db:5432/minqing":        "postgres://minqing:xxxxx@db:5432/minqing",
		"postgres://minqing:sec@ret@db/minqing":            "postgres://minqing:xxxxx@db/minqing",
		"postgres://db/minqing?user=m&password=secret":     "postgres://db/minqing?password=xxxxx&user=m",
		"postgres://db/minqing?sslpassword=secret":         "postgres://db/minqing?sslpassword=xxxxx",
		"postgres://minqing:sec%ret@db/minqing?password=x": "…@db/minqing",
		"host=db password=secret %zz:":                     "…",
	} {
		got := db.Redact(address)
		require.Equal(t, want, got, address)
		require.NotContains(t, got, "secret")
	}
}

func TestABadAddressIsRefusedWithoutShowingItsPassword(t *testing.T) {
	for _, address := range []string{
		"", "sqlite:", "sqlite::memory:", "mysql://minqing:secret@db/minqing",
		"postgres://minqing:secret@db:port/minqing", "postgres://minqing:secret@127.0.0.1:1/minqing?connect_timeout=1",
	} {
		d, err := db.Open(t.Context(), address, db.Options{})
		require.Error(t, err, address)
		require.Nil(t, d)
		require.NotContains(t, err.Error(), "secret")
	}
}

func TestADatabaseFileIsItsOwnersOnlyWhateverItsName(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "new", "100% #1?")
	path := filepath.Join(folder, "民情?mode=memory#.db")
	d, err := db.Open(t.Context(), "sqlite:"+path, db.Options{})
	require.NoError(t, err)
	defer d.Close()
	notes(t, d)
	require.NoError(t, write(t.Context(), d, "a"))
	for _, name := range []string{path, path + "-wal"} {
		info, err := os.Stat(name)
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm(), name)
	}
	again, err := db.Open(t.Context(), "sqlite:"+path, db.Options{})
	require.NoError(t, err)
	defer again.Close()
	require.Equal(t, []string{"a"}, written(t, again))
}

func TestSQLiteSurvivesAPowerCutAndKeepsForeignKeys(t *testing.T) {
	d := dbtest.New(t)
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "10000", "secure_delete": "2"} {
		var got string
		require.NoError(t, d.SQL().QueryRow("PRAGMA "+pragma).Scan(&got))
		require.Equal(t, want, got, pragma)
	}
}

func TestEachStatementIsCounted(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		n := 0
		counted, err := db.Open(t.Context(), d.URL(), db.Options{OnQuery: func() { n++ }, MaxConns: 1})
		require.NoError(t, err)
		defer counted.Close()
		n = 0
		var one int
		require.NoError(t, counted.From(t.Context()).Raw("SELECT 1").Scan(&one).Error)
		require.NoError(t, counted.Reader(t.Context()).Raw("SELECT 1").Scan(&one).Error)
		require.Equal(t, 2, n)
	})
}

func TestPostgreSQLCompilesNoQuestionsUnlessAsked(t *testing.T) {
	address := dbtest.Postgres(t).URL()
	shown := func(address string) (jit string) {
		d, err := db.Open(t.Context(), address, db.Options{})
		require.NoError(t, err)
		defer d.Close()
		require.NoError(t, d.From(t.Context()).Raw("SHOW jit").Scan(&jit).Error)
		return jit
	}
	require.Equal(t, "off", shown(address))
	require.Equal(t, "on", shown(address+"&jit=on"))
}

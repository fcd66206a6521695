package db_test

import (
	"io/fs"
	"net/url"
	"path/filepath"
	"regexp"
	"strconv"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"minqing/internal/db"
	"minqing/internal/db/dbtest"
)

func files(t *testing.T, e db.Engine) []string {
	t.Helper()
	folder, err := db.Migrations(e)
	require.NoError(t, err)
	names, err := fs.Glob(folder, "*")
	require.NoError(t, err)
	return names
}

func TestBothEnginesHaveTheSameMigrations(t *testing.T) {
	lite := files(t, db.SQLite)
	require.NotEmpty(t, lite)
	if diff := cmp.Diff(lite, files(t, db.PostgreSQL)); diff != "" {
		t.Errorf("files of sqlite (-) and postgres (+):\n%s", diff)
	}
	seen := map[string]string{}
	for _, name := range lite {
		require.Regexp(t, regexp.MustCompile(`^\d{5}_[a-z_]+\.sql$`), name)
		require.Empty(t, seen[name[:5]], "two migrations have the number of %s", name)
		seen[name[:5]] = name
	}
}

// empty gives a database without any table.
func empty(t *testing.T, e db.Engine) *db.DB {
	t.Helper()
	address := "sqlite:" + filepath.Join(t.TempDir(), "empty.db")
	if e == db.PostgreSQL {
		home := dbtest.Postgres(t)
		u, err := url.Parse(home.URL())
		require.NoError(t, err)
		require.NoError(t, home.From(t.Context()).Exec("CREATE SCHEMA empty").Error)
		q := u.Query()
		q.Set("search_path", "empty")
		u.RawQuery = q.Encode()
		address = u.String()
	}
	d, err := db.Open(t.Context(), address, db.Options{MaxConns: 4})
	require.NoError(t, err)
	t.Cleanup(func() { d.Close() })
	return d
}

func eachEmpty(t *testing.T, test func(t *testing.T, d *db.DB)) {
	t.Run("sqlite", func(t *testing.T) { test(t, empty(t, db.SQLite)) })
	t.Run("postgres", func(t *testing.T) { test(t, empty(t, db.PostgreSQL)) })
}

func TestMigrationsGoUpDownAndUpAgain(t *testing.T) {
	eachEmpty(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		steps, err := d.Steps(ctx)
		require.NoError(t, err)
		require.Len(t, steps, len(files(t, d.Engine())))
		for _, s := range steps {
			require.Zero(t, s.At, "%s is pending", s.Name)
		}

		require.NoError(t, d.Migrate(ctx))
		up := describe(t, d)
		require.NotEmpty(t, up)
		for i := len(steps) - 1; i >= 0; i-- {
			require.NoError(t, d.MigrateDown(ctx), "take back %s", steps[i].Name)
			now, err := d.Steps(ctx)
			require.NoError(t, err)
			require.Zero(t, now[i].At)
		}
		require.Empty(t, describe(t, d), "taking everything back leaves these behind")
		require.NoError(t, d.Migrate(ctx))
		if diff := cmp.Diff(up, describe(t, d)); diff != "" {
			t.Errorf("the second way up differs:\n%s", diff)
		}
		steps, err = d.Steps(ctx)
		require.NoError(t, err)
		for i, s := range steps {
			require.NotZero(t, s.At, s.Name)
			require.Contains(t, s.Name, strconv.FormatInt(s.Version, 10))
			require.True(t, i == 0 || steps[i-1].Version < s.Version)
		}
	})
}

func TestASecondMigrationChangesNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		before := describe(t, d)
		require.NoError(t, d.Migrate(t.Context()))
		require.Equal(t, before, describe(t, d))
	})
}

func TestTwoInstancesMigrateAPostgreSQLAtOnce(t *testing.T) {
	d := empty(t, db.PostgreSQL)
	var all sync.WaitGroup
	for range 2 {
		all.Go(func() {
			if err := d.Migrate(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

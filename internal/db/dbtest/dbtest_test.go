package dbtest_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/db"
	"minqing/internal/db/dbtest"
)

// TestOneDatabase is also what the processes of the next test run.
func TestOneDatabase(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for _, table := range []string{"audit_entries", "vault_keys", "river_job"} {
			var n int
			require.NoError(t, d.From(t.Context()).Raw("SELECT count(*) FROM "+table).Scan(&n).Error, table)
			require.Zero(t, n)
		}
	})
}

func TestProcessesMayMakeTheTemplateAtOnce(t *testing.T) {
	folder := t.TempDir()
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			c := exec.Command(os.Args[0], "-test.run=^TestOneDatabase$")
			c.Env = append(os.Environ(), "TMPDIR="+folder)
			if out, err := c.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
	all.Wait()
	kept, err := filepath.Glob(filepath.Join(folder, "minqing-test-*"))
	require.NoError(t, err)
	require.Len(t, kept, 1, "one template and no folder of its making: %v", kept)
}

func TestDatabasesOfTwoTestsAreApart(t *testing.T) {
	write := func(t *testing.T, d *db.DB) {
		require.NoError(t, d.From(t.Context()).Exec("CREATE TABLE mine (id TEXT PRIMARY KEY NOT NULL)").Error)
	}
	dbtest.Each(t, write)
	dbtest.Each(t, write)
}

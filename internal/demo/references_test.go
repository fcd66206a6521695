package demo_test

import (
	"net/url"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/db"
	"minqing/internal/db/dbtest"
)

// superuser opens a database as the one who may leave look-ups out.
func superuser(t *testing.T) *db.DB {
	at, err := url.Parse(dbtest.Postgres(t).URL())
	require.NoError(t, err)
	server, err := url.Parse(os.Getenv("TEST_POSTGRES_URL"))
	require.NoError(t, err)
	at.User = server.User
	d, err := db.Open(t.Context(), at.String(), db.Options{MaxConns: 4})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, d.Close()) })
	var may bool
	require.NoError(t, d.From(t.Context()).Raw("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").Scan(&may).Error)
	require.True(t, may)
	return d
}

// PostgreSQL does not look up the references of loaded rows, so all are looked up here.
func TestWhatALoadedRowRefersToIsThere(t *testing.T) {
	d := superuser(t)
	l := loader(t, d)
	_, err := l.Load(system(), options(700))
	require.NoError(t, err)
	var asked []string
	require.NoError(t, d.From(system()).Raw(`SELECT format('SELECT count(*) FROM %s c WHERE c.%I IS NOT NULL AND NOT EXISTS (SELECT 1 FROM %s p WHERE p.%I = c.%I)',
 k.conrelid::regclass, a.attname, k.confrelid::regclass, b.attname, a.attname)
 FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1] JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = k.confkey[1]
 WHERE k.contype = 'f' AND array_length(k.conkey, 1) = 1`).Scan(&asked).Error)
	require.Greater(t, len(asked), 50)
	for _, sql := range asked {
		var dangling int
		require.NoError(t, d.From(system()).Raw(sql).Scan(&dangling).Error)
		require.Zero(t, dangling, sql)
	}

	var unmarked, looked int
	require.NoError(t, d.From(system()).Raw(`SELECT count(*) FROM cases c WHERE NOT EXISTS (SELECT 1 FROM case_search_due s WHERE s.case_id = c.id)`).Scan(&unmarked).Error)
	require.Zero(t, unmarked, "cases that no search would find")
	require.NoError(t, d.From(system()).Raw("SELECT count(*) FROM pg_settings WHERE name = 'session_replication_role' AND setting = 'origin'").Scan(&looked).Error)
	require.Equal(t, 1, looked, "after the load references are looked up again")
	err = d.From(system()).Exec("UPDATE case_units SET unit_id = gen_random_uuid()").Error
	require.ErrorContains(t, err, "foreign key")
}

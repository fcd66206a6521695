package db_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/db/dbtest"
)

// A server that was restarted has hung up on everybody. Nobody's request may
// fail for it.
func TestAConnectionThatTheServerClosedIsNotUsedAgain(t *testing.T) {
	t.Parallel()
	d := dbtest.Postgres(t)
	d.SQL().SetMaxOpenConns(1)
	var pid int
	require.NoError(t, d.SQL().QueryRow("SELECT pg_backend_pid()").Scan(&pid))
	killer := dbtest.Postgres(t)
	var done bool
	require.NoError(t, killer.SQL().QueryRow("SELECT pg_terminate_backend($1)", pid).Scan(&done))
	require.True(t, done)
	time.Sleep(1100 * time.Millisecond) // a shorter rest is trusted

	var fresh int
	require.NoError(t, d.SQL().QueryRow("SELECT pg_backend_pid()").Scan(&fresh))
	require.NotEqual(t, pid, fresh)
}

package limits_test

import (
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/jobs"
	"minqing/internal/limits"
	"minqing/internal/vault"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// node is a server with a clock of its own.
type node struct {
	*limits.Service
	now time.Time
}

func nodes(t *testing.T, d *db.DB) (a, b *node) {
	ring, err := vault.CreateRing(filepath.Join(t.TempDir(), "keys"))
	require.NoError(t, err)
	made := func() *node {
		n := &node{now: noon}
		n.Service = limits.New(d, vault.New(d, ring, time.Now), func() time.Time { return n.now })
		return n
	}
	return made(), made()
}

func (n *node) takes(t *testing.T, what, client string) bool {
	t.Helper()
	wait, err := n.Take(t.Context(), what, client, 4, time.Minute)
	require.NoError(t, err)
	require.LessOrEqual(t, wait, time.Minute)
	return wait == 0
}

func TestALimitHoldsOnAllServersTogether(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a, b := nodes(t, d)
		for _, n := range []*node{a, b, a, b} {
			require.True(t, n.takes(t, "POST /track", "203.0.113.9"))
		}
		for _, n := range []*node{a, b, a, b} {
			require.False(t, n.takes(t, "POST /track", "203.0.113.9"))
		}
		require.True(t, a.takes(t, "POST /track", "203.0.113.10"), "another client")
		require.True(t, a.takes(t, "POST /file", "203.0.113.9"), "another route")

		a.now = noon.Add(75 * time.Second) // three quarters of the window before count: three of four
		require.True(t, a.takes(t, "POST /track", "203.0.113.9"))
		require.False(t, a.takes(t, "POST /track", "203.0.113.9"))
		a.now = noon.Add(3 * time.Minute)
		require.True(t, a.takes(t, "POST /track", "203.0.113.9"))
	})
}

func TestNoMoreThanTheLimitAreLetInAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a, b := nodes(t, d)
		var in atomic.Int32
		var all sync.WaitGroup
		for i := range 24 {
			all.Go(func() {
				n := []*node{a, b}[i%2]
				if wait, err := n.Take(t.Context(), "x", "y", 4, time.Minute); err == nil && wait == 0 {
					in.Add(1)
				}
			})
		}
		all.Wait()
		require.EqualValues(t, 4, in.Load())
	})
}

func TestOldCountsAreForgotten(t *testing.T) {
	d := dbtest.New(t)
	a, _ := nodes(t, d)
	q, err := jobs.New(d, audit.New(d, time.Now), jobs.Options{})
	require.NoError(t, err)
	t.Cleanup(q.Close)
	a.now = time.Now().Add(-4 * time.Hour)
	require.True(t, a.takes(t, "x", "y"))
	a.now = time.Now()
	require.True(t, a.takes(t, "x", "z"))
	a.Register(q)
	require.NoError(t, q.Start(t.Context()))
	left := func() (n int) {
		require.NoError(t, d.From(t.Context()).Raw("SELECT count(*) FROM rate_counts").Scan(&n).Error)
		return n
	}
	require.Eventually(t, func() bool { return left() == 1 }, 10*time.Second, 10*time.Millisecond)
	require.NoError(t, q.Stop(t.Context()))
}

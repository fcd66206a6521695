package insight_test

import (
	"context"
	"io"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/audit"
	"minqing/internal/db/dbtest"
	"minqing/internal/jobs"
)

func TestTheQueueKeepsTheFiguresUpToDate(t *testing.T) {
	c := newCity(t, dbtest.New(t))
	for range 6 {
		c.file(a{})
	}
	q, err := jobs.New(c.d, audit.New(c.d, time.Now), jobs.Options{Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	require.NoError(t, err)
	c.s.Register(q)
	require.NoError(t, q.Start(t.Context()))
	t.Cleanup(func() {
		require.NoError(t, q.Stop(context.Background()))
		q.Close()
	})
	require.Eventually(t, func() bool { return len(c.dump()) > 0 }, 20*time.Second, 50*time.Millisecond)
}

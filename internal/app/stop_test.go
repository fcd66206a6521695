package app_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/app"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/jobs"
)

// slowJob takes a while; N tells one from the other.
type slowJob struct {
	N int `json:"n"`
}

func (slowJob) Kind() string { return "test.slow" }

func TestAStopFinishesWhatIsUnderWayAndLosesNoJob(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		const all = 20
		var ran [all]atomic.Int32
		work := func(h *house) {
			jobs.Work(h.Jobs, func(_ context.Context, j slowJob) error {
				time.Sleep(150 * time.Millisecond)
				ran[j.N].Add(1)
				return nil
			})
		}
		h := open(t, d, false)
		work(h)
		stop := h.serve(t, app.ServeOptions{Workers: true, Web: true})

		// A request of which the server has seen the head and half the form.
		conn, err := net.Dial("tcp", strings.TrimPrefix(h.url, "http://"))
		require.NoError(t, err)
		defer conn.Close()
		body := "case_no=LJ000&query_code=AAAAA-AAAAA"
		_, err = fmt.Fprintf(conn, "POST /track HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s", len(body), body[:10])
		require.NoError(t, err)
		require.NoError(t, h.DB.Tx(t.Context(), func(ctx context.Context) error {
			for n := range all {
				if err := h.Jobs.Add(ctx, slowJob{n}); err != nil {
					return err
				}
			}
			return nil
		}))
		require.Eventually(t, func() bool { return count(t, d, "river_job WHERE kind = 'test.slow' AND state = 'running'") > 0 }, 10*time.Second, 5*time.Millisecond)
		ended := make(chan error, 1)
		go func() { ended <- stop() }()
		require.Eventually(t, func() bool { // the door is closed …
			c, err := net.Dial("tcp", strings.TrimPrefix(h.url, "http://"))
			if err == nil {
				c.Close()
			}
			return err != nil
		}, 5*time.Second, 10*time.Millisecond)
		_, err = fmt.Fprint(conn, body[10:]) // … and who is inside is served
		require.NoError(t, err)
		got, err := http.ReadResponse(bufio.NewReader(conn), nil)
		require.NoError(t, err)
		require.Equal(t, 422, got.StatusCode)
		got.Body.Close()
		require.NoError(t, <-ended)
		require.Zero(t, count(t, d, "river_job WHERE state = 'running'"))
		require.Equal(t, all, count(t, d, "river_job WHERE kind = 'test.slow' AND state IN ('completed', 'available')"))

		again := open(t, d, false)
		work(again)
		stop = again.serve(t, app.ServeOptions{Workers: true, Web: true})
		require.Eventually(t, func() bool {
			return count(t, d, "river_job WHERE kind = 'test.slow' AND state = 'completed'") == all
		}, 20*time.Second, 20*time.Millisecond)
		require.NoError(t, stop())
		for n := range all {
			require.EqualValues(t, 1, ran[n].Load(), "job %d", n)
		}
		h.quietLog(t)
	})
}

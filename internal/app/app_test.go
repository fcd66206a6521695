package app_test

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/app"
	"minqing/internal/config"
	"minqing/internal/db"
)

// journal is a log that goroutines may write and a test may read.
type journal struct {
	mu   sync.Mutex
	body bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.body.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.body.String()
}

// house is the product over a database of its own.
type house struct {
	*app.App
	url string
	log *journal
}

// open opens the product over the database; with its demo city when asked.
func open(t testing.TB, d *db.DB, city bool, more ...string) *house {
	t.Helper()
	return openWith(t, d, app.Options{Demo: city}, more...)
}

// openWith opens the product with a clock of its own, or without the demo city.
func openWith(t testing.TB, d *db.DB, o app.Options, more ...string) *house {
	t.Helper()
	keys, address := keysOf(d, t.TempDir()), freeAddress(t)
	c, err := config.Load(append([]string{"MINQING_DATABASE_URL=" + d.URL(), "MINQING_LISTEN=" + address, "MINQING_METRICS_LISTEN=off",
		"MINQING_KEYS=" + keys, "MINQING_BLOB_URL=file:" + filepath.Join(filepath.Dir(keys), "blobs")}, more...))
	require.NoError(t, err)
	h := &house{url: "http://" + address, log: &journal{}}
	_, measured := t.(*testing.B)
	o.Log, o.Version, o.Proof = h.log, "test", !measured
	h.App, err = app.New(t.Context(), c, o)
	require.NoError(t, err)
	t.Cleanup(func() { h.Close() })
	return h
}

var keyFiles sync.Map

// keysOf is the key file of a database: who opens it again has the same keys.
func keysOf(d *db.DB, dir string) string {
	path, _ := keyFiles.LoadOrStore(d.URL(), filepath.Join(dir, "keys.json"))
	return path.(string)
}

func freeAddress(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().String()
}

// serve runs the product until the returned function is called, which waits for
// its end.
func (h *house) serve(t *testing.T, o app.ServeOptions) (stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ready, ended := make(chan struct{}), make(chan error, 1)
	o.Ready = func(string) { close(ready) }
	go func() { ended <- h.Serve(ctx, o) }()
	select {
	case <-ready:
	case err := <-ended:
		require.NoError(t, err)
	case <-time.After(time.Minute):
		t.Fatal("the server did not start within a minute")
	}
	var once sync.Once
	var err error
	stop = func() error {
		once.Do(func() { cancel(); err = <-ended })
		return err
	}
	t.Cleanup(func() { stop() })
	return stop
}

// count asks the database directly.
func count(t *testing.T, d *db.DB, sql string, args ...any) (n int) {
	t.Helper()
	require.NoError(t, d.From(t.Context()).Raw("SELECT count(*) FROM "+sql, args...).Scan(&n).Error)
	return n
}

// noRedirect is a client that shows redirects instead of following them.
var noRedirect = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

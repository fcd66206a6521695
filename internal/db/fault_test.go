package db_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
)

func requireFault(t *testing.T, err error, kind fault.Kind, key string) {
	t.Helper()
	e, ok := fault.As(err)
	require.True(t, ok, "%v", err)
	require.Equal(t, kind.String()+" "+key, e.Kind.String()+" "+e.Key, "%v", err)
}

func TestDriverErrorsBecomeFaults(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		notes(t, d)
		g := d.From(t.Context())
		require.NoError(t, write(t.Context(), d, "a"))

		twice := write(t.Context(), d, "a")
		require.True(t, db.IsDuplicate(twice))
		requireFault(t, db.Fault(fmt.Errorf("write: %w", twice), "", "note.there"), fault.Conflict, "note.there")
		require.ErrorIs(t, db.Fault(twice, "", "note.there"), twice, "the cause stays for the log")
		require.Equal(t, fault.Internal, fault.KindOf(db.Fault(twice, "note.missing", "")), "unexpected stays a defect")

		var n note
		missing := g.Where("id = ?", "b").Take(&n).Error
		require.ErrorIs(t, missing, gorm.ErrRecordNotFound)
		requireFault(t, db.Fault(missing, "note.missing", ""), fault.NotFound, "note.missing")
		row := g.Raw("SELECT id FROM notes WHERE id = ?", "b").Row().Scan(&n.ID)
		require.ErrorIs(t, row, sql.ErrNoRows)
		requireFault(t, db.Fault(row, "note.missing", ""), fault.NotFound, "note.missing")

		require.NoError(t, db.Fault(nil, "x", "y"))
		own := fault.New(fault.Forbidden, "note.forbidden").Because(context.DeadlineExceeded)
		require.Equal(t, error(own), db.Fault(own, "x", "y"))
		unknown := errors.New("unknown")
		require.Equal(t, unknown, db.Fault(unknown, "x", "y"))
		require.False(t, db.IsDuplicate(g.Exec("INSERT INTO notes (id) VALUES (NULL)").Error))
	})
}

func TestWhatIsNoIDIsAMissingRow(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		var id string
		err := d.From(t.Context()).Raw("SELECT id FROM vault_keys WHERE id = ?", "../etc").Row().Scan(&id)
		requireFault(t, db.Fault(err, "vault.key_missing", ""), fault.NotFound, "vault.key_missing")
	})
}

func TestADatabaseThatIsAwayIsUnavailable(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		notes(t, d)
		late, cancel := context.WithTimeout(t.Context(), 0)
		defer cancel()
		requireFault(t, db.Fault(d.From(late).Exec("SELECT 1").Error, "", ""), fault.Unavailable, "fault.unavailable")

		require.NoError(t, d.Close())
		requireFault(t, db.Fault(write(t.Context(), d, "a"), "", ""), fault.Unavailable, "fault.unavailable")
		err := d.Tx(t.Context(), func(ctx context.Context) error { return write(ctx, d, "a") })
		requireFault(t, err, fault.Unavailable, "fault.unavailable")
	})
}

func TestALockedSQLiteFileIsUnavailable(t *testing.T) {
	d := dbtest.New(t)
	notes(t, d)
	_, err := d.SQL().Exec("PRAGMA busy_timeout = 20")
	require.NoError(t, err)
	other, err := db.Open(t.Context(), d.URL(), db.Options{})
	require.NoError(t, err)
	defer other.Close()
	require.NoError(t, other.Tx(t.Context(), func(ctx context.Context) error {
		err := d.Tx(t.Context(), func(ctx context.Context) error { return write(ctx, d, "a") })
		requireFault(t, err, fault.Unavailable, "fault.unavailable")
		return nil
	}))
}

func TestASlowStatementIsUnavailable(t *testing.T) {
	d := dbtest.Postgres(t, func(o *db.Options) { o.Statement = 50 * time.Millisecond })
	requireFault(t, db.Fault(d.From(t.Context()).Exec("SELECT pg_sleep(5)").Error, "", ""), fault.Unavailable, "fault.unavailable")
	require.NoError(t, d.Migrate(t.Context()), "migrations have no such limit")
	require.NoError(t, d.Patiently(t.Context(), func(ctx context.Context) error {
		return d.From(ctx).Exec("SELECT pg_sleep(0.2)").Error
	}), "nor have commands and jobs that ask for it")
	requireFault(t, db.Fault(d.From(t.Context()).Exec("SELECT pg_sleep(5)").Error, "", ""), fault.Unavailable, "fault.unavailable")
}

func TestAServerThatGoesAwayIsUnavailable(t *testing.T) {
	d := dbtest.Postgres(t)
	notes(t, d)
	line := newLine(t, d.URL())
	far, err := db.Open(t.Context(), line.address, db.Options{})
	require.NoError(t, err)
	defer far.Close()

	err = far.Tx(t.Context(), func(ctx context.Context) error {
		require.NoError(t, write(ctx, far, "a"))
		line.cut()
		return write(ctx, far, "b")
	})
	requireFault(t, err, fault.Unavailable, "fault.unavailable")
	requireFault(t, db.Fault(write(t.Context(), far, "c"), "", ""), fault.Unavailable, "fault.unavailable")
	require.Empty(t, written(t, d))

	err = d.Tx(t.Context(), func(ctx context.Context) error {
		var pid int
		require.NoError(t, d.From(ctx).Raw("SELECT pg_backend_pid()").Scan(&pid).Error)
		require.NoError(t, d.From(t.Context()).Exec("SELECT pg_terminate_backend(?)", pid).Error)
		return write(ctx, d, "d")
	})
	requireFault(t, err, fault.Unavailable, "fault.unavailable")
}

// line is a wire to a server that can be cut.
type line struct {
	address string
	l       net.Listener
	mu      sync.Mutex
	conns   []net.Conn
}

func newLine(t *testing.T, address string) *line {
	t.Helper()
	u, err := url.Parse(address)
	require.NoError(t, err)
	server := u.Host
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	u.Host = l.Addr().String()
	w := &line{address: u.String(), l: l}
	t.Cleanup(w.cut)
	go func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", server)
			if err != nil {
				near.Close()
				continue
			}
			w.mu.Lock()
			w.conns = append(w.conns, near, far)
			w.mu.Unlock()
			go io.Copy(near, far)
			go io.Copy(far, near)
		}
	}()
	return w
}

func (w *line) cut() {
	w.l.Close()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.conns {
		c.Close()
	}
}

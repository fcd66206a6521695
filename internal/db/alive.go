package db

import (
	"context"
	"crypto/tls"
	"net"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5/stdlib"
)

const (
	restShort = time.Second      // a connection that rested no longer is used unseen
	restLong  = 30 * time.Second // one that rested longer must answer, whatever the kernel believes
)

// mustAnswer says whether a connection that rested has to answer a ping before
// it is used again. The driver would ask after every second of rest, which is a
// quarter of what an idle system says to its database. The kernel knows at no
// cost when the server closed the connection, so only a long rest, which may
// hide a network that lost it, is worth a question.
func mustAnswer(_ context.Context, p stdlib.ShouldPingParams) bool {
	switch {
	case p.IdleDuration <= restShort:
		return false
	case p.IdleDuration > restLong:
		return true
	}
	return !quiet(p.Conn.PgConn().Conn())
}

// quiet says whether a connection is open with nothing waiting to be read, as
// far as this machine's kernel knows. One that nobody asked and that has
// something to say is mostly saying goodbye.
func quiet(c net.Conn) bool {
	if t, ok := c.(*tls.Conn); ok {
		c = t.NetConn()
	}
	s, ok := c.(syscall.Conn)
	if !ok {
		return false
	}
	raw, err := s.SyscallConn()
	if err != nil {
		return false
	}
	silent := false
	// Not raw.Read, which would wait for a read under way: after a slow write the
	// driver leaves one behind that ends only when the server speaks.
	err = raw.Control(func(fd uintptr) { silent = nothingToRead(fd) })
	return err == nil && silent
}

package web

import (
	"context"
	"net"
)

// joined is a connection that sends a page and its headers in one go. The server writes the
// headers with the beginning of a page, as much as its buffer of 4 KiB holds, and then the
// rest: two calls of the system and two packets for one answer. While a page is written,
// the first part waits for the second.
type joined struct {
	*net.TCPConn
	whole bool   // a page is being written
	first []byte // what waits for the rest; its memory, as much as the server's buffer, serves the next page
	both  [2][]byte
}

type joinedKey struct{}

// Joining is a listener whose connections join what belongs to one page. What is no TCP
// is left as it is.
type Joining struct{ net.Listener }

// Accept waits for the next connection.
func (l Joining) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if tcp, ok := c.(*net.TCPConn); ok {
		return &joined{TCPConn: tcp}, nil
	}
	return c, err
}

// knowing makes a request know the connection that it came by.
func knowing(ctx context.Context, c net.Conn) context.Context {
	if j, ok := c.(*joined); ok {
		return context.WithValue(ctx, joinedKey{}, j)
	}
	return ctx
}

// atOnce runs what writes a page. Only the goroutine of a request writes to its connection.
func atOnce(ctx context.Context, write func()) {
	j, ok := ctx.Value(joinedKey{}).(*joined)
	if !ok {
		write()
		return
	}
	j.whole = true
	defer j.end()
	write()
}

// Write keeps a copy of the first part of a page: the server fills its buffer anew.
func (j *joined) Write(b []byte) (int, error) {
	if !j.whole {
		return j.TCPConn.Write(b)
	}
	if len(j.first) == 0 {
		j.first = append(j.first, b...)
		return len(b), nil
	}
	j.both = [2][]byte{j.first, b}
	parts := net.Buffers(j.both[:])
	n, err := parts.WriteTo(j.TCPConn)
	before := int64(len(j.first))
	j.both, j.first = [2][]byte{}, j.first[:0]
	return int(max(0, n-before)), err
}

// end sends what still waits. Where that fails, the next write fails as well.
func (j *joined) end() {
	j.whole = false
	if len(j.first) > 0 {
		_, _ = j.TCPConn.Write(j.first)
		j.first = j.first[:0]
	}
}

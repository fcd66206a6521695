package web

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// packets tells how many packets with data came by a connection, where the system says it.
var packets func(*net.TCPConn) (int, bool)

func TestAPageAndItsHeadersTravelAsOne(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	page := func(r *http.Request) []byte {
		n, _ := strconv.Atoi(r.URL.Query().Get("n"))
		return bytes.Repeat([]byte("民"), n/3)
	}
	s := NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b := page(r)
		w.Header().Set("Content-Length", strconv.Itoa(len(b)))
		if r.URL.Path == "/plain" {
			_, _ = w.Write(b)
			return
		}
		atOnce(r.Context(), func() { _, _ = w.Write(b) })
	}))
	go func() { _ = s.Serve(Joining{l}) }()
	defer s.Close()
	c, err := net.Dial("tcp", l.Addr().String())
	require.NoError(t, err)
	defer c.Close()
	require.NoError(t, c.SetDeadline(time.Now().Add(time.Minute)))
	in := bufio.NewReader(c)
	ask := func(method, path string) int {
		r, err := http.NewRequest(method, "http://city.example"+path, nil)
		require.NoError(t, err)
		require.NoError(t, r.Write(c))
		got, err := http.ReadResponse(in, r)
		require.NoError(t, err)
		body, err := io.ReadAll(got.Body)
		require.NoError(t, err)
		want := page(r)
		require.EqualValues(t, len(want), got.ContentLength)
		if method != http.MethodHead {
			require.Equal(t, want, body, path)
		}
		return len(body)
	}
	// Around the 4 KiB of the server's buffer, and one after the other on one connection.
	for _, n := range []int{0, 3, 3000, 3900, 4095, 4098, 6000, 8100, 8190, 14_001, 300_000} {
		for _, path := range []string{"/page?n=", "/plain?n="} {
			ask(http.MethodHead, path+strconv.Itoa(n))
			ask(http.MethodGet, path+strconv.Itoa(n))
		}
	}
	if packets == nil {
		return
	}
	before, ok := packets(c.(*net.TCPConn))
	if !ok {
		return
	}
	ask(http.MethodGet, "/page?n=14001")
	after, _ := packets(c.(*net.TCPConn))
	require.Equal(t, 1, after-before)
}

func TestAReaderWhoWentAwayHoldsUpNobody(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	failed := make(chan error, 1)
	s := NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b := make([]byte, 1<<20)
		for err := error(nil); ; {
			if atOnce(r.Context(), func() { _, err = w.Write(b) }); err != nil {
				failed <- err
				return
			}
		}
	}))
	go func() { _ = s.Serve(Joining{l}) }()
	defer s.Close()
	c, err := net.Dial("tcp", l.Addr().String())
	require.NoError(t, err)
	_, err = c.Write([]byte("GET / HTTP/1.1\r\nHost: city.example\r\n\r\n"))
	require.NoError(t, err)
	_, err = c.Read(make([]byte, 100))
	require.NoError(t, err)
	require.NoError(t, c.Close())
	select {
	case err := <-failed:
		require.Error(t, err)
	case <-time.After(time.Minute):
		t.Fatal("it goes on writing to nobody")
	}
}

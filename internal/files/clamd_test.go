package files_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/files"
)

// guard answers as ClamAV's daemon does: it finds EICAR, and hangs up where a
// stream is longer than it takes.
type guard struct {
	sync.Mutex
	t    *testing.T
	most int
	seen [][]byte
	mute bool // says nothing and hangs up
}

func (g *guard) serve(network, address string) string {
	l, err := net.Listen(network, address)
	require.NoError(g.t, err)
	g.t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go g.answer(c)
		}
	}()
	return l.Addr().String()
}

func (g *guard) answer(c net.Conn) {
	defer c.Close()
	in := bufio.NewReader(c)
	command, err := in.ReadString(0)
	g.Lock()
	defer g.Unlock()
	if err != nil || g.mute {
		return
	}
	if command == "zPING\x00" {
		_, _ = io.WriteString(c, "PONG\x00")
		return
	}
	var all []byte
	for {
		var n uint32
		if err := binary.Read(in, binary.BigEndian, &n); err != nil {
			return
		}
		if n == 0 {
			break
		}
		if len(all)+int(n) > g.most {
			_, _ = io.WriteString(c, "INSTREAM size limit exceeded. ERROR\x00")
			return
		}
		piece := make([]byte, n)
		if _, err := io.ReadFull(in, piece); err != nil {
			return
		}
		all = append(all, piece...)
	}
	g.seen = append(g.seen, all)
	if bytes.Contains(all, []byte("EICAR")) {
		_, _ = io.WriteString(c, "stream: Eicar-Signature FOUND\x00")
		return
	}
	_, _ = io.WriteString(c, "stream: OK\x00")
}

func TestAScannerIsAskedAboutEveryFile(t *testing.T) {
	for network, address := range map[string]string{"tcp": "127.0.0.1:0", "unix": filepath.Join(t.TempDir(), "clamd.ctl")} {
		t.Run(network, func(t *testing.T) {
			g := &guard{t: t, most: 1 << 20}
			at := g.serve(network, address)
			s, err := files.OpenScanner(map[string]string{"tcp": "tcp://", "unix": "unix:"}[network] + at)
			require.NoError(t, err)
			require.NoError(t, s.Check(t.Context()))
			b := newBench(t, dbtest.New(t), func(d *files.Deps) { d.Scanner = s })
			long := strings.Repeat("湖濱路路燈不亮。", 9000) // several pieces
			f, err := b.Add(t.Context(), text("a.txt", long))
			require.NoError(t, err)
			require.True(t, f.Scanned)
			require.Equal(t, long, string(g.seen[0]), "it sees the whole file as it came")
			_, err = b.Add(t.Context(), text("b.txt", "EICAR"))
			require.Equal(t, fault.Invalid, fault.KindOf(err))
			require.EqualValues(t, 1, b.rows(t))
		})
	}
}

// A file that the scanner did not look at to its end is not taken for clean.
func TestWhatNobodyScannedIsNotTaken(t *testing.T) {
	g := &guard{t: t, most: 100}
	at := g.serve("tcp", "127.0.0.1:0")
	s, err := files.OpenScanner("tcp://" + at)
	require.NoError(t, err)
	b := newBench(t, dbtest.New(t), func(d *files.Deps) { d.Scanner = s })
	refused := func() {
		t.Helper()
		_, err := b.Add(t.Context(), text("a.txt", strings.Repeat("a", 1<<20)))
		require.Equal(t, fault.Unavailable, fault.KindOf(err))
		require.Zero(t, b.rows(t))
	}
	refused() // longer than it takes
	g.mute = true
	refused()
	require.Error(t, s.Check(t.Context()))

	silent, err := net.Listen("tcp", "127.0.0.1:0") // takes calls and says nothing
	require.NoError(t, err)
	s, err = files.OpenScanner("tcp://" + silent.Addr().String())
	require.NoError(t, err)
	began := time.Now()
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	_, err = s.Scan(ctx, strings.NewReader("a"))
	require.Error(t, err)
	require.Less(t, time.Since(began), 30*time.Second, "it waits no longer than the request")
	require.NoError(t, silent.Close())
	_, err = s.Scan(t.Context(), strings.NewReader("a"))
	require.ErrorContains(t, err, "the scanner does not answer")

	for _, bad := range []string{"", "clamd:3310", "tcp://host", "tcp://:3310", "http://host:3310", "unix:", "unix://host/clamd"} {
		_, err := files.OpenScanner(bad)
		require.Error(t, err, bad)
	}
}

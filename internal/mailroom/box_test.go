package mailroom

import (
	"bytes"
	"context"
	"crypto/x509"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/mailroom/dovecottest"
)

// boxOf is a mailbox of the server by an address, with who it believes.
func boxOf(t *testing.T, address string, roots *x509.CertPool) *Box {
	t.Helper()
	b, err := OpenBox(address)
	require.NoError(t, err)
	b.tls.RootCAs, b.plain = roots, false
	return b
}

func TestTheCertificateOfTheMailServerIsChecked(t *testing.T) {
	server := dovecottest.Start(t)
	server.Deliver(t, "wang", []byte("From: a@example.net\r\n\r\nwords\r\n"))
	login := "wang:" + dovecottest.Password + "@"
	for scheme, port := range map[string]string{"imap": server.Port, "imaps": server.TLSPort} {
		address := scheme + "://" + login + "localhost:" + port
		require.NoError(t, boxOf(t, address, server.Roots).Check(t.Context()), scheme)
		err := boxOf(t, address, nil).Check(t.Context())
		require.Error(t, err, "%s: nobody vouches for it", scheme)
		require.Equal(t, ProblemCertificate, problemOf(err), "%v", err)
		require.NotContains(t, err.Error(), dovecottest.Password)

		err = boxOf(t, scheme+"://"+login+"127.0.0.1:"+port, server.Roots).Check(t.Context())
		require.Error(t, err, "%s: it is another's", scheme)
		require.Equal(t, ProblemCertificate, problemOf(err), "%v", err)
	}
	err := boxOf(t, "imaps://wang:wrong@localhost:"+server.TLSPort, server.Roots).Check(t.Context())
	require.Equal(t, ProblemSignIn, problemOf(err), "%v", err)
	err = boxOf(t, "imaps://"+login+"localhost:"+server.TLSPort+"/Nowhere", server.Roots).Check(t.Context())
	require.Equal(t, ProblemFolder, problemOf(err), "%v", err)
	err = boxOf(t, "imap://"+login+"127.0.0.1:1", nil).Check(t.Context())
	require.Equal(t, ProblemUnreachable, problemOf(err), "%v", err)
}

func TestNoPasswordGoesOverTheNetInTheClear(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	heard := make(chan string, 1)
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		_, _ = c.Write([]byte("* OK [CAPABILITY IMAP4rev1] here\r\n"))
		buf, all := make([]byte, 1024), ""
		for {
			n, err := c.Read(buf)
			if all += string(buf[:n]); err != nil {
				break
			}
			tag, _, _ := strings.Cut(string(buf[:n]), " ")
			_, _ = c.Write([]byte(tag + " BAD what\r\n"))
		}
		heard <- all
	}()
	require.Error(t, boxOf(t, "imap://wang:Secret-9@"+l.Addr().String(), nil).Check(t.Context()))
	require.NotContains(t, <-heard, "Secret-9")
}

func TestAServerThatFallsSilentHoldsNobody(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	err = boxOf(t, "imaps://wang:x@"+l.Addr().String(), nil).Check(ctx)
	require.Error(t, err)
	require.Equal(t, ProblemUnreachable, problemOf(err), "%v", err)
}

func TestAMailThatIsTooLargeTakesNoMemory(t *testing.T) {
	server := dovecottest.Start(t)
	server.Deliver(t, "wang", append([]byte("From: a@example.net\r\n\r\n"), bytes.Repeat([]byte(strings.Repeat("x", 70)+"\r\n"), 40<<20/72)...))
	runtime.GC()
	box, err := boxOf(t, "imaps://wang:"+dovecottest.Password+"@localhost:"+server.TLSPort, server.Roots).open(t.Context())
	require.NoError(t, err)
	defer box.close()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	list, err := box.after(0, 10)
	require.NoError(t, err)
	require.Len(t, list, 1)
	require.Greater(t, list[0].size, int64(SizeMost))
	raw, err := box.raw(list[0].uid, true)
	require.NoError(t, err)
	runtime.ReadMemStats(&after)
	require.Len(t, raw, headerMost)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(4<<20))

	raw, err = box.raw(list[0].uid, false) // a server that told another size
	require.NoError(t, err)
	require.Len(t, raw, SizeMost)
}

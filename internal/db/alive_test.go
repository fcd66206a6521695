package db

import (
	"errors"
	"net"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/require"
)

func TestTheKernelKnowsWhenTheServerHungUp(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { l.Close() })
	client, err := net.Dial("tcp", l.Addr().String())
	require.NoError(t, err)
	t.Cleanup(func() { client.Close() })
	server, err := l.Accept()
	require.NoError(t, err)

	require.True(t, quiet(client), "open, with nothing to read")
	_, err = server.Write([]byte("E"))
	require.NoError(t, err)
	require.Eventually(t, func() bool { return !quiet(client) }, 5*time.Second, time.Millisecond, "something came unasked")
	_, err = client.Read(make([]byte, 8))
	require.NoError(t, err)
	require.True(t, quiet(client), "peeking took nothing, reading took all")
	require.NoError(t, server.Close())
	require.Eventually(t, func() bool { return !quiet(client) }, 5*time.Second, time.Millisecond, "the server hung up")

	one, two := net.Pipe()
	t.Cleanup(func() { one.Close(); two.Close() })
	require.False(t, quiet(one), "what is no socket cannot be known")
}

func TestAReadUnderWayIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { l.Close() })
	client, err := net.Dial("tcp", l.Addr().String())
	require.NoError(t, err)
	server, err := l.Accept()
	require.NoError(t, err)
	t.Cleanup(func() { server.Close() })
	read := make(chan struct{})
	go func() { client.Read(make([]byte, 1)); close(read) }() // as the driver does after a slow write

	looked := make(chan bool)
	go func() {
		for range 1000 { // the read has begun by then
			if !quiet(client) {
				looked <- false
				return
			}
			time.Sleep(time.Microsecond)
		}
		looked <- true
	}()
	select {
	case open := <-looked:
		require.True(t, open)
	case <-time.After(20 * time.Second):
		t.Error("it waits for the server to speak")
	}
	client.Close()
	<-read
}

func TestALongRestAsksInAnyCase(t *testing.T) {
	t.Parallel()
	require.False(t, mustAnswer(t.Context(), stdlib.ShouldPingParams{IdleDuration: restShort}))
	require.True(t, mustAnswer(t.Context(), stdlib.ShouldPingParams{IdleDuration: restLong + 1}))
}

func TestAServerThatCannotBeReachedIsNamedInOneLine(t *testing.T) {
	t.Parallel()
	inner := errors.New("failed to connect:\n\t127.0.0.1:1: refused\n\t127.0.0.1:1: refused")
	require.EqualError(t, oneLine{inner}, "failed to connect: 127.0.0.1:1: refused")
	require.ErrorIs(t, oneLine{inner}, inner)

	_, err := Open(t.Context(), "postgres://u:secret@127.0.0.1:1/x", Options{})
	require.ErrorContains(t, err, "MINQING_DATABASE_URL")
	require.NotContains(t, err.Error(), "\n")
	require.NotContains(t, err.Error(), "secret")
}

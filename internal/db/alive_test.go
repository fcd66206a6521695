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

package portal

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestWhatIsTheSameForEverybodyIsReadOnceAMinute(t *testing.T) {
	at, loads, told := time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC), 0, 0
	var fail error
	s := &shared[int]{now: func() time.Time { return at }, failed: func(error) { told++ },
		load: func(context.Context) (int, error) { loads++; return loads, fail }}
	for range 3 {
		require.Equal(t, 1, s.get(t.Context()))
	}
	at = at.Add(sharedLife)
	require.Equal(t, 2, s.get(t.Context()))
	at, fail = at.Add(sharedLife), errors.New("no database")
	for range 3 {
		require.Equal(t, 2, s.get(t.Context()), "the old value stays")
	}
	require.Equal(t, 3, loads, "a database that fails is left alone for a minute")
	require.Equal(t, 1, told)
}

func TestNobodyWaitsForAnothersRead(t *testing.T) {
	begun, free := make(chan struct{}), make(chan struct{})
	s := &shared[int]{now: time.Now, failed: func(error) {}, load: func(context.Context) (int, error) {
		close(begun)
		<-free
		return 7, nil
	}}
	done := make(chan int)
	go func() { done <- s.get(context.Background()) }()
	<-begun
	require.Zero(t, s.get(t.Context()), "there is no value yet")
	close(free)
	require.Equal(t, 7, <-done)
	require.Equal(t, 7, s.get(t.Context()))
}

func TestAReaderWhoLeavesTakesNothingAlong(t *testing.T) {
	s := &shared[int]{now: time.Now, failed: func(error) {}, load: func(ctx context.Context) (int, error) { return 7, ctx.Err() }}
	ctx, leave := context.WithCancel(t.Context())
	leave()
	require.Equal(t, 7, s.get(ctx))
}

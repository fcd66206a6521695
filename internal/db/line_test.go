package db

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestReadersAreServedInTheOrderOfTheirComing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := line{make(chan struct{}, 1), time.Hour}
		leave, err := l.wait(t.Context())
		require.NoError(t, err)
		var served []int
		for i := range 20 {
			go func() {
				leave, err := l.wait(t.Context())
				require.NoError(t, err)
				served = append(served, i)
				leave()
			}()
			synctest.Wait()
		}
		leave()
		synctest.Wait()
		require.Len(t, served, 20)
		require.IsIncreasing(t, served)
	})
}

func TestSlowReadersHoldUpOthersForAWhileOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := line{make(chan struct{}, 1), patience}
		_, err := l.wait(t.Context()) // and never leaves
		require.NoError(t, err)
		began := time.Now() // of the bubble
		leave, err := l.wait(t.Context())
		require.NoError(t, err)
		require.Equal(t, patience, time.Since(began))
		leave() // gives back no place that it does not hold
		require.Len(t, l.places, 1)
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		_, err = l.wait(gone)
		require.ErrorIs(t, err, context.Canceled)
	})
}

func TestWhoWritesForLongLosesThePlaceAndNobodyElses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := line{make(chan struct{}, 1), patience}
		slow, err := l.hold(t.Context())
		require.NoError(t, err)
		time.Sleep(2 * patience)
		require.Empty(t, l.places)
		next, err := l.hold(t.Context())
		require.NoError(t, err)
		slow() // has nothing to give back
		require.Len(t, l.places, 1)
		next()
		require.Empty(t, l.places)
		time.Sleep(2 * patience) // and nothing comes later
		require.Empty(t, l.places)
	})
}

func TestARequestStandsInTheLineOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &DB{line: line{make(chan struct{}, 1), time.Hour}}
		first, done := d.InTurn(t.Context())
		reads := func(ctx context.Context) {
			leave, err := d.enter(ctx)
			require.NoError(t, err)
			leave()
		}
		reads(first)
		var served bool
		go func() {
			second, done := d.InTurn(t.Context())
			defer done()
			reads(second)
			served = true
		}()
		synctest.Wait()
		reads(first) // before who came later
		require.False(t, served)
		done()
		synctest.Wait()
		require.True(t, served)
		require.Empty(t, d.line.places)
		reads(first) // what a request leaves running waits as others do
		require.Empty(t, d.line.places)
	})
}

func TestALongRequestLosesItsPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &DB{line: line{make(chan struct{}, 1), patience}}
		ctx, done := d.InTurn(t.Context())
		_, err := d.enter(ctx)
		require.NoError(t, err)
		time.Sleep(patience) // of the bubble: a stream of events, say
		synctest.Wait()
		require.Empty(t, d.line.places)
		done()
		require.Empty(t, d.line.places)
	})
}

func TestOnSQLiteReadersMakeRoomForWhoWrites(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &DB{batch: &batcher{}, line: line{make(chan struct{}, 1), time.Hour}}
		for range 3 { // nobody writes, nobody waits
			_, err := d.enter(t.Context())
			require.NoError(t, err)
		}
		require.Empty(t, d.line.places)
		d.batch.pending.Add(1)
		leave, err := d.enter(t.Context())
		require.NoError(t, err)
		var served bool
		go func() {
			leave, err := d.enter(t.Context())
			require.NoError(t, err)
			served = true
			leave()
		}()
		synctest.Wait()
		require.False(t, served)
		leave()
		synctest.Wait()
		require.True(t, served)
	})
}

func TestWhatIsInsertedAtOnceStandsInTheLine(t *testing.T) {
	d := &DB{engine: PostgreSQL, writers: line{make(chan struct{}, 1), time.Hour}}
	_, err := d.writers.wait(t.Context()) // and never leaves
	require.NoError(t, err)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, d.InsertAll(gone, Insert("cases", "id", "1")), context.Canceled)
}

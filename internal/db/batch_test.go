package db_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
)

// together starts n transactions while another one keeps the writer busy, so
// that all of them wait and share the next commit.
func together(t *testing.T, d *db.DB, n int, one func(i int)) {
	t.Helper()
	busy, free := make(chan bool), make(chan bool)
	var all sync.WaitGroup
	all.Go(func() {
		d.Tx(t.Context(), func(context.Context) error { close(busy); <-free; return nil })
	})
	<-busy
	var started sync.WaitGroup
	for i := range n {
		started.Add(1)
		all.Go(func() { started.Done(); one(i) })
	}
	started.Wait()
	time.Sleep(20 * time.Millisecond) // until they stand in the queue
	close(free)
	all.Wait()
}

func TestConcurrentTransactionsShareCommits(t *testing.T) {
	d := dbtest.New(t)
	notes(t, d)
	var groups sync.Map
	together(t, d, 32, func(i int) {
		err := d.Tx(t.Context(), func(ctx context.Context) error {
			groups.Store(d.SQLTx(ctx), true)
			return write(ctx, d, fmt.Sprintf("%02d", i))
		})
		if err != nil {
			t.Error(err)
		}
	})
	require.Len(t, written(t, d), 32)
	n := 0
	groups.Range(func(any, any) bool { n++; return true })
	require.Less(t, n, 8, "32 transactions took %d commits", n)
}

func TestAMemberThatFailsHarmsNobody(t *testing.T) {
	d := dbtest.New(t)
	notes(t, d)
	var panics, returned atomic.Int32
	together(t, d, 32, func(i int) {
		defer func() {
			if p := recover(); p != nil {
				panics.Add(1)
			}
		}()
		err := d.Tx(t.Context(), func(ctx context.Context) error {
			if err := write(ctx, d, fmt.Sprintf("%02d", i)); err != nil {
				return err
			}
			switch i % 4 {
			case 1:
				return errors.New("no")
			case 2:
				panic("broken")
			case 3:
				runtime.Goexit()
			}
			return nil
		})
		returned.Add(1)
		if (err == nil) != (i%4 == 0) {
			t.Errorf("member %d: %v", i, err)
		}
	})
	require.EqualValues(t, 8, panics.Load())
	require.EqualValues(t, 16, returned.Load(), "a goroutine that ended must not come back")
	require.Equal(t, []string{"00", "04", "08", "12", "16", "20", "24", "28"}, written(t, d))
}

func TestAPanicKeepsTheStackOfItsTransaction(t *testing.T) {
	d := dbtest.New(t)
	defer func() {
		require.Equal(t, "broken", recover())
		buf := make([]byte, 64<<10)
		stack := string(buf[:runtime.Stack(buf, false)])
		require.Contains(t, stack, "breakOnPurpose")
	}()
	d.Tx(t.Context(), breakOnPurpose)
}

func breakOnPurpose(context.Context) error { panic("broken") }

func TestTransactionsOfOneCallerKeepTheirOrder(t *testing.T) {
	d := dbtest.New(t)
	require.NoError(t, d.From(t.Context()).Exec("CREATE TABLE seen (n INTEGER PRIMARY KEY AUTOINCREMENT, who INTEGER, turn INTEGER)").Error)
	var all sync.WaitGroup
	for who := range 8 {
		all.Go(func() {
			for turn := range 20 {
				if err := d.Tx(t.Context(), func(ctx context.Context) error {
					return d.From(ctx).Exec("INSERT INTO seen (who, turn) VALUES (?, ?)", who, turn).Error
				}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	var rows []struct{ Who, Turn int }
	require.NoError(t, d.From(t.Context()).Raw("SELECT who, turn FROM seen ORDER BY n").Scan(&rows).Error)
	require.Len(t, rows, 160)
	next := map[int]int{}
	for _, r := range rows {
		require.Equal(t, next[r.Who], r.Turn)
		next[r.Who]++
	}
}

func TestAFullDiskIsSaidToWhoeverItHitAndLeavesNothingHalf(t *testing.T) {
	d := dbtest.New(t, func(o *db.Options) { o.MaxPages = pagesOf(t) + 120 })
	require.NoError(t, d.From(t.Context()).Exec("CREATE TABLE halves (who INTEGER, half INTEGER, body BLOB)").Error)
	var kept sync.Map
	var full atomic.Int32
	for round := range 6 {
		together(t, d, 32, func(i int) {
			who := round*100 + i
			err := d.Tx(t.Context(), func(ctx context.Context) error {
				for half := range 2 {
					size := 3000 - half*2990 // the second half may find room where the first did not
					err := d.From(ctx).Exec("INSERT INTO halves VALUES (?, ?, randomblob(?))", who, half, size).Error
					if err != nil && i%2 == 0 {
						return fmt.Errorf("write a half: %w", err)
					} // the odd ones overlook it
				}
				return nil
			})
			if err == nil {
				kept.Store(who, true)
				return
			}
			full.Add(1)
			e, ok := fault.As(err)
			if !ok || e.Kind != fault.Unavailable || e.Key != "fault.full" {
				t.Errorf("member %d: %v", who, err)
			}
		})
	}
	require.NotZero(t, full.Load(), "the disk never filled")
	var rows []struct{ Who, N int }
	require.NoError(t, d.From(t.Context()).Raw("SELECT who, count(*) AS n FROM halves GROUP BY who").Scan(&rows).Error)
	require.NotEmpty(t, rows)
	for _, r := range rows {
		_, ok := kept.LoadAndDelete(r.Who)
		require.True(t, ok, "%d was told that it failed, and is there", r.Who)
		require.Equal(t, 2, r.N, "%d is half there", r.Who)
	}
	kept.Range(func(who, _ any) bool { t.Errorf("%v was told that it is kept, and is gone", who); return true })

	require.NoError(t, d.Tx(t.Context(), func(ctx context.Context) error {
		return d.From(ctx).Exec("DELETE FROM halves").Error
	}))
	require.NoError(t, d.Tx(t.Context(), func(ctx context.Context) error {
		return d.From(ctx).Exec("INSERT INTO halves VALUES (1, 1, randomblob(3000))").Error
	}), "once there is room again, writing goes on")
}

// pagesOf counts the pages of an empty test database.
func pagesOf(t *testing.T) int {
	t.Helper()
	var n int
	require.NoError(t, dbtest.New(t).From(t.Context()).Raw("SELECT page_count FROM pragma_page_count()").Scan(&n).Error)
	return n
}

func TestATimeoutInsideATransactionLeavesItsNeighboursAlone(t *testing.T) {
	d := dbtest.New(t)
	notes(t, d)
	const slow = `WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 200000)
 INSERT INTO notes (id) SELECT '5 slow' FROM c WHERE n = 200000`
	var slowly error
	together(t, d, 8, func(i int) {
		err := d.Tx(t.Context(), func(ctx context.Context) error {
			if err := write(ctx, d, fmt.Sprint(i)); err != nil {
				return err
			}
			short, cancel := context.WithTimeout(ctx, 5*time.Millisecond)
			defer cancel()
			switch i {
			case 3: // a statement after the deadline does not start
				<-short.Done()
				return write(short, d, "3 late")
			case 5: // one that is running ends
				return d.From(short).Exec(slow).Error
			}
			return nil
		})
		switch {
		case i == 3 && !errors.Is(err, context.DeadlineExceeded):
			t.Errorf("a statement after its deadline: %v", err)
		case i == 5:
			slowly = err
		case i != 3 && err != nil:
			t.Error(err)
		}
	})
	want := "0 1 2 4 5 5 slow 6 7"
	if slowly != nil { // a busy machine may reach the deadline before the statement
		require.ErrorIs(t, slowly, context.DeadlineExceeded)
		want = "0 1 2 4 6 7"
	}
	require.Equal(t, want, strings.Join(written(t, d), " "))
}

func TestReadsGoOnBesideAWrite(t *testing.T) {
	d := dbtest.New(t)
	notes(t, d)
	require.NoError(t, d.Tx(t.Context(), func(ctx context.Context) error {
		require.NoError(t, write(ctx, d, "a"))
		var all sync.WaitGroup
		for range 16 {
			all.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
				defer cancel()
				var n int
				if err := d.From(ctx).Raw("SELECT count(*) FROM notes").Scan(&n).Error; err != nil || n != 0 {
					t.Errorf("%d rows, %v", n, err)
				}
			})
		}
		all.Wait()
		return nil
	}))
}

func TestCloseWaitsForTheRunningTransaction(t *testing.T) {
	d := dbtest.New(t)
	notes(t, d)
	address := d.URL()
	started, result := make(chan bool), make(chan error, 1)
	go func() {
		result <- d.Tx(context.Background(), func(ctx context.Context) error {
			close(started)
			time.Sleep(50 * time.Millisecond)
			return write(ctx, d, "a")
		})
	}()
	<-started
	require.NoError(t, d.Close())
	require.NoError(t, <-result)
	again, err := db.Open(t.Context(), address, db.Options{})
	require.NoError(t, err)
	defer again.Close()
	require.Equal(t, []string{"a"}, written(t, again))

	err = d.Tx(t.Context(), func(context.Context) error { return nil })
	require.Equal(t, fault.Unavailable, fault.KindOf(err), "%v", err)
}

package worklist_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/worklist"
)

func TestProcessesTellEachOtherWhoIsAtACase(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		if d.Engine() != db.PostgreSQL {
			return // one process only
		}
		ctx, stop := context.WithCancel(t.Context())
		one := worklist.New(worklist.Deps{DB: d, Now: time.Now})
		two := worklist.New(worklist.Deps{DB: d, Now: time.Now})
		ended := make(chan struct{})
		go func() { two.WatchLive(ctx); close(ended) }()
		here, err := two.Sit(ctx, "A1", "b", "李")
		require.NoError(t, err)
		others := func() []worklist.Present { list, _ := here.Others(); return list }
		require.Eventually(t, func() bool {
			require.NoError(t, one.Tell(ctx, worklist.Seen{CaseNo: "A1", AccountID: "a", Name: "陳", Does: worklist.Here}))
			return len(others()) == 1
		}, 30*time.Second, 20*time.Millisecond)
		require.Equal(t, "陳", others()[0].Name)
		stop()
		<-ended
		<-here.Stopped()
	})
}

func TestStreamsAreBoundedAndForgotten(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		now := time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)
		s := worklist.New(worklist.Deps{DB: d, Now: func() time.Time { return now }})
		var seats []*worklist.Seat
		for range 12 {
			seat, err := s.Sit(t.Context(), "A1", "a", "陳")
			require.NoError(t, err)
			seats = append(seats, seat)
		}
		_, err := s.Sit(t.Context(), "A1", "a", "陳")
		require.Error(t, err)
		other, err := s.Sit(t.Context(), "A1", "b", "李")
		require.NoError(t, err)
		for _, seat := range seats {
			list, _ := other.Others()
			require.Len(t, list, 1)
			seat.Leave(t.Context(), true)
		}
		list, _ := other.Others()
		require.Empty(t, list, "the last window is closed")
		require.NoError(t, s.Tell(t.Context(), worklist.Seen{CaseNo: "A1", AccountID: "a", Name: "陳", Does: worklist.Here}))
		now = now.Add(time.Minute)
		list, _ = other.Others()
		require.Empty(t, list, "who fell silent is forgotten")
	})
}

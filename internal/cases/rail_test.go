package cases_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
)

func TestARailIsCountedAnewBeforeItsNumbersEnd(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		reader := w.as(w.member("dispatcher", "LJ"))
		open := func() int {
			counts, err := w.Counts(reader)
			require.NoError(t, err)
			return counts[cases.ViewOpen]
		}
		w.file()
		require.Equal(t, 1, open())
		w.file() // somebody else's doing
		w.wait(7 * time.Second)
		require.Equal(t, 1, open())
		w.wait(2 * time.Second)
		require.Equal(t, 1, open(), "nobody waits while others count")
		require.Eventually(t, func() bool { return open() == 2 }, time.Minute, 10*time.Millisecond)
		w.file()
		w.wait(59 * time.Second)
		require.Equal(t, 2, open(), "nor on the first page after a pause")
		require.Eventually(t, func() bool { return open() == 3 }, time.Minute, 10*time.Millisecond)
		w.file()
		w.wait(time.Minute)
		require.Equal(t, 4, open(), "older numbers are shown to nobody")
	})
}

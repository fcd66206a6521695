package insight_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/db"
	"minqing/internal/db/dbtest"
)

func TestEverybodyReadsWholeMonthsWithoutSmallCells(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newCity(t, d)
		c.judged(0, 12, 9, "web")
		c.now = start.AddDate(0, 1, 0)
		c.judged(1, 9, 2, "phone")
		c.now = start.AddDate(0, 2, 0)
		c.judged(0, 30, 30, "web")
		require.NoError(t, c.s.Rebuild(t.Context()))
		months, err := c.s.PublicMonths(t.Context(), 12)
		require.NoError(t, err)
		require.Len(t, months, 2, "November is not over")
		require.Equal(t, "2026-10-01", months[0].First.String())
		require.True(t, months[0].Filed.Suppressed)
		require.EqualValues(t, 12, months[1].Filed.N)
		for i := range months[0].Rates {
			require.Nil(t, months[0].Rates[i].Numerator, "nine people could be recognised")
			require.NotNil(t, months[1].Rates[i].Numerator)
		}
		months, err = c.s.PublicMonths(t.Context(), 1)
		require.NoError(t, err)
		require.Len(t, months, 1)
	})
}

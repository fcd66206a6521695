package offers_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/outreach/offers"
)

func TestOffersGoAfterTheirTermUnlessTheyKeepAnotherAway(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d)
		one, two, three := c.person("王老", 1950), c.person("張老", 1948), c.person("李老", 1947)
		b := c.published(c.heating())
		l := c.confirmed(b)
		require.NoError(t, c.Answer(me(one), c.offer(l, one), offers.Object, "不要"))
		c.exec("UPDATE offers SET state = 'lapsed' WHERE id = ?", c.offer(l, two))
		const first = "00000000-0000-0000-0000-000000000000"
		old := func() []string {
			ids, err := c.Old(system(), at.Add(c.later).AddDate(-3, 0, 0), first, 10)
			require.NoError(t, err)
			return ids
		}
		require.Empty(t, old())
		c.exec("UPDATE offers SET period = 0")
		c.later = 3 * 366 * 24 * time.Hour
		require.Equal(t, []string{c.offer(l, two)}, old(), "an objection keeps the benefit from being offered again, and what is open has no term")
		c.exec("UPDATE offers SET period = 2026 WHERE id = ?", c.offer(l, one))
		require.ElementsMatch(t, []string{c.offer(l, one), c.offer(l, two)}, old(), "the year of an objection is over")
		n, err := c.Delete(system(), old())
		require.NoError(t, err)
		require.EqualValues(t, 2, n)
		require.Equal(t, 1, c.count("SELECT COUNT(*) FROM offers WHERE constituent_id = ?", three))
	})
}

package demo_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/audit"
	"minqing/internal/catalogue"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/demo"
	"minqing/internal/place"
)

func TestAnEditionOfTheCityIsLoadedOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		trail := audit.New(d, time.Now)
		c := catalogue.New(d, trail, time.Now)
		s := demo.New(c, place.New(d, trail, time.Now))
		require.NoError(t, s.LoadCityOnce(system(), d, time.Now()))
		snap, err := c.Snapshot(system())
		require.NoError(t, err)
		require.GreaterOrEqual(t, len(snap.Units), 150)
		require.NoError(t, d.From(system()).Exec("UPDATE units SET phone = '0000-1' WHERE code = 'CG'").Error)
		require.NoError(t, s.LoadCityOnce(system(), d, time.Now()))
		var phone string
		require.NoError(t, d.From(system()).Raw("SELECT phone FROM units WHERE code = 'CG'").Scan(&phone).Error)
		require.Equal(t, "0000-1", phone, "what was edited since stays")
	})
}

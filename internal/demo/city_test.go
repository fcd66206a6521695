package demo_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/catalogue"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/demo"
	"minqing/internal/place"
)

func load(t *testing.T, d *db.DB) (*catalogue.Snapshot, *place.Map) {
	ctx := actor.AsSystem(context.Background(), "test")
	trail := audit.New(d, time.Now)
	c, p := catalogue.New(d, trail, time.Now), place.New(d, trail, time.Now)
	s := demo.New(c, p)
	require.NoError(t, s.LoadCity(ctx))
	snap, err := c.Snapshot(ctx)
	require.NoError(t, err)
	require.NoError(t, s.LoadCity(ctx))
	again, err := c.Snapshot(ctx)
	require.NoError(t, err)
	require.Equal(t, snap.Revision, again.Revision, "loading twice changes nothing")
	m, err := p.Map(ctx)
	require.NoError(t, err)
	return snap, m
}

func TestTheCityIsLoadedOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		snap, m := load(t, d)
		require.NotEmpty(t, snap.Units)
		require.NotEmpty(t, m.Districts)
	})
}

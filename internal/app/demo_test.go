package app_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/app"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
)

func TestADemoDatabaseIsNotServedToOthersUnlessTheStartSaysDemo(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		open(t, d, false, "MINQING_LISTEN=0.0.0.0:0").serve(t, app.ServeOptions{Web: true}) // a city without demo accounts may be open
		require.NoError(t, open(t, d, true).LoadDemo(t.Context()))
		for _, everywhere := range []string{":0", "0.0.0.0:0", "[::]:0", "192.0.2.1:0"} {
			city := open(t, d, false, "MINQING_LISTEN="+everywhere)
			err := city.Serve(t.Context(), app.ServeOptions{Web: true})
			require.ErrorContains(t, err, "holds the demo city", everywhere)
		}
		near := open(t, d, false)
		near.serve(t, app.ServeOptions{Web: true})
		b := visit(t, near.url)
		b.open("/sign-in")
		b.send(map[string][]string{"email": {"handler@demo.test"}, "password": {app.DemoPassword}}, `name="password"`)
		require.Equal(t, 422, b.status, "demo accounts do not exist here")
	})
}

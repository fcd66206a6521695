package app_test

import (
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/app"
	"minqing/internal/db/dbtest"
)

// The name beside the product's is the government's own, not the demo's.
func TestPagesNameThePlaceThatIsGoverned(t *testing.T) {
	t.Parallel()
	home := func(h *house) string {
		answer, err := http.Get(h.url + "/?lang=en")
		require.NoError(t, err)
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		require.NoError(t, err)
		return string(body)
	}
	empty := open(t, dbtest.New(t), false)
	stop := empty.serve(t, app.ServeOptions{Web: true})
	require.NotContains(t, home(empty), "Linjiang")
	require.NoError(t, stop())

	city := open(t, dbtest.New(t), false)
	require.NoError(t, city.LoadDemo(t.Context()))
	stop = city.serve(t, app.ServeOptions{Web: true})
	require.Contains(t, home(city), "· Linjiang</title>")
	require.NoError(t, stop())
}

package app_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/app"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
)

// Twenty guesses at each of two servers are more than thirty a minute.
func TestGuessesOfAQueryCodeAreCountedOverAllServers(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		keys := "MINQING_KEYS=" + filepath.Join(t.TempDir(), "keys.json")
		one, other := open(t, d, false, keys), open(t, d, false, keys)
		for _, h := range []*house{one, other} {
			stop := h.serve(t, app.ServeOptions{Web: true})
			t.Cleanup(func() { require.NoError(t, stop()) })
		}
		refused := 0
		for range 20 {
			for _, h := range []*house{one, other} {
				v := h.visitor(t).ask("POST", "/track", "case_no=LJ20260000001X&query_code=AAAAA-AAAAA")
				if v.code == 429 {
					refused++
				}
			}
		}
		require.GreaterOrEqual(t, refused, 8)
	})
}

package exchange_test

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/exchange"
)

// The verdicts of a whole year are those that the city itself gave.
func TestBostonsVerdictsAreTheCitysOwn(t *testing.T) {
	dir := os.Getenv("TEST_DATA_DIR")
	if dir == "" {
		t.Skip("TEST_DATA_DIR names no folder with us-311/boston_2015.csv.gz")
	}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		raw, err := os.ReadFile(filepath.Join(dir, "us-311", "boston_2015.csv.gz"))
		require.NoError(t, err)
		open := func() *gzip.Reader {
			z, err := gzip.NewReader(bytes.NewReader(raw))
			require.NoError(t, err)
			return z
		}
		k := newDesk(t, d)
		m, err := exchange.OpenMapping("boston-311")
		require.NoError(t, err)
		c, err := k.Import(k.ctx(), exchange.Input{File: open(), Name: "boston", Mapping: m, Rejected: &bytes.Buffer{}})
		require.NoError(t, err)
		require.Equal(t, exchange.Counts{Imported: 84607}, c)

		ours := map[string]string{}
		rows, err := csv.NewReader(bytes.NewReader(k.export("cases", "csv"))).ReadAll()
		require.NoError(t, err)
		for _, r := range rows[1:] {
			ours[r[2]] = r[len(r)-1]
		}
		theirs, err := csv.NewReader(open()).ReadAll()
		require.NoError(t, err)
		judged := 0
		verdict := map[string]string{"ONTIME": "true", "OVERDUE": "false"}
		for _, r := range theirs[1:] {
			if r[2] != "" && r[3] != "" && r[4] != "" {
				judged++
				require.Equal(t, verdict[r[4]], ours[r[0]], "case %s", r[0])
			}
		}
		require.Equal(t, 55236, judged)
	})
}

package main

import (
	"bytes"
	"context"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/db"
	"minqing/internal/db/dbtest"
)

// Sixty invented messages from before the autumn holidays of 2015 until after
// them, two of them not to be used.
const invented = "testdata/messages.csv"

func TestTheProductCountsAsTheOtherCountDoes(t *testing.T) {
	for name, p := range map[string]pace{"at once": {every: time.Hour}, "after a day": {every: 3 * time.Hour, intake: 26 * time.Hour}} {
		t.Run(name, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				var out bytes.Buffer
				equal, err := run(context.Background(), invented, d.URL(), p, &out)
				require.NoError(t, err)
				require.True(t, equal, out.String())
				require.Contains(t, out.String(), "60 cases, ")
				require.NotContains(t, out.String(), " 0 of them late")
				require.Contains(t, out.String(), "2 rows left out")
			})
		})
	}
}

// A count that is one day off is told, message by message.
func TestADifferenceIsTold(t *testing.T) {
	file, err := os.Open(invented)
	require.NoError(t, err)
	defer file.Close()
	list, _, err := read(file)
	require.NoError(t, err)
	days, err := readDays(calendarFile)
	require.NoError(t, err)
	want := expect(days, list, pace{every: time.Hour})
	require.True(t, compare(list, want, want).equal())
	got := expect(days, list, pace{every: time.Hour})
	got[3].age++
	got[5].onTime = "neither"
	c := compare(list, want, got)
	require.False(t, c.equal())
	require.Len(t, c.different, 2)
	require.False(t, compare(nil, nil, nil).equal(), "nothing was compared")
}

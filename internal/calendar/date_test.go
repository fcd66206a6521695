package calendar_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"minqing/internal/calendar"
)

func date(t testing.TB, s string) calendar.Date {
	t.Helper()
	d, err := calendar.ParseDate(s)
	require.NoError(t, err)
	return d
}

func TestADateIsTheSameInTextAndBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := calendar.Date(rapid.Int32Range(-700000, 2900000).Draw(t, "day"))
		back, err := calendar.ParseDate(d.String())
		require.NoError(t, err)
		require.Equal(t, d, back)
		require.Equal(t, d.UTC().Weekday(), d.Weekday())
		require.Equal(t, d, calendar.NewDate(d.UTC().Year(), d.UTC().Month(), d.UTC().Day()))
	})
}

func TestADateIsLocalToItsZone(t *testing.T) {
	shanghai := time.FixedZone("CST", 8*3600)
	late := time.Date(2026, 11, 24, 16, 30, 0, 0, time.UTC)
	require.Equal(t, "2026-11-25", calendar.DateOf(late, shanghai).String())
	require.Equal(t, "2026-11-24", calendar.DateOf(late, time.UTC).String())
	require.Equal(t, "1969-12-31", calendar.DateOf(time.Unix(-1, 0), time.UTC).String())
	require.Equal(t, "2026-11-24T15:59:59Z", date(t, "2026-11-24").End(shanghai).Format(time.RFC3339))
	require.Equal(t, "2026-11-23T16:00:00Z", date(t, "2026-11-24").Start(shanghai).Format(time.RFC3339))
}

func TestDatesThatDoNotExistAreRefused(t *testing.T) {
	for _, s := range []string{"", "2026-02-29", "2026-1-2", "2026-13-01", "20260101", "2026-01-01T00:00", " 2026-01-01"} {
		_, err := calendar.ParseDate(s)
		require.Error(t, err, s)
	}
}

func TestADateGoesThroughDriversAndJSON(t *testing.T) {
	want := date(t, "2026-11-24")
	stored, err := want.Value()
	require.NoError(t, err)
	for _, src := range []any{stored, []byte("2026-11-24"), "2026-11-24 00:00:00+00:00", "2026-11-24T00:00:00Z",
		time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)} {
		var got calendar.Date
		require.NoError(t, got.Scan(src))
		require.Equal(t, want, got)
	}
	var d calendar.Date
	require.Error(t, d.Scan(nil))
	require.Error(t, d.Scan("2026-11-2x"))
	text, err := json.Marshal(map[string]calendar.Date{"on": want})
	require.NoError(t, err)
	require.JSONEq(t, `{"on":"2026-11-24"}`, string(text))
	var back map[string]calendar.Date
	require.NoError(t, json.Unmarshal(text, &back))
	require.Equal(t, want, back["on"])
}

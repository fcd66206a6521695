package permits

import (
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/calendar"
	"minqing/internal/permittypes"
	"minqing/internal/register"
)

// TestWhenARenewalMayBeAsked: it is asked 30 days before the end (行政許可法 art. 50),
// counted in days of the calendar, and the last day counts whole.
func TestWhenARenewalMayBeAsked(t *testing.T) {
	end := calendar.NewDate(2026, 12, 31)
	p := &register.Permit{ValidFrom: calendar.NewDate(2024, 1, 1), ValidUntil: &end}
	w := WindowOf(&permittypes.Type{RenewalWindow: 60}, p)
	require.Equal(t, Window{Opens: calendar.NewDate(2026, 11, 1), AskBy: calendar.NewDate(2026, 12, 1), Ends: end, Silence: true}, *w)
	for day, want := range map[calendar.Date]Timing{
		calendar.NewDate(2026, 10, 31): Early,
		calendar.NewDate(2026, 11, 1):  Open,
		calendar.NewDate(2026, 12, 1):  Open,
		calendar.NewDate(2026, 12, 2):  Late,
		end:                            Late,
		calendar.NewDate(2027, 1, 1):   Over,
	} {
		require.Equal(t, want, w.On(day), day)
	}
	require.Equal(t, w.AskBy, WindowOf(&permittypes.Type{RenewalWindow: 10}, p).Opens, "a window opens early enough to ask in time")
	short := &register.Permit{ValidFrom: end.Add(-20), ValidUntil: &end}
	require.Equal(t, Late, WindowOf(&permittypes.Type{RenewalWindow: 60}, short).On(short.ValidFrom), "nobody could ask before it began")
	require.Nil(t, WindowOf(&permittypes.Type{}, p), "a type without renewal")
	require.Nil(t, WindowOf(&permittypes.Type{RenewalWindow: 60}, &register.Permit{ValidFrom: end}), "a permit without end")
	require.Nil(t, WindowOf(nil, p))

	taiwan := WindowOf(&permittypes.Type{RenewalWindow: 60, Law: permittypes.LawTW}, p)
	require.Equal(t, Window{Opens: calendar.NewDate(2026, 11, 1), AskBy: end, Ends: end}, *taiwan, "no silence renews, so no day ends that")
	require.Equal(t, Open, taiwan.On(end))
}

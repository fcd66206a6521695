package catalogue

import (
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/calendar"
	"minqing/internal/fault"
)

func day(t *testing.T, text string) calendar.Date {
	t.Helper()
	d, err := calendar.ParseDate(text)
	require.NoError(t, err)
	return d
}

func TestOfTwoVersionsTheLaterFirstDayCounts(t *testing.T) {
	limit := func(text string) calendar.Limit {
		l, err := calendar.ParseLimit(text)
		require.NoError(t, err)
		return l
	}
	all := arrangeStandards([]*Standard{{Code: "contact", Version: 1, ValidFrom: day(t, "2020-01-01"), TimeLimit: limit("24h")},
		{Code: "contact", Version: 2, ValidFrom: day(t, "2027-01-01"), TimeLimit: limit("12h")},
		{Code: "contact", Version: 3, ValidFrom: day(t, "2026-12-01"), TimeLimit: limit("20h")},
		{Code: "contact", Version: 4, ValidFrom: day(t, "2027-01-01"), TimeLimit: limit("10h")}})
	for on, want := range map[string]string{"2020-01-01": "24h", "2026-11-30": "24h", "2026-12-01": "20h", "2026-12-31": "20h", "2027-01-01": "10h"} {
		require.Equal(t, want, all.On("contact", day(t, on)).TimeLimit.String(), on)
	}
	require.Nil(t, all.On("contact", day(t, "2019-12-31")))
	require.Nil(t, all.On("joint", day(t, "2027-01-01")))
	require.Equal(t, int64(4), all.Version("contact"))
	require.True(t, all.Ever("contact", limit("12h")), "though none counts by it any more")
	require.False(t, all.Ever("contact", limit("5wd")))
}

func TestWhatIsTypedForAStandardIsLookedAt(t *testing.T) {
	today := day(t, "2026-11-24")
	good := func(code string, change func(*StandardChange)) StandardChange {
		a := StandardChange{Code: code, ValidFrom: "2026-12-01", Number: "2", Unit: "wd", Share: "75", Told: []string{"head", "handler"}, Reason: "x"}
		if change != nil {
			change(&a)
		}
		return a
	}
	for _, code := range append(append([]string{}, StandardLimits...), StandardWarnings...) {
		v, err := good(code, func(a *StandardChange) { a.Unit = string(UnitsOf(code)[0]) }).Check(today)
		require.NoError(t, err, code)
		require.Equal(t, code != StdWarnDue, !v.TimeLimit.IsZero(), code)
	}
	v, err := good(StdWarnAfter, nil).Check(today)
	require.NoError(t, err)
	require.Equal(t, Codes{"handler", "head"}, v.Told, "in their order")
	for field, a := range map[string]StandardChange{
		"number":     good(StdContact, func(a *StandardChange) { a.Number = "-1" }),
		"unit":       good(StdJoint, func(a *StandardChange) { a.Unit = "h" }),
		"share":      good(StdWarnBefore, func(a *StandardChange) { a.Share = "100" }),
		"told":       good(StdWarnDue, func(a *StandardChange) { a.Told = []string{"mayor"} }),
		"reason":     good(StdContact, func(a *StandardChange) { a.Reason = " " }),
		"valid_from": good(StdReturn, func(a *StandardChange) { a.ValidFrom = "2026-11-23" }),
	} {
		_, err := a.Check(today)
		e, ok := fault.As(err)
		require.True(t, ok, field)
		require.Equal(t, field, e.Fields[0].Name)
	}
	_, err = good(StdContact, func(a *StandardChange) { a.ValidFrom = "2026-01-01" }).Check(today)
	require.NoError(t, err, "what moves open clocks may reach back")
	_, err = good(StdContact, func(a *StandardChange) { a.Number = "99999" }).Check(today)
	require.Error(t, err)
}

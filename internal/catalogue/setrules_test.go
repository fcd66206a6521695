package catalogue

import (
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/fault"
)

func TestWhatIsTypedForAMatterOrUnitIsLookedAt(t *testing.T) {
	m := &Matter{Track: TrackHotline}
	good := func(change func(*RulesChange)) RulesChange {
		a := RulesChange{Numbers: map[string]string{StdConclusion: "5", StdWarnBefore: "2"}, Units: map[string]string{StdConclusion: "wd", StdWarnBefore: "wd", StdArchive: "d"},
			Share: "80", Extensions: "0", Returns: "", Reason: "x"}
		change(&a)
		return a
	}
	next, err := good(func(*RulesChange) {}).Matter(m)
	require.NoError(t, err)
	require.Equal(t, "5wd", next.HandlingLimit.String())
	require.Equal(t, "2wd", next.ClockRules.WarnBefore.String())
	require.Zero(t, *next.ClockRules.Extensions, "never, which is not the same as nothing")
	require.Nil(t, next.ClockRules.Returns)
	require.True(t, next.SigninLimit.IsZero())
	require.True(t, m.HandlingLimit.IsZero(), "what stands is not touched")
	for field, a := range map[string]RulesChange{
		"number[conclusion]":  good(func(a *RulesChange) { a.Numbers[StdConclusion] = "0" }),
		"number[archive]":     good(func(a *RulesChange) { a.Numbers[StdArchive] = "99999" }),
		"number[warn_before]": good(func(a *RulesChange) { a.Numbers[StdWarnBefore] = "x" }),
		"unit[conclusion]":    good(func(a *RulesChange) { a.Units[StdConclusion] = "y" }),
		"share":               good(func(a *RulesChange) { a.Share = "100" }),
		"extensions":          good(func(a *RulesChange) { a.Extensions = "-1" }),
		"returns":             good(func(a *RulesChange) { a.Returns = "100" }),
		"reason":              good(func(a *RulesChange) { a.Reason = " " }),
	} {
		_, err := a.Matter(m)
		e, ok := fault.As(err)
		require.True(t, ok, field)
		require.Equal(t, field, e.Fields[0].Name)
	}
	_, err = good(func(*RulesChange) {}).Matter(&Matter{Track: TrackPetition})
	require.Error(t, err, "a petition is concluded in calendar days")
	permit, err := good(func(*RulesChange) {}).Matter(&Matter{Track: TrackPermit, HandlingLimit: next.HandlingLimit})
	require.NoError(t, err)
	require.Equal(t, "5wd", permit.HandlingLimit.String(), "what a permit promises is not set here")
	u, err := good(func(*RulesChange) {}).Unit(&Unit{})
	require.NoError(t, err)
	require.Equal(t, 80, u.ClockRules.WarnShare)
}

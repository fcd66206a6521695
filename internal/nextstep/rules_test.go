package nextstep

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/cases"
)

func TestTheRulesAreInOrderAndWhole(t *testing.T) {
	for i, r := range Rules {
		require.Same(t, r, RuleOf(r.Code))
		require.NotEmpty(t, r.Reads, r.Code)
		require.Contains(t, Kinds, r.Kind)
		require.NotEqual(t, All, r.Code)
		if i > 0 {
			require.Greater(t, r.Priority, Rules[i-1].Priority)
			require.GreaterOrEqual(t, slices.Index(Kinds, r.Kind), slices.Index(Kinds, Rules[i-1].Kind), "kinds stand together")
		}
		require.Equal(t, r.Fits != "", r.root != nil)
		require.Equal(t, r.Fits != "", r.Situation != "" || r.Matter != "", "%s leads somewhere", r.Code)
	}
	require.Nil(t, RuleOf("nothing"))
}

func TestWhichStepACaseIs(t *testing.T) {
	s := New(Deps{Zone: time.FixedZone("+8", 8*3600)})
	at := time.Date(2026, 3, 1, 20, 0, 0, 0, time.UTC) // 2 March in the zone
	frozen := at
	parent := "p"
	for name, c := range map[string]struct {
		is     cases.Case
		unread bool
		want   []string
	}{
		"under way":              {is: cases.Case{Status: cases.Handling}},
		"replied, not opened":    {is: cases.Case{Status: cases.Replied, RepliedAt: &at}, unread: true, want: []string{"read"}},
		"replied, opened":        {is: cases.Case{Status: cases.Replied, RepliedAt: &at}},
		"asked back, not opened": {is: cases.Case{Status: cases.NeedInfo}, unread: true},
		"concluded":              {is: cases.Case{Status: cases.Concluded, ConcludedAt: &at}, want: []string{"judge"}},
		"concluded, not opened":  {is: cases.Case{Status: cases.Concluded, ConcludedAt: &at}, unread: true, want: []string{"read", "judge"}},
		"judged":                 {is: cases.Case{Status: cases.Concluded, ConcludedAt: &at, Grade: 4}},
		"mended":                 {is: cases.Case{Status: cases.Concluded, ConcludedAt: &at, Grade: 1, Rectify: cases.Mended}, want: []string{"judge_again"}},
		"frozen":                 {is: cases.Case{Status: cases.Concluded, ConcludedAt: &at, FrozenAt: &frozen}},
		"part of another":        {is: cases.Case{Status: cases.Concluded, ConcludedAt: &at, ParentID: &parent}},
		"withdrawn":              {is: cases.Case{Status: cases.Withdrawn}},
	} {
		t.Run(name, func(t *testing.T) {
			c.is.ID = "one"
			var unread, got []string
			if c.unread {
				unread = []string{"one"}
			}
			for _, code := range []string{"read", "judge_again", "judge"} {
				found, err := s.found(t.Context(), RuleOf(code), nil, []cases.Case{c.is}, unread)
				require.NoError(t, err)
				for _, step := range found {
					got = append(got, code)
					if step.Until != nil {
						require.Equal(t, "2026-04-01", step.Until.String())
					}
				}
			}
			require.Equal(t, c.want, got)
		})
	}
}

func TestACaseIsOneStepOnly(t *testing.T) {
	one, two := &cases.Case{}, &cases.Case{}
	one.ID, two.ID = "one", "two"
	var l List
	l.add(RuleOf("read"), []Step{{Case: one}})
	l.add(RuleOf("judge"), []Step{{Case: one}, {Case: two}})
	require.Len(t, l.Steps, 2)
	require.Equal(t, []string{"read", "judge"}, []string{l.Steps[0].Rule.Code, l.Steps[1].Rule.Code})
}

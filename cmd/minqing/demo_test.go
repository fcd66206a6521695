package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestADemoOfAPeriodThatEndsBeforeItBeginsLoadsNothing(t *testing.T) {
	sh := shell(t)
	for _, args := range [][]string{{"--from", "2026-10-31", "--to", "2025-11-01"}, {"--from", "2999-01-01"}, {"--cases=-1"}} {
		s := sh("", append([]string{"demo", "load", "--cases", "10"}, args...)...)
		require.Equal(t, 2, s.code, s.err)
		require.Empty(t, s.out)
		require.Equal(t, 1, strings.Count(s.err, "minqing: "), s.err)
		require.Contains(t, s.err, "must not end before it begins")
	}
	require.NotRegexp(t, `\d{4}-\d\d-\d\d`, sh("", "migrate", "status").out, "no step was taken")
	require.Equal(t, 0, sh("", "demo", "load", "--cases", "3", "--from", "2026-10-31", "--to", "2026-10-31").code)
}

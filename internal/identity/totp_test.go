package identity

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The vectors of RFC 6238, appendix B, for SHA-1, cut to six digits.
func TestCodesAreThoseOfTheStandard(t *testing.T) {
	secret := []byte("12345678901234567890")
	for at, want := range map[int64]string{59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130"} {
		require.Equal(t, want, totpCode(secret, at/totpSeconds))
		step, ok := totpStep(secret, want[:3]+" "+want[3:], time.Unix(at, 0), 0)
		require.True(t, ok)
		require.Equal(t, at/totpSeconds, step)
	}
}

func TestACodeHoldsOneStepEitherWayAndOnce(t *testing.T) {
	secret := []byte("12345678901234567890")
	now := time.Unix(2000000000, 0)
	current := now.Unix() / totpSeconds
	for skew, want := range map[int64]bool{-2: false, -1: true, 0: true, 1: true, 2: false} {
		_, ok := totpStep(secret, totpCode(secret, current+skew), now, 0)
		require.Equal(t, want, ok, skew)
	}
	_, ok := totpStep(secret, totpCode(secret, current), now, current)
	require.False(t, ok, "used")
	_, ok = totpStep(secret, totpCode(secret, current-1), now, current)
	require.False(t, ok, "older than the last used")
	for _, bad := range []string{"", "12345", "1234567", "abcdef", "\x00"} {
		_, ok = totpStep(secret, bad, now, 0)
		require.False(t, ok)
	}
}

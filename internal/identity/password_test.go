package identity

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/stretchr/testify/require"

	"minqing/internal/fault"
)

func TestAnUnknownAddressCostsTheSameWork(t *testing.T) {
	dummy, err := unmatched()
	require.NoError(t, err)
	params, _, _, err := argon2id.DecodeHash(dummy)
	require.NoError(t, err)
	require.Equal(t, work, *params)
	s := &Service{hashing: make(chan struct{}, mostHashes), dummy: dummy}
	hash, err := s.hash(t.Context(), "ｆｕｌｌ width 2026")
	require.NoError(t, err)
	for given, want := range map[string]bool{hash: true, dummy: false, "": false} {
		ok, err := s.matches(t.Context(), "full width 2026", given)
		require.NoError(t, err)
		require.Equal(t, want, ok)
	}
}

func TestThePasswordIsTheSameHoweverAKeyboardWritesIt(t *testing.T) {
	s := &Service{hashing: make(chan struct{}, mostHashes)}
	composed, apart, half, full := "caf\u00e9 am Fluss", "cafe\u0301 am Fluss", "湖邊 的貓 2026", "湖邊\u3000的貓 ２０２６"
	for chosen, typed := range map[string]string{composed: apart, apart: composed, half: full, full: half} {
		hash, err := s.hash(t.Context(), chosen)
		require.NoError(t, err)
		for given, want := range map[string]bool{chosen: true, typed: true, chosen + " ": false, strings.ToUpper(chosen) + "A": false} {
			ok, err := s.matches(t.Context(), given, hash)
			require.NoError(t, err)
			require.Equal(t, want, ok, "%q for %q", given, chosen)
		}
	}
}

func TestHashesWaitTheirTurnButNotForEver(t *testing.T) {
	s := &Service{hashing: make(chan struct{}, mostHashes)}
	for range mostHashes {
		_, err := s.enter(t.Context())
		require.NoError(t, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err := s.hash(ctx, "correct horse battery")
	require.Equal(t, fault.Unavailable, fault.KindOf(err))
}

func TestALockDoublesUpToFourHoursAndIsForgivenAfterADay(t *testing.T) {
	at := time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)
	a := attempts{Since: at}
	for _, want := range []time.Duration{15 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour, 4 * time.Hour} {
		for range nameMost {
			require.False(t, a.locked(at))
			a.Attempts++
			a = a.next(at, nameMost)
		}
		require.Equal(t, want, a.LockedUntil.Sub(at))
		at = *a.LockedUntil
	}
	at = at.Add(locksForgiven + time.Second)
	a.Attempts++
	require.Equal(t, attempts{Attempts: 1, Since: at}, a.next(at, nameMost))
}

// The parameters that OWASP's Password Storage Cheat Sheet holds for equally
// strong: fewer passes need more memory. Two sign-ins at once, and what the
// last two left behind, stay a small part of what the program holds.
func TestPasswordsAreHashedStronglyInLittleMemory(t *testing.T) {
	passes := map[uint32]uint32{47104: 1, 19456: 2, 12288: 3, 9216: 4, 7168: 5} // by KiB
	least, listed := passes[work.Memory]
	require.True(t, listed)
	require.GreaterOrEqual(t, work.Iterations, least)
	require.LessOrEqual(t, work.Memory*mostHashes, uint32(16*1024))
}

package vault_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/vault"
)

func TestWhatIsCoveredOpensForItsPurposeAlone(t *testing.T) {
	v := vault.New(nil, ring(t, "k1"), time.Now)
	covered, err := v.Cover("desk.search.somebody", []byte("13800138000"))
	require.NoError(t, err)
	require.NotContains(t, covered, "13800138000")
	require.Equal(t, "13800138000", string(v.Uncover("desk.search.somebody", covered)))
	require.Nil(t, v.Uncover("desk.search.another", covered), "another account's")
	require.Nil(t, vault.New(nil, ring(t, "k2"), time.Now).Uncover("desk.search.somebody", covered), "another ring's")
	for i := range covered {
		changed := []byte(covered)
		changed[i] = 'A'
		if changed[i] == covered[i] {
			changed[i] = 'B'
		}
		if i < len(covered)-1 { // whose last bits may say nothing
			require.Nil(t, v.Uncover("desk.search.somebody", string(changed)), i)
		}
	}
	for _, odd := range []string{"", "!", "AAAA", "13800138000"} {
		require.Nil(t, v.Uncover("desk.search.somebody", odd), odd)
	}
}

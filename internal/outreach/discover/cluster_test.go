package discover

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func quiet(int, int) error { return nil }

func people() *rapid.Generator[[]Profile] {
	return rapid.Custom(func(t *rapid.T) []Profile {
		seen := map[string]bool{}
		var out []Profile
		for range rapid.IntRange(0, 60).Draw(t, "profiles") {
			p := Profile{People: rapid.IntRange(1, 50).Draw(t, "people")}
			for m := range 8 {
				if n := rapid.IntRange(-6, 4).Draw(t, "cases"); n > 0 {
					p.Needs = append(p.Needs, Entry{m, n})
				}
			}
			key := ""
			for _, e := range p.Needs {
				key += string(rune('a'+e.Matter)) + string(rune('0'+e.Cases))
			}
			if len(p.Needs) > 0 && !seen[key] {
				seen[key], out = true, append(out, p)
			}
		}
		return out
	})
}

// Everybody is in one group, the groups have somebody and are numbered by size,
// and neither a second time nor another order of the people changes any of it.
func TestEverybodyIsInOneGroupWhateverTheOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := people().Draw(t, "people")
		c, err := Cluster(list, 8, quiet)
		require.NoError(t, err)
		require.Len(t, c.Of, len(list))
		size := make([]int, c.K)
		for i, g := range c.Of {
			require.True(t, g >= 0 && g < c.K)
			size[g] += list[i].People
		}
		require.NotContains(t, size, 0)
		require.True(t, slices.IsSortedFunc(size, func(a, b int) int { return b - a }))
		require.True(t, c.Silhouette >= -1 && c.Silhouette <= 1)

		again, err := Cluster(list, 8, quiet)
		require.NoError(t, err)
		require.Equal(t, c, again)

		perm := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1)).Perm(len(list))
		mixed := make([]Profile, len(list))
		for i, at := range perm {
			mixed[i] = list[at]
		}
		other, err := Cluster(mixed, 8, quiet)
		require.NoError(t, err)
		require.Equal(t, c.K, other.K)
		for i, at := range perm {
			require.Equal(t, c.Of[at], other.Of[i], "the same people are in the same group")
		}
	})
}

func TestNobodyIsClearerThanClear(t *testing.T) {
	c, err := Cluster([]Profile{{Needs: []Entry{{3, 1}}, People: 1}, {Needs: []Entry{{3, 2}, {6, 1}, {7, 3}}, People: 5}}, 8, quiet)
	require.NoError(t, err)
	require.LessOrEqual(t, c.Silhouette, 1.0, "rounding leaves 1.0000000000000002")
}

func TestClearNeedsAreFoundAsTheyAre(t *testing.T) {
	var list []Profile
	for i := range 3 { // three kinds of need, with a little of what everybody needs
		for n := 1; n <= 6; n++ {
			list = append(list, Profile{Needs: []Entry{{i * 2, 4 * n}, {i*2 + 1, 3*n + 1}, {6, 1}}, People: 10 * (3 - i)})
		}
	}
	c, err := Cluster(list, 7, quiet)
	require.NoError(t, err)
	require.Equal(t, 3, c.K)
	require.Greater(t, c.Silhouette, 0.8)
	for i, g := range c.Of {
		require.Equal(t, i/6, g, "the largest first; who files more of the same needs the same")
	}
}

func TestNobodyAndOneNeedAreNoTrouble(t *testing.T) {
	c, err := Cluster(nil, 0, quiet)
	require.NoError(t, err)
	require.Zero(t, c.K)
	c, err = Cluster([]Profile{{Needs: []Entry{{0, 1}}, People: 7}, {Needs: []Entry{{0, 3}}, People: 2}}, 1, quiet)
	require.NoError(t, err)
	require.Equal(t, 1, c.K)
	require.Equal(t, []int{0, 0}, c.Of)
}

func TestAStoppedSearchStops(t *testing.T) {
	stop := errors.New("stop")
	_, err := Cluster([]Profile{{Needs: []Entry{{0, 1}}, People: 7}, {Needs: []Entry{{1, 3}}, People: 2}}, 2, func(int, int) error { return stop })
	require.ErrorIs(t, err, stop)
}

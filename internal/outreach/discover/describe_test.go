package discover

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// The number of all people stands above the groups: what it leaves of those that are shown
// must not tell how many are in one that is not.
func TestNoGroupThatIsLeftOutCanBeWorkedOut(t *testing.T) {
	for _, one := range []struct {
		sizes []int
		shown []int64
	}{
		{[]int{40, 30, 20}, []int64{40, 30, 20}},
		{[]int{40, 30, 5}, []int64{40, 30, 5}},
		{[]int{40, 30, 4}, []int64{40}},    // 30 with it: else all less 70 is 4
		{[]int{40, 3, 4}, []int64{40}},     // two, seven together
		{[]int{40, 30, 2, 2}, []int64{40}}, // two of four together are too few still
		{[]int{40, 30, 1, 1, 3}, []int64{40, 30}},
		{[]int{40, 4}, nil},
		{[]int{3}, nil},
	} {
		n, c := &needs{matters: []string{"m"}}, Clusters{K: len(one.sizes)}
		for g, people := range one.sizes {
			n.profiles, c.Of = append(n.profiles, Profile{Needs: []Entry{{Matter: 0, Cases: 1 + g}}, People: people}), append(c.Of, g)
		}
		groups, _ := describe(n, c)
		var shown []int64
		for _, g := range groups {
			shown = append(shown, g.People)
		}
		require.Equal(t, one.shown, shown, one.sizes)
	}
}

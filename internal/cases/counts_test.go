package cases

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/access"
)

func TestACountThatBeganBeforeAnActIsNotKept(t *testing.T) {
	var k counted
	at := time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)
	five := keptCounts{views: map[string]int{ViewOpen: 5}, at: at}
	_, act := k.get("li", "all", at)
	k.put("li", "all", act, five)
	kept, act := k.get("li", "all", at)
	require.Equal(t, five, kept)
	kept, _ = k.get("li", "all", at.Add(countsLife))
	require.Nil(t, kept.views, "their time is over")

	k.forget("li")
	k.put("li", "all", act, five)
	kept, act = k.get("li", "all", at)
	require.Nil(t, kept.views)
	k.forget("wang")
	k.put("li", "all", act, five)
	kept, _ = k.get("li", "all", at)
	require.Equal(t, five, kept, "what another did takes nothing away")
}

func TestACountThatPanicsEndsWithAnError(t *testing.T) {
	_, err := (&Service{}).countAll(t.Context(), access.Scope{}, time.Now())
	require.ErrorContains(t, err, "count the rail")
}

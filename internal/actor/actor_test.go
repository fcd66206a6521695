package actor_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
)

func TestWithoutAnActorNobodyIsSignedIn(t *testing.T) {
	require.Equal(t, actor.Actor{Kind: actor.Anonymous}, actor.From(t.Context()))
}

func TestTheNearestActorActs(t *testing.T) {
	clerk := actor.Actor{Kind: actor.Staff, AccountID: "a", SessionID: "s", UnitID: "u"}
	ctx := actor.With(t.Context(), clerk)
	require.Equal(t, clerk, actor.From(ctx))
	require.Equal(t, actor.Actor{Kind: actor.System, Job: "clocks.warn"}, actor.From(actor.AsSystem(ctx, "clocks.warn")),
		"a job keeps nothing of who asked for it")
	require.Equal(t, clerk, actor.From(ctx))
}

package fault_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/fault"
)

func TestAnUnknownErrorIsInternal(t *testing.T) {
	require.Equal(t, fault.Internal, fault.KindOf(errors.New("disk on fire")))
	require.Equal(t, fault.Internal, fault.KindOf(nil))
}

func TestAKindSurvivesWrapping(t *testing.T) {
	base := fault.New(fault.NotFound, "case.missing")
	err := fmt.Errorf("load the case: %w", base.Because(errors.New("no rows")))
	require.Equal(t, fault.NotFound, fault.KindOf(err))
	e, ok := fault.As(err)
	require.True(t, ok)
	require.Equal(t, "case.missing", e.Key)
	require.ErrorContains(t, err, "no rows")
	require.NoError(t, errors.Unwrap(base), "Because must not change the shared value")
}

func TestACheckReportsEveryFieldAtOnce(t *testing.T) {
	var c fault.Check
	c.That(true, "title", "case.title.required")
	require.NoError(t, c.Err())
	c.That(false, "title", "case.title.long", "Max", 200)
	c.That(false, "kind", "case.kind.unknown")
	e, ok := fault.As(c.Err())
	require.True(t, ok)
	require.Equal(t, fault.Invalid, e.Kind)
	require.Equal(t, []fault.Field{
		{Name: "title", Key: "case.title.long", Args: map[string]any{"Max": 200}},
		{Name: "kind", Key: "case.kind.unknown"},
	}, e.Fields)
}

func TestACheckTakesOverFieldsAndLosesNoOtherError(t *testing.T) {
	var c fault.Check
	require.NoError(t, c.Add(nil))
	require.NoError(t, c.Add(fmt.Errorf("a part: %w", fault.InvalidInput(fault.Field{Name: "a", Key: "k"}))))
	e, _ := fault.As(c.Err())
	require.Equal(t, []fault.Field{{Name: "a", Key: "k"}}, e.Fields)
	for _, other := range []error{errors.New("no"), fault.New(fault.Forbidden, "x"), fault.New(fault.Invalid, "names no field")} {
		require.ErrorIs(t, c.Add(other), other)
	}
}

func TestEveryKindHasItsName(t *testing.T) {
	require.Equal(t, "internal", fault.Internal.String())
	require.Equal(t, "unavailable", fault.Unavailable.String())
	require.Equal(t, "internal", fault.Kind(99).String())
	require.Equal(t, "internal", fault.Kind(-1).String())
}

func TestWithLeavesTheOriginalAlone(t *testing.T) {
	base := fault.New(fault.Conflict, "case.action.impossible")
	_ = base.With("Action", "reply")
	require.Empty(t, base.Args)
}

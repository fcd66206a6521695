package cases_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/cases"
)

func TestTheDrawnStatesAreTheMachine(t *testing.T) {
	page, err := os.ReadFile("../../docs/states.md")
	require.NoError(t, err)
	require.Equal(t, cases.Drawing(), string(page), "draw it anew: go run ./cmd/minqing states > docs/states.md")
}

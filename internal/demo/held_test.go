package demo

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestThePermitsOfTheCityFitItsTypes: each is of a type of the city, and the city
// shows every way in which a permit can stand.
func TestThePermitsOfTheCityFitItsTypes(t *testing.T) {
	types, err := PermitTypes()
	require.NoError(t, err)
	known := map[string]bool{}
	for _, one := range types {
		known[one.Code] = true
	}
	list, err := HeldPermits()
	require.NoError(t, err)
	of, acts, soon := map[string]bool{}, map[string]bool{}, map[int]bool{}
	over := false
	for _, h := range list {
		require.True(t, known[h.Type], h.Type)
		require.Contains(t, []string{"company", "citizen"}, h.Holder)
		require.Positive(t, h.Issued)
		require.Equal(t, h.Act != "", h.Ground != "" && h.Reason != "")
		of[h.Type], acts[h.Act], soon[h.Ends] = true, true, true
		over = over || h.Ends < 0
	}
	require.GreaterOrEqual(t, len(of), 5)
	require.True(t, acts["suspend"] && acts["revoke"] && over && soon[20] && soon[50] && soon[80])
}

package oidc

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWhatAProviderNamesDoesNotLeadIntoOurNetwork(t *testing.T) {
	outside, inside := newReach("https://login.example.com/realm"), newReach("https://sso.city.internal")
	require.NoError(t, inside.may("sso.city.internal", netip.MustParseAddr("10.1.2.3")))
	for at, may := range map[string][2]bool{ // for a provider outside, and for one inside
		"203.0.113.7": {true, true}, "2001:db8::7": {true, true},
		"10.0.0.7": {false, true}, "192.168.1.1": {false, true}, "127.0.0.1": {false, true}, "fd00::1": {false, true}, "::1": {false, true},
		"169.254.169.254": {false, false}, "fe80::1": {false, false}, "0.0.0.0": {false, false}, "224.0.0.1": {false, false},
	} {
		require.Equal(t, may[0], outside.may("keys.example.com", netip.MustParseAddr(at)) == nil, "%s from outside", at)
		require.Equal(t, may[1], inside.may("keys.city.internal", netip.MustParseAddr(at)) == nil, "%s from inside", at)
	}
}

func TestANameThatResolvesIntoOurNetworkIsNotAsked(t *testing.T) {
	asked := false
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	defer s.Close()
	c := http.Client{Transport: newReach("https://login.example.com").transport()}
	r, err := http.NewRequestWithContext(t.Context(), "GET", s.URL, nil)
	require.NoError(t, err)
	got, err := c.Do(r)
	if err == nil {
		got.Body.Close()
	}
	require.ErrorContains(t, err, "in our own network")
	require.False(t, asked)
}

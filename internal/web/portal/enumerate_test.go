package portal_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/identity"
)

func TestNoAnswerTellsWhoHasAnAccount(t *testing.T) {
	d := newDoor(t, true)
	d.staff()
	_, err := d.s.CreateCitizen(actor.AsSystem(t.Context(), "test"), identity.NewAccount{Email: "lin@home.test", Password: password})
	require.NoError(t, err)
	for _, path := range []string{"/sign-in/code", "/sign-in/forgot"} {
		var first string
		for _, who := range []string{"lin@home.test", "chen@lj.test", "nobody@lj.test", "lin@home.test", "lin@home.test", "lin@home.test", "lin@home.test", "lin@home.test"} {
			w := d.visit("POST", path, url.Values{"who": {who}, "email": {who}})
			next := d.visit("GET", w.Header().Get("Location"), nil)
			got := w.Header().Get("Location") + "\n" + next.Body.String()
			if path == "/sign-in/code" {
				got += d.visit("POST", "/sign-in/code/enter", url.Values{"code": {"12345678"}}).Body.String()
			}
			if first == "" {
				first = got
			}
			require.Equal(t, first, got, who)
		}
	}
	answer := func(path, email, pass string) (int, string, string) {
		w := d.visit("POST", path, url.Values{"email": {email}, "password": {pass}})
		return w.Code, w.Header().Get("Location"), strings.ReplaceAll(w.Body.String(), email, "EMAIL")
	}
	for _, try := range [][2]string{{"/sign-in", "a wrong password"}, {"/sign-in", ""}, {"/register", password}, {"/register", "short"}, {"/register", "woaini1314520"}} {
		code, to, body := answer(try[0], "chen@lj.test", try[1])
		otherCode, otherTo, otherBody := answer(try[0], "nobody@lj.test", try[1])
		require.Equal(t, code, otherCode, "%v", try)
		require.Equal(t, to, otherTo, "%v", try)
		require.Equal(t, body, otherBody, "%v", try)
	}
}

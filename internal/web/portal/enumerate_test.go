package portal_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNoAnswerTellsWhoHasAnAccount(t *testing.T) {
	d := newDoor(t, true)
	d.staff()
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

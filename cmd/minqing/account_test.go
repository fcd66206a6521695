package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// said is what a command answered.
type said struct {
	code     int
	out, err string
}

// shell runs commands over an empty database of its own.
func shell(t *testing.T) func(in string, args ...string) said {
	t.Helper()
	dir := t.TempDir()
	environ := []string{"MINQING_DATABASE_URL=sqlite:" + filepath.Join(dir, "m.db"), "MINQING_KEYS=" + filepath.Join(dir, "keys.json"),
		"MINQING_BLOB_URL=file:" + filepath.Join(dir, "blobs")}
	return func(in string, args ...string) said {
		var out, problems bytes.Buffer
		code := run(&env{Ctx: t.Context(), In: strings.NewReader(in), Out: &out, Err: &problems, Environ: environ}, args)
		return said{code, out.String(), problems.String()}
	}
}

const goodPassword = "correct horse battery\n"

func TestAccountsAreMadeFromTheCommandLine(t *testing.T) {
	sh := shell(t)
	s := sh(goodPassword, "account", "create", "li@city.test", "--role", "handler")
	require.Equal(t, 1, s.code)
	require.Contains(t, s.err, "There are no units yet")
	require.Equal(t, 0, sh("", "demo", "load").code)

	s = sh("short\n", "account", "create", "li@city.test", "--role", "handler", "--unit", "CG03")
	require.Equal(t, 1, s.code)
	require.Contains(t, s.err, "minqing: The password must have at least 10 characters.\n")
	s = sh(goodPassword, "account", "create", "li@city.test", "--role", "king", "--unit", "CG03")
	require.Equal(t, 1, s.code)
	require.Contains(t, s.err, "There is no role “king”")
	require.Equal(t, 0, sh(goodPassword, "account", "create", "li@city.test", "--role", "handler", "--unit", "CG03").code, "the refused one left nothing")
	s = sh(goodPassword, "account", "create", "li@city.test", "--role", "citizen")
	require.Equal(t, 1, s.code)
	require.Contains(t, s.err, "already an account")
	require.Equal(t, 0, sh(goodPassword, "account", "create", "lin@home.test", "--role", "citizen").code)
	require.Equal(t, 2, sh(goodPassword, "account", "create", "lin2@home.test", "--role", "citizen", "--unit", "CG03").code)
	require.Equal(t, 2, sh("", "account", "create").code)

	require.Contains(t, sh("", "account", "unlock", "li@city.test").out, "Nothing locks li@city.test.")
	require.Equal(t, 1, sh("", "account", "unlock", "nobody@city.test").code)
	require.Equal(t, 2, sh("", "account", "unlock").code)
	require.Equal(t, 0, sh("another good password", "account", "password", "li@city.test").code, "without a line end")
	require.Equal(t, 1, sh("", "account", "password", "li@city.test").code)
	s = sh(goodPassword, "account", "password", "nobody@city.test")
	require.Equal(t, 1, s.code)
	require.Contains(t, s.err, "There is no account with this email address.")
}

func TestAnAccountThatCannotBeMadeAsksForNoPassword(t *testing.T) {
	sh := shell(t)
	require.Equal(t, 0, sh("", "demo", "load").code)
	require.Equal(t, 0, sh(goodPassword, "account", "create", "li@city.test", "--role", "handler", "--unit", "CG03").code)
	for words, args := range map[string][]string{
		"There is no role “king”":   {"new@city.test", "--role", "king", "--unit", "CG03"},
		"There is no unit":          {"new@city.test", "--role", "handler", "--unit", "CG99"},
		"email":                     {"new@", "--role", "handler", "--unit", "CG03"},
		"already an account":        {"Li@City.test", "--role", "head", "--unit", "CG"},
		"leave --unit out":          {"lin@home.test", "--role", "citizen", "--unit", "CG03"},
		"There is no role “nobody”": {"new@", "--role", "nobody", "--unit", "CG99"},
	} {
		s := sh("", append([]string{"account", "create"}, args...)...)
		require.NotZero(t, s.code)
		require.Contains(t, s.err, words)
		require.NotContains(t, s.err, "no password", "nobody was asked")
	}
}

func TestTokenCreatePrintsTheTokenOnly(t *testing.T) {
	sh := shell(t)
	require.Equal(t, 0, sh(goodPassword, "account", "create", "lin@home.test", "--role", "citizen").code)
	s := sh("", "token", "create", "lin@home.test", "--ttl", "1h")
	require.Equal(t, 0, s.code)
	require.Regexp(t, `^mq_[0-9A-Za-z]{43}\n$`, s.out)
	require.Equal(t, 1, sh("", "token", "create", "lin@home.test", "--ttl", "1s").code)
	require.Equal(t, 1, sh("", "token", "create", "nobody@home.test").code)
	require.Equal(t, 2, sh("", "token", "create", "lin@home.test", "--ttl", "soon").code)
}

package main

import (
	"errors"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/require"
)

func TestEveryCommandShowsAnExample(t *testing.T) {
	parser, err := kong.New(&cli{}, kong.Vars{"version": "test"})
	require.NoError(t, err)
	say := shell(t)
	leaves := parser.Model.Leaves(true)
	require.NotEmpty(t, leaves)
	for _, leaf := range leaves {
		var path []string
		for n := leaf; n.Parent != nil; n = n.Parent {
			path = append([]string{n.Name}, path...)
		}
		help := say("", append(path, "--help")...)
		require.Zero(t, help.code, path)
		require.Contains(t, help.out, "Example: ", path)
	}
}

// A database that nothing ever opened is empty, not broken.
func TestReadersOfAnEmptyDatabaseBringTheTables(t *testing.T) {
	for command, want := range map[string]string{"export cases": "case_no,", "audit verify": "The audit trail holds"} {
		answer := shell(t)("", strings.Fields(command)...)
		require.Zero(t, answer.code, answer.err)
		require.Contains(t, answer.out, want)
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

func TestAFullDiskIsSaidOnce(t *testing.T) {
	dir := t.TempDir()
	var said lines
	e := &env{Ctx: t.Context(), Out: full{}, Err: &said, Environ: []string{"MINQING_DATABASE_URL=sqlite:" + dir + "/m.db",
		"MINQING_KEYS=" + dir + "/keys.json", "MINQING_BLOB_URL=file:" + dir, "MINQING_LOG_LEVEL=error"}}
	require.Equal(t, 1, run(e, strings.Fields("export cases")))
	require.Len(t, said, 1, said)
	require.Contains(t, said[0], "no space left on device")
}

// lines keeps what is written, a line at a time.
type lines []string

func (l *lines) Write(p []byte) (int, error) {
	*l = append(*l, string(p))
	return len(p), nil
}

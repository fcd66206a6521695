package main

import (
	"errors"
	"net"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/require"
)

func TestEveryCommandShowsAnExample(t *testing.T) {
	parser, err := kong.New(&cli{}, kong.Vars{"version": "test"})
	require.NoError(t, err)
	say := shell(t)
	nodes := []*kong.Node{parser.Model.Node}
	for i := 0; i < len(nodes); i++ {
		nodes = append(nodes, nodes[i].Children...)
	}
	require.Greater(t, len(nodes), 30)
	for _, node := range nodes {
		if node.Type == kong.ArgumentNode {
			continue
		}
		var path []string
		for n := node; n.Parent != nil; n = n.Parent {
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

func TestATakenAddressIsSaidWithWhatToDo(t *testing.T) {
	other, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer other.Close()
	answer := shell(t)("", "serve", "--listen", other.Addr().String())
	require.Equal(t, 1, answer.code)
	require.Contains(t, answer.err, "another program has this address; stop it, or name a free one")
	require.Equal(t, 1, strings.Count(answer.err, "minqing: "), answer.err)
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

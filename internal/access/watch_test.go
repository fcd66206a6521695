package access_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing"
	"minqing/internal/access"
	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
)

// nodeURL makes this program a node on that database instead of a test.
const nodeURL = "TEST_ACCESS_NODE"

func TestMain(m *testing.M) {
	if address := os.Getenv(nodeURL); address != "" {
		if err := beNode(address); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// beNode answers how many grants each account holds that it reads a line of, or
// whether it may do the verb that stands behind the account.
// Its clock stands still: what it keeps never grows old by itself.
func beNode(address string) error {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	d, err := db.Open(ctx, address, db.Options{})
	if err != nil {
		return err
	}
	defer d.Close()
	files, err := fs.Sub(minqing.Files, "policies")
	if err != nil {
		return err
	}
	now := time.Now()
	clock := func() time.Time { return now }
	s, err := access.New(d, audit.New(d, clock), files, clock)
	if err != nil {
		return err
	}
	go s.Watch(ctx)
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		account, verb, asks := strings.Cut(lines.Text(), " ")
		if asks {
			fmt.Println(s.Can(as(account), access.Verb(verb)) == nil)
			continue
		}
		held, err := s.Grants(ctx, account)
		if err != nil {
			return err
		}
		fmt.Println(len(held))
	}
	return nil
}

// node is another process.
type node struct {
	t   *testing.T
	in  io.Writer
	out *bufio.Reader
}

func startNode(t *testing.T, address string) *node {
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), nodeURL+"="+address)
	c.Stderr = os.Stderr
	in, err := c.StdinPipe()
	require.NoError(t, err)
	out, err := c.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, c.Start())
	t.Cleanup(func() {
		in.Close()
		require.NoError(t, c.Wait())
	})
	return &node{t: t, in: in, out: bufio.NewReader(out)}
}

func (n *node) holds(account string) string {
	_, err := fmt.Fprintln(n.in, account)
	require.NoError(n.t, err)
	line, err := n.out.ReadString('\n')
	require.NoError(n.t, err)
	return strings.TrimSpace(line)
}

// inForce is how soon a change counts on every node, also one that stopped listening.
const inForce = 5 * time.Second

func TestAChangeOfGrantsIsHeardByAnotherProcess(t *testing.T) {
	t.Parallel()
	d := dbtest.Postgres(t)
	w := newWorld(t, d)
	w.now = time.Now().Add(-time.Hour)
	w.unit("LJ/", "LJ")
	who := w.account()
	n := startNode(t, d.URL())
	listening := func() bool {
		var pid []int
		err := d.From(t.Context()).Raw("SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'").Scan(&pid).Error
		return err == nil && len(pid) == 1
	}
	require.Eventually(t, listening, 10*time.Second, 10*time.Millisecond)
	require.Equal(t, "0", n.holds(who))

	grant := w.give(who, "handler", "LJ")
	require.Eventually(t, func() bool { return n.holds(who) == "1" }, inForce, 10*time.Millisecond)

	w.exec("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'")
	require.NoError(t, w.s.Take(system(), grant, "test")) // while nobody listens
	require.Eventually(t, func() bool { return n.holds(who) == "0" }, inForce, 10*time.Millisecond)

	w.give(who, "handler", "LJ")
	require.Eventually(t, func() bool { return n.holds(who) == "1" }, inForce, 10*time.Millisecond)

	one, two := w.account(), w.account()
	w.give(one, "security_admin", "LJ")
	w.give(two, "security_admin", "LJ")
	require.Equal(t, "false", n.holds(who+" case.rework"))
	decide(t, w.s, one, two, access.RuleChange{Role: "handler", Verb: access.CaseRework, Gives: true})
	require.Eventually(t, func() bool { return n.holds(who+" case.rework") == "true" }, inForce, 10*time.Millisecond)
}

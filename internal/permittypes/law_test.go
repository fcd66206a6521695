package permittypes_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/permittypes"
)

// A type of Taiwan may count months, needs no five days for what is missing nor ten to
// issue, and extends by no more than the limit itself (行政程序法 art. 51); one of the PRC
// may not, and says nothing of a law.
func TestTheLimitsFollowTheLawOfTheType(t *testing.T) {
	w := newTown(t, dbtest.New(t))
	one, err := w.Type(t.Context(), "food-business")
	require.NoError(t, err)
	for _, c := range []struct{ law, complete, statutory, extension, wrong string }{
		{"", "5wd", "20wd", "", ""}, {"prc", "5wd", "20wd", "", ""}, {"hk", "5wd", "20wd", "", "law"},
		{"", "5wd", "2mo", "", "statutory"}, {"", "7wd", "20wd", "", "completeness"},
		{"tw", "7wd", "2mo", "", ""}, {"tw", "7d", "30d", "30d", ""}, {"tw", "7d", "30d", "31d", "extension"}, {"tw", "7d", "30d", "10wd", "extension"},
	} {
		x := *one
		x.Law, x.Completeness, x.Statutory = c.law, limit(t, c.complete), limit(t, c.statutory)
		x.Promised = x.Statutory
		if c.extension != "" {
			x.Extension = limit(t, c.extension)
		}
		err := w.Check(t.Context(), &x)
		if c.wrong == "" {
			require.NoError(t, err, "%+v", c)
			continue
		}
		e, ok := fault.As(err)
		require.True(t, ok, "%+v", c)
		require.Equal(t, c.wrong, e.Fields[0].Name, "%+v", c)
	}
}

// Where no processing period is published it is two months, and the promise the same; the
// type as a file says so, and the law of the PRC by saying nothing.
func TestTwoMonthsWhereNothingIsPublished(t *testing.T) {
	read := func(law string) *permittypes.Type {
		x, err := permittypes.Read(strings.NewReader("code: sign\nlaw: " + law + "\n"))
		require.NoError(t, err)
		return x
	}
	x := read("tw")
	require.Equal(t, []string{"2mo", "2mo"}, []string{x.Statutory.String(), x.Promised.String()})
	require.Equal(t, 2, x.ExtensionMost())
	require.False(t, x.Joint())
	text, err := x.Text()
	require.NoError(t, err)
	require.Contains(t, text, "law: tw")
	x = read("prc")
	require.True(t, x.Statutory.IsZero())
	require.Equal(t, permittypes.ExtensionSingle, x.ExtensionMost())
	text, err = x.Text()
	require.NoError(t, err)
	require.NotContains(t, text, "law:")
}

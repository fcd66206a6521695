package replies_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/replies"
)

func TestTwoVersionsArePutTogether(t *testing.T) {
	require.Equal(t, []replies.Stretch{{replies.Kept, "預計"}, {replies.Gone, "三"}, {replies.New, "五"}, {replies.Kept, "日完成"}}, replies.Diff("預計三日完成", "預計五日完成"))
	require.Equal(t, []replies.Stretch{{replies.Kept, "The "}, {replies.Gone, "lamp"}, {replies.New, "lamps"}, {replies.Kept, " work"}}, replies.Diff("The lamp work", "The lamps work"))
	require.Equal(t, []replies.Stretch{{replies.New, "新"}}, replies.Diff("", "新"))
	require.Equal(t, []replies.Stretch{{replies.Gone, "舊"}}, replies.Diff("舊", ""))
	require.Empty(t, replies.Diff("", ""))
	require.Equal(t, []replies.Stretch{{replies.Kept, "同"}}, replies.Diff("同", "同"))
}

func TestLongVersionsAreComparedByClauses(t *testing.T) {
	older := strings.Repeat("甲乙丙，", 1000)
	d := replies.Diff("一"+older+"二", "三"+strings.Repeat("甲乙丁，", 500)+older[:6000]+"四")
	require.NotEmpty(t, d)
	require.Less(t, len(d), 3000)
}

// FuzzDiff holds that both versions can be read from what is put together.
func FuzzDiff(f *testing.F) {
	f.Add("預計三日完成", "預計五日完成")
	f.Add("\xff", "a\xfeb")
	f.Add("a b c", "")
	f.Fuzz(func(t *testing.T, older, newer string) {
		var a, b strings.Builder
		for _, s := range replies.Diff(older, newer) {
			require.NotEmpty(t, s.Text)
			if s.Change != replies.New {
				a.WriteString(s.Text)
			}
			if s.Change != replies.Gone {
				b.WriteString(s.Text)
			}
		}
		require.Equal(t, older, a.String())
		require.Equal(t, newer, b.String())
	})
}

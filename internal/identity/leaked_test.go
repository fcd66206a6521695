package identity

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// ASVS 5.0, 6.2.4 asks for the 3,000 most used passwords that the rules of length
// let through.
func TestThousandsOfLeakedPasswordsAreRefused(t *testing.T) {
	words := strings.Fields(leakedList)
	require.GreaterOrEqual(t, len(words), 3000)
	require.True(t, slices.IsSorted(words))
	require.True(t, strings.HasSuffix(leakedList, "\n"))
	for _, w := range words {
		require.Equal(t, bare(strings.ToLower(w)), w)
		require.True(t, leaked(w), w)
		require.False(t, leaked(w+"\n"), w)
	}
	for _, p := range []string{"chocolate180", "DerpDerp1234", "q1w2e3r4t5y6u7", "Spongebob-1", "manchester"} {
		require.True(t, common(p), p)
	}
	for _, p := range []string{"", "\n", "a", "zzzzzzzzzzzzzzzzzzzzz", words[0] + "0", words[0][1:], words[len(words)-1] + "~"} {
		require.False(t, leaked(p), "%q", p)
	}
}

func TestHabitsOfChineseKeyboardsAreCommon(t *testing.T) {
	for _, p := range []string{
		"woaini5201314", "zhangwei520520", "wangfang1314", "liuyang19880808", "woaini.1314520", "shengrikuaile520", "5201314woaini", "aini1314520aini",
		"1qaz@WSX3edc", "qazwsx123456", "1q2w3e4r5t6y", "qweasdzxc123", "zaq12wsxcde3", "147258369qwe", "asd123456789", "zxcvbnm123456", "a1234567890",
		"woaizhongguo1", "gongxifacai888", "mima12345678", "Zhongguo@2026", "Beijing_2008", "dalian123456", "我爱你5201314", "加油加油2026加油",
	} {
		require.True(t, common(p), p)
	}
}

package identity

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/unicode/norm"
)

func TestWhatAttackersTryFirstIsCommon(t *testing.T) {
	for _, p := range []string{
		"woaini1314", "woaini1314520", "5201314520", "1qaz2wsx3edc", "1QAZ!qaz2wsx", "qwertyuiop", "qwerty123456", "Qwerty-2026!", "asdfghjkl;",
		"P@ssw0rd2026", "P@$$w0rd!!", "passwordpassword", "pass word 123", "1234567890", "0987654321", "19900101199", "13800138000",
		"abcdefghij", "zyxwvutsrq", "aaaaabbbbbccccc", "qpzmqpzmqpzm", "iloveyou2026", "1l0vey0u2026", "Linjiang-2026!", "M1nq1ng#2026",
		"民情民情民情民情民情", "wang19900101", "zhangwei1990", "ｐａｓｓｗｏｒｄ１２", "admin@12345", "Welcome2026!", "Huawei@123", "a123456789",
		"12345678ab", "密码密码123456", "beijing2008", "q1w2e3r4t5y6", "我爱你1314520", "!!!!!!!!!!@@#", "           a b c",
	} {
		require.True(t, common(p), p)
	}
}

func TestWhatOnlyOnePersonWouldThinkOfIsNotCommon(t *testing.T) {
	for _, p := range []string{
		"correct horse 電池", "correct horse battery", "xK9#mQ2$vL7w", "橋下的舊書攤賣豆花", "kettle-violin-marsh", "password kettle violin",
		"gT7!woaini vellum", "Long-enough-CG-2026", "8f3k29d01xqv", "73928461502846193755",
	} {
		require.False(t, common(p), p)
	}
	require.True(t, common("kettle-2026", "kettle"), "the words of the place count too")
}

func TestTheListIsInItsPlainForm(t *testing.T) {
	require.Greater(t, len(listed), 500)
	for _, w := range listed {
		require.Equal(t, strings.ToLower(norm.NFKC.String(bare(w))), w)
		require.GreaterOrEqual(t, utf8.RuneCountInString(w), 2)
	}
}

func FuzzCommon(f *testing.F) {
	for _, p := range []string{"", "woaini1314", "P@ssw0rd", "\x00\x00\xff", "電池電池", strings.Repeat("1qaz", 50)} {
		f.Add(p)
	}
	f.Fuzz(func(t *testing.T, p string) {
		if utf8.RuneCountInString(p) > PasswordMost {
			return
		}
		got := common(p)
		if utf8.RuneCountInString(bare(norm.NFKC.String(p))) < freshLeast && !got {
			t.Errorf("%q has too few letters", p)
		}
		if separated := strings.ReplaceAll(p, "", "-"); utf8.ValidString(p) && common(separated) != got {
			t.Errorf("%q differs with separators", p)
		}
	})
}

package text_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"minqing/internal/text"
)

func TestWhatNobodySeesIsNotStored(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "  路燈不亮\t": "路燈不亮", "bell\a here\x00": "bell here", "abc\u202Egpj.exe\u202C": "abcgpj.exe",
		"\u2066left\u2069 \u2067right\u2069 \u2068first\u2069 \u202Aa\u202Bb\u202Dc": "left right first abc",
		"one\r\ntwo\tthree\u2028four\u0085five":                                      "one two three four five", "\uFEFF市": "市", "\u009Bm\u007F": "m",
		"👩\u200D👩\u200D👧 نمی\u200Cخواهم \u200Fعربى\u200E": "👩\u200D👩\u200D👧 نمی\u200Cخواهم \u200Fعربى\u200E", "a\xff": "a\uFFFD", "\u202E\a": "",
	} {
		require.Equal(t, want, text.Line(in), "%q", in)
	}
	for in, want := range map[string]string{
		"one\r\ntwo\rthree\n\n\tfour\u2028five": "one\ntwo\nthree\n\n\tfour\nfive", "\u202Eabc\u202C\a\n\x1b[31mred": "abc\n[31mred", "\u2029": "",
	} {
		require.Equal(t, want, text.Lines(in), "%q", in)
	}
}

func FuzzTyped(f *testing.F) {
	for _, seed := range []string{"", "路燈\r\n不亮", "\u202Etxt.exe", "a\x00\u2066b\u2069\t", "\xff\xfe", "\r\r\n\u2028 \u0085"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		line, lines := text.Line(s), text.Lines(s)
		require.Equal(t, line, text.Line(line), "again")
		require.Equal(t, lines, text.Lines(lines), "again")
		for _, out := range []string{line, lines} {
			require.True(t, utf8.ValidString(out))
			for _, r := range out {
				require.False(t, unicode.Is(unicode.Bidi_Control, r) && r != '\u200E' && r != '\u200F' && r != '\u061C', "%U", r)
				require.False(t, unicode.IsControl(r) && (out == line || r != '\n' && r != '\t'), "%U", r)
			}
		}
		seen := func(s string) string { // what a reader sees of it is all still there, in its order
			return strings.Map(func(r rune) rune {
				if unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == 0xFEFF {
					return -1
				}
				return r
			}, s)
		}
		require.Equal(t, seen(strings.ToValidUTF8(s, "\uFFFD")), seen(lines))
		require.Equal(t, seen(lines), seen(line))
	})
}

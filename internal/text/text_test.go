package text_test

import (
	"bufio"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"minqing/internal/text"
)

func TestBothScriptsAndWidthsBecomeOne(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "  市民\t\n服務  ": "市民 服务", "ＡＢＣ１２３": "abc123", "民眾關係管理": "民众关系管理",
		"臺北市　里長": "台北市 里长", "頭髮發展": "头发发展", "裡面裏面": "里面里面", "著名着急": "着名着急",
		"a\u200bb\x00c": "abc", "Ⅻ ㎡ ①": "xii m2 1", "\xff市\xfe": "市", "葛\U000e0100城❤\ufe0f": "葛城❤", "鬱鬱乾坤後來": "郁郁干坤后来", "ＣＡＦÉ": "café",
	} {
		require.Equal(t, want, text.Normalise(in), in)
	}
	require.Equal(t, text.Normalise("環境污染與噪音檢舉，路燈壞了"), text.Normalise("环境污染与噪音检举，路灯坏了"))
	require.Equal(t, "路灯Ａ", text.Fold("路燈Ａ"))
}

func TestTheFoldingTableHasNoChainsOrDoubles(t *testing.T) {
	f, err := os.Open("data/folding.txt")
	require.NoError(t, err)
	defer f.Close()
	to, seen := map[rune]bool{}, map[rune]bool{}
	pairs := 0
	for lines := bufio.NewScanner(f); lines.Scan(); {
		line := lines.Text()
		if strings.HasPrefix(line, "#") {
			continue
		}
		head, members, found := strings.Cut(line, " ")
		require.True(t, found && utf8.RuneCountInString(head) == 1 && members != "", line)
		r, _ := utf8.DecodeRuneInString(head)
		require.False(t, to[r], "%s has two lines", head)
		to[r] = true
		for _, m := range members {
			require.False(t, seen[m], "%c is listed twice", m)
			seen[m] = true
			pairs++
		}
	}
	for r := range to {
		require.False(t, seen[r], "%c folds on", r)
	}
	require.Greater(t, pairs, 2500)
}

func TestPersonalValuesInFreeTextAreMasked(t *testing.T) {
	for in, want := range map[string]string{
		"":                               "",
		"請打我電話13812345678，謝謝":            "請打我電話138****5678，謝謝",
		"电话：138 1234 5678或139-1234-5678": "电话：138****5678或139****5678",
		"13812345678 13912345678":        "138****5678 139****5678",
		"（０２）２３４５－６７８９ 王先生":        "022345**** 王先生",
		"座機010-87654321。":          "座機0108765****。",
		"手機0912-345-678(晚上)":       "手機09**-***-678(晚上)",
		"(13812345678)":            "(138****5678)",
		"身分證A123456789":            "身分證A1*****789",
		"香港身份證A123456(3)。":         "香港身份證A1*****(*)。",
		"身份证11010519491231002x号":   "身份证110***********002X号",
		"身份证１１０１０５１９４９１２３１００２Ｘ":    "身份证110***********002X",
		"信箱 Zhang.San@example.cn.": "信箱 z***@example.cn.",
		"卡號4111 1111 1111 1111":    "卡號************1111",
		"車牌粵B12345擋道":              "車牌粵B****5擋道",
		"+86 13812345678":          "138****5678",
		// What is not personal stays.
		"案件LJ20260000123N於2026-11-24 10:30受理": "案件LJ20260000123N於2026-11-24 10:30受理",
		"統一信用代碼91350100M000100Y43":            "統一信用代碼91350100M000100Y43",
		"繳費1234567元，共12345678901234567890筆":   "繳費1234567元，共12345678901234567890筆",
		"身分證A123456788":                       "身分證A123456788",
		"請撥12345或400-123-4567":                "請撥12345或400-123-4567",
		"型號粵B1234567X，序號ABA123456789":         "型號粵B1234567X，序號ABA123456789",
		"\xff壞字": "\xff壞字",
	} {
		require.Equal(t, want, text.MaskFree(in), in)
	}
	found := text.Find("電話13812345678，a.b@x.cn")
	require.Len(t, found, 2)
	require.Equal(t, text.Phone, found[0].Kind)
	require.Equal(t, text.Email, found[1].Kind)
	require.Equal(t, "13812345678", "電話13812345678，a.b@x.cn"[found[0].From:found[0].To])
}

func FuzzNormaliseIsIdempotent(f *testing.F) {
	for _, s := range []string{"", "ＡＢＣ 路燈", "é\u0301\u200d", "\xff", "İSTANBUL", "ẞ", "ﷺ", "ｶﾞ"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := text.Normalise(s)
		require.True(t, utf8.ValidString(once))
		require.Equal(t, once, text.Normalise(once))
	})
}

func FuzzMaskFreeHidesWhatItFinds(f *testing.F) {
	for _, s := range []string{"138 1234 5678", "(02)2345-6789 a@b.cn", "A123456(3)", "粵B12345", "\xff1", "+(", "11010519491231002X"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		last := 0
		for _, p := range text.Find(s) {
			require.LessOrEqual(t, last, p.From)
			require.Less(t, p.From, p.To)
			require.LessOrEqual(t, p.To, len(s))
			require.Contains(t, p.Mask, "*")
			last = p.To
		}
		if utf8.ValidString(s) {
			require.True(t, utf8.ValidString(text.MaskFree(s)))
		}
	})
}

func BenchmarkMaskFree(b *testing.B) {
	s := strings.Repeat("路燈壞了三天，請派人修理，謝謝。", 20) + "電話13812345678"
	for b.Loop() {
		text.MaskFree(s)
	}
}

func BenchmarkMaskFreeTitle(b *testing.B) {
	for b.Loop() {
		text.MaskFree("湖濱路 12 號前兩盞路燈不亮，已經第 3 天")
	}
}

func BenchmarkMaskFreeWorstCase(b *testing.B) {
	s := strings.Repeat("12 ", 100_000)
	for b.Loop() {
		text.MaskFree(s)
	}
}

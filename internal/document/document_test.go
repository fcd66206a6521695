package document_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/document"
	"minqing/internal/document/documenttest"
	"minqing/internal/i18n"
)

func begin(t testing.TB, l i18n.Lang) *document.PDF {
	t.Helper()
	p, err := document.New(document.About{Title: "湖濱路路燈不亮", Lang: l, Head: "LJ-1 湖濱路路燈不亮", Foot: "列印人：王小姐", Maker: "Minqing",
		At: time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)})
	require.NoError(t, err)
	return p
}

// ended gives the document; KEEP_PDF=DIR keeps it for looking at.
func ended(t testing.TB, p *document.PDF) []byte {
	t.Helper()
	pdf, err := p.Bytes()
	require.NoError(t, err)
	if dir := os.Getenv("KEEP_PDF"); dir != "" {
		require.NoError(t, os.WriteFile(dir+"/"+strings.ReplaceAll(t.Name(), "/", "_")+".pdf", pdf, 0o600))
	}
	return pdf
}

func TestTextIsFoundAsItWasWritten(t *testing.T) {
	for _, l := range i18n.Langs {
		t.Run(string(l), func(t *testing.T) {
			p := begin(t, l)
			p.Title("臨江市 · 路燈科", "湖濱路路燈不亮 Street light №12345")
			p.Heading("經過")
			p.Text("戶籍、骨頭、說明；户籍、骨头、说明。\tcafe\u0301 ①㎡ 𡈼 “引號”—— 100%")
			p.Pairs([]document.Pair{{Key: "承辦單位", Value: "路燈科\n臨江市"}})
			p.Entry(document.Entry{Title: "交辦", When: "11 月 24 日", Who: "王小姐", Marks: []string{"路燈科"}, Text: "請派員。", Aside: "內部的話", Word: "內部"})
			text := documenttest.Text(t, ended(t, p))
			for _, want := range []string{"臨江市 · 路燈科", "湖濱路路燈不亮 Street light №12345", "戶籍、骨頭、說明；户籍、骨头、说明。 café ①㎡ 𡈼 “引號”—— 100%",
				"承辦單位路燈科臨江市", "11 月 24 日 · 王小姐路燈科請派員。內部內部的話", "1 / 1", "列印人：王小姐"} {
				require.Contains(t, text, want)
			}
		})
	}
}

func TestARareNameIsToldByItsCodeAndFoundAsItself(t *testing.T) {
	p := begin(t, i18n.ZhHant)
	p.Text("陳\U00020BB7、林\U0002A6A5😀、黃\U000E0100\u200B")
	pdf := ended(t, p)
	require.Contains(t, documenttest.Text(t, pdf), "陳\U00020BB7、林\U0002A6A5😀、黃1 / 1")
	p = begin(t, i18n.ZhHant)
	p.Text("陳[U+20BB7]")
	require.Contains(t, documenttest.Text(t, ended(t, p)), "陳[U+20BB7]", "typed as it is drawn")
}

func TestNothingThatSomebodyTypedBreaksADocument(t *testing.T) {
	p := begin(t, i18n.En)
	for _, s := range []string{"", "\n\n", "\x00\x1b)]>>endstream endobj", "\xff\xfe", strings.Repeat("W", 3000), strings.Repeat("，", 500), strings.Repeat(" ", 500), "\u202Eabc"} {
		p.Title(s, s)
		p.Heading(s)
		p.Text(s)
		p.Note(s)
		p.Pairs([]document.Pair{{s, s}})
		p.Entry(document.Entry{Title: s, When: s, Who: s, Text: s})
	}
	text := documenttest.Text(t, ended(t, p))
	require.Contains(t, text, ")]>>endstream endobj")
	require.Contains(t, text, "abc")
}

func TestNoHeadingStandsAloneAtTheEndOfAPage(t *testing.T) {
	for lines := range 60 {
		p := begin(t, i18n.ZhHant)
		p.Text(strings.TrimSuffix(strings.Repeat("前文\n", lines+1), "\n"))
		p.Heading("經過標題")
		p.Lead("標題下的小字")
		p.Entry(document.Entry{Title: "交辦的事", When: "日期", Who: "某人", Text: "頭一行\n第二行\n第三行"})
		p.Heading("資料標題")
		p.Pairs([]document.Pair{{Key: "單位", Value: "路燈科"}, {Key: "狀態", Value: "辦理中\n還有三日"}, {Key: "答復", Value: "甲行\n乙行\n丙行"}, {Key: "末", Value: "末"}})
		for _, page := range documenttest.Pages(t, ended(t, p)) {
			if strings.Contains(page, "經過標題") {
				require.Contains(t, page, "標題下的小字")
				require.Contains(t, page, "第二行", "%d lines before", lines)
			}
			if strings.Contains(page, "資料標題") || strings.Contains(page, "還有三日") {
				require.Contains(t, page, "路燈科", "%d lines before", lines)
				require.Contains(t, page, "還有三日", "%d lines before", lines)
			}
			require.Equal(t, strings.Contains(page, "甲行"), strings.Contains(page, "丙行"), "%d lines before: a fact is parted", lines)
			if strings.Contains(page, "第三行") {
				require.Contains(t, page, "第二行", "%d lines before: the last line stands alone", lines)
			}
		}
	}
}

func TestPagesAreNumbered(t *testing.T) {
	p := begin(t, i18n.ZhHans)
	for range 120 {
		p.Text("很长的一段话，说了又说。" + strings.Repeat("路灯坏了，请派人来看。", 20))
	}
	pages := documenttest.Pages(t, ended(t, p))
	require.Greater(t, len(pages), 3)
	for i, page := range pages {
		require.Contains(t, page, fmt.Sprintf("\n%d / %d\n", i+1, len(pages)))
		require.Equal(t, i > 0, strings.Contains(page, "LJ-1 湖濱路路燈不亮"), "the head of page %d", i+1)
	}
}

func TestALineBeginsWithNoStop(t *testing.T) {
	p := begin(t, i18n.ZhHant)
	for n := range 60 {
		p.Text(strings.Repeat("字", n) + "（甲）、「乙」。丙，丁；" + strings.Repeat("文", 60) + "。")
	}
	for _, page := range documenttest.Pages(t, ended(t, p)) {
		for line := range strings.SplitSeq(page, "\n") {
			require.NotRegexp(t, `^[，。；、」）]`, line)
			require.NotRegexp(t, `[「（]$`, line)
		}
	}
}

// long is a case file of many pages with some 1,500 different characters.
func long(b testing.TB, entries int) []byte {
	p := begin(b, i18n.ZhHant)
	p.Title("臨江市", "湖濱路路燈不亮")
	p.Heading("經過")
	for i := range entries {
		var own strings.Builder
		for j := range 40 {
			own.WriteRune(rune(0x4E00 + (i*37+j*11)%1500))
		}
		p.Entry(document.Entry{Title: "回覆", When: "2026 年 11 月 27 日（五） 10:00", Who: "王小姐 · 路燈科", Marks: []string{"路燈科", "3 個工作日"},
			Text: own.String() + strings.Repeat("已派員前往湖濱路查看，更換燈具兩組，並通知您。", 4)})
	}
	pdf, err := p.Bytes()
	require.NoError(b, err)
	return pdf
}

func BenchmarkCaseFile(b *testing.B) {
	for _, entries := range []int{20, 400} {
		b.Run(fmt.Sprint(entries), func(b *testing.B) {
			b.ReportAllocs()
			size := 0
			for b.Loop() {
				size = len(long(b, entries))
			}
			b.ReportMetric(float64(size), "bytes/file")
		})
	}
}

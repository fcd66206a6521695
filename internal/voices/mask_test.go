package voices

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestWhoIsMeantIsMasked(t *testing.T) {
	m := masker{names: []string{"Wang Xiaoming", "王小明", "O'Brien", "陳國華"}, number: "LJ20260001201F"}
	for in, want := range map[string]string{
		"The car ABC-1234 blocks us":             "The car AB****4 blocks us",
		"车牌有临A・BM4AD。":                           "车牌有***。",
		"車牌1234-AB擋道":                            "車牌12***B擋道",
		"plate number abc 1234, again":           "plate number AB****4, again",
		"車牌 AB1234 的車":                           "車牌 AB***4 的車",
		"I am Xiaoming Wang.":                    "I am W***.",
		"WANG, XIAOMING wrote":                   "W*** wrote",
		"xiaoming said so; Wang too":             "X*** said so; W*** too",
		"王 小 明與小明":                               "王**與○○",
		"陈 国华说，國華也說":                             "陳**说，○○也說",
		"王·小明":                                   "王**",
		"Mr. Chen and Ms Mary Lee live here":     "Mr. C*** and Ms M*** live here",
		"my neighbour Peter shouts":              "my neighbour P*** shouts",
		"My name is Jane Roe and":                "My name is J*** and",
		"身分證A123456789":                          "身分證***",
		"O'Brien is here, case LJ20260001201F":   "O*** is here, case ***",
		"Three days without light since 2026-11": "Three days without light since 2026-11",
		"PM2.5 and COVID-19 stay":                "PM2.5 and COVID-19 stay",
	} {
		require.Equal(t, want, m.mask(in), in)
	}
}

func TestNamesOfPartiesAreFoundHoweverWritten(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		family := rapid.StringMatching(`[A-Z][a-z]{2,7}`).Draw(rt, "family")
		given := rapid.StringMatching(`[A-Z][a-z]{3,7}`).Draw(rt, "given")
		between := rapid.SampledFrom([]string{" ", ", ", "  ", "-", "\n", "·"}).Draw(rt, "between")
		set := rapid.SampledFrom([]func(string) string{strings.ToUpper, func(s string) string { return s }}).Draw(rt, "set")
		written := set(rapid.SampledFrom([]string{family + between + given, given + between + family, given}).Draw(rt, "written"))
		m := masker{names: []string{family + " " + given}}
		out := m.mask("We met " + written + " there.")
		require.NotContains(rt, strings.ToLower(out), strings.ToLower(given))
	})
}

func TestWhoeverPublishesSeesAndHidesMore(t *testing.T) {
	x := Texts{Title: "○號前", Question: "王**電138****5678，Jane 與 JANE、紅色雨傘", Answer: "王**"}
	require.Equal(t, []string{"○號", "王**", "138****5678"}, x.Hidden())
	x = x.Without("jane\n\n红色雨伞 \n(")
	require.Equal(t, "王**電138****5678，○○ 與 ○○、○○", x.Question)
}

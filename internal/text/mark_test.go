package text_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"minqing/internal/text"
)

// marked writes hits in brackets.
func marked(all []text.Stretch) string {
	var b strings.Builder
	for _, one := range all {
		if one.Hit {
			b.WriteString("[" + one.Text + "]")
		} else {
			b.WriteString(one.Text)
		}
	}
	return b.String()
}

func TestWhatASearchFindsIsMarkedAsItWasWritten(t *testing.T) {
	for _, one := range []struct{ said, asked, want string }{
		{"湖濱路路燈不亮", "路灯", "湖濱路[路燈]不亮"},
		{"湖濱路路燈不亮，紅綠燈也壞了", "红绿灯 不亮", "湖濱路路燈[不亮]，[紅綠燈]也壞了"},
		{"12号楼前的ＬＥＤ灯", "led", "12号楼前的[ＬＥＤ]灯"},
		{"LED燈閃爍", "ＬＥＤ灯", "[LED燈]閃爍"},
		{"Two STREET lights near the café", "street light", "Two [STREET] [lights] near the café"},
		{"Two STREET lights near the cafe\u0301", "CAFÉ", "Two STREET lights near the [cafe\u0301]"},
		{"燈不亮，路燈", "燈", "[燈]不亮，路[燈]"},
		{"路邊的燈", "路燈", "路邊的燈"},
		{"", "路燈", ""},
		{"\xff路燈\xff", "路燈", "\xff[路燈]\xff"},
	} {
		require.Equal(t, one.want, marked(text.Mark(one.said, text.Phrases(one.asked))), one.asked)
	}
}

func TestOnlyWhatStandsAroundAHitIsShown(t *testing.T) {
	long := strings.Repeat("甲", 50) + "路燈" + strings.Repeat("乙", 50)
	cut := text.Around(text.Mark(long, text.Phrases("路灯")), 5, 8)
	require.Equal(t, "…甲甲甲甲甲[路燈]乙乙乙乙乙乙…", marked(cut))
	require.Equal(t, "路口的[路燈]", marked(text.Around(text.Mark("路口的路燈", text.Phrases("路燈")), 5, 8)))
	require.Nil(t, text.Around(text.Mark("無關", text.Phrases("路燈")), 5, 8))
}

// Whatever is marked, nothing of the text is lost or changed, and something is
// marked where the index would find it.
func TestMarkingLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		said, asked := rapid.String().Draw(t, "said"), rapid.StringOf(rapid.SampledFrom([]rune("路燈灯不亮ＬLed é1２ ，s"))).Draw(t, "asked")
		if rapid.Bool().Draw(t, "within") {
			said += asked
		}
		phrases, whole, hits := text.Phrases(asked), "", 0
		for _, one := range text.Mark(said, phrases) {
			whole += one.Text
			if one.Hit {
				hits++
			}
		}
		if whole != said {
			t.Fatalf("%q became %q", said, whole)
		}
	})
}

package text_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"minqing/internal/text"
)

func TestATextIsFoundByItsTerms(t *testing.T) {
	for in, want := range map[string][]string{
		"路燈壞了 LED燈，12號；路灯": {"路灯", "灯坏", "坏了", "了", "led", "灯", "12", "号", "路灯", "灯"},
		"中":                {"中"},
		" ，。!? ":           nil,
		"Two Glasses, boxes & ponies: bus analysis": {"two", "glass", "box", "pony", "bus", "analysis"},
		"葛\U000e0100城":                              {"葛城", "城"},
	} {
		require.Equal(t, want, text.Terms(in), in)
	}
	require.Equal(t, text.Terms("垃圾車"), text.Terms("垃圾车"))
	require.Len(t, text.Terms(strings.Repeat("x", 500))[0], 64)
}

func TestAQuestionIsReadAsPhrases(t *testing.T) {
	for in, want := range map[string][]text.Phrase{
		"路燈":             {{Terms: []string{"路灯"}}},
		"紅綠燈":            {{Terms: []string{"红绿", "绿灯"}}},
		"路燈　STREET 水，":   {{Terms: []string{"路灯"}}, {Terms: []string{"street"}}, {Terms: []string{"水"}, Open: true}},
		"12號":            {{Terms: []string{"12", "号"}, Open: true}},
		"12號樓":           {{Terms: []string{"12", "号楼"}}},
		"LED燈壞":          {{Terms: []string{"led", "灯坏"}}},
		"路燈LED":          {{Terms: []string{"路灯", "灯", "led"}}},
		"\"路燈\" OR NEAR": {{Terms: []string{"路灯"}}, {Terms: []string{"or"}}, {Terms: []string{"near"}}},
		"，。*()\"' \x00":  nil,
		"\xff\xfe":       nil,
	} {
		require.Equal(t, want, text.Phrases(in), in)
	}
}

// holds says whether the terms of a phrase stand side by side among those of a text.
func holds(terms []string, p text.Phrase) bool {
	last := len(p.Terms) - 1
	for i := 0; i+last < len(terms); i++ {
		found := true
		for j, want := range p.Terms {
			have := terms[i+j]
			found = found && (have == want || j == last && p.Open && strings.HasPrefix(have, want))
		}
		if found {
			return true
		}
	}
	return false
}

func TestAPhraseIsFoundWhereItStands(t *testing.T) {
	said := text.Terms("湖濱路紅綠燈不亮，12號樓前的LED燈也壞了")
	for asked, want := range map[string]bool{"紅綠燈": true, "红绿灯不亮": true, "綠紅燈": false, "12号": true, "12號樓": true, "2號": false, "LED灯": true,
		"亮": true, "了": true, "綠": true, "雨": false, "的led": true, "燈不亮": true, "燈亮": false, "滨路": true} {
		for _, p := range text.Phrases(asked) {
			require.Equal(t, want, holds(said, p), asked)
		}
	}
}

// Any stretch of a text finds it, when it is cut between letters of one word at
// neither end.
func FuzzEveryStretchOfATextFindsIt(f *testing.F) {
	f.Add("湖濱路12號的LED路燈不亮了，請修。", 2, 5)
	f.Add("glasses ponies É\u0301 ｶﾞ", 0, 7)
	f.Add("İ\u200d路\xff", 0, 3)
	f.Fuzz(func(t *testing.T, s string, from, to int) {
		runes := []rune(text.Normalise(s))
		if from < 0 || to > len(runes) || from >= to || inside(runes, from) || inside(runes, to) {
			return
		}
		terms := text.Terms(s)
		for _, term := range terms {
			require.True(t, utf8.ValidString(term) && term != "" && !strings.ContainsAny(term, " '\"\\*()"), "%q", term)
		}
		for _, p := range text.Phrases(string(runes[from:to])) {
			require.True(t, holds(terms, p), "%q in %q", string(runes[from:to]), s)
		}
	})
}

// inside says whether a cut parts two letters of a word that is not Chinese.
func inside(runes []rune, at int) bool {
	if at == 0 || at == len(runes) {
		return false
	}
	latin := func(r rune) bool {
		return (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.M, r)) && len(text.Terms(string([]rune{r, r}))) == 1
	}
	return latin(runes[at-1]) && latin(runes[at])
}

func BenchmarkTerms(b *testing.B) {
	s := strings.Repeat("路燈壞了三天，請派人修理，謝謝。", 20)
	for b.Loop() {
		text.Terms(s)
	}
}

// Package text prepares Chinese and Latin text for search and display: one
// normal form for both scripts, bigrams for indexing, and the masking of personal
// data in free text. It is pure.
package text

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Normalise is the form in which texts are compared and indexed: compatibility
// forms resolved (NFKC, so full width becomes half width), lower case,
// traditional and variant characters folded to one, control and zero-width
// characters gone, any white space one space, none at the ends. Invalid UTF-8 is
// dropped. It is idempotent and not for display.
func Normalise(s string) string {
	s = norm.NFKC.String(strings.ToValidUTF8(s, ""))
	var b strings.Builder
	b.Grow(len(s))
	space := false
	for _, r := range s {
		switch {
		case unicode.IsSpace(r):
			space = b.Len() > 0
			continue
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r):
			continue
		}
		if space {
			b.WriteByte(' ')
			space = false
		}
		b.WriteRune(fold(unicode.ToLower(r)))
	}
	out := b.String()
	if again := norm.NFKC.String(out); again != out { // lower case or a dropped joiner may compose anew
		return Normalise(again)
	}
	return out
}

// scripts whose words are not separated by spaces.
var scripts = []*unicode.RangeTable{unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Bopomofo}

func ideographic(r rune) bool { return r >= 0x1100 && unicode.In(r, scripts...) }

// longestWord bounds an index term; longer runs of letters are cut.
const longestWord = 64

// Bigrams lists the terms by which a text is found, each once, in order of first
// appearance: of runs of Chinese characters every two neighbours (a lone
// character stands for itself), of other scripts whole words and numbers. Index
// and query must both go through it; it normalises by itself.
func Bigrams(s string) []string {
	var out []string
	seen := map[string]bool{}
	add := func(term string) {
		if !seen[term] {
			seen[term] = true
			out = append(out, term)
		}
	}
	runes := []rune(Normalise(s))
	for i := 0; i < len(runes); {
		end := i
		switch {
		case ideographic(runes[i]):
			for end < len(runes) && ideographic(runes[end]) {
				end++
			}
			if end == i+1 {
				add(string(runes[i]))
			}
			for j := i; j+1 < end; j++ {
				add(string(runes[j : j+2]))
			}
		case wordRune(runes[i]):
			for end < len(runes) && wordRune(runes[end]) {
				end++
			}
			add(string(runes[i:min(end, i+longestWord)]))
		default:
			end++
		}
		i = end
	}
	return out
}

func wordRune(r rune) bool {
	return !ideographic(r) && (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.M, r))
}

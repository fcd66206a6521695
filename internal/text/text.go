// Package text prepares Chinese and Latin text for search and display: one
// normal form for both scripts, terms for searching, and the masking of personal
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
// characters and variation selectors gone, any white space one space, none at the ends. Invalid UTF-8 is
// dropped. It is idempotent and not for display.
func Normalise(s string) string {
	s = norm.NFKC.String(strings.ToValidUTF8(s, ""))
	var b strings.Builder
	b.Grow(len(s))
	space := false
	for _, r := range s {
		switch {
		case common(r):
		case unicode.IsSpace(r):
			space = b.Len() > 0
			continue
		case unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Variation_Selector):
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

// common says whether a rune is one of the usual Chinese characters. Texts are
// mostly made of them, and asking the tables about each costs more than the rest.
func common(r rune) bool { return r >= 0x4E00 && r <= 0x9FFF }

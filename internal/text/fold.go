package text

import (
	_ "embed"
	"strings"
	"sync"
)

//go:embed data/folding.txt
var foldingText string

// folding maps each traditional or variant character to the one that stands for
// its group.
var folding = sync.OnceValue(func() map[rune]rune {
	out := make(map[rune]rune, 3000)
	for line := range strings.Lines(foldingText) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		to, from, _ := strings.Cut(strings.TrimSpace(line), " ")
		for _, r := range from {
			out[r] = []rune(to)[0]
		}
	}
	return out
})

func fold(r rune) rune {
	if r < 0x2E80 { // no ideographs below
		return r
	}
	if to, ok := folding()[r]; ok {
		return to
	}
	return r
}

// Fold maps traditional and variant Chinese characters to the one that stands
// for their group and leaves the rest alone. It is for comparing, not a
// conversion to show.
func Fold(s string) string { return strings.Map(fold, s) }

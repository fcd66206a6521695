package text

import (
	"strings"
	"unicode"
)

// Terms lists what a text is found by, in the order of the text: of a run of
// Chinese characters every two neighbours and then the last character alone; of
// other scripts whole words and numbers, English plurals as singulars. Terms
// that follow each other stand side by side in the text, or have nothing but
// spaces and punctuation between them.
func Terms(s string) []string {
	var terms []string
	for _, part := range parts(s) {
		for _, r := range part {
			terms = append(terms, r.terms()...)
		}
	}
	return terms
}

// Phrase is what one typed word asks for: terms that follow each other. The
// last term of an Open one need only begin a term of the text: a lone Chinese
// character stands for every pair that begins with it.
type Phrase struct {
	Terms []string
	Open  bool
}

// Phrases reads what somebody types to search for. Spaces and punctuation part
// the phrases; a text must hold each of them. What has neither letters nor
// digits gives none.
func Phrases(query string) []Phrase {
	var phrases []Phrase
	for _, part := range parts(query) {
		var p Phrase
		for i, r := range part {
			terms := r.terms()
			if i == len(part)-1 && r.ideographic {
				if p.Open = len(terms) == 1; !p.Open {
					terms = terms[:len(terms)-1] // in the text the run may go on
				}
			}
			p.Terms = append(p.Terms, terms...)
		}
		phrases = append(phrases, p)
	}
	return phrases
}

// run is a stretch of one kind of script.
type run struct {
	runes       []rune
	ideographic bool // written without spaces between words
}

// parts cuts a text, normalised, at what is neither letter nor digit, and each
// part into its runs.
func parts(s string) [][]run {
	var all [][]run
	var part []run
	runes := []rune(Normalise(s))
	for i := 0; i < len(runes); {
		kind := kindOf(runes[i])
		end := i + 1
		for end < len(runes) && kindOf(runes[end]) == kind {
			end++
		}
		switch {
		case kind != between:
			part = append(part, run{runes: runes[i:end], ideographic: kind == ideograph})
		case part != nil:
			all, part = append(all, part), nil
		}
		i = end
	}
	if part != nil {
		all = append(all, part)
	}
	return all
}

const (
	between = iota
	letter
	ideograph
)

// scripts whose words are not separated by spaces.
var scripts = []*unicode.RangeTable{unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Bopomofo}

func kindOf(r rune) int {
	switch {
	case common(r) || r >= 0x1100 && unicode.In(r, scripts...):
		return ideograph
	case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.M, r):
		return letter
	}
	return between
}

// longestWord bounds a term, in characters; longer runs of letters are cut.
const longestWord = 64

func (r run) terms() []string {
	if !r.ideographic {
		return []string{singular(string(r.runes[:min(len(r.runes), longestWord)]))}
	}
	terms := make([]string, 0, len(r.runes))
	for i := range len(r.runes) - 1 {
		terms = append(terms, string(r.runes[i:i+2]))
	}
	return append(terms, string(r.runes[len(r.runes)-1:]))
}

// singular takes the plural's ending off an English word, well enough for words
// and questions that both go through it: "lights" finds "light".
func singular(word string) string {
	stem, plural := strings.CutSuffix(word, "s")
	if !plural || len(stem) < 3 {
		return word
	}
	for _, end := range []string{"s", "u", "i"} { // glass, bus, analysis
		if strings.HasSuffix(stem, end) {
			return word
		}
	}
	for _, end := range []string{"sse", "xe", "she", "che"} { // glasses, boxes, bushes, benches
		if strings.HasSuffix(stem, end) {
			return stem[:len(stem)-1]
		}
	}
	if y, ok := strings.CutSuffix(stem, "ie"); ok && len(y) >= 3 { // companies
		return y + "y"
	}
	return stem
}

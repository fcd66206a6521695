package document

import (
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// glyph is one character as it is drawn.
type glyph struct {
	font    int // which of the fonts
	number  int // in what is used of it
	width   int // in thousandths of the size
	r       rune
	instead rune // what this and the glued ones after it stand for, where no font has it
	glued   bool // to the one before
}

// shaper knows which fonts there are and how each character is drawn.
type shaper struct {
	fonts []*subset
	known map[rune]glyph
}

func newShaper(fonts []*font) *shaper {
	s := &shaper{known: map[rune]glyph{}}
	for i, f := range fonts {
		s.fonts = append(s.fonts, newSubset(f, fmt.Sprintf("F%d", i)))
	}
	return s
}

// shape turns one paragraph into glyphs. What no font has stands as its code,
// [U+20BB7]: a rare name is told and not guessed.
func (s *shaper) shape(words string) []glyph {
	words = strings.ToValidUTF8(words, "\uFFFD")
	if strings.ContainsFunc(words, combines) {
		words = norm.NFC.String(words)
	}
	out := make([]glyph, 0, len(words)/2)
	for _, r := range words {
		switch {
		case unicode.IsSpace(r):
			r = ' '
		case unseen(r):
			continue
		}
		if g, ok := s.find(r); ok {
			out = append(out, g)
			continue
		}
		for i, c := range fmt.Sprintf("[U+%04X]", r) {
			g, _ := s.find(c)
			g.glued = i > 0
			if i == 0 {
				g.instead = r
			}
			out = append(out, g)
		}
	}
	return out
}

// find draws a character with the first font that has it.
func (s *shaper) find(r rune) (glyph, bool) {
	g, ok := s.known[r]
	if ok {
		return g, true
	}
	for i, f := range s.fonts {
		if n := f.glyph(r); n != 0 {
			g = glyph{font: i, number: f.use(r, n), width: f.advance(n), r: r}
			s.known[r] = g
			return g, true
		}
	}
	return glyph{}, false
}

// combines says whether a mark joins the letter before it: such text, as some
// systems name files, is composed first.
func combines(r rune) bool { return r >= 0x300 && r < 0x370 || r == 0x3099 || r == 0x309A }

// unseen are marks that choose a form or a direction and draw nothing.
func unseen(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Variation_Selector, r)
}

const (
	neverFirst = "、。，．：；？！）」』】》〉〕］｝”’…—・·％℃°,.:;?!)]}%ー々"
	neverLast  = "（「『【《〈〔［｛“‘([{"
)

// wide are characters between which a line may break anywhere.
func wide(r rune) bool { return r >= 0x2E80 }

// breaks says whether a line may end between two glyphs.
func breaks(a, b glyph) bool {
	switch {
	case b.glued, b.r == ' ', strings.ContainsRune(neverFirst, b.r), strings.ContainsRune(neverLast, a.r):
		return false
	case a.r == ' ', b.instead != 0:
		return true
	}
	return wide(a.r) || wide(b.r)
}

// fill breaks glyphs into lines of a width in thousandths of the size. A word
// longer than a line is cut.
func fill(glyphs []glyph, width int) (lines [][]glyph) {
	from, may, used := 0, 0, 0
	for i := 0; i < len(glyphs); i++ {
		if i > from && breaks(glyphs[i-1], glyphs[i]) {
			may = i
		}
		used += glyphs[i].width
		if used <= width || i == from || glyphs[i].r == ' ' {
			continue
		}
		cut := may
		if cut <= from {
			cut = i
		}
		lines = append(lines, trimmed(glyphs[from:cut]))
		from, may, used = cut, cut, 0
		i = cut - 1
	}
	return append(lines, trimmed(glyphs[from:]))
}

func trimmed(line []glyph) []glyph {
	for len(line) > 0 && line[len(line)-1].r == ' ' {
		line = line[:len(line)-1]
	}
	return line
}

func widthOf(line []glyph) (sum int) {
	for _, g := range line {
		sum += g.width
	}
	return sum
}

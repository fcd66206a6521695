package text

import (
	"strings"
	"unicode"
)

// Line is a single line that somebody typed (a title, a name, an address) fit to
// be stored and shown: line ends and tabs are a space, and the characters that
// would make it read as something else are gone, since nobody types them on
// purpose and whoever pasted them cannot see what to delete. Those are the
// control characters (category Cc) and the directional embeddings, overrides
// and isolates (U+202A–202E, U+2066–2069; Unicode TR 36, section 2.5), which turn
// words round within the page; the byte order mark goes too. Joiners and marks
// that scripts need stay. What is not UTF-8 becomes U+FFFD. White space at the
// ends is cut. It is idempotent.
func Line(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if strings.IndexFunc(s, deceives) >= 0 {
		s = strings.Map(func(r rune) rune {
			switch {
			case r == '\n', r == '\r', r == '\t', r == '\v', r == '\f', r == '\u0085', r == '\u2028', r == '\u2029':
				return ' '
			case deceives(r):
				return -1
			}
			return r
		}, strings.ReplaceAll(s, "\r\n", "\n"))
	}
	return strings.TrimSpace(s)
}

// Lines is Line for a text of several lines: tabs stay, and every kind of line
// end is \n.
func Lines(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if strings.IndexFunc(s, deceives) >= 0 {
		s = strings.Map(func(r rune) rune {
			switch {
			case r == '\n', r == '\t':
				return r
			case r == '\r', r == '\u0085', r == '\u2028', r == '\u2029':
				return '\n'
			case deceives(r):
				return -1
			}
			return r
		}, strings.ReplaceAll(s, "\r\n", "\n"))
	}
	return strings.TrimSpace(s)
}

// deceives says of a character that Line and Lines have to look at it.
func deceives(r rune) bool {
	switch {
	case r < 0x80:
		return r < 0x20 || r == 0x7F
	case r < 0x2028:
		return unicode.IsControl(r)
	}
	return r <= 0x202E || r >= 0x2066 && r <= 0x2069 || r == 0xFEFF
}

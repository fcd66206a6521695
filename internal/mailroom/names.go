package mailroom

import (
	"strings"
	"unicode/utf8"

	"minqing/internal/idcode"
	"minqing/internal/text"
)

// unnamed is a text without the numbers and addresses of people, and without the
// name of whoever wrote: mails end with all of them, and the text of a case lies
// in the clear. The whole is attached, encrypted.
func (l *letter) unnamed(s string) string {
	if name := l.From.Name; worthHiding(name) {
		s = strings.ReplaceAll(s, name, idcode.MaskName(name))
	}
	return text.MaskFree(s)
}

// worthHiding keeps short names, which are words too, from making holes in a text.
func worthHiding(name string) bool {
	if n := utf8.RuneCountInString(name); n < len(name) {
		return n >= 2
	}
	return len(name) >= 5
}

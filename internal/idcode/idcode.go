// Package idcode parses, checks and masks the codes by which people, firms and
// cases are known: case numbers and query codes, resident identity numbers of
// the mainland, Taiwan and Hong Kong, enterprise codes, phones and mail
// addresses. It is pure. Input is taken as people type it (lower case, full
// width, spaces and hyphens); what it returns is the one canonical form to
// store, encrypt and index.
package idcode

import "errors"

// Why a code was refused. Each parser wraps nothing else, so a caller picks its
// message by errors.Is.
var (
	ErrForm  = errors.New("idcode: wrong form")             // length or characters
	ErrCheck = errors.New("idcode: wrong check character")  // most likely a typing error
	ErrDate  = errors.New("idcode: impossible date inside") // does not exist, or lies in the future
	ErrEnded = errors.New("idcode: no longer valid")        // a kind of number that was withdrawn
)

// upper folds full-width ASCII to half width, lower case to upper, and drops
// spaces and hyphens of any kind. Other characters stay and make parsers fail.
// Input longer than any code comes back empty.
func upper(s string) string {
	if len(s) > 256 {
		return ""
	}
	out := make([]rune, 0, len(s))
	for _, r := range s {
		r = narrow(r)
		switch {
		case r == ' ' || r == '\t' || r == '-' || isHyphen(r):
		case 'a' <= r && r <= 'z':
			out = append(out, r-'a'+'A')
		default:
			out = append(out, r)
		}
	}
	return string(out)
}

// narrow turns a full-width ASCII character or ideographic space into the plain
// one.
func narrow(r rune) rune {
	switch {
	case r >= 0xFF01 && r <= 0xFF5E:
		return r - 0xFEE0
	case r == 0x3000 || r == 0x00A0:
		return ' '
	}
	return r
}

func isHyphen(r rune) bool { return r >= 0x2010 && r <= 0x2015 || r == 0x2212 }

func digit(b byte) bool  { return '0' <= b && b <= '9' }
func letter(b byte) bool { return 'A' <= b && b <= 'Z' }

func allDigits(s string) bool {
	for i := range len(s) {
		if !digit(s[i]) {
			return false
		}
	}
	return s != ""
}

// alnum is the value of a digit or capital letter, A being 10; -1 for others.
func alnum(b byte) int {
	switch {
	case digit(b):
		return int(b - '0')
	case letter(b):
		return int(b-'A') + 10
	}
	return -1
}

package idcode

import "strings"

// ParseHKID reads a Hong Kong identity card number, with or without brackets
// around the check character, and returns the form A123456(3).
func ParseHKID(s string) (string, error) {
	n := upper(s)
	if open := strings.IndexByte(n, '('); open >= 0 {
		if !strings.HasSuffix(n, ")") || len(n)-open != 3 {
			return "", ErrForm
		}
		n = n[:open] + n[open+1:open+2]
	}
	if len(n) != 8 && len(n) != 9 {
		return "", ErrForm
	}
	head, body, check := n[:len(n)-7], n[len(n)-7:len(n)-1], n[len(n)-1]
	for i := range len(head) {
		if !letter(head[i]) {
			return "", ErrForm
		}
	}
	if !allDigits(body) || !digit(check) && check != 'A' {
		return "", ErrForm
	}
	sum := 9 * 36 // a missing first letter counts as a space
	if len(head) == 2 {
		sum = 9 * alnum(head[0])
	}
	sum += 8 * alnum(head[len(head)-1])
	for i := range len(body) {
		sum += (7 - i) * int(body[i]-'0')
	}
	if "0123456789A"[(11-sum%11)%11] != check {
		return "", ErrCheck
	}
	return head + body + "(" + string(check) + ")", nil
}

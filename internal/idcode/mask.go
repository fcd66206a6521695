package idcode

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Masks show enough to recognise what one already knows, and no more. All count
// characters, not bytes; an empty value stays empty; what is not understood is
// hidden whole. Enterprise names and codes are public and are not masked.

// hidden stands for a value of which nothing may be shown.
const hidden = "***"

// MaskName hides most of a personal name inside the administration: 張*, 張*明,
// 歐陽** from four characters, and J*** for a name in Latin letters.
func MaskName(name string) string {
	runes := compact(name)
	switch {
	case len(runes) == 0:
		return ""
	case !ideographic(runes[0]):
		return string(unicode.ToUpper(runes[0])) + hidden
	case len(runes) == 1:
		return "*"
	case len(runes) == 2:
		return string(runes[0]) + "*"
	case len(runes) == 3:
		return string(runes[0]) + "*" + string(runes[2])
	}
	return string(runes[:2]) + "**"
}

// MaskNamePublic hides all but the first character, for public pages: 張**.
func MaskNamePublic(name string) string {
	runes := compact(name)
	switch {
	case len(runes) == 0:
		return ""
	case !ideographic(runes[0]):
		return string(unicode.ToUpper(runes[0])) + hidden
	case len(runes) == 1:
		return "**"
	}
	return string(runes[0]) + "**"
}

func ideographic(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hangul, unicode.Hiragana, unicode.Katakana)
}

// compact is the characters of a value without spaces and control characters.
func compact(s string) []rune {
	return []rune(strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.IsControl(r) {
			return -1
		}
		return r
	}, s))
}

// MaskPhone hides the middle of a mobile number (138****5678, Taiwan
// 09**-***-678, Hong Kong and Macao 91****34) and the last four digits of a
// fixed one. It takes E.164 or, for the mainland, the number as dialled.
func MaskPhone(phone string) string {
	if phone == "" {
		return ""
	}
	p, err := ParsePhone(phone, "CN")
	if err != nil {
		return hidden
	}
	n := p.National
	switch {
	case p.Region == "":
		return n[:3] + strings.Repeat("*", len(n)-5) + n[len(n)-2:]
	case !p.Mobile:
		return n[:len(n)-4] + "****"
	case p.Region == "CN":
		return n[:3] + "****" + n[len(n)-4:]
	case p.Region == "TW":
		return n[:2] + "**-***-" + n[len(n)-3:]
	}
	return n[:2] + "****" + n[len(n)-2:]
}

// MaskEmail keeps the first letter and the domain: z***@x.cn.
func MaskEmail(mail string) string {
	if mail == "" {
		return ""
	}
	local, domain, ok := strings.Cut(mail, "@")
	if !ok || domain == "" {
		return hidden
	}
	if utf8.RuneCountInString(local) < 2 {
		return hidden + "@" + domain
	}
	first, _ := utf8.DecodeRuneInString(local)
	return string(first) + hidden + "@" + domain
}

// MaskID hides most of an identity number, told apart by form: mainland
// 110***********002X, Taiwan A1*****789, Hong Kong A1*****(*); of any other
// document the first and last character stay. Public pages show nothing at all.
func MaskID(id string) string {
	n := upper(id)
	switch {
	case id == "":
		return ""
	case len(n) == 18 && allDigits(n[:17]):
		return keep(n, 3, 4)
	case len(n) == 15 && allDigits(n):
		return keep(n, 3, 3)
	case len(n) == 10 && letter(n[0]) && allDigits(n[2:]):
		return keep(n, 2, 3)
	}
	if hk, err := ParseHKID(n); err == nil {
		at := strings.IndexByte(hk, '(')
		return hk[:at-5] + "*****(*)"
	}
	if utf8.RuneCountInString(n) < 6 {
		return hidden
	}
	return keep(n, 1, 1)
}

// MaskBank keeps the last four digits.
func MaskBank(account string) string {
	n := upper(account)
	switch {
	case account == "":
		return ""
	case utf8.RuneCountInString(n) < 8:
		return hidden
	}
	return keep(n, 0, 4)
}

// MaskPlate keeps the first two characters and the last of a vehicle plate.
func MaskPlate(plate string) string {
	n := upper(plate)
	switch {
	case plate == "":
		return ""
	case utf8.RuneCountInString(n) < 5:
		return hidden
	}
	return keep(n, 2, 1)
}

// keep hides all but the first and last characters, one star each. The value
// must be longer than both together.
func keep(s string, first, last int) string {
	runes := []rune(s)
	stars := strings.Repeat("*", len(runes)-first-last)
	return string(runes[:first]) + stars + string(runes[len(runes)-last:])
}

package idcode

import (
	"strings"
	"time"
)

// PRCID is what a mainland resident identity number says (GB 11643), also in
// the forms issued to residents from Hong Kong, Macao, Taiwan and abroad.
type PRCID struct {
	Number string    // 18 characters
	Area   string    // six digits of GB/T 2260; retired codes are normal
	Born   time.Time // midnight UTC of the birth date
	Male   bool
	// AreaKnown is false when the province does not exist: worth a warning,
	// never a refusal.
	AreaKnown bool
}

var prcWeights = [17]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}

// prcCheck is ISO 7064 MOD 11-2 over the first 17 digits.
func prcCheck(first17 string) byte {
	sum := 0
	for i, w := range prcWeights {
		sum += w * int(first17[i]-'0')
	}
	return "10X98765432"[sum%11]
}

// provinces are the first two digits of area codes; 9 begins permanent
// residence cards of foreigners.
const provinces = " 11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83 "

// ParsePRCID reads an 18-character number, or the old one of 15 digits, which
// it completes. The birth date must exist and not lie after today, a local date
// of which only year, month and day count.
func ParsePRCID(s string, today time.Time) (PRCID, error) {
	n := upper(s)
	if len(n) == 15 && allDigits(n) {
		n = n[:6] + "19" + n[6:]
		n += string(prcCheck(n))
	}
	if len(n) != 18 || !allDigits(n[:17]) || !digit(n[17]) && n[17] != 'X' {
		return PRCID{}, ErrForm
	}
	born, err := time.Parse("20060102", n[6:14])
	y, m, d := today.Date()
	if err != nil || born.Year() < 1850 || born.After(time.Date(y, m, d, 0, 0, 0, 0, time.UTC)) {
		return PRCID{}, ErrDate
	}
	if prcCheck(n) != n[17] {
		return PRCID{}, ErrCheck
	}
	return PRCID{
		Number: n, Area: n[:6], Born: born, Male: (n[16]-'0')%2 == 1,
		AreaKnown: n[0] == '9' || strings.Contains(provinces, " "+n[:2]+" "),
	}, nil
}

// PRCIDFrom completes 17 digits by their check character, for numbers that are
// invented.
func PRCIDFrom(first17 string) string { return first17 + string(prcCheck(first17)) }

// USCCFrom completes 17 characters of a unified code, likewise.
func USCCFrom(first17 string) string {
	sum, weight := 0, 1
	for i := range len(first17) {
		sum += strings.IndexByte(usccAlphabet, first17[i]) * weight
		weight = weight * 3 % 31
	}
	return first17 + string(usccAlphabet[(31-sum%31)%31])
}

// USCC is what a unified social credit code says (GB 32100-2015).
type USCC struct {
	Code      string // 18 characters
	Authority byte   // registering authority: '1' staffing office, '5' civil affairs, '9' market regulation, 'Y' other, and later letters
	Area      string // six digits
	Subject   string // nine characters of GB 11714
}

// usccAlphabet leaves out I, O, S, V and Z.
const usccAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"

// ParseUSCC reads a unified social credit code. Only positions 3 to 8 must be
// digits: authorities may be letters.
func ParseUSCC(s string) (USCC, error) {
	code := upper(s)
	if len(code) != 18 || !allDigits(code[2:8]) {
		return USCC{}, ErrForm
	}
	sum, weight := 0, 1
	for i := range len(code) {
		v := strings.IndexByte(usccAlphabet, code[i])
		if v < 0 {
			return USCC{}, ErrForm
		}
		if i < 17 {
			sum += v * weight
			weight = weight * 3 % 31
		}
	}
	if usccAlphabet[(31-sum%31)%31] != code[17] {
		return USCC{}, ErrCheck
	}
	return USCC{Code: code, Authority: code[0], Area: code[2:8], Subject: code[8:17]}, nil
}

// ValidSubjectCode checks the nine characters of an organisation code
// (GB 11714), which is also positions 9 to 17 of a unified code.
func ValidSubjectCode(s string) bool {
	code := upper(s)
	if len(code) != 9 {
		return false
	}
	sum := 0
	for i, w := range [8]int{3, 7, 9, 10, 5, 8, 4, 2} {
		v := alnum(code[i])
		if v < 0 {
			return false
		}
		sum += v * w
	}
	return "0X987654321"[sum%11] == code[8]
}

package idcode

import "time"

// ParseUBN reads a Taiwan unified business number of 8 digits. Since 2023-04-01
// the weighted digit sum must divide by 5; numbers under the older rule of 10
// pass it too. One wrong number in five passes as well, so confirm the name.
func ParseUBN(s string) (string, error) {
	n := upper(s)
	if len(n) != 8 || !allDigits(n) {
		return "", ErrForm
	}
	sum := 0
	for i, w := range [8]int{1, 2, 1, 2, 1, 2, 4, 1} {
		p := w * int(n[i]-'0')
		sum += p/10 + p%10
	}
	if sum%5 == 0 || n[6] == '7' && (sum+1)%5 == 0 {
		return n, nil
	}
	return "", ErrCheck
}

// TWKind tells Taiwan's personal numbers apart.
type TWKind string

const (
	TWNational    TWKind = "national"     // citizens
	TWResident    TWKind = "resident"     // since 2021: letter, 8 or 9, eight digits
	TWOldResident TWKind = "old_resident" // two letters, eight digits; ends with 2030
)

// TWID is what a Taiwan personal number says.
type TWID struct {
	Number string // 10 characters
	Kind   TWKind
	Male   bool
}

// twLetters are the letters in the order of their values, from 10 upwards.
const twLetters = "ABCDEFGHJKLMNPQRSTUVXYWZIO"

func twValue(b byte) int {
	for i := range len(twLetters) {
		if twLetters[i] == b {
			return i + 10
		}
	}
	return -1
}

// ParseTWID reads a national or resident number. The old resident form is
// refused with ErrEnded when today is 2031-01-01 or later.
func ParseTWID(s string, today time.Time) (TWID, error) {
	n := upper(s)
	if len(n) != 10 || !letter(n[0]) || !allDigits(n[2:]) {
		return TWID{}, ErrForm
	}
	id := TWID{Number: n}
	second := int(n[1]) - '0'
	switch n[1] {
	case '1', '2':
		id.Kind, id.Male = TWNational, n[1] == '1'
	case '8', '9':
		id.Kind, id.Male = TWResident, n[1] == '8'
	case 'A', 'B', 'C', 'D':
		id.Kind, id.Male = TWOldResident, n[1] == 'A' || n[1] == 'C'
		second = twValue(n[1]) % 10
	default:
		return TWID{}, ErrForm
	}
	first := twValue(n[0])
	sum := first/10 + first%10*9 + second*8
	for i := 2; i < 9; i++ {
		sum += int(n[i]-'0') * (9 - i)
	}
	if (10-sum%10)%10 != int(n[9]-'0') {
		return TWID{}, ErrCheck
	}
	if id.Kind == TWOldResident && today.Year() >= 2031 {
		return TWID{}, ErrEnded
	}
	return id, nil
}

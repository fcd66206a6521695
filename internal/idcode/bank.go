package idcode

// ParseBankCard reads a card or account number of 13 to 19 digits with a valid
// Luhn digit.
func ParseBankCard(s string) (string, error) {
	n := upper(s)
	if len(n) < 13 || len(n) > 19 || !allDigits(n) {
		return "", ErrForm
	}
	sum := 0
	for i := range len(n) {
		v := int(n[len(n)-1-i] - '0')
		if i%2 == 1 {
			v *= 2
			v = v/10 + v%10
		}
		sum += v
	}
	if sum%10 != 0 {
		return "", ErrCheck
	}
	return n, nil
}

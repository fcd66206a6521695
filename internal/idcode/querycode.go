package idcode

import "strings"

// crockford is the alphabet of query codes: no I, L, O, U.
const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// NormaliseQueryCode is the canonical form of a query code as typed: capitals,
// no separators, I and L read as 1, O as 0. It must have 10 to 32 characters of
// Crockford's base 32.
func NormaliseQueryCode(s string) (string, error) {
	code := strings.NewReplacer("I", "1", "L", "1", "O", "0", ".", "", "_", "").Replace(upper(s))
	if len(code) < 10 || len(code) > 32 {
		return "", ErrForm
	}
	for i := range len(code) {
		if strings.IndexByte(crockford, code[i]) < 0 {
			return "", ErrForm
		}
	}
	return code, nil
}

// FormatQueryCode groups a canonical query code by five for people: ABCDE-FGHJK.
func FormatQueryCode(code string) string {
	var b strings.Builder
	for i := range len(code) {
		if i > 0 && i%5 == 0 {
			b.WriteByte('-')
		}
		b.WriteByte(code[i])
	}
	return b.String()
}

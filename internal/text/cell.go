package text

import "strings"

// Cell keeps a spreadsheet from taking a text of a CSV file for a formula
// (OWASP, CSV injection).
func Cell(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r\n", rune(s[0])) {
		return "'" + s
	}
	return s
}

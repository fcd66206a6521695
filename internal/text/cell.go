package text

import "strings"

// Cell keeps a spreadsheet from taking a text of a CSV file for a formula
// (OWASP, CSV injection); some take the full-width signs for the same.
func Cell(s string) string {
	if strings.ContainsRune("=+-@\t\r\n＝＋－＠", first(s)) {
		return "'" + s
	}
	return s
}

func first(s string) rune {
	for _, r := range s {
		return r
	}
	return 0
}

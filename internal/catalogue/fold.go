package catalogue

import (
	"strings"

	"golang.org/x/text/unicode/norm"
)

// fold makes texts comparable: one width, one case.
func fold(s string) string {
	return strings.ToLower(norm.NFKC.String(s))
}

package catalogue

import (
	"strings"

	"golang.org/x/text/unicode/norm"

	"minqing/internal/text"
)

// fold makes texts comparable: one width, one case, traditional and simplified
// characters alike.
func fold(s string) string {
	return text.Fold(strings.ToLower(norm.NFKC.String(s)))
}

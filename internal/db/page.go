package db

import (
	"encoding/base64"
	"strings"

	"minqing/internal/fault"
)

// EncodeCursor packs the sort keys of the last row of a page. It is opaque to
// callers but no secret: the rows that follow are still narrowed by scope.
func EncodeCursor(parts ...string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(strings.Join(parts, "\x1f")))
}

// DecodeCursor unpacks a cursor of n parts; the empty cursor gives nil, a
// mangled one is Invalid input of the field "cursor".
func DecodeCursor(s string, n int) ([]string, error) {
	if s == "" {
		return nil, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(s)
	parts := strings.Split(string(raw), "\x1f")
	if err != nil || len(parts) != n {
		return nil, fault.InvalidInput(fault.Field{Name: "cursor", Key: "fault.cursor"})
	}
	return parts, nil
}

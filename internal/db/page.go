package db

import (
	"encoding/base64"
	"encoding/binary"
	"strings"
	"unicode/utf8"

	"minqing/internal/fault"
)

// EncodeCursor packs the sort keys of the last row of a page, each with its
// length before it. It is opaque to callers but no secret: the rows that follow
// are still narrowed by scope.
func EncodeCursor(parts ...string) string {
	var raw []byte
	for _, p := range parts {
		raw = binary.AppendUvarint(raw, uint64(len(p)))
		raw = append(raw, p...)
	}
	return base64.RawURLEncoding.EncodeToString(raw)
}

// DecodeCursor unpacks a cursor of n parts; the empty cursor gives nil, a
// mangled one is Invalid input of the field "cursor". What a part must look
// like is the caller's to check: people can write any text into a cursor.
func DecodeCursor(s string, n int) ([]string, error) {
	if s == "" {
		return nil, nil
	}
	mangled := fault.InvalidInput(fault.Field{Name: "cursor", Key: "fault.cursor"})
	raw, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return nil, mangled
	}
	var parts []string
	for len(raw) > 0 && len(parts) < n {
		size, used := binary.Uvarint(raw)
		if used <= 0 || size > uint64(len(raw)-used) {
			return nil, mangled
		}
		end := used + int(size)
		part := string(raw[used:end])
		if !utf8.ValidString(part) || strings.ContainsRune(part, 0) { // PostgreSQL takes neither
			return nil, mangled
		}
		parts, raw = append(parts, part), raw[end:]
	}
	if len(raw) > 0 || len(parts) != n {
		return nil, mangled
	}
	return parts, nil
}

// Below is the condition on an id column, and its values, by which a list that is sorted
// by it, the largest first, goes on after a cursor that NextOf gave; true for the empty
// cursor. A mangled one is Invalid input of the field "cursor".
func Below(column, cursor string) (sql string, args []any, err error) {
	parts, err := DecodeCursor(cursor, 1)
	if err != nil || parts == nil {
		return "1 = 1", nil, err
	}
	if !IsID(parts[0]) {
		return "", nil, fault.InvalidInput(fault.Field{Name: "cursor", Key: "fault.cursor"})
	}
	return column + " < ?", []any{parts[0]}, nil
}

// NextOf leaves of rows that were read by Below, one more than a page has, what the page
// has, and gives the cursor of the next one; empty where there is none.
func NextOf[T any](rows []T, page int, id func(*T) string) (list []T, next string) {
	if len(rows) <= page {
		return rows, ""
	}
	return rows[:page], EncodeCursor(id(&rows[page-1]))
}

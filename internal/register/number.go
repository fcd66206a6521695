package register

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/idcode"
)

// mark ends the prefix of a permit's number, so that nobody takes it for that of
// a case: LJP202600000129.
const mark = 'P'

// PermitPrefix is the prefix of permits beside that of cases.
func PermitPrefix(ofCases string) string {
	if len(ofCases) > 3 {
		ofCases = ofCases[:3]
	}
	return ofCases + string(mark)
}

// ParseNumber reads a permit number as people copy it, and gives its canonical
// form: with the check character, case, spaces and look-alikes mended.
func ParseNumber(typed string) (string, error) {
	n, err := idcode.ParseCaseNumber(typed)
	if err != nil {
		return "", err
	}
	if n.Prefix[len(n.Prefix)-1] != mark {
		return "", errOfCase
	}
	return n.String(), nil
}

var errOfCase = fmt.Errorf("%w: the number of a case, not of a permit", idcode.ErrForm)

// ReadNumber reads what somebody typed or scanned: a number as people copy it, or
// the whole address out of a QR code. What is wrong is said of the field "number".
func ReadNumber(typed string) (string, error) {
	if at := strings.LastIndex(typed, verifyPath); at >= 0 {
		typed, _, _ = strings.Cut(typed[at+len(verifyPath):], "?")
	}
	typed = strings.TrimSpace(typed)
	no, err := ParseNumber(typed)
	key := "form"
	switch {
	case err == nil:
		return no, nil
	case typed == "":
		key = "required"
	case errors.Is(err, idcode.ErrCheck):
		key = "check"
	case errors.Is(err, errOfCase):
		key = "case"
	}
	return "", fault.InvalidInput(fault.Field{Name: "number", Key: "verify.number." + key})
}

// nextNumber takes the next number of a year. Gaps are allowed, repetition is not.
func (s *Service) nextNumber(ctx context.Context, year int) (string, error) {
	first, err := s.reserve(ctx, 1)
	if err != nil {
		return "", err
	}
	n, err := idcode.NewCaseNumber(PermitPrefix(s.Prefix), year, first)
	return n.String(), err
}

// reserve takes numbers from the sequence and gives the first.
func (s *Service) reserve(ctx context.Context, n int64) (int64, error) {
	var last int64
	err := s.DB.From(ctx).Raw("UPDATE sequences SET last = last + ? WHERE name = 'permit_no' RETURNING last", n).Scan(&last).Error
	if err != nil {
		return 0, fmt.Errorf("take numbers of permits: %w", db.Fault(err, "", ""))
	}
	return last - n + 1, nil
}

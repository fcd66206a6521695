package idcode

import (
	"fmt"
	"strconv"
	"strings"
)

// CaseNumber is the number that people read out, such as LJ20260000123N:
// prefix, year of receipt, a sequence of at least 7 digits that never restarts,
// and a check character.
type CaseNumber struct {
	Prefix string // 2 to 4 capital letters
	Year   int    // 2000 to 2199
	Seq    int64  // from a database sequence, at least 1
}

const maxSeq = 999_999_999_999

// NewCaseNumber makes a case number; wrong parts are an error of the caller.
func NewCaseNumber(prefix string, year int, seq int64) (CaseNumber, error) {
	n := CaseNumber{Prefix: prefix, Year: year, Seq: seq}
	if !n.valid() {
		return CaseNumber{}, fmt.Errorf("%w: case number from prefix %q, year %d, sequence %d", ErrForm, prefix, year, seq)
	}
	return n, nil
}

func (n CaseNumber) valid() bool {
	for i := range len(n.Prefix) {
		if !letter(n.Prefix[i]) {
			return false
		}
	}
	return len(n.Prefix) >= 2 && len(n.Prefix) <= 4 && n.Year >= 2000 && n.Year <= 2199 && n.Seq >= 1 && n.Seq <= maxSeq
}

func (n CaseNumber) body() string { return fmt.Sprintf("%s%04d%07d", n.Prefix, n.Year, n.Seq) }

// String is the canonical form with its check character.
func (n CaseNumber) String() string {
	body := n.body()
	return body + string(mod37(body))
}

// mod37 is the check character of ISO 7064 MOD 37,36 over digits and capitals.
func mod37(body string) byte {
	p := 36
	for i := range len(body) {
		s := (p + alnum(body[i])) % 36
		if s == 0 {
			s = 36
		}
		p = 2 * s % 37
	}
	return "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[(37-p)%36]
}

// ParseCaseNumber reads a case number as people copy it: any case, full width,
// spaces and hyphens, O for 0 and I or L for 1 among the digits, 0 and 1 for
// letters in the prefix. The check character decides; as last character twins
// count as equal, so a number that ends in one of 0 O 1 I L notices a few slips
// less.
func ParseCaseNumber(s string) (CaseNumber, error) {
	code := upper(s)
	at := strings.IndexByte(code, '2') // the year begins with 2, the prefix has no digit but 0 and 1
	if at < 2 || at > 4 || len(code) < at+4+7+1 {
		return CaseNumber{}, ErrForm
	}
	digits := lookalikes.Replace(code[at : len(code)-1])
	if !allDigits(digits) || len(digits) > 4+12 || len(digits) > 4+7 && digits[4] == '0' {
		return CaseNumber{}, ErrForm
	}
	year, _ := strconv.Atoi(digits[:4])
	seq, err := strconv.ParseInt(digits[4:], 10, 64)
	if err != nil {
		return CaseNumber{}, ErrForm
	}
	failure := ErrForm
	for _, prefix := range letters(code[:at]) {
		n := CaseNumber{Prefix: prefix, Year: year, Seq: seq}
		if !n.valid() {
			continue
		}
		if sameLook(mod37(n.body()), code[len(code)-1]) {
			return n, nil
		}
		failure = ErrCheck
	}
	return CaseNumber{}, failure
}

// lookalikes are letters that are read for digits.
var lookalikes = strings.NewReplacer("O", "0", "I", "1", "L", "1")

// CaseNumbersEnding lists the numbers that end as somebody typed, of one prefix
// and the years of receipt from first to last: the sequence number, with its
// zeros and the year before it or without, and the check character. Hardly ever
// are there two. Fewer than two digits name nothing.
func CaseNumbersEnding(prefix, typed string, first, last int) []string {
	code := upper(typed)
	if len(code) < 3 || len(code) > 4+12+1 {
		return nil
	}
	digits, check := lookalikes.Replace(code[:len(code)-1]), code[len(code)-1]
	if !allDigits(digits) {
		return nil
	}
	var found []string
	for year := first; year <= last; year++ {
		for _, rest := range []string{digits, strings.TrimPrefix(digits, strconv.Itoa(year))} {
			seq, err := strconv.ParseInt(rest, 10, 64)
			n := CaseNumber{Prefix: prefix, Year: year, Seq: seq}
			if err == nil && n.valid() && strings.HasSuffix(n.body(), digits) && sameLook(mod37(n.body()), check) {
				if one := n.String(); len(found) == 0 || found[len(found)-1] != one {
					found = append(found, one)
				}
			}
		}
	}
	return found
}

// letters lists what a prefix can have meant: 0 is O, 1 is I or L. At most one
// of them passes the check if one character was misread.
func letters(s string) []string {
	s = strings.ReplaceAll(s, "0", "O")
	if !strings.Contains(s, "1") {
		return []string{s}
	}
	return []string{strings.ReplaceAll(s, "1", "I"), strings.ReplaceAll(s, "1", "L")}
}

// sameLook reports whether the typed character is the wanted one or its twin.
func sameLook(want, typed byte) bool { return twin(want) == twin(typed) }

func twin(b byte) byte {
	switch b {
	case 'O':
		return '0'
	case 'I', 'L':
		return '1'
	}
	return b
}

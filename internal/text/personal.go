package text

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"minqing/internal/idcode"
)

// PersonalKind is a kind of personal value that can be told by its form.
type PersonalKind string

const (
	Phone    PersonalKind = "phone"
	Email    PersonalKind = "email"
	Identity PersonalKind = "id"
	Plate    PersonalKind = "plate"
	Bank     PersonalKind = "bank"
)

// Personal is a personal value found in a text, by byte offsets.
type Personal struct {
	From, To int
	Kind     PersonalKind
	Mask     string // what may be shown in its place
}

var (
	mailForm = regexp.MustCompile(`[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+`)
	// groups of digits, as phones, identity and card numbers are written
	digitsForm = regexp.MustCompile(`\+?\(?[0-9]+(?:[ ()-]{1,2}[0-9]+)*[Xx]?`)
	letterForm = regexp.MustCompile(`[A-Za-z]{1,2}[0-9]{6,9}(?:\([0-9Aa]\))?`)
	plateForm  = regexp.MustCompile(`[A-Z][\x01.-]?[A-Z0-9]{5,6}`)
)

// plateHeads are the provinces that begin a mainland plate, in both scripts.
const plateHeads = "京津沪滬渝冀豫云雲辽遼黑湘皖鲁魯新苏蘇浙赣贛鄂桂甘晋晉蒙陕陝吉闽閩贵貴粤粵青藏川宁寧琼瓊"

// flatten gives one byte per character: ASCII, full width folded to it, \x01 for
// a middle dot and \x00 for the rest; at[i] is the byte offset of character i.
func flatten(s string) (flat []byte, at []int) {
	n := utf8.RuneCountInString(s)
	flat, at = make([]byte, 0, n), make([]int, 0, n+1)
	for i, r := range s {
		switch {
		case r >= 0xFF01 && r <= 0xFF5E:
			r -= 0xFEE0
		case r >= 0x2010 && r <= 0x2015:
			r = '-'
		case r == 0x3000 || r == 0xA0:
			r = ' '
		case r == '·' || r == '・' || r == '•':
			r = 1
		}
		if r >= utf8.RuneSelf {
			r = 0
		}
		flat, at = append(flat, byte(r)), append(at, i)
	}
	return flat, append(at, len(s))
}

// mayHold looks whether a text can hold a personal value at all: a mail has an @,
// a plate a capital and a digit, a number of any other kind six digits. Most
// titles have a house number, and are done with here.
func mayHold(s string) bool {
	digits, capital := 0, false
	for _, r := range s {
		switch {
		case '0' <= r && r <= '9', '０' <= r && r <= '９':
			digits++
		case 'A' <= r && r <= 'Z', 'Ａ' <= r && r <= 'Ｚ':
			capital = true
		case r == '@', r == '＠':
			return true
		default:
			continue
		}
		if digits >= 6 || capital && digits > 0 {
			return true
		}
	}
	return false
}

// Find lists the personal values of a text in order, without overlap: mails,
// phones that a numbering plan allows, identity numbers and card numbers whose
// check digit is right, vehicle plates. Names cannot be told by form.
func Find(s string) []Personal {
	if !mayHold(s) {
		return nil
	}
	flat, at := flatten(s)
	var out []Personal
	taken := make([]bool, len(flat))
	add := func(from, to int, kind PersonalKind, mask string) {
		for i := from; i < to; i++ {
			if taken[i] {
				return
			}
		}
		for i := from; i < to; i++ {
			taken[i] = true
		}
		out = append(out, Personal{From: at[from], To: at[to], Kind: kind, Mask: mask})
	}
	has := holds(flat)
	for _, m := range has.all(mailForm, has.at) {
		if mail, err := idcode.NormaliseEmail(strings.TrimRight(string(flat[m[0]:m[1]]), "-.")); err == nil {
			add(m[0], m[0]+len(mail), Email, idcode.MaskEmail(mail))
		}
	}
	for _, m := range has.all(letterForm, has.letters && has.run >= 6) {
		value := string(flat[m[0]:m[1]])
		if alone(flat, m[0], m[1]) && letterNumber(value) {
			add(m[0], m[1], Identity, idcode.MaskID(value))
		}
	}
	for _, m := range has.all(digitsForm, has.digits >= 8) {
		numbers(flat, m[0], m[1], add)
	}
	for _, m := range has.all(plateForm, has.capitals && has.digits > 0 && strings.ContainsAny(s, plateHeads)) {
		if m[0] > 0 && strings.Contains(plateHeads, s[at[m[0]-1]:at[m[0]]]) && alone(flat, m[0], m[1]) {
			add(m[0]-1, m[1], Plate, idcode.MaskPlate(s[at[m[0]-1]:at[m[1]]]))
		}
	}
	slices.SortFunc(out, func(a, b Personal) int { return a.From - b.From })
	return out
}

// held tells what a text has at all: most have a house number or two, and no
// form needs to be looked for.
type held struct {
	flat              []byte
	at                bool // an @
	letters, capitals bool
	digits, run       int // how many, and how many in a row at most
}

func holds(flat []byte) held {
	h := held{flat: flat}
	row := 0
	for _, b := range flat {
		switch {
		case '0' <= b && b <= '9':
			row++
			h.digits, h.run = h.digits+1, max(h.run, row)
			continue
		case b == '@':
			h.at = true
		case 'A' <= b && b <= 'Z':
			h.letters, h.capitals = true, true
		case 'a' <= b && b <= 'z':
			h.letters = true
		}
		row = 0
	}
	return h
}

// all finds a form where it can be at all.
func (h held) all(form *regexp.Regexp, possible bool) [][]int {
	if !possible {
		return nil
	}
	return form.FindAllIndex(h.flat, -1)
}

// alone reports whether no letter or digit touches the stretch, so that parts of
// case numbers and codes are left in peace.
func alone(flat []byte, from, to int) bool {
	return (from == 0 || !asciiWord(flat[from-1])) && (to == len(flat) || !asciiWord(flat[to]))
}

func asciiWord(b byte) bool {
	return '0' <= b && b <= '9' || 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z'
}

// anyDay is late enough that no birth date lies after it, early enough that old
// resident numbers still pass: a number in a text is hidden even if it expired.
var anyDay = time.Date(2030, 12, 31, 0, 0, 0, 0, time.UTC)

func letterNumber(s string) bool {
	_, tw := idcode.ParseTWID(s, anyDay)
	_, hk := idcode.ParseHKID(s)
	return tw == nil || hk == nil
}

// numbers looks for values in a stretch of groups of digits: from each group on
// the longest run of whole groups that is one.
func numbers(flat []byte, from, to int, add func(from, to int, kind PersonalKind, mask string)) {
	for i := from; i < to; i++ {
		if flat[i] == ' ' || flat[i] == '-' || flat[i] == ')' || i > 0 && asciiWord(flat[i-1]) {
			continue
		}
		if end, kind, mask := longest(flat, i, to); end > 0 {
			add(i, end, kind, mask)
			i = end - 1
		}
	}
}

// longest tries at most five groups of digits that begin at i, most first.
func longest(flat []byte, i, to int) (int, PersonalKind, string) {
	var ends [5]int
	groups, digits, need := 0, 0, 8
	if b := flat[i]; '1' <= b && b <= '9' { // no trunk 0 and no +: a mobile or longer number
		need = 11
	}
	for at := i; at < to && groups < len(ends) && digits <= 20; at++ {
		b := flat[at]
		if b < '0' || b > '9' {
			continue
		}
		digits++
		next := at + 1
		if next < to && (flat[next] == 'x' || flat[next] == 'X') {
			next++
		}
		if digits >= need && (next == len(flat) || !asciiWord(flat[next])) {
			ends[groups] = next
		}
		if at+1 == to || flat[at+1] < '0' || flat[at+1] > '9' {
			groups++
		}
	}
	for g := len(ends) - 1; g >= 0; g-- {
		if ends[g] == 0 {
			continue
		}
		if kind, mask, ok := classify(string(flat[i:ends[g]])); ok {
			return ends[g], kind, mask
		}
	}
	return 0, "", ""
}

// classify says what a number is. Shorter identity numbers, which have no check
// digit, must be written in one piece.
func classify(s string) (PersonalKind, string, bool) {
	if strings.Count(s, "(") != strings.Count(s, ")") {
		return "", "", false
	}
	if id, err := idcode.ParsePRCID(s, anyDay); err == nil && (len(s) == 15 || len(s) >= 18) {
		return Identity, idcode.MaskID(id.Number), true
	}
	for _, region := range []string{"CN", "TW"} {
		if p, err := idcode.ParsePhone(s, region); err == nil && p.Region != "" {
			return Phone, idcode.MaskPhone(p.E164), true
		}
	}
	if card, err := idcode.ParseBankCard(s); err == nil && len(card) >= 16 {
		return Bank, idcode.MaskBank(card), true
	}
	return "", "", false
}

// MaskFree is the text with every personal value that Find finds replaced by
// its mask, for display. The rest is left as it was written.
func MaskFree(s string) string {
	found := Find(s)
	if len(found) == 0 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	last := 0
	for _, p := range found {
		b.WriteString(s[last:p.From])
		b.WriteString(p.Mask)
		last = p.To
	}
	b.WriteString(s[last:])
	return b.String()
}

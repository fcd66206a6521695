package files

import (
	"bytes"
	"strconv"
)

// The syntax of PDF (ISO 32000-2, 7.2 and 7.3), as far as dictionaries are found by
// it.

type pdfRef struct{ num, gen int }

type pdfKind int

const (
	pdfOther pdfKind = iota // a number or a word
	pdfText
	pdfName
	pdfReference
	pdfArray
	pdfDictionary
)

// pdfValue is a value and where it stands.
type pdfValue struct {
	kind       pdfKind
	begin, end int
	text       string // of a name or a number
	ref        pdfRef
	entries    []pdfEntry // of a dictionary
	items      []*pdfValue
}

type pdfEntry struct {
	name  string
	begin int // of its name
	value *pdfValue
}

// pdfDeep is how deep values may lie in each other.
const pdfDeep = 50

func (p *pdfFile) value(b []byte, at int) (*pdfValue, int, bool) { return pdfRead(b, at, pdfDeep) }

// pdfRead reads the value at a place. Where there is none it says how far it read.
func pdfRead(b []byte, at, deep int) (*pdfValue, int, bool) {
	if at >= len(b) || deep == 0 {
		return nil, at, false
	}
	v := &pdfValue{begin: at}
	ok := true
	switch c := b[at]; {
	case bytes.HasPrefix(b[at:], []byte("<<")):
		v.kind = pdfDictionary
		v.end, ok = v.readDictionary(b, at+2, deep)
	case c == '[':
		v.kind = pdfArray
		v.end, ok = v.readArray(b, at+1, deep)
	case c == '(':
		v.kind = pdfText
		v.end, ok = pdfLiteral(b, at)
	case c == '<':
		v.kind = pdfText
		n := bytes.IndexByte(b[at:], '>')
		v.end, ok = at+n+1, n > 0
		if !ok {
			v.end = len(b)
		}
	case c == '/':
		v.kind = pdfName
		v.end = pdfWord(b, at+1)
		v.text = pdfPlain(b[at+1 : v.end])
	default:
		v.end = pdfWord(b, at)
		v.text, ok = string(b[at:min(v.end, at+40)]), v.end > at
		v.reference(b)
	}
	return v, v.end, ok
}

func (v *pdfValue) readDictionary(b []byte, at, deep int) (int, bool) {
	for {
		at = pdfSpace(b, at)
		if bytes.HasPrefix(b[at:], []byte(">>")) {
			return at + 2, true
		}
		if at >= len(b) || b[at] != '/' {
			return at, false
		}
		e := pdfEntry{begin: at}
		end := pdfWord(b, at+1)
		e.name = pdfPlain(b[at+1 : end])
		var ok bool
		if e.value, at, ok = pdfRead(b, pdfSpace(b, end), deep-1); !ok {
			return at, false
		}
		v.entries = append(v.entries, e)
	}
}

func (v *pdfValue) readArray(b []byte, at, deep int) (int, bool) {
	for {
		at = pdfSpace(b, at)
		if at < len(b) && b[at] == ']' {
			return at + 1, true
		}
		one, end, ok := pdfRead(b, at, deep-1)
		if !ok {
			return end, false
		}
		if at = end; one.kind > pdfName || len(v.items) < 2 {
			v.items = append(v.items, one)
		}
	}
}

// reference turns a number that begins a reference into one.
func (v *pdfValue) reference(b []byte) {
	num, at, ok := pdfInt(b, v.begin)
	if !ok {
		return
	}
	gen, at, ok := pdfInt(b, pdfSpace(b, at))
	if at = pdfSpace(b, at); ok && at < len(b) && b[at] == 'R' && pdfWord(b, at) == at+1 {
		v.kind, v.ref, v.end = pdfReference, pdfRef{num, gen}, at+1
	}
}

// each visits a value's dictionaries, also those within.
func (v *pdfValue) each(visit func(*pdfValue)) {
	if v.kind == pdfDictionary {
		visit(v)
	}
	for _, e := range v.entries {
		e.value.each(visit)
	}
	for _, one := range v.items {
		one.each(visit)
	}
}

func (v *pdfValue) at(name string) *pdfValue {
	for _, e := range v.entries {
		if e.name == name {
			return e.value
		}
	}
	return nil
}

func (v *pdfValue) has(name string) bool { return v.at(name) != nil }

// name is the entry of that name where it is one itself, or a list of one.
func (v *pdfValue) name(name string) string {
	e := v.at(name)
	if e != nil && e.kind == pdfArray && len(e.items) == 1 {
		e = e.items[0]
	}
	if e == nil || e.kind != pdfName {
		return ""
	}
	return e.text
}

func (v *pdfValue) number(name string) int {
	e := v.at(name)
	if e == nil || e.kind != pdfOther {
		return -1
	}
	n, err := strconv.Atoi(e.text)
	if err != nil {
		return -1
	}
	return n
}

// blank blanks entries.
func (v *pdfValue) blank(b []byte, names ...string) {
	for _, e := range v.entries {
		for _, name := range names {
			if e.name == name {
				pdfBlank(b[e.begin:e.value.end])
			}
		}
	}
}

// stream finds the data behind a dictionary: as long as it says, where that is true,
// else up to the word that ends it. Where that is missing the end is before the
// beginning.
func (v *pdfValue) stream(b []byte, at int) (begin, end int, ok bool) {
	at = pdfSpace(b, at)
	if v.kind != pdfDictionary || !bytes.HasPrefix(b[at:], []byte("stream")) {
		return 0, 0, false
	}
	begin = at + len("stream")
	if begin < len(b) && b[begin] == '\r' {
		begin++
	}
	if begin < len(b) && b[begin] == '\n' {
		begin++
	}
	over := []byte("endstream")
	if n := v.number("Length"); n >= 0 && n <= len(b)-begin && bytes.HasPrefix(b[pdfSpace(b, begin+n):], over) {
		return begin, begin + n, true
	}
	n := bytes.Index(b[begin:], over)
	if n < 0 {
		return begin, 0, true
	}
	data := bytes.TrimSuffix(bytes.TrimSuffix(b[begin:begin+n], []byte("\n")), []byte("\r"))
	return begin, begin + len(data), true
}

// pdfObject reads "12 0 obj".
func pdfObject(b []byte, at int) (ref pdfRef, end int, ok bool) {
	num, at, ok := pdfInt(b, at)
	if !ok {
		return pdfRef{}, at, false
	}
	gen, at, ok := pdfInt(b, pdfSpace(b, at))
	if at = pdfSpace(b, at); !ok || !bytes.HasPrefix(b[at:], []byte("obj")) {
		return pdfRef{}, at, false
	}
	return pdfRef{num, gen}, at + len("obj"), true
}

func pdfInt(b []byte, at int) (n, end int, ok bool) {
	for end = at; end < len(b) && end < at+10 && b[end] >= '0' && b[end] <= '9'; end++ {
		n = n*10 + int(b[end]-'0')
	}
	return n, end, end > at && (end == len(b) || b[end] < '0' || b[end] > '9')
}

// pdfSpace is behind blanks and comments.
func pdfSpace(b []byte, at int) int {
	for ; at < len(b); at++ {
		switch b[at] {
		case 0, '\t', '\n', '\f', '\r', ' ':
		case '%':
			n := bytes.IndexAny(b[at:], "\r\n")
			if n < 0 {
				return len(b)
			}
			at += n
		default:
			return at
		}
	}
	return len(b)
}

// pdfWord is behind the signs of a name, a number or a word.
func pdfWord(b []byte, at int) int {
	for ; at < len(b); at++ {
		switch b[at] {
		case 0, '\t', '\n', '\f', '\r', ' ', '(', ')', '<', '>', '[', ']', '{', '}', '/', '%':
			return at
		}
	}
	return len(b)
}

// pdfSkip is behind whatever stands at a place.
func pdfSkip(b []byte, at int) int { return max(at+1, pdfWord(b, at)) }

// pdfLiteral is behind a text in parentheses.
func pdfLiteral(b []byte, at int) (int, bool) {
	for deep := 0; at < len(b); at++ {
		switch b[at] {
		case '\\':
			at++
		case '(':
			deep++
		case ')':
			if deep--; deep == 0 {
				return at + 1, true
			}
		}
	}
	return len(b), false
}

// pdfPlain is a name with its #41 read.
func pdfPlain(b []byte) string {
	if bytes.IndexByte(b, '#') < 0 {
		return string(b)
	}
	out := make([]byte, 0, len(b))
	for i := 0; i < len(b); i++ {
		if b[i] == '#' && i+2 < len(b) {
			if n, err := strconv.ParseUint(string(b[i+1:i+3]), 16, 8); err == nil {
				out = append(out, byte(n))
				i += 2
				continue
			}
		}
		out = append(out, b[i])
	}
	return string(out)
}

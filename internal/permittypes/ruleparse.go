package permittypes

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"minqing/internal/calendar"
)

// token is a word, a sign or a quoted value of a rule.
type token struct {
	text   string
	at     int
	quoted bool
}

func wrong(at int, key, text string) *RuleError {
	return &RuleError{At: at, Key: "permittype.rule." + key, Text: text}
}

func (r Rule) tokens() ([]token, *RuleError) {
	if !utf8.ValidString(string(r)) {
		return nil, wrong(1, "sign", "")
	}
	text := []rune(string(r))
	if len(text) > ruleLongest {
		return nil, wrong(ruleLongest+1, "long", "")
	}
	var list []token
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case unicode.IsSpace(c):
			i++
		case c == '(' || c == ')' || c == ',':
			list = append(list, token{string(c), i + 1, false})
			i++
		case c == '<' || c == '>':
			t := token{string(c), i + 1, false}
			if i++; i < len(text) && text[i] == '=' {
				t.text += "="
				i++
			}
			list = append(list, t)
		case c == '"':
			end := slices.Index(text[i+1:], '"')
			if end < 0 {
				return nil, wrong(i+1, "quote", string(text[i:]))
			}
			list = append(list, token{string(text[i+1 : i+1+end]), i + 1, true})
			i += end + 2
		case wordSign(c):
			from := i
			for i < len(text) && wordSign(text[i]) {
				i++
			}
			list = append(list, token{string(text[from:i]), from + 1, false})
		default:
			return nil, wrong(i+1, "sign", string(c))
		}
	}
	return list, nil
}

func wordSign(c rune) bool {
	return c < 0x80 && (unicode.IsLetter(c) || unicode.IsDigit(c) || strings.ContainsRune("_-.", c))
}

func isDate(s string) bool {
	_, err := calendar.ParseDate(s)
	return err == nil
}

// reading is a parse under way.
type reading struct {
	list  []token
	next  int
	end   int // position behind the last sign
	depth int
}

// parse gives nil for the empty rule.
func (r Rule) parse() (*expr, error) {
	list, bad := r.tokens()
	if bad != nil {
		return nil, bad
	}
	if len(list) == 0 {
		return nil, nil
	}
	p := &reading{list: list, end: utf8.RuneCountInString(string(r)) + 1}
	e, bad := p.joined("or")
	if bad == nil && p.next < len(p.list) {
		bad = wrong(p.peek().at, "rest", p.peek().text)
	}
	if bad != nil {
		return nil, bad
	}
	return e, nil
}

func (p *reading) peek() token {
	if p.next < len(p.list) {
		return p.list[p.next]
	}
	return token{at: p.end}
}

// take steps over an unquoted word or sign.
func (p *reading) take(text string) bool {
	t := p.peek()
	if t.text != text || t.quoted {
		return false
	}
	p.next++
	return true
}

func (p *reading) joined(by string) (*expr, *RuleError) {
	one := p.one
	if by == "or" {
		one = func() (*expr, *RuleError) { return p.joined("and") }
	}
	first, bad := one()
	if bad != nil {
		return nil, bad
	}
	e := &expr{join: by, parts: []*expr{first}}
	for p.take(by) {
		more, bad := one()
		if bad != nil {
			return nil, bad
		}
		e.parts = append(e.parts, more)
	}
	if len(e.parts) == 1 {
		return first, nil
	}
	return e, nil
}

func (p *reading) one() (*expr, *RuleError) {
	at := p.peek().at
	if p.depth++; p.depth > ruleDeepest {
		return nil, wrong(at, "deep", p.peek().text)
	}
	defer func() { p.depth-- }()
	switch {
	case p.take("not"):
		inner, bad := p.one()
		if bad != nil {
			return nil, bad
		}
		return &expr{join: "not", parts: []*expr{inner}}, nil
	case p.take("("):
		inner, bad := p.joined("or")
		if bad != nil {
			return nil, bad
		}
		if !p.take(")") {
			return nil, wrong(p.peek().at, "bracket", p.peek().text)
		}
		return inner, nil
	}
	return p.test()
}

// reserved are the words that cannot name a question.
var reserved = []string{"and", "or", "not", "is", "in", "yes", "no"}

func (p *reading) test() (*expr, *RuleError) {
	name := p.peek()
	if name.text == "" || name.quoted || slices.Contains(reserved, name.text) || name.text[0] < 'a' || name.text[0] > 'z' {
		return nil, wrong(name.at, "question", name.text)
	}
	p.next++
	e := &expr{question: name.text, at: name.at}
	switch {
	case p.take("is"):
		e.op = opIs
		if p.take("not") {
			e.op = opIsNot
		}
		return e, p.value(e)
	case p.take("in"):
		e.op = opIn
		if !p.take("(") {
			return nil, wrong(p.peek().at, "list", p.peek().text)
		}
		for {
			if bad := p.value(e); bad != nil {
				return nil, bad
			}
			if p.take(")") {
				return e, nil
			}
			if !p.take(",") {
				return nil, wrong(p.peek().at, "bracket", p.peek().text)
			}
		}
	}
	for _, sign := range []string{"<=", ">=", "<", ">"} {
		if p.take(sign) {
			e.op = sign
			return e, p.value(e)
		}
	}
	return e, nil
}

func (p *reading) value(e *expr) *RuleError {
	t := p.peek()
	if !t.quoted && (t.text == "" || strings.Contains("(),<=>=", t.text) || slices.Contains(reserved[:5], t.text)) {
		return wrong(t.at, "value", t.text)
	}
	p.next++
	e.values, e.valueAt = append(e.values, t.text), append(e.valueAt, t.at)
	return nil
}

package i18n

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/nicksnyder/go-i18n/v2/i18n"
)

// message is one text cut at its placeholders, so that showing it needs neither
// a template engine nor a language match. Of a plural one it is the form "other".
type message struct {
	wording
	forms map[string]wording // the others of a plural one, by name
	asks  []string           // for these values, sorted
}

// wording is a text with its room: the bytes of it with values of usual length.
type wording struct {
	parts []part
	room  int
}

const usualValue = 24

type part struct{ text, name string }

var placeholder = regexp.MustCompile(`\{\{\s*\.([A-Z][A-Za-z0-9]*)\s*\}\}`)

func compile(m *i18n.Message) (out message, err error) {
	if m.Other == "" {
		return out, fmt.Errorf("has no text")
	}
	if out.wording, err = cut(m.Other); err != nil {
		return out, err
	}
	out.asks = out.wording.names(nil)
	for name, text := range map[string]string{"zero": m.Zero, "one": m.One, "two": m.Two, "few": m.Few, "many": m.Many} {
		if text == "" {
			continue
		}
		form, err := cut(text)
		if err != nil {
			return out, err
		}
		if out.forms == nil {
			out.forms = make(map[string]wording)
		}
		out.forms[name], out.asks = form, form.names(out.asks)
	}
	slices.Sort(out.asks)
	out.asks = slices.Compact(out.asks)
	return out, nil
}

// cut takes a text apart at its placeholders.
func cut(text string) (wording, error) {
	if !strings.Contains(text, "{{") { // most
		return wording{[]part{{text: text}}, len(text)}, nil
	}
	var parts []part
	at, room := 0, len(text)
	for _, hit := range placeholder.FindAllStringSubmatchIndex(text, -1) {
		parts = append(parts, part{text: text[at:hit[0]], name: text[hit[2]:hit[3]]})
		at, room = hit[1], room+usualValue
	}
	parts = append(parts, part{text: text[at:]})
	if slices.ContainsFunc(parts, func(p part) bool { return strings.Contains(p.text, "{{") }) {
		return wording{}, fmt.Errorf("only {{.Name}} may stand in braces: %q", text)
	}
	return wording{parts, room}, nil
}

// names adds the placeholders of a text to others.
func (m wording) names(to []string) []string {
	for _, p := range m.parts {
		if p.name != "" {
			to = append(to, p.name)
		}
	}
	return to
}

func (m wording) fill(b *Bundle, l Lang, args Args) string {
	if len(m.parts) == 1 {
		return m.parts[0].text
	}
	var out strings.Builder
	out.Grow(m.room)
	for _, p := range m.parts {
		out.WriteString(p.text)
		if p.name != "" {
			out.WriteString(b.show(l, args[p.name]))
		}
	}
	return out.String()
}

// show writes one value of a message.
func (b *Bundle) show(l Lang, v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case Key:
		return b.T(l, string(v), nil)
	case Phrase:
		return b.T(l, v.Key, v.Args)
	case Text:
		return v.In(l)
	case int:
		return groupDigits(int64(v))
	case int32:
		return groupDigits(int64(v))
	case int64:
		return groupDigits(v)
	default:
		return fmt.Sprint(v)
	}
}

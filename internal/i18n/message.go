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
	names []string
}

// wording is a text with its room: the bytes of it with values of usual length.
type wording struct {
	parts []part
	room  int
}

const usualValue = 24

type part struct{ text, name string }

var placeholder = regexp.MustCompile(`\{\{\s*\.([A-Z][A-Za-z0-9]*)\s*\}\}`)

func compile(m *i18n.Message) (message, error) {
	forms := map[string]string{"zero": m.Zero, "one": m.One, "two": m.Two, "few": m.Few, "many": m.Many, formOther: m.Other}
	if m.Other == "" {
		return message{}, fmt.Errorf("has no text")
	}
	out := message{wording: cut(m.Other)}
	for name, form := range forms {
		if form == "" {
			continue
		}
		if strings.Contains(placeholder.ReplaceAllString(form, ""), "{{") {
			return message{}, fmt.Errorf("only {{.Name}} may stand in braces: %q", form)
		}
		for _, found := range placeholder.FindAllStringSubmatch(form, -1) {
			out.names = append(out.names, found[1])
		}
		if form != m.Other {
			if out.forms == nil {
				out.forms = make(map[string]wording)
			}
			out.forms[name] = cut(form)
		}
	}
	slices.Sort(out.names)
	out.names = slices.Compact(out.names)
	return out, nil
}

func cut(text string) wording {
	var parts []part
	at, room := 0, len(text)
	for _, hit := range placeholder.FindAllStringSubmatchIndex(text, -1) {
		parts = append(parts, part{text: text[at:hit[0]], name: text[hit[2]:hit[3]]})
		at, room = hit[1], room+usualValue
	}
	return wording{append(parts, part{text: text[at:]}), room}
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

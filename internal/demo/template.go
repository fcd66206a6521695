package demo

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// A template is a text with slots, {street}, and choices, [one|another], which
// may hold slots and choices themselves. It is cut up once, so that a million
// texts can be written from it.
type template []part

type part struct {
	literal string
	slot    string
	choice  []template
}

// cut reads a template up to a stop character of the choice around it.
func cut(text string) (template, error) {
	t, rest, err := cutUntil(text, false)
	if err == nil && rest != "" {
		err = fmt.Errorf("a %q stands alone", rest[:1])
	}
	if err != nil {
		return nil, fmt.Errorf("template %q: %w", text, err)
	}
	return t, nil
}

func cutUntil(text string, inside bool) (template, string, error) {
	var t template
	for text != "" {
		stops := "{[]"
		if inside {
			stops = "{[|]"
		}
		i := strings.IndexAny(text, stops)
		if i < 0 {
			return append(t, part{literal: text}), "", nil
		}
		if i > 0 {
			t = append(t, part{literal: text[:i]})
		}
		switch text[i] {
		case '{':
			name, rest, ok := strings.Cut(text[i+1:], "}")
			if !ok {
				return nil, "", fmt.Errorf("a slot is not closed")
			}
			t, text = append(t, part{slot: name}), rest
		case '[':
			choice, rest, err := cutChoice(text[i+1:])
			if err != nil {
				return nil, "", err
			}
			t, text = append(t, part{choice: choice}), rest
		default:
			return t, text[i:], nil
		}
	}
	return t, "", nil
}

func cutChoice(text string) ([]template, string, error) {
	var choice []template
	for {
		one, rest, err := cutUntil(text, true)
		if err != nil {
			return nil, "", err
		}
		if rest == "" {
			return nil, "", fmt.Errorf("a choice is not closed")
		}
		choice = append(choice, one)
		if text = rest[1:]; rest[0] == ']' {
			return choice, text, nil
		}
	}
}

// write fills the template; value gives a slot's text.
func (t template) write(b *strings.Builder, r *rand.Rand, value func(slot string) string) {
	for _, p := range t {
		switch {
		case p.slot != "":
			b.WriteString(value(p.slot))
		case p.choice != nil:
			p.choice[r.IntN(len(p.choice))].write(b, r, value)
		default:
			b.WriteString(p.literal)
		}
	}
}

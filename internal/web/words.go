package web

import (
	"minqing/internal/calendar"
	"minqing/internal/fault"
	"minqing/internal/i18n"
)

// Words are something to say to a reader whose language is known only when the
// page is shown: a message, data in several languages, or text as it is.
type Words struct {
	Key   string
	Args  i18n.Args
	Text  i18n.Text
	Plain string
}

// Say names a message and the values in it: Say("case.left", "Count", 3).
func Say(key string, pairs ...any) Words {
	return Words{Key: key, Args: args(pairs)}
}

// Data says a text that is data in several languages.
func Data(t i18n.Text) Words { return Words{Text: t} }

// Plain says what needs no translation: a number, a name, what someone wrote.
func Plain(s string) Words { return Words{Plain: s} }

// Tell says an error's message.
func Tell(e *fault.Error) Words { return Words{Key: e.Key, Args: e.Args} }

// IsZero says whether there is nothing to say, for {{if}} on a pointer-free value.
func (w Words) IsZero() bool { return w.Key == "" && w.Plain == "" && w.Text.Empty() }

// In writes the words for a reader of l.
func (w Words) In(b *i18n.Bundle, l i18n.Lang) string {
	switch {
	case w.Key != "":
		return b.T(l, w.Key, w.Args)
	case w.Text != nil:
		return w.Text.In(l)
	default:
		return w.Plain
	}
}

func args(pairs []any) i18n.Args {
	if len(pairs) == 0 {
		return nil
	}
	if n, ok := pairs[len(pairs)-1].(int); ok && len(pairs) == 2 && pairs[0] == any("Count") {
		return i18n.Count(n)
	}
	out := make(i18n.Args, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		if name, ok := pairs[i].(string); ok {
			out[name] = pairs[i+1]
		}
	}
	return out
}

// DayText is a day with its year, in every language.
func DayText(d calendar.Date) i18n.Text {
	t := make(i18n.Text, len(i18n.Langs))
	for _, l := range i18n.Langs {
		t[l] = i18n.Format{Lang: l}.Date(d.UTC())
	}
	return t
}

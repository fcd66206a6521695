package editor

import (
	"strings"

	"minqing/internal/i18n"
	"minqing/internal/permittypes"
	"minqing/internal/web"
)

// inWords says a rule as a sentence in every language; no words for one that says
// nothing or cannot be read.
func inWords(b *i18n.Bundle, f *file, r permittypes.Rule) web.Words {
	text := i18n.Text{}
	for _, l := range i18n.Langs {
		if said := f.InWords(r, b, l); said != "" {
			text[l] = said
		}
	}
	return web.Data(text)
}

// when says a rule beneath a thing of a list, as it is written where it cannot be read.
func (r references) when(f *file, rule permittypes.Rule) []web.Words {
	if rule == "" {
		return nil
	}
	if said := inWords(r.words, f, rule); !said.IsZero() {
		return []web.Words{said}
	}
	return []web.Words{web.Plain(string(rule))}
}

// what says which of the data of a register is used; facts of permits have no words.
func (r references) what(name string) web.Words {
	if key := "permitedit.what." + name; r.words.Has(key) {
		return web.Say(key)
	}
	return web.Plain(name)
}

// term says "6m" as a time within a message.
func (r references) term(key, term string) web.Words {
	n := strings.TrimRight(term, "dmy")
	if n == term || n == "" {
		return web.Say(key + ".none")
	}
	text := i18n.Text{}
	for _, l := range i18n.Langs {
		text[l] = r.words.T(l, key, i18n.Args{"When": n + " " + r.words.T(l, "permitedit.unit."+term[len(n):], nil)})
	}
	return web.Data(text)
}

// optionWords are the words of a choice, or its value where it is none any more.
func optionWords(list []web.Option, value string) web.Words {
	for _, o := range list {
		if o.Value == value && !o.Words.IsZero() {
			return o.Words
		}
	}
	return web.Plain(value)
}

// argument is words as they stand inside a message.
func argument(w web.Words) any {
	if w.Text != nil {
		return w.Text
	}
	return w.Plain
}

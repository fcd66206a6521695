package editor

import (
	"fmt"
	"strings"

	"minqing/internal/i18n"
	"minqing/internal/web"
)

// changed is a part, or a thing of a list, that two versions do not share, in the
// words of the forms on which it is written.
type changed struct {
	Part, Thing web.Words
	Chip        *web.Chip // added or taken away
	Rows        []changedRow
}

// changedRow is one field. The sides are in the language of the reader, but a text
// that is written in another.
type changedRow struct {
	Field         string
	Lang          i18n.Lang
	Before, After string
}

// reader is who looks at differences.
type reader struct {
	words *i18n.Bundle
	lang  i18n.Lang
}

// differ compares two versions form by form; nil has nothing.
func differ[T any](r reader, parts []part[T], before, after *T) (all []changed) {
	for _, p := range parts {
		if p.List() {
			all = append(all, r.listed(listed(r, p, before), listed(r, p, after), web.Say("permitedit.part."+p.Name()))...)
			continue
		}
		rows := r.rows(filled(r, p, before, 0), filled(r, p, after, 0))
		if len(rows) > 0 {
			all = append(all, changed{Part: web.Say("permitedit.part." + p.Name()), Rows: rows})
		}
	}
	return all
}

// filled are the inputs of a form as it is stored.
func filled[T any](r reader, p part[T], x *T, at int) []input {
	if x == nil {
		return nil
	}
	s := &sheet{part: p.Name(), words: r.words, lang: r.lang}
	p.Fill(s, x, at)
	return s.inputs
}

// one is a thing of a list with its form.
type one struct {
	key    string
	title  web.Words
	inputs []input
}

// listed are the things of a list. Two of one name are told apart by which comes first.
func listed[T any](r reader, p part[T], x *T) (all []one) {
	if x == nil {
		return nil
	}
	seen := map[string]int{}
	for i, l := range p.Lines(x) {
		o := one{key: fmt.Sprint(l.Code, "#", seen[l.Code]), title: l.Title, inputs: filled(r, p, x, i)}
		if seen[l.Code]++; o.title.IsZero() {
			o.title = web.Plain(l.Code)
		}
		all = append(all, o)
	}
	return all
}

func (r reader) listed(before, after []one, part web.Words) (all []changed) {
	was := map[string]one{}
	for _, o := range before {
		was[o.key] = o
	}
	now := map[string]bool{}
	for _, o := range after {
		now[o.key] = true
		c := changed{Part: part, Thing: o.title, Rows: r.rows(was[o.key].inputs, o.inputs)}
		if _, known := was[o.key]; !known {
			c.Chip = &web.Chip{Tone: web.ToneDone, Words: web.Say("permitedit.added")}
		}
		if len(c.Rows) > 0 {
			all = append(all, c)
		}
	}
	for _, o := range before {
		if !now[o.key] {
			all = append(all, changed{Part: part, Thing: o.title, Rows: r.rows(o.inputs, nil),
				Chip: &web.Chip{Tone: web.ToneOver, Words: web.Say("permitedit.gone")}})
		}
	}
	a, b := r.order(before, func(key string) bool { return now[key] }), r.order(after, func(key string) bool { _, known := was[key]; return known })
	if a != b {
		all = append(all, changed{Part: part, Rows: []changedRow{{Field: r.words.T(r.lang, "permitedit.order", nil), Before: a, After: b}}})
	}
	return all
}

// order names in their order the things that both versions have.
func (r reader) order(list []one, shared func(string) bool) string {
	var names []string
	for _, o := range list {
		if shared(o.key) {
			names = append(names, o.title.In(r.words, r.lang))
		}
	}
	return strings.Join(names, " → ")
}

// rows are the fields that differ. What is only worded alike is shown as it is written.
func (r reader) rows(before, after []input) (rows []changedRow) {
	was := map[string]saying{}
	for _, s := range r.sayings(before) {
		was[s.name] = s
	}
	now := map[string]bool{}
	for _, s := range r.sayings(after) {
		now[s.name] = true
		if w := was[s.name]; w.raw != s.raw {
			if w.text == s.text {
				w.text, s.text = w.raw, s.raw
			}
			rows = append(rows, changedRow{Field: s.field, Lang: s.lang, Before: w.text, After: s.text})
		}
	}
	for _, s := range r.sayings(before) {
		if !now[s.name] && s.raw != "" {
			rows = append(rows, changedRow{Field: s.field, Lang: s.lang, Before: s.text})
		}
	}
	return rows
}

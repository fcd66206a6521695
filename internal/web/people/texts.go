package people

import (
	"net/url"
	"slices"

	"minqing/internal/i18n"
	"minqing/internal/web"
)

// textsOf reads a text in several languages out of a form, each under its own name.
func textsOf(form url.Values, name string) i18n.Text {
	t := i18n.Text{}
	for _, l := range i18n.Langs {
		if s := form.Get(name + "." + string(l)); s != "" {
			t[l] = s
		}
	}
	return t
}

// langFields ask for one text in several languages.
type langFields struct {
	Own    web.Field   // in the reader's language
	Others []web.Field // which may be left out
	Open   bool        // one of the others is written, or wrong
	Lines  bool        // they have several lines
}

// inSome asks for a text that one language at least must have: in that of the reader, where
// it is said that there is none, and in the others.
// Of the field the name, the hint and the size are taken; label names the language.
func inSome(p *web.Page, f web.Field, label string, t i18n.Text) langFields {
	out := langFields{Lines: f.Rows > 0}
	langs := ownFirst(p.Lang)
	for i, e := range p.Errors {
		if e.Name == f.Name {
			p.Errors[i].Name = f.Name + "." + string(langs[0])
		}
	}
	for i, l := range langs {
		one := f
		one.Name = f.Name + "." + string(l)
		one.Label, one.Value, one.Optional = web.Say(label, "Language", i18n.Key("segment.language."+string(l))), t[l], i > 0
		if i == 0 {
			out.Own = p.Bind(one)
			continue
		}
		one.Hint = web.Words{}
		one = p.Bind(one)
		out.Others, out.Open = append(out.Others, one), out.Open || one.Value != "" || one.Error != nil
	}
	return out
}

// ownFirst are all languages, the reader's before the others.
func ownFirst(own i18n.Lang) []i18n.Lang {
	list := slices.Clone(i18n.Langs)
	slices.SortStableFunc(list, func(a, b i18n.Lang) int {
		switch own {
		case a:
			return -1
		case b:
			return 1
		}
		return 0
	})
	return list
}

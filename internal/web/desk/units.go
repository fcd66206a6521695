package desk

import (
	"html/template"
	"strings"
	"sync"
	"sync/atomic"

	"minqing/internal/catalogue"
	"minqing/internal/i18n"
	"minqing/internal/web"
)

// unitLists keeps lists of units as they are written in pages: writing one of
// some hundred units costs more than the rest of the page.
type unitLists struct {
	written sync.Map // template.HTML, by unitList
	n       atomic.Int64
}

// unitList is what a list of units depends on. Its scope is empty for every
// unit that is in force.
type unitList struct {
	revision string
	lang     i18n.Lang
	scope    string
}

const unitListsMost = 200

// get is the list as it was written before, or as it is written now.
func (l *unitLists) get(kit *web.Kit, key unitList, options func() []web.Option) (template.HTML, error) {
	if written, ok := l.written.Load(key); ok {
		return written.(template.HTML), nil
	}
	written, err := kit.Seal(key.lang, "options", options())
	if err != nil {
		return "", err
	}
	if l.n.Add(1) > unitListsMost {
		l.written.Clear()
		l.n.Store(1)
	}
	l.written.Store(key, written)
	return written, nil
}

// pickUnit asks for a unit that is in force, shown by its place in the tree;
// chosen is a code, without leaves out the unit that has the case.
func (b *asking) pickUnit(chosen string, without bool) *web.Field {
	f := b.pick("unit_code", chosen, nil)
	written, err := b.p.lists.get(b.p.Kit, unitList{revision: b.n.snap.Revision, lang: b.lang}, b.n.units)
	if err != nil { // only where a template is broken
		f.Options = b.n.units()
		return f
	}
	if without {
		written = cut(written, unitCode(&b.one.UnitID, b.n))
	}
	*f = f.Offer(written)
	return f
}

// cut leaves an option out.
func cut(written template.HTML, code string) template.HTML {
	before, rest, found := strings.Cut(string(written), `<option value="`+template.HTMLEscapeString(code)+`">`)
	if !found {
		return written
	}
	_, after, _ := strings.Cut(rest, "</option>")
	return template.HTML(before + after) // less of what a template has escaped
}

// units lists every unit that is in force, indented by its place in the tree.
func (n names) units() []web.Option {
	options := []web.Option{{Words: web.Say("desk.choose")}}
	for _, u := range n.snap.Units {
		if u.ValidTo == nil {
			options = append(options, web.Option{Value: u.Code, Words: indented(u, depth(u))})
		}
	}
	return options
}

// depth is how far below the root a unit stands.
func depth(u *catalogue.Unit) int { return strings.Count(u.Path, "/") - 1 }

// indented shows a unit's place in the tree by ideographic spaces, which every
// browser keeps in an option.
func indented(u *catalogue.Unit, depth int) web.Words {
	t := make(i18n.Text, len(u.Name))
	for l, name := range u.Name {
		t[l] = strings.Repeat("\u3000", depth) + name
	}
	return web.Data(t)
}

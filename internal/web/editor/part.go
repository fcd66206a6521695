package editor

import (
	"slices"
	"strconv"
	"strings"

	"minqing/internal/fault"
	"minqing/internal/web"
)

// part is one part of a draft T that has a page of its own.
type part[T any] interface {
	// Name is the part in addresses and in messages.
	Name() string
	// Lines are the things of a list; one that is no list has none.
	Lines(x *T) []line
	List() bool
	// Fill describes the form; at is the place in a list, its length for a new thing.
	// What was typed is taken over into x.
	Fill(s *sheet, x *T, at int)
	// Prefix is how the domain begins the names of the fields of the thing at a place.
	Prefix(x *T, at int) string
	// Owns says whether a field of the domain belongs to the part.
	Owns(field string) bool
	Move(x *T, at, by int)
	Remove(x *T, at int)
}

// line is a thing of a list.
type line struct {
	Code  string
	Title web.Words
	Notes []web.Words // when it applies, or where it leads
	Bare  bool        // the code is no name by which others call it
}

// single is a part that is one form.
type single[T any] struct {
	name   string
	fields []string // what the domain calls its fields
	fill   func(*sheet, *T)
}

func (p *single[T]) Name() string               { return p.name }
func (p *single[T]) List() bool                 { return false }
func (p *single[T]) Lines(*T) []line            { return nil }
func (p *single[T]) Prefix(*T, int) string      { return "" }
func (p *single[T]) Move(*T, int, int)          {}
func (p *single[T]) Remove(*T, int)             {}
func (p *single[T]) Fill(s *sheet, x *T, _ int) { p.fill(s, x) }
func (p *single[T]) Owns(field string) bool     { return slices.Contains(p.fields, field) }

// list is a part of several things E in their order.
type list[T, E any] struct {
	name   string
	domain string // how the domain begins the names of fields: "material"
	whole  string // what the domain calls the list itself
	of     func(*T) *[]E
	line   func(x *T, e *E) line
	fill   func(*sheet, *T, *E)
	owns   func(x string) bool // instead of domain, where two lists share it
	byRank bool                // the domain names things by their place
}

func (p *list[T, E]) Name() string { return p.name }
func (p *list[T, E]) List() bool   { return true }

func (p *list[T, E]) Lines(x *T) []line {
	all := *p.of(x)
	out := make([]line, len(all))
	for i := range all {
		out[i] = p.line(x, &all[i])
	}
	return out
}

// Fill works on a thing of its own until it is whole: what it is called may change.
func (p *list[T, E]) Fill(s *sheet, x *T, at int) {
	all := p.of(x)
	var e E
	if at < len(*all) {
		e = (*all)[at]
	}
	p.fill(s, x, &e)
	if at < len(*all) {
		(*all)[at] = e
	} else {
		*all = append(*all, e)
	}
}

func (p *list[T, E]) Prefix(x *T, at int) string {
	if all := *p.of(x); at < len(all) && !p.byRank {
		return p.domain + "." + p.line(x, &all[at]).Code
	}
	return p.domain + "." + strconv.Itoa(at+1)
}

func (p *list[T, E]) Owns(field string) bool {
	if p.owns != nil {
		return p.owns(field)
	}
	return field == p.whole || field == p.domain || strings.HasPrefix(field, p.domain+".")
}

func (p *list[T, E]) Move(x *T, at, by int) {
	all := *p.of(x)
	if to := at + by; at >= 0 && at < len(all) && to >= 0 && to < len(all) {
		all[at], all[to] = all[to], all[at]
	}
}

func (p *list[T, E]) Remove(x *T, at int) {
	if all := p.of(x); at >= 0 && at < len(*all) {
		*all = slices.Delete(*all, at, at+1)
	}
}

// later are troubles between things that are written one after the other: they keep
// nothing from being saved, only the draft from being published.
var later = []string{"permittype.guide.nowhere", "permittype.guide.unreached", "permittype.guide.circle", "permittype.guide.empty",
	"permittype.validity.needs_end", "permittype.duty.checklist", "bundle.event.few"}

// within are the troubles of one thing, by the names of its own fields.
func within(all []fault.Field, prefix string) (mine []fault.Field) {
	for _, f := range all {
		if slices.Contains(later, f.Key) {
			continue
		}
		if prefix == "" {
			mine = append(mine, f)
			continue
		}
		if f.Name == prefix {
			f.Name = "code"
			mine = append(mine, f)
		} else if rest, ok := strings.CutPrefix(f.Name, prefix+"."); ok {
			f.Name = rest
			mine = append(mine, f)
		}
	}
	return mine
}

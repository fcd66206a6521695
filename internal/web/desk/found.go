package desk

import (
	"cmp"
	"context"
	"slices"

	"minqing/internal/cases"
	"minqing/internal/web"
)

// found is what a search says of all that it found, and how it is narrowed.
type found struct {
	Of     int
	More   bool
	Groups []facetGroup
}

// facetGroup is one way to narrow a search, with how many cases each choice leaves.
type facetGroup struct {
	Title web.Words
	Links []viewLink
	Rest  int // choices that are not shown
}

// groupOf shows the choices with most cases.
func groupOf(name string, links []viewLink) facetGroup {
	slices.SortStableFunc(links, func(a, b viewLink) int { return cmp.Compare(b.N, a.N) })
	shown := links[:min(len(links), facetLinks)]
	return facetGroup{Title: web.Say("desk.filter." + name), Links: shown, Rest: len(links) - len(shown)}
}

// facetLinks is how many choices of a group are shown: those with most cases.
const facetLinks = 8

// found marks the words in the rows of a search, and shows what narrows it.
func (p *inboxPage) found(ctx context.Context, v *inboxView, n names, f cases.Filter, page *cases.Page) error {
	if err := p.mark(ctx, v.Rows, page, f); err != nil {
		return err
	}
	if page.Facets == nil || page.Facets.Of == 0 {
		return nil
	}
	v.Found = &found{Of: page.Facets.Of, More: page.Facets.More}
	to := func(name, value string) string {
		q := narrowed(f, name)
		q.Set(name, value)
		return address(q)
	}
	add := func(name string, links []viewLink) {
		if len(links) < 2 {
			return // it would narrow nothing
		}
		v.Found.Groups = append(v.Found.Groups, groupOf(name, links))
	}
	var status, kind, unit []viewLink
	for _, s := range cases.Statuses {
		if c := page.Facets.Status[s]; c > 0 {
			status = append(status, viewLink{Href: to("status", string(s)), Words: web.Say("case.status." + string(s)), N: c})
		}
	}
	for _, k := range cases.Kinds {
		if c := page.Facets.Kind[k]; c > 0 {
			kind = append(kind, viewLink{Href: to("kind", string(k)), Words: web.Say("case.kind." + string(k)), N: c})
		}
	}
	for _, u := range n.snap.Units {
		if c := page.Facets.Unit[u.ID]; c > 0 {
			unit = append(unit, viewLink{Href: to("unit", u.Code), Words: web.Data(u.Name), N: c})
		}
	}
	add("status", status)
	add("kind", kind)
	if v.Unit != nil { // else the reader has one unit
		add("unit", unit)
	}
	return nil
}

package desk

import (
	"context"
	"net/url"
	"slices"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/cases"
	"minqing/internal/catalogue"
	"minqing/internal/i18n"
	"minqing/internal/web"
)

// rail is what narrows the inbox: views with their counts, the filter, and
// what of it is in force.
type rail struct {
	Views  []viewLink
	Saved  []viewLink
	Save   string // where the list is saved
	View   string
	Query  web.Field
	Status web.Field
	Kind   web.Field
	Unit   *web.Field // nil for people of one unit
	Tags   []tag
	Clear  string // the address without any filter; empty when none is set
}

// viewLink is a view with how many cases it holds, up to where counting stops.
type viewLink struct {
	Href    string
	Words   web.Words
	N       int
	More    bool
	Current bool
	Bare    bool // not counted here: its page says how many there are
}

// tag is one filter in force; its link removes it.
type tag struct {
	Name  web.Words
	Value web.Words
	Href  string
}

func (p *inboxPage) rail(ctx context.Context, n names, f cases.Filter) (rail, error) {
	counts, err := p.Cases.Counts(ctx)
	if err != nil {
		return rail{}, err
	}
	r := rail{View: f.View, Views: make([]viewLink, 0, len(cases.Views)+4)}
	decides, err := p.Cases.Decides(ctx)
	if err != nil {
		return rail{}, err
	}
	for _, name := range cases.Views {
		if name == cases.ViewObjections && len(decides) == 0 { // nobody to whom it says anything
			continue
		}
		if name == cases.ViewSupervised { // a page of its own, in another order
			continue
		}
		held := counts[name]
		r.Views = append(r.Views, viewLink{Href: viewAddress(name), Words: web.Say("desk.view." + name),
			N: held, More: held >= cases.CountMost, Current: name == f.View && f.Query == ""})
	}
	watched := counts[cases.ViewSupervised]
	r.Views = append(r.Views, viewLink{Href: "/desk/supervised", Words: web.Say("desk.view.supervised"), N: watched, More: watched >= cases.CountMost})
	if p.Access.Can(ctx, access.CaseCallback) == nil { // counted on its own page
		r.Views = append(r.Views, viewLink{Href: "/desk/callbacks", Words: web.Say("desk.view.callbacks"), Bare: true})
	}
	if p.Permits != nil && p.Access.Can(ctx, access.PermitReview) == nil { // listed on a page of its own
		r.Views = append(r.Views, viewLink{Href: latePath, Words: web.Say("permit.late.view"), Bare: true})
	}
	if p.Access.Can(ctx, access.FeeRead) == nil {
		r.Views = append(r.Views, viewLink{Href: feesPath, Words: web.Say("desk.view.fees"), Bare: true})
	}
	r.Query = web.Field{Name: "q", Label: web.Say("desk.filter.number"), Hint: web.Say("desk.filter.number.hint"), Value: f.Query, Complete: "off"}
	r.Status, r.Kind = choice("status", string(f.Status)), choice("kind", string(f.Kind))
	r.Status.Options, r.Kind.Options = openStatuses, kinds
	if f.Query != "" { // a search finds closed cases too
		r.Status.Options = statuses
	}
	if r.Unit, err = p.unitChoice(ctx, n, f.UnitCode); err != nil {
		return rail{}, err
	}
	r.tags(n, f)
	now := narrowed(f, "q")
	now.Set("view", f.View)
	r.Save = "/desk/lists?" + now.Encode()
	if r.Saved, err = p.listLinks(ctx, now.Encode()); err != nil {
		return rail{}, err
	}
	return r, nil
}

// What the filters offer, the same for everybody: whoever adds to one adds to a copy.
var (
	anything     = offered[string]("", nil)
	statuses     = offered("case.status.", cases.Statuses)
	openStatuses = offered("case.status.", slices.DeleteFunc(slices.Clone(cases.Statuses), cases.Status.Ended))
	kinds        = offered("case.kind.", cases.Kinds)
)

func offered[T ~string](words string, values []T) []web.Option {
	options := []web.Option{{Words: web.Say("desk.filter.any")}}
	for _, v := range values {
		options = append(options, web.Option{Value: string(v), Words: web.Say(words + string(v))})
	}
	return slices.Clip(options)
}

func choice(name, value string) web.Field {
	return web.Field{Name: name, Label: web.Say("desk.filter." + name), Value: value, Options: anything}
}

// unitChoice offers the units whose cases the actor lists; a unit stands for
// everything below it.
func (p *inboxPage) unitChoice(ctx context.Context, n names, chosen string) (*web.Field, error) {
	scope, err := p.Access.Scope(ctx, access.CaseList)
	if err != nil {
		return nil, err
	}
	f := choice("unit", chosen)
	lang := i18n.Lang(actor.From(ctx).Locale) // of the page, as the kit has found it
	var seen []*catalogue.Unit
	for _, u := range n.snap.Units {
		if scope.Covers(u.Path) {
			seen = append(seen, u)
		}
	}
	if len(seen) < 2 {
		return nil, nil
	}
	written, err := p.lists.get(p.Kit, unitList{n.snap.Revision, lang, scope.Key()}, func() []web.Option {
		top := depth(seen[0])
		for _, u := range seen {
			top = min(top, depth(u))
		}
		options := f.Options
		for _, u := range seen {
			options = append(options, web.Option{Value: u.Code, Words: indented(u, depth(u)-top)})
		}
		return options
	})
	if err != nil {
		return nil, err
	}
	f = f.Offer(written)
	return &f, nil
}

func (r *rail) tags(n names, f cases.Filter) {
	add := func(name string, value web.Words) {
		r.Tags = append(r.Tags, tag{Name: web.Say("desk.filter." + name), Value: value, Href: address(narrowed(f, name))})
	}
	if f.Query != "" {
		r.Tags = append(r.Tags, tag{Name: web.Say("desk.filter.number"), Value: web.Plain(f.Query), Href: address(narrowed(f, "q"))})
	}
	if f.UnitCode != "" {
		add("unit", n.unit(f.UnitCode))
	}
	if f.Status != "" {
		add("status", web.Say("case.status."+string(f.Status)))
	}
	if f.Kind != "" {
		add("kind", web.Say("case.kind."+string(f.Kind)))
	}
	if len(r.Tags) > 0 {
		r.Clear = viewAddress(f.View)
	}
}

// narrowed is a view and its filters as a query, less one of them; the page within
// the list is left out, for another filter makes another list.
func narrowed(f cases.Filter, without string) url.Values {
	q := url.Values{}
	typed := f.Query
	if f.Covered != "" {
		typed = ""
	}
	for _, one := range [...]struct{ name, value string }{
		{"view", f.View}, {"q", typed}, {covered, f.Covered}, {"unit", f.UnitCode}, {"status", string(f.Status)}, {"kind", string(f.Kind)},
	} {
		if one.value != "" && one.name != without && (one.name != covered || without != "q") && (one.name != "view" || one.value != cases.ViewOpen) {
			q.Set(one.name, one.value)
		}
	}
	return q
}

// viewAddress is a view without any filter.
func viewAddress(name string) string {
	if name == cases.ViewOpen || name == "" {
		return "/desk"
	}
	return "/desk?view=" + name
}

func address(q url.Values) string {
	if len(q) == 0 {
		return "/desk"
	}
	return "/desk?" + q.Encode()
}

package desk

import (
	"context"
	"net/url"
	"slices"

	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/i18n"
	"minqing/internal/place"
	"minqing/internal/web"
)

// form is the filter with what was typed, also what is wrong.
func (p *filterPage) form(ctx context.Context, v *filteredView, n names, f cases.Filter, typed url.Values) error {
	v.Query = v.Bind(web.Field{Name: "q", Label: web.Say("desk.filter.number"), Hint: web.Say("desk.filtered.number.hint"), Value: f.Query, Complete: "off"})
	today := calendar.DateOf(p.Now(), n.zone)
	field, matter := choice("field", typed.Get("field")), choice("matter", typed.Get("matter"))
	for _, one := range n.snap.Fields {
		if one.On(today) || one.Code == f.Field {
			field.Options = append(field.Options, web.Option{Value: one.Code, Words: web.Data(one.Name)})
		}
		for _, m := range n.snap.Matters {
			if m.FieldID == one.ID && (f.Field == "" || f.Field == one.Code || m.Code == f.Matter) && (m.On(today) || m.Code == f.Matter) {
				matter.Options = append(matter.Options, web.Option{Value: m.Code, Words: web.Data(m.Name)})
			}
		}
	}
	district, channel := choice("district", typed.Get("district")), choice("channel", typed.Get("channel"))
	for _, d := range n.areas.At(place.Borough, "", today) {
		district.Options = append(district.Options, web.Option{Value: d.Code, Words: web.Data(d.Name)})
		for _, s := range n.areas.At(place.Subdistrict, d.ID, today) {
			name := make(i18n.Text, len(s.Name))
			for l, words := range s.Name {
				name[l] = "\u3000" + words
			}
			district.Options = append(district.Options, web.Option{Value: s.Code, Words: web.Data(name)})
		}
	}
	for _, one := range cases.Channels {
		channel.Options = append(channel.Options, web.Option{Value: one, Words: web.Say("case.channel." + one)})
	}
	kind, status := choice("kind", typed.Get("kind")), choice("status", typed.Get("status"))
	kind.Options, status.Options = kinds, statuses
	for _, one := range []web.Field{field, matter, district, channel, kind, status} {
		v.Fields = append(v.Fields, v.Bind(one))
	}
	unit, err := p.unitChoice(ctx, n, f.UnitCode)
	if err != nil {
		return err
	}
	if unit != nil {
		v.Fields = append(v.Fields, v.Bind(*unit))
	}
	for _, name := range []string{"received_from", "received_to", "due_from", "due_to"} {
		v.Days = append(v.Days, v.Bind(web.Field{Name: name, Label: web.Say("desk.filter." + name), Type: "date", Value: typed.Get(name)}))
	}
	return nil
}

// filterTags are the filters in force; each leads to the list without it.
func filterTags(n names, f cases.Filter) []tag {
	var tags []tag
	add := func(name string, value web.Words) {
		tags = append(tags, tag{Name: web.Say("desk.filter." + name), Value: value, Href: filterAddress(filterQuery(f, name))})
	}
	if f.Query != "" {
		tags = append(tags, tag{Name: web.Say("desk.filter.number"), Value: web.Plain(f.Query), Href: filterAddress(filterQuery(f, "q"))})
	}
	if one, err := n.snap.Field(f.Field); err == nil {
		add("field", web.Data(one.Name))
	}
	if one, err := n.snap.Matter(f.Matter); err == nil {
		add("matter", web.Data(one.Name))
	}
	if one, err := n.areas.District(f.District); err == nil {
		add("district", web.Data(one.Name))
	}
	if slices.Contains(cases.Channels, f.Channel) {
		add("channel", web.Say("case.channel."+f.Channel))
	}
	if f.Kind != "" {
		add("kind", web.Say("case.kind."+string(f.Kind)))
	}
	if f.Status != "" {
		add("status", web.Say("case.status."+string(f.Status)))
	}
	if f.UnitCode != "" {
		add("unit", n.unit(f.UnitCode))
	}
	for _, one := range []struct {
		name string
		day  *calendar.Date
	}{{"received_from", f.ReceivedFrom}, {"received_to", f.ReceivedTo}, {"due_from", f.DueFrom}, {"due_to", f.DueTo}} {
		if one.day != nil {
			add(one.name, web.Data(dayText(*one.day)))
		}
	}
	return tags
}

// facetsOf are the ways to narrow a list further, each with what it leaves.
func facetsOf(n names, f cases.Filter, counted *cases.Facets) *found {
	if counted == nil || counted.Of == 0 {
		return nil
	}
	v := &found{Of: counted.Of, More: counted.More}
	add := func(name string, links []viewLink) {
		if len(links) < 2 {
			return // it would narrow nothing
		}
		v.Groups = append(v.Groups, groupOf(name, links))
	}
	one := func(links *[]viewLink, name, value string, words web.Words, count int) {
		if count > 0 {
			q := filterQuery(f, name)
			q.Set(name, value)
			*links = append(*links, viewLink{Href: filterAddress(q), Words: words, N: count})
		}
	}
	var status, kind, matter, district, channel, unit []viewLink
	for _, s := range cases.Statuses {
		one(&status, "status", string(s), web.Say("case.status."+string(s)), counted.Status[s])
	}
	for _, k := range cases.Kinds {
		one(&kind, "kind", string(k), web.Say("case.kind."+string(k)), counted.Kind[k])
	}
	for _, m := range n.snap.Matters {
		one(&matter, "matter", m.Code, web.Data(m.Name), counted.Matter[m.ID])
	}
	for _, d := range n.areas.Districts {
		one(&district, "district", d.Code, web.Data(d.Name), counted.District[d.ID])
	}
	for _, c := range cases.Channels {
		one(&channel, "channel", c, web.Say("case.channel."+c), counted.Channel[c])
	}
	for _, u := range n.snap.Units {
		one(&unit, "unit", u.Code, web.Data(u.Name), counted.Unit[u.ID])
	}
	for _, g := range []struct {
		name  string
		links []viewLink
	}{{"status", status}, {"kind", kind}, {"matter", matter}, {"district", district}, {"channel", channel}, {"unit", unit}} {
		add(g.name, g.links)
	}
	return v
}

package desk

import (
	"context"
	"strconv"
	"strings"

	"minqing/internal/access"
	"minqing/internal/cases"
	"minqing/internal/constituents"
	"minqing/internal/i18n"
	"minqing/internal/idcode"
	"minqing/internal/web"
)

// facts are what the case is about and who has to do with it.
func (v *caseView) facts(one *cases.View, n names, known map[string]string) {
	v.Facts = make([]web.SummaryRow, 0, 12)
	add := func(key string, value web.Words) {
		if !value.IsZero() {
			v.Facts = append(v.Facts, web.SummaryRow{Key: web.Say(key), Value: value})
		}
	}
	add("desk.fact.matter", n.matter(one.MatterID))
	add("desk.fact.unit", n.unit(one.UnitID))
	if first := one.FirstReceiver(); first != "" && (one.ReturnedCount > 0 || first != one.UnitID) {
		add("desk.fact.first", n.unit(first))
	}
	if one.HandlerID != nil {
		add("desk.fact.handler", web.Plain(known[*one.HandlerID]))
	}
	for _, u := range one.Units {
		switch {
		case u.UnitID == one.UnitID:
		case u.Role == "lead": // a returned case waits elsewhere than where it was sent
			add("desk.fact.with", n.unit(u.UnitID))
		default:
			add("case.unit_role."+u.Role, n.unit(u.UnitID))
		}
	}
	if one.BoundUnitID != nil && *one.BoundUnitID == one.UnitID {
		add("desk.fact.bound", n.unit(*one.BoundUnitID))
	}
	add("desk.fact.district", n.district(one.DistrictID))
	add("desk.fact.address", web.Plain(one.ShownAddress()))
	if one.Lat != nil && one.Lng != nil {
		v.Point = strconv.FormatFloat(*one.Lat, 'f', 6, 64) + "," + strconv.FormatFloat(*one.Lng, 'f', 6, 64)
	}
	add("desk.fact.channel", web.Say("case.channel."+one.Channel))
	if one.SourceID != nil && one.Channel == cases.ChannelImport {
		add("desk.fact.source", web.Plain(strings.TrimSpace(one.Source+" "+*one.SourceID)))
	}
	if one.Outcome != "" {
		add("desk.fact.outcome", web.Say("case.outcome."+string(one.Outcome)))
	}
	v.Route = []web.Words{web.Say("desk.route.fallback")}
	if one.Confidentiality == cases.Whistle {
		v.Route = []web.Words{web.Say("desk.route.whistle")}
	}
	if !one.RouteReason.Empty() {
		v.Route = []web.Words{web.Data(one.RouteReason)}
	}
	if one.RouteUnitID != nil && *one.RouteUnitID != one.UnitID {
		v.Route = append(v.Route, web.Say("desk.route.moved", "Unit", argument(n.unit(*one.RouteUnitID)), "Now", argument(n.unit(one.UnitID))))
	}
}

// answers are what the person said to the questions of the matter.
func (v *caseView) answers(one *cases.View, n names, kit *web.Kit) {
	m := n.matterOf(&one.Case)
	if m == nil {
		return
	}
	questions, err := n.snap.Questions(m)
	if err != nil {
		return // a form that cannot be read hides its answers, not the case
	}
	answers := one.ShownAnswers()
	for _, q := range questions {
		if a, ok := answers[q.Name]; ok {
			v.Answers = append(v.Answers, web.SummaryRow{Key: web.Data(q.Title), Value: kit.Answer(q, a)})
		}
	}
}

// parties are the people of the case, masked until somebody says why.
func (v *caseView) parties(one *cases.View, n names) {
	v.Parties = nil
	asked := false
	for _, party := range one.Parties {
		var who web.Words
		switch {
		case party.ConstituentID != nil:
			who = n.person(one.People[*party.ConstituentID])
		case party.UnitID != nil || party.Name != "":
			who = n.party(party)
		default:
			continue
		}
		asked = asked || party.Role == cases.RoleRequester
		v.Parties = append(v.Parties, web.SummaryRow{Key: web.Say("desk.party." + party.Role), Value: who})
	}
	if !asked {
		unknown := web.SummaryRow{Key: web.Say("desk.party.requester"), Value: web.Say("desk.party.unknown")}
		if one.Confidentiality == cases.IdentityHidden {
			unknown.Value = web.Say("desk.party.hidden")
		}
		v.Parties = append([]web.SummaryRow{unknown}, v.Parties...)
	}
}

// records leads to what is known of those who ask, beyond this case.
func (d Deps) records(ctx context.Context, one *cases.View) (links []web.Link) {
	if d.Access.Can(ctx, access.PeopleRead) != nil {
		return nil
	}
	for _, party := range one.Parties {
		if id := party.ConstituentID; id != nil && party.Role != cases.RoleSubject && one.Linked(*id) && !one.People[*id].Erased {
			links = append(links, web.Link{Href: "/people/" + *id, Words: web.Say("people.link." + string(one.People[*id].Kind))})
		}
	}
	return links
}

// party names somebody who is no constituent: a unit, a person by a masked
// name, or the person and the unit that both are complained about.
func (n names) party(p cases.Party) web.Words {
	name := strings.TrimSpace(idcode.MaskName(p.Name) + " " + p.ShownRelation())
	if p.UnitID == nil {
		return web.Plain(name)
	}
	unit := n.unit(*p.UnitID)
	if name == "" {
		return unit
	}
	both := make(i18n.Text, len(i18n.Langs))
	for _, l := range i18n.Langs {
		both[l] = strings.TrimSpace(unit.Text.In(l)+unit.Plain) + "\n" + name
	}
	return web.Data(both)
}

// person shows somebody masked, or that they were erased and when.
func (n names) person(p constituents.View) web.Words {
	switch {
	case p.ErasedAt != nil:
		day := make(i18n.Text, len(i18n.Langs))
		for _, l := range i18n.Langs {
			day[l] = i18n.Format{Lang: l, Zone: n.zone}.Date(*p.ErasedAt)
		}
		return web.Say("desk.party.erased_on", "Day", argument(web.Data(day)))
	case p.Erased:
		return web.Say("desk.party.erased")
	}
	return web.Plain(personLines(p))
}

func personLines(p constituents.View) string {
	var lines []string
	for _, s := range []string{p.Name, p.Phone, p.Email} {
		if s != "" {
			lines = append(lines, s)
		}
	}
	return strings.Join(lines, "\n")
}

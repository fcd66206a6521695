package desk

import (
	"slices"

	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/catalogue"
	"minqing/internal/i18n"
	"minqing/internal/web"
)

// says tells what an act will do, and what will be sent to whom.
func (b *asking) says(a cases.Action) []web.Words {
	key := "desk.says." + string(a)
	switch a {
	case cases.ActReply:
		if b.n.reviews(&b.one.Case) {
			return []web.Words{web.Say(key + ".review")}
		}
		return b.toFollowers(web.Say(key), b.recipient())
	case cases.ActReviewReply, cases.ActConclude:
		return b.toFollowers(web.Say(key), b.recipient())
	case cases.ActRequestInfo:
		return []web.Words{b.asksMore(key), b.recipient()}
	case cases.ActNotAccept, cases.ActTransfer, cases.ActReopen, cases.ActDecideAppeal, cases.ActRectify,
		cases.ActSuspend, cases.ActResume:
		return []web.Words{web.Say(key), b.recipient()}
	case cases.ActRequestExtension:
		if above, err := b.p.Cases.ExtendedAbove(b.c.Request.Context(), &b.one.Case); err == nil && above {
			return []web.Words{web.Say(key + ".government")}
		}
	case cases.ActDecideExtension:
		return []web.Words{web.Say(key, "By", limitWords(b.one.ExtensionAsked)), b.recipient()}
	case cases.ActSignIn, cases.ActAssign:
		return []web.Words{web.Say(key, "Unit", argument(b.n.unit(b.one.UnitID)))}
	case cases.ActReturn:
		return b.returning(key)
	case cases.ActDecideObjection, cases.ActRuleObjection:
		return []web.Words{web.Say(key, "Unit", argument(b.n.unit(b.one.UnitID)), "Count", b.one.ReturnedCount)}
	case cases.ActRework:
		if b.one.Status == cases.Concluded {
			return []web.Words{web.Say(key), web.Say(key + ".concluded")}
		}
	}
	return []web.Words{web.Say(key)}
}

// asksMore says what asking for what is missing does to the limit.
func (b *asking) asksMore(key string) web.Words {
	by, err := b.p.Cases.CorrectBy(b.c.Request.Context(), &b.one.Case)
	if err != nil || by == nil {
		return web.Say(key)
	}
	day := calendar.Date(0)
	if zone, err := b.p.Cases.Zone(b.c.Request.Context(), &b.one.Case); err == nil {
		day = calendar.DateOf(*by, zone)
	}
	if b.p.Now().After(*by) {
		return web.Say(key+".late", "Day", dayText(day))
	}
	return web.Say(key+".anew", "Day", dayText(day))
}

// intake names the desk that a returned case goes to.
func (b *asking) intake() web.Words {
	today, err := b.p.Cases.LocalDay(b.c.Request.Context(), &b.one.Case, b.p.Now())
	if err == nil {
		if desks := b.n.snap.WithDuty(catalogue.DutyIntake, today); len(desks) > 0 {
			return web.Data(desks[0].Name)
		}
	}
	return web.Data(b.n.snap.Root().Name)
}

// recipient says who gets what is sent, and by which way.
func (b *asking) recipient() web.Words {
	i := slices.IndexFunc(b.one.Parties, func(p cases.Party) bool { return p.Role == cases.RoleRequester && p.ConstituentID != nil })
	if i < 0 && b.one.Confidentiality == cases.IdentityHidden {
		return web.Say("desk.to.hidden")
	}
	if i < 0 {
		return web.Say("desk.to.anonymous")
	}
	who := b.one.People[*b.one.Parties[i].ConstituentID]
	var name any = i18n.Key("desk.party.requester")
	if who.Name != "" {
		name = who.Name
	}
	switch {
	case who.Erased:
		return web.Say("desk.to.erased")
	case who.Email != "" && b.p.Mail:
		return web.Say("desk.to.mail", "Name", name, "Mail", who.Email)
	case who.Phone != "":
		return web.Say("desk.to.phone", "Name", name, "Phone", who.Phone)
	}
	return web.Say("desk.to.page", "Name", name)
}

// unpublished is the newest reply that waits for its review.
func unpublished(one *cases.View) string {
	for _, m := range slices.Backward(one.Messages) {
		if m.Kind == "reply" {
			return m.Text
		}
	}
	return ""
}

package portal

import (
	"context"
	"time"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/cases"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/nextstep"
	"minqing/internal/outreach/campaign"
	"minqing/internal/outreach/offers"
	"minqing/internal/web"
)

const nowShown = 5 // steps

// now is what needs the person who is signed in, before everything else.
type now struct {
	Items  []nowItem
	Next   *nowNext // what we owe them next
	None   web.Words
	All    web.Link
	Why    web.Link  // to the rules behind it
	More   *web.Link // to the steps for which there is no room
	Unread *web.Link // to the messages that were not opened
}

type nowItem struct {
	Href  string
	Title web.Words
	Chip  web.Chip
	Facts []web.Words
	Why   *web.StepWhy // nil: it comes from no rule that could be switched off
}

type nowNext struct {
	Href  string
	Title web.Words
	At    time.Time
	Left  web.Words
}

// now asks what needs whom; nil for somebody who is not signed in.
func (h *homePage) now(ctx context.Context, p *web.Page) (*now, error) {
	switch a := actor.From(ctx); {
	case a.Kind == actor.Staff:
		return h.nowOfStaff(ctx, p)
	case a.Kind == actor.Citizen && a.ConstituentID != "":
		return h.nowOfCitizen(ctx, p)
	}
	return nil, nil
}

func (h *homePage) nowOfCitizen(ctx context.Context, p *web.Page) (*now, error) {
	list, err := h.Next.Steps(ctx, p.Lang)
	if err != nil {
		return nil, err
	}
	n := &now{None: web.Say("portal.now.none"), All: web.Link{Href: "/me/cases", Words: web.Say("portal.now.all")},
		Why: web.Link{Href: nextPath, Words: web.Say("next.why.all")}}
	if list.Off.Hides(nextstep.All) {
		n.None = web.Say("next.off.all.note")
	}
	if h.Privacy != nil { // the owner of an account hears of it wherever they come in
		wish, err := h.Privacy.Standing(ctx)
		if err != nil {
			return nil, err
		}
		if wish != nil {
			n.Items = append(n.Items, nowItem{Href: "/me/privacy", Title: web.Say("privacy.erase.waits"), Chip: web.Chip{Tone: web.ToneDue, Words: web.Say("privacy.erase.chip")}})
		}
	}
	if h.Offers != nil && !list.Off.Hides("offer") {
		waiting, err := h.Offers.Waiting(ctx)
		if err != nil {
			return nil, err
		}
		if waiting > 0 {
			title := web.Say("portal.now.offers", "Count", waiting)
			n.Items = append(n.Items, nowItem{Href: "/me/offers", Title: title, Chip: web.Chip{Tone: web.ToneDue, Words: web.Say("portal.now.offer")}, Why: web.WhyOfRule("offer", title, "/")})
		}
	}
	f := h.Kit.Format(p.Lang)
	for i := range list.Steps {
		if h.Offers == nil || list.Steps[i].Rule.Code != "offer" { // they were counted above
			n.Items = append(n.Items, itemOf(&list.Steps[i], f, "/"))
		}
	}
	if p.Unread > 0 { // the session knows how many
		n.Unread = &web.Link{Href: messagesPath, Words: web.Say("portal.now.messages", "Count", p.Unread)}
	}
	if rest := len(n.Items) - nowShown; rest > 0 {
		n.Items = n.Items[:nowShown]
		n.More = &web.Link{Href: nextPath, Words: web.Say("next.more", "Count", rest)}
	}
	n.Next, err = h.next(ctx, list.Current)
	return n, err
}

// stepTones colour the chips of steps.
var stepTones = map[nextstep.Kind]web.Tone{nextstep.Due: web.ToneDue, nextstep.Expires: web.ToneOver, nextstep.Offered: web.ToneDone}

// itemOf is a step on a page to which its switch comes back.
func itemOf(t *nextstep.Step, f i18n.Format, back string) nowItem {
	item := nowItem{Href: t.Href, Title: web.StepTitle(t), Chip: web.Chip{Tone: stepTones[t.Rule.Kind], Words: web.Say("next." + t.Rule.Code)}, Why: web.WhyOf(t, f, back)}
	if t.Case != nil {
		item.Facts = []web.Words{web.Plain(t.Case.CaseNo), web.Say("case.kind." + string(t.Case.Kind))}
	}
	switch t.Rule.Code {
	case nextstep.Speak, nextstep.Pay, nextstep.Meet:
		item.Chip, item.Facts = web.OwedChip(t), web.OwedFacts(t, f)
	case "expires":
		item.Facts = []web.Words{web.Say("held.until", "Day", everyDay(*t.Until))}
	case "read":
		item.Chip.Tone = web.ToneInfo
	case "judge", "judge_again":
		item.Chip.Tone = web.ToneWatch
	}
	return item
}

// next is the open case that is due first and does not wait for its requester.
func (h *homePage) next(ctx context.Context, list []cases.Case) (*nowNext, error) {
	for i := range list {
		c := &list[i]
		if c.Status == cases.NeedInfo || c.Status.Ended() || c.Status.Stage() >= 4 || c.DueAt == nil {
			continue
		}
		left, err := h.Cases.DaysLeft(ctx, c)
		if err != nil {
			return nil, err
		}
		key, args := i18n.DaysLeft(left)
		return &nowNext{Href: "/cases/" + c.CaseNo, Title: web.Plain(c.Title), At: *c.DueAt, Left: web.Words{Key: key, Args: args}}, nil
	}
	return nil, nil
}

// nowOfStaff leads to what waits for their decision, and to the desk.
func (h *homePage) nowOfStaff(ctx context.Context, p *web.Page) (*now, error) {
	n, err := h.nowOfDesk(ctx, p)
	if err != nil {
		return nil, err
	}
	return n, h.decisions(ctx, n)
}

// decisions adds what a colleague wrote and only a second person lets go.
func (h *homePage) decisions(ctx context.Context, n *now) error {
	add := func(count, most int, title, more, href string) {
		if count > most { // one more is given, so that this can be said
			count, title = most, more
		}
		n.Items = append(n.Items, nowItem{Href: href, Title: web.Say(title, "Count", count), Chip: web.Chip{Tone: web.ToneDue, Words: web.Say("portal.now.decide")}})
	}
	if h.Campaigns != nil {
		list, err := h.Campaigns.ToDecide(ctx)
		if err != nil {
			return err
		}
		switch len(list) {
		case 0:
		case 1:
			add(1, campaign.DecideMost, "portal.now.campaigns.count", "portal.now.campaigns.count.more", "/people/campaigns/"+list[0].ID)
		default:
			add(len(list), campaign.DecideMost, "portal.now.campaigns.count", "portal.now.campaigns.count.more", "/people/campaigns?state="+string(campaign.Asked))
		}
	}
	if h.Offers == nil {
		return nil
	}
	lists, err := h.Offers.ToConfirm(ctx)
	if err != nil {
		return err
	}
	switch len(lists) {
	case 0:
	case 1:
		add(1, offers.ConfirmMost, "portal.now.lists.count", "portal.now.lists.count.more", "/people/offers/"+lists[0].BenefitID+"/lists/"+lists[0].ID)
	default:
		add(len(lists), offers.ConfirmMost, "portal.now.lists.count", "portal.now.lists.count.more", "/people/offers")
	}
	return nil
}

// nowOfDesk leads to the desk with what presses there, and those who have no
// desk to where they work.
func (h *homePage) nowOfDesk(ctx context.Context, p *web.Page) (*now, error) {
	err := h.Cases.Access.Can(ctx, access.CaseList)
	if fault.KindOf(err) == fault.Forbidden && err != nil {
		n := &now{None: web.Say("portal.now.elsewhere")}
		if len(p.Nav) > 0 {
			n.All = web.Link{Href: p.Nav[0].Href, Words: p.Nav[0].Words}
		}
		return n, nil
	}
	if err != nil {
		return nil, err
	}
	overdue, today, err := h.Cases.Pressing(ctx)
	if err != nil {
		return nil, err
	}
	n := &now{None: web.Say("portal.now.desk_clear"), All: web.Link{Href: "/desk", Words: web.Say("portal.now.desk")}}
	add := func(count int, tone web.Tone, chip, title, href string) {
		if count > 0 {
			n.Items = append(n.Items, nowItem{Href: href, Title: web.Say(title, "Count", count), Chip: web.Chip{Tone: tone, Words: web.Say(chip)}})
		}
	}
	add(overdue, web.ToneOver, "portal.now.overdue", "portal.now.overdue.count", "/desk?view="+cases.ViewOverdue)
	add(today, web.ToneDue, "portal.now.today", "portal.now.today.count", "/desk")
	return n, nil
}

package portal

import (
	"context"
	"slices"
	"time"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/cases"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/notify"
	"minqing/internal/satisfaction"
	"minqing/internal/web"
)

// judgeDays is how long the home page asks for a judgement. Later it can still
// be given on the case's own page.
const judgeDays = 30

const (
	nowRead  = 50 // cases looked at
	nowShown = 5  // and shown
)

// now is what needs the person who is signed in, before everything else.
type now struct {
	Items []nowItem
	More  bool     // there is more than is shown
	Next  *nowNext // what we owe them next
	None  web.Words
	All   web.Link
}

type nowItem struct {
	Href  string
	Title web.Words
	Chip  web.Chip
	Facts []web.Words
}

type nowNext struct {
	Href  string
	Title web.Words
	At    time.Time
	Left  web.Words
}

// repliesTold are the messages that a person should read.
var repliesTold = []notify.Kind{notify.Replied, notify.NotAccepted, notify.Concluded, notify.AppealDecided}

// now asks what needs whom; nil for somebody who is not signed in.
func (h *homePage) now(ctx context.Context, p *web.Page) (*now, error) {
	switch a := actor.From(ctx); {
	case a.Kind == actor.Staff:
		return h.nowOfStaff(ctx, p)
	case a.Kind == actor.Citizen && a.ConstituentID != "":
		return h.nowOfCitizen(ctx, a.ConstituentID)
	}
	return nil, nil
}

func (h *homePage) nowOfCitizen(ctx context.Context, constituentID string) (*now, error) {
	me, err := h.Cases.Constituents.Family(ctx, constituentID)
	if err != nil {
		return nil, err
	}
	unread, err := h.Notify.Unopened(ctx, me, repliesTold...)
	if err != nil {
		return nil, err
	}
	list, err := h.Cases.Current(ctx, h.Now().AddDate(0, 0, -judgeDays), unread, nowRead)
	if err != nil {
		return nil, err
	}
	unjudged := satisfaction.Unjudged(list)
	n := &now{None: web.Say("portal.now.none"), All: web.Link{Href: "/me/cases", Words: web.Say("portal.now.all")}}
	if h.Privacy != nil { // the owner of an account hears of it wherever they come in
		wish, err := h.Privacy.Standing(ctx)
		if err != nil {
			return nil, err
		}
		if wish != nil {
			n.Items = append(n.Items, nowItem{Href: "/me/privacy", Title: web.Say("privacy.erase.waits"), Chip: web.Chip{Tone: web.ToneDue, Words: web.Say("privacy.erase.chip")}})
		}
	}
	if h.Offers != nil {
		waiting, err := h.Offers.Waiting(ctx)
		if err != nil {
			return nil, err
		}
		if waiting > 0 {
			n.Items = append(n.Items, nowItem{Href: "/me/offers", Title: web.Say("portal.now.offers", "Count", waiting), Chip: web.Chip{Tone: web.ToneDue, Words: web.Say("portal.now.offer")}})
		}
	}
	add := func(c *cases.Case, tone web.Tone, key string) {
		if href := "/cases/" + c.CaseNo; !slices.ContainsFunc(n.Items, func(i nowItem) bool { return i.Href == href }) {
			n.Items = append(n.Items, nowItem{Href: href, Title: web.Plain(c.Title), Chip: web.Chip{Tone: tone, Words: web.Say(key)},
				Facts: []web.Words{web.Plain(c.CaseNo), web.Say("case.kind." + string(c.Kind))}})
		}
	}
	for i := range list {
		if list[i].Status == cases.NeedInfo {
			add(&list[i], web.ToneDue, "portal.now.answer")
		}
	}
	for i := range list {
		if slices.Contains(unread, list[i].ID) {
			add(&list[i], web.ToneInfo, "portal.now.read")
		}
	}
	for i := range unjudged {
		add(&unjudged[i], web.ToneWatch, "portal.now.judge")
	}
	if len(n.Items) > nowShown {
		n.Items, n.More = n.Items[:nowShown], true
	}
	n.Next, err = h.next(ctx, list)
	return n, err
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

// nowOfStaff leads to the desk with what presses there, and those who have no
// desk to where they work.
func (h *homePage) nowOfStaff(ctx context.Context, p *web.Page) (*now, error) {
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

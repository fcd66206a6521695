package app

import (
	"context"
	"strings"

	"minqing/internal/duties"
	"minqing/internal/enterprises"
	"minqing/internal/fees"
	"minqing/internal/i18n"
	"minqing/internal/notify"
	"minqing/internal/outreach/campaign"
	"minqing/internal/permits"
)

// news knows what messages say of permits, fees, enterprises and campaigns.
type news struct{ a *App }

// tidings is what messages are about, read for all of them at once.
type tidings struct {
	orders map[string]fees.Order
	houses map[notify.Topic]enterprises.News
	names  map[string]string // of accounts
	duties map[string]duties.View
	visits map[string]permits.Announced
	asked  map[string]permits.Asked
	taken  map[string]permits.Accepting // by the ids of applications
	warned map[string]campaign.Warned
}

// NewsFacts say what happened, in the language of the reader.
func (n news) NewsFacts(ctx context.Context, about []notify.Topic, l i18n.Lang) (map[notify.Topic]notify.NewsFacts, error) {
	t, err := n.gather(ctx, about)
	if err != nil {
		return nil, err
	}
	out := make(map[notify.Topic]notify.NewsFacts, len(about))
	for _, topic := range about {
		if o, ok := t.orders[topic.ID]; ok {
			out[topic] = n.ofFee(topic.Kind, &o, l)
		} else if house, ok := t.houses[topic]; ok {
			out[topic] = n.ofHouse(topic.Kind, house, t.names[house.Member], l)
		} else if asked, ok := t.asked[topic.ID]; ok {
			out[topic] = n.ofCorrection(topic.Kind, asked, l)
		} else if taken, ok := t.taken[topic.ID]; ok {
			out[topic] = n.ofAcceptance(&taken, l)
		} else if w, ok := t.warned[topic.ID]; ok {
			out[topic] = n.ofCampaign(topic.ID, &w, l)
		} else if v, ok := t.duties[topic.ID]; ok {
			if visit, known := t.visits[v.Visit()]; known || topic.Kind != notify.DutyVisit || v.Visit() == "" {
				out[topic] = n.ofDuty(topic.Kind, &v, visit, l)
			}
		}
	}
	return out, nil
}

// gather reads what the messages are about, each kind of thing in one go.
func (n news) gather(ctx context.Context, about []notify.Topic) (t tidings, err error) {
	var ofFees, owed, members, notices, taken, late []string
	houses := map[notify.Kind][]string{}
	for _, topic := range about {
		switch k := topic.Kind; k {
		case notify.FeeOrdered, notify.FeeReceived:
			ofFees = append(ofFees, topic.ID)
		case notify.MemberJoined, notify.MemberRole, notify.MemberLeft, notify.HouseHanded:
			houses[k] = append(houses[k], topic.ID)
		case notify.CorrectionNear, notify.CorrectionDue:
			notices = append(notices, topic.ID)
		case notify.ApplicationAccepted:
			taken = append(taken, topic.ID)
		case notify.CampaignDelayed:
			late = append(late, topic.ID)
		default:
			owed = append(owed, topic.ID)
		}
	}
	t.orders, t.houses = map[string]fees.Order{}, map[notify.Topic]enterprises.News{}
	if len(ofFees) > 0 {
		list, err := n.a.Fees.ByIDs(ctx, ofFees)
		if err != nil {
			return t, err
		}
		for i := range list {
			t.orders[list[i].ID] = list[i]
		}
	}
	if t.asked, err = n.a.Permits.AskedIn(ctx, notices); err != nil {
		return t, err
	}
	if t.taken, err = n.a.Permits.AcceptedIn(ctx, taken); err != nil {
		return t, err
	}
	if len(late) > 0 {
		if t.warned, err = n.a.Campaigns.Warnings(ctx, late); err != nil {
			return t, err
		}
	}
	for k, ids := range houses {
		all, err := n.a.Enterprises.NewsOf(ctx, k, ids)
		if err != nil {
			return t, err
		}
		for id, one := range all {
			t.houses[notify.Topic{Kind: k, ID: id}], members = one, append(members, one.Member)
		}
	}
	if t.names, err = n.a.Identity.Names(ctx, members...); err != nil || len(owed) == 0 {
		return t, err
	}
	err = n.gatherDuties(ctx, owed, &t)
	return t, err
}

func (n news) gatherDuties(ctx context.Context, ids []string, t *tidings) error {
	list, err := n.a.Duties.ByIDs(ctx, ids)
	if err != nil {
		return err
	}
	var visits []string
	t.duties = make(map[string]duties.View, len(list))
	for i := range list {
		t.duties[list[i].ID] = list[i]
		if visit := list[i].Visit(); visit != "" {
			visits = append(visits, visit)
		}
	}
	t.visits, err = n.a.Permits.VisitsOf(ctx, visits)
	return err
}

// ofFee names the fee, the amount, and until when it is due or when it was paid.
func (n news) ofFee(k notify.Kind, o *fees.Order, l i18n.Lang) notify.NewsFacts {
	f := i18n.Format{Lang: l}
	args := i18n.Args{"Name": o.FeeName.In(l), "Amount": fees.Money(o.Amount, o.Currency), "Case": o.CaseNo, "Day": f.Date(o.DueOn.UTC())}
	if k == notify.FeeReceived && o.SettledOn != nil {
		args["Day"] = f.Date(o.SettledOn.UTC())
	}
	return notify.NewsFacts{Title: o.TypeName.In(l) + " " + o.OrderNo, Says: n.a.Bundle.T(l, "fees.news."+string(k), args), LinkPath: "/me/fees/" + o.OrderNo}
}

// ofCorrection names the application, what is asked for, and until when.
func (n news) ofCorrection(k notify.Kind, asked permits.Asked, l i18n.Lang) notify.NewsFacts {
	say := func(key string, args i18n.Args) string { return n.a.Bundle.T(l, key, args) }
	lines := []string{say("permit.late.news."+string(k), i18n.Args{"Day": i18n.Format{Lang: l}.Date(asked.DueOn.UTC())})}
	for _, name := range asked.Items {
		lines = append(lines, "· "+name.In(l))
	}
	if asked.Limited && k == notify.CorrectionDue {
		lines = append(lines, say("permit.late.news.limited", nil))
	}
	return notify.NewsFacts{Title: asked.TypeName.In(l) + " " + asked.CaseNo, Says: strings.Join(lines, "\n"), LinkPath: "/enterprise/applications/" + asked.ApplicationID}
}

// ofAcceptance names the application, since when it is accepted, and by when the decision is
// promised.
func (n news) ofAcceptance(x *permits.Accepting, l i18n.Lang) notify.NewsFacts {
	f := i18n.Format{Lang: l}
	key := "permit.accepted.news"
	if x.Deemed {
		key += ".deemed"
	}
	says := n.a.Bundle.T(l, key, i18n.Args{"On": f.Date(x.On.UTC())})
	if x.DueOn != nil {
		says += "\n" + n.a.Bundle.T(l, "permit.accepted.news.due", i18n.Args{"Day": f.Date(x.DueOn.UTC())})
	}
	return notify.NewsFacts{Title: x.TypeName.In(l) + " " + x.CaseNo, Says: says, LinkPath: "/enterprise/applications/" + x.ApplicationID}
}

// ofCampaign names the campaign, and by when its delayed group should have been told.
func (n news) ofCampaign(id string, w *campaign.Warned, l i18n.Lang) notify.NewsFacts {
	f := i18n.Format{Lang: l, Zone: n.a.zone}
	day := ""
	if w.By != nil {
		day = f.Date(*w.By)
	}
	return notify.NewsFacts{Title: w.Name.In(l), Says: n.a.Bundle.T(l, "campaign.later.news", i18n.Args{"Day": day}), LinkPath: "/people/campaigns/" + id}
}

// ofHouse names the enterprise, the member, and what they are there now.
func (n news) ofHouse(k notify.Kind, one enterprises.News, member string, l i18n.Lang) notify.NewsFacts {
	says := n.a.Bundle.T(l, "house.news."+string(k), i18n.Args{"Name": member, "Role": n.a.Bundle.T(l, "house.role."+string(one.Role), nil)})
	return notify.NewsFacts{Title: one.Enterprise, Says: says, LinkPath: "/enterprise"}
}

// ofDuty names the permit and the duty, until when, and what the unit said.
func (n news) ofDuty(k notify.Kind, v *duties.View, visit permits.Announced, l i18n.Lang) notify.NewsFacts {
	f := i18n.Format{Lang: l, Zone: n.a.zone}
	say := func(key string, args i18n.Args) string { return n.a.Bundle.T(l, key, args) }
	lines := []string{say("duty.news.name", i18n.Args{"Name": v.Def.Name.In(l)})}
	switch k {
	case notify.DutySettled:
		lines = append(lines, say("duty.news."+string(v.State), nil))
	case notify.DutyVisit:
		if visit.ID != "" {
			lines = append(lines, say("duty.news.visit", i18n.Args{"At": f.DateTime(visit.VisitAt), "Names": strings.Join(visit.Officials, say("duty.news.comma", nil))}))
			if visit.Notice != "" {
				lines = append(lines, visit.Notice)
			}
		}
	default:
		lines = append(lines, say("duty.news.due", i18n.Args{"Day": f.Date(v.DueOn.UTC())}))
	}
	if hint := v.Def.Hint.In(l); hint != "" && (k == notify.DutyNear || k == notify.DutyMissed) {
		lines = append(lines, hint)
	}
	if v.Reason != "" && (k == notify.DutyReturned || k == notify.DutySettled) {
		lines = append(lines, say("duty.news.reason", i18n.Args{"Reason": v.Reason}))
	}
	path := "/me/permits/" + v.Permit.PermitNo + "/duties/" + v.ID
	if k == notify.DutyOverdue {
		path = "/desk/permits/" + v.Permit.PermitNo + "/duties/" + v.ID
	}
	return notify.NewsFacts{Title: v.Permit.TypeName.In(l) + " " + v.Permit.PermitNo, Says: strings.Join(lines, "\n"), LinkPath: path}
}

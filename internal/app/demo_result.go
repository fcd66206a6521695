package app

import (
	"context"
	"fmt"
	"time"

	"minqing/internal/actor"
	"minqing/internal/calendar"
	"minqing/internal/constituents"
	"minqing/internal/demo"
	"minqing/internal/i18n"
	"minqing/internal/notify"
	"minqing/internal/outreach/campaign"
)

// resultAgo is how many days ago the campaign of the demo city began whose result
// can be read: what it brought about is counted from cases of the city.
const resultAgo = 26

// demoResult brings a campaign that is over: an invented one, with the refusals
// and the cases that came of it.
func (a *App) demoResult(ctx context.Context, filers map[string]demo.Filer) error {
	writer, err := a.Identity.ByEmail(ctx, "outreach@demo.test")
	if err != nil {
		return err
	}
	second, err := a.Identity.ByEmail(ctx, "supervisor@demo.test")
	if err != nil {
		return err
	}
	asWriter := actor.With(ctx, actor.Actor{Kind: actor.Staff, AccountID: writer.ID})
	segments, _, err := a.Outreach.List(asWriter, "")
	if err != nil {
		return err
	}
	began := calendar.DateOf(a.Options.Now(), a.zone).Add(-resultAgo).Start(a.zone).Add(9 * time.Hour)
	past := campaign.Past{Plan: demoGas, Approver: second.ID, Became: demoBecame}
	for _, g := range segments {
		if g.Code != nil && *g.Code == "households-in-touch" {
			past.Plan.SegmentID = g.ID
		}
	}
	for _, f := range filers {
		past.Without = append(past.Without, f.ConstituentID)
	}
	b, err := a.campaignsAt(began).Bring(asWriter, past)
	if err != nil {
		return fmt.Errorf("bring a campaign of the demo city: %w", err)
	}
	if err := a.demoRefusals(ctx, began, b); err != nil {
		return err
	}
	l := demo.Loader{Cases: a.Cases, Satisfaction: a.Satisfaction, Audit: a.Audit}
	if _, err := l.Ask(ctx, past.Plan.Matter, demo.Takers(began, past.Plan.WindowDays, b.Told, b.Control)); err != nil {
		return err
	}
	if err := a.campaignsAt(began.AddDate(0, 0, past.Plan.WindowDays).Add(time.Hour)).Run(ctx, b.ID); err != nil {
		return err
	}
	if err := a.demoGroups(asWriter); err != nil {
		return err
	}
	return a.Insight.Rebuild(ctx)
}

// demoGroups has groups of people found who need the same.
func (a *App) demoGroups(ctx context.Context) error {
	id, err := a.Discover.Start(ctx)
	if err != nil {
		return fmt.Errorf("look for groups in the demo city: %w", err)
	}
	return a.Discover.Do(ctx, id)
}

// campaignsAt are the campaigns, by a clock that stands.
func (a *App) campaignsAt(at time.Time) *campaign.Service {
	d := a.Campaigns.Deps
	d.Now = func() time.Time { return at }
	return campaign.New(d)
}

// demoRefusals writes into the ledger who refused: before, or by the message.
func (a *App) demoRefusals(ctx context.Context, began time.Time, b *campaign.Brought) error {
	for n, who := range b.Told {
		o := demoBecame(n)
		at := began.Add(o.After + o.Refused)
		switch {
		case o.Reason == campaign.SkipRefused:
			at = began.AddDate(0, 0, -1)
		case o.Refused == 0:
			continue
		}
		d := a.Constituents.Deps
		d.Now = func() time.Time { return at }
		people := constituents.New(d)
		for _, by := range constituents.OutreachChannels {
			err := people.Decide(ctx, who, constituents.Decision{Purpose: constituents.Outreach, Channel: by, Words: a.Bundle.T(i18n.ZhHant, "campaign.refuse.words", nil), Locale: string(i18n.ZhHant)})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// demoBecame is what became of the nth person whom a campaign of the city was to tell:
// most got a message, one each half minute of the first hours.
func demoBecame(n int) campaign.Outcome {
	o := campaign.Outcome{Status: campaign.Sent, After: time.Duration(n) * 30 * time.Second}
	switch {
	case n%41 == 5:
		return campaign.Outcome{Status: campaign.Skipped, Reason: campaign.SkipUnreachable}
	case n%77 == 7:
		return campaign.Outcome{Status: campaign.Skipped, Reason: campaign.SkipRefused}
	case n%67 == 3:
		o.Status, o.Reason = campaign.Failed, "rcpt_550"
	case n%110 == 31:
		o.Refused, o.Complain = 5*time.Hour, n == 141
	}
	return o
}

// demoGas is what that campaign said.
var demoGas = campaign.Plan{Matter: "gas-supply", WindowDays: 21, PerHour: 120, HoldPercent: campaign.HoldUsual, Cost: 3600,
	Name: i18n.Text{i18n.ZhHant: "免費瓦斯安檢可以預約", i18n.ZhHans: "免费燃气安检可以预约", i18n.En: "Book the free gas safety check"},
	Texts: campaign.MessagesBy{notify.Mail: {
		Subject: i18n.Text{i18n.ZhHant: "入冬前的免費瓦斯安檢，可以線上預約", i18n.ZhHans: "入冬前的免费燃气安检，可以网上预约", i18n.En: "Book your free gas safety check before winter"},
		Body: i18n.Text{i18n.ZhHant: "您好：\n每戶每年有一次免費的瓦斯安全檢查：查管線、爐具和熱水器，大約 20 分鐘。\n線上選好日子，檢查員會帶著識別證上門，不收任何費用。",
			i18n.ZhHans: "您好：\n每户每年有一次免费的燃气安全检查：查管线、灶具和热水器，大约20分钟。\n网上选好日子，检查员会带着证件上门，不收任何费用。",
			i18n.En:     "Hello,\nEvery household has one free gas safety check a year: pipes, hob and water heater, in about 20 minutes.\nChoose a day online. The inspector shows a card at the door and takes no money."}},
		notify.SMS: {Body: i18n.Text{i18n.ZhHant: "每戶每年一次免費瓦斯安檢，可以線上預約。", i18n.ZhHans: "每户每年一次免费燃气安检，可以网上预约。", i18n.En: "Your yearly gas safety check is free. Book it online."}}}}

package app

import (
	"context"
	"fmt"

	"minqing/internal/actor"
	"minqing/internal/i18n"
	"minqing/internal/notify"
	"minqing/internal/outreach"
	"minqing/internal/outreach/campaign"
)

// demoCampaign writes, by the acts of the pages, a campaign that waits for a second
// person. One that is there already stays.
func (a *App) demoCampaign(ctx context.Context) error {
	writer, err := a.Identity.ByEmail(ctx, "outreach@demo.test")
	if err != nil {
		return err
	}
	ctx = actor.With(ctx, actor.Actor{Kind: actor.Staff, AccountID: writer.ID})
	there, _, err := a.Campaigns.List(ctx, campaign.Filter{})
	if err != nil || len(there) > 0 {
		return err
	}
	segments, _, err := a.Outreach.List(ctx, "")
	if err != nil {
		return err
	}
	for i := range segments {
		g := &segments[i]
		if g.Code == nil || *g.Code != "areas-with-works" || g.Size == 0 || g.State != outreach.Counted {
			continue
		}
		id, err := a.Campaigns.Create(ctx, campaign.Plan{SegmentID: g.ID, Matter: "noise-construction", WindowDays: campaign.WindowDays, PerHour: 120, HoldPercent: campaign.HoldUsual, Cost: 800,
			Name: i18n.Text{i18n.ZhHant: "道路施工期間的通報管道", i18n.ZhHans: "道路施工期间的反映渠道", i18n.En: "Where to report during the road works"},
			Texts: campaign.MessagesBy{notify.Mail: {
				Subject: i18n.Text{i18n.ZhHant: "道路施工：夜間噪音可以線上通報", i18n.ZhHans: "道路施工：夜间噪声可以线上反映", i18n.En: "Road works: report noise at night online"},
				Body: i18n.Text{i18n.ZhHant: "您好：\n您反映過的路段本月起施工，晚上 10 時後不得使用重型機具。\n如果夜間仍有噪音，請線上通報，承辦單位會到場查看。",
					i18n.ZhHans: "您好：\n您反映过的路段本月起施工，晚上 10 时后不得使用重型机具。\n如果夜间仍有噪声，请线上反映，承办单位会到场查看。",
					i18n.En:     "Hello,\nThe road that you wrote to us about is being rebuilt from this month on. No heavy machines may run after 22:00.\nIf it is still loud at night, report it online and the unit in charge will come and look."}},
				notify.InApp: {
					Subject: i18n.Text{i18n.ZhHant: "您反映過的路段開始施工", i18n.ZhHans: "您反映过的路段开始施工", i18n.En: "Works begin on the road that you wrote about"},
					Body: i18n.Text{i18n.ZhHant: "施工到年底，晚上 10 時後不得使用重型機具。\n夜間仍有噪音時，點下面的連結通報，承辦單位會到場查看。",
						i18n.ZhHans: "施工到年底，晚上 10 时后不得使用重型机具。\n夜间仍有噪声时，点下面的链接反映，承办单位会到场查看。",
						i18n.En:     "The works last until the end of the year; no heavy machines may run after 22:00.\nIf it is still loud at night, report it by the link below."}}}})
		if err != nil {
			return fmt.Errorf("write a campaign of the demo city: %w", err)
		}
		return a.Campaigns.Ask(ctx, id, 1)
	}
	return nil
}

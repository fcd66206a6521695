package people

import (
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"minqing/internal/access"
	"minqing/internal/outreach/campaign"
	"minqing/internal/web"
)

func (d Deps) registerCampaigns(g *gin.RouterGroup) {
	if d.Campaigns == nil {
		return
	}
	often := web.Throttle(60, time.Minute, web.ByActor)
	list, plan, one := &campaignsPage{d}, &planPage{d}, &campaignPage{d}
	d.Kit.GET(g, "/campaigns", access.CampaignRead, list.show)
	d.Kit.GET(g, "/campaigns/new", access.CampaignWrite, plan.blank)
	d.Kit.POST(g, "/campaigns/new", access.CampaignWrite, plan.post, often)
	d.Kit.GET(g, "/campaigns/:id", access.CampaignRead, one.show, web.Timeout(counting))
	d.Kit.POST(g, "/campaigns/:id", access.CampaignWrite, one.act, often)
	d.Kit.POST(g, "/campaigns/:id/decide", access.CampaignApprove, one.decide, web.Timeout(counting), often)
	d.Kit.POST(g, "/campaigns/:id/stop", access.CampaignRead, one.stop)
	d.Kit.GET(g, "/campaigns/:id/edit", access.CampaignWrite, plan.edit)
	d.Kit.POST(g, "/campaigns/:id/edit", access.CampaignWrite, plan.post, often)
}

// campaignsPage lists the campaigns of the units that the reader answers for.
type campaignsPage struct{ Deps }

type campaignsView struct {
	web.Page
	Areas  []web.Link
	States []web.Link // narrows to one state
	New    *web.Button
	Rows   []listRow
	Pager  web.Pager
	Empty  *web.Empty
}

func (p *campaignsPage) show(c *gin.Context) error {
	ctx := c.Request.Context()
	v := &campaignsView{Page: p.Kit.Page(c, web.Say("campaign.list.title")), Areas: p.areas(c, "/people/campaigns")}
	state := campaign.State(c.Query("state"))
	if !slices.Contains(campaign.States, state) {
		state = ""
	}
	v.states(state)
	list, next, err := p.Campaigns.List(ctx, campaign.Filter{State: state, Cursor: c.Query("cursor")})
	if err != nil {
		return err
	}
	if p.Access.Can(ctx, access.CampaignWrite) == nil {
		v.New = &web.Button{Words: web.Say("campaign.list.new"), Href: "/people/campaigns/new"}
	}
	if len(list) == 0 && state != "" {
		v.Empty = &web.Empty{Icon: "send", Title: web.Say("campaign.list.none_so"), Words: web.Say("campaign.list.none_so.text")}
		return p.Kit.Show(c, "people/campaigns", v)
	}
	if len(list) == 0 {
		v.Empty = &web.Empty{Icon: "send", Title: web.Say("campaign.list.none"), Words: web.Say("campaign.list.none.text")}
		return p.Kit.Show(c, "people/campaigns", v)
	}
	f := p.Kit.Format(v.Lang)
	for _, k := range list {
		v.Rows = append(v.Rows, listRow{Href: "/people/campaigns/" + k.ID, Title: web.Data(k.Name), Chip: stateChip(k.State), Facts: []web.Words{web.Data(k.SegmentName), p.unit(c, k.UnitID),
			web.Say("campaign.changed_at", "At", f.DayTime(k.UpdatedAt))}})
	}
	v.Pager = pager(c, &v.Page, len(v.Rows), next)
	return p.Kit.Show(c, "people/campaigns", v)
}

// states leads between the campaigns of each state, and all.
func (v *campaignsView) states(now campaign.State) {
	v.States = append(v.States, web.Link{Href: "/people/campaigns", Words: web.Say("campaign.state.all"), Current: now == ""})
	for _, s := range campaign.States {
		v.States = append(v.States, web.Link{Href: "/people/campaigns?state=" + string(s), Words: web.Say("campaign.state." + string(s)), Current: s == now})
	}
}

// listRow is one line of a list: what it is, where it stands, and facts beside it.
type listRow struct {
	Href  string
	Title web.Words
	Chip  web.Chip
	Facts []web.Words
}

func stateChip(s campaign.State) web.Chip {
	tone := map[campaign.State]web.Tone{campaign.Asked: web.ToneDue, campaign.Approved: web.ToneInfo, campaign.Running: web.ToneInfo, campaign.Stopped: web.ToneOver, campaign.Done: web.ToneDone}[s]
	return web.Chip{Tone: tone, Words: web.Say("campaign.state." + string(s))}
}

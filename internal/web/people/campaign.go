package people

import (
	"math"
	"slices"

	"github.com/gin-gonic/gin"

	"minqing/internal/access"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/notify"
	"minqing/internal/outreach"
	"minqing/internal/outreach/campaign"
	"minqing/internal/stats"
	"minqing/internal/web"
)

// campaignPage is one campaign: what it says and to whom, who decides on it, and
// what came of it.
type campaignPage struct{ Deps }

type campaignView struct {
	web.Page
	Campaign *campaign.Campaign
	Chip     web.Chip
	Notice   *web.Notice
	Later    *web.Notice // who was to be told later, and was not
	Facts    []web.SummaryRow
	Says     []saying
	Told     [][]saying // the same, by channel
	Estimate *web.Table
	Lasts    web.Words
	Few      *web.Notice // the members are too few for anybody to be held back
	Finds    *web.Words  // how small a rise the comparison finds
	Doubts   *web.Table
	DoubtsOf web.Words // how many of the messages in doubt are listed, if not all are
	Result   *resultView

	Ask, TakeBack, Decide, Stop bool // what the reader may do now
	Edit, Copy                  *web.Button
	Try                         *web.Field
	Note                        web.Field // why it is given back
	Why                         web.Field // why it is stopped
}

// saying is a message as somebody reads it.
type saying struct {
	Title web.Words
	Lang  i18n.Lang
	Other bool
	Text  bool
	Link  string // what the link to the matter says, in the language of the message
	Stop  string // the end of a text message, likewise

	Channel notify.Channel
	notify.Invitation
}

func (p *campaignPage) show(c *gin.Context) error { return p.page(c, nil) }

func (p *campaignPage) page(c *gin.Context, failed error) error {
	ctx := c.Request.Context()
	k, err := p.Campaigns.Get(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	v := &campaignView{Page: p.Kit.Page(c, web.Data(k.Name)), Campaign: k, Chip: stateChip(k.State)}
	v.Back = &web.Link{Href: "/people/campaigns", Words: web.Say("campaign.list.title")}
	if rest := v.Fail(failed); rest != nil {
		return rest
	}
	for _, fill := range []func(*gin.Context, *campaignView) error{p.facts, p.says, p.doable, p.before, p.after} {
		if err := fill(c, v); err != nil {
			return err
		}
	}
	return p.Kit.Show(c, "people/campaign", v)
}

// facts are what was planned, and by whom.
func (p *campaignPage) facts(c *gin.Context, v *campaignView) error {
	ctx, k, f := c.Request.Context(), v.Campaign, p.Kit.Format(v.Lang)
	who := []string{k.AuthorID}
	if k.ApproverID != nil {
		who = append(who, *k.ApproverID)
	}
	names, err := p.Accounts.Names(ctx, who...)
	if err != nil {
		return err
	}
	matter := web.Say("campaign.matter.none")
	if k.MatterID != nil {
		snap, err := p.Catalogue.Snapshot(ctx)
		if err != nil {
			return err
		}
		if m, err := snap.Matter(*k.MatterID); err == nil {
			matter = web.Data(m.Name)
		}
	}
	row := func(key string, value web.Words) {
		v.Facts = append(v.Facts, web.SummaryRow{Key: web.Say("campaign." + key), Value: value})
	}
	row("segment", web.Data(k.SegmentName))
	row("purpose", web.Say("segment.purpose."+string(k.Purpose)))
	row("basis", web.Say("campaign.basis.of", "Basis", i18n.Key("segment.basis."+string(k.Basis)), "Law", k.BasisText))
	row("matter", matter)
	row("window", p.window(k, f))
	row("hold", holding(k))
	row("per_hour", web.Plain(f.Number(int64(k.PerHour))))
	row("cost", web.Say("campaign.cost.is", "Cost", f.Number(k.Cost)))
	row("author", web.Plain(names[k.AuthorID]))
	if k.ApproverID != nil {
		row("approver", web.Say("campaign.approver.is", "Name", names[*k.ApproverID], "At", f.DayTime(*k.ApprovedAt)))
	}
	v.Notice = noticeOf(k, f)
	return nil
}

func (p *campaignPage) window(k *campaign.Campaign, f i18n.Format) web.Words {
	switch {
	case k.StartedAt != nil:
		return web.Say("campaign.window.from", "From", f.DayTime(*k.StartedAt), "To", f.DayTime(*k.WindowEndsAt))
	case k.OpensOn != nil:
		return web.Say("campaign.window.on", "Day", i18n.Format{Lang: f.Lang, ROC: f.ROC}.Date(k.OpensOn.UTC()), "Count", k.WindowDays)
	}
	return web.Say("campaign.window.days", "Count", k.WindowDays)
}

func holding(k *campaign.Campaign) web.Words {
	switch {
	case k.MatterID == nil || k.Purpose == outreach.Notice || k.Basis == outreach.Urgent || k.HoldPercent == 0:
		return web.Say("campaign.hold.none")
	case k.Entitlement:
		return web.Say("campaign.hold.delayed", "Percent", k.HoldPercent, "Least", campaign.HoldLeast, "Members", campaign.MembersLeast)
	}
	return web.Say("campaign.hold.held", "Percent", k.HoldPercent, "Least", campaign.HoldLeast, "Members", campaign.MembersLeast)
}

// noticeOf says how it stands, where somebody has to know or to do something.
func noticeOf(k *campaign.Campaign, f i18n.Format) *web.Notice {
	switch {
	case k.State == campaign.Draft && k.Note != "":
		return &web.Notice{Tone: web.ToneDue, Title: web.Say("campaign.returned"), Words: web.Plain(k.Note)}
	case k.State == campaign.Asked:
		return &web.Notice{Tone: web.ToneDue, Title: web.Say("campaign.asked"), Words: web.Say("campaign.asked.text", "At", f.DayTime(*k.AskedAt))}
	case k.State == campaign.Approved:
		return &web.Notice{Tone: web.ToneInfo, Title: web.Say("campaign.approved"), Words: web.Say("campaign.approved.text")}
	case k.State == campaign.Stopped && (k.Note == campaign.ByRefusals || k.Note == campaign.ByComplaints):
		return &web.Notice{Tone: web.ToneOver, Title: web.Say("campaign.stopped"), Words: web.Say("campaign.stopped." + k.Note)}
	case k.State == campaign.Stopped:
		return &web.Notice{Tone: web.ToneOver, Title: web.Say("campaign.stopped"), Words: web.Plain(k.Note)}
	}
	return nil
}

// doable is what the reader may do now.
func (p *campaignPage) doable(c *gin.Context, v *campaignView) error {
	ctx, k := c.Request.Context(), v.Campaign
	write := p.Campaigns.MayWrite(ctx, k)
	approve, err := p.Campaigns.MayApprove(ctx, k)
	if err != nil {
		return err
	}
	open := func(a campaign.Act) bool { _, ok := k.State.After(a); return ok }
	v.Ask, v.TakeBack = write && open(campaign.Ask), write && open(campaign.TakeBack)
	v.Decide = approve && open(campaign.Approve)
	v.Stop = open(campaign.Stop) && (write || p.Access.CanOn(ctx, access.CampaignApprove, access.Object{UnitPaths: []string{k.UnitPath}}) == nil)
	if write && open(campaign.Edit) {
		v.Edit = &web.Button{Words: web.Say("campaign.edit"), Kind: "secondary", Href: "/people/campaigns/" + k.ID + "/edit"}
	}
	if write && k.State.Fixed() {
		v.Copy = &web.Button{Words: web.Say("campaign.copy"), Kind: "secondary", Href: "/people/campaigns/new?copy=" + k.ID}
	}
	if write && !k.State.Over() && p.Campaigns.Messages.Carries(notify.Mail) && slices.ContainsFunc(v.Says, func(s saying) bool { return s.Channel == notify.Mail }) {
		f := web.Field{Name: "lang", Label: web.Say("campaign.try.lang"), Value: string(v.Lang)}
		for _, l := range i18n.Langs {
			f.Options = append(f.Options, web.Option{Value: string(l), Words: web.Say("segment.language." + string(l))})
		}
		v.Try = &f
	}
	v.Note = v.Bind(web.Field{Name: "note", Label: web.Say("campaign.note"), Hint: web.Say("campaign.note.hint"), Value: c.PostForm("note"), Rows: 3})
	v.Why = v.Bind(web.Field{Name: "why", Label: web.Say("campaign.why"), Value: c.PostForm("why"), Rows: 2})
	return nil
}

// says shows the messages as people read them, in every language.
func (p *campaignPage) says(c *gin.Context, v *campaignView) error {
	list, err := p.Campaigns.Previews(c.Request.Context(), v.Campaign)
	for _, one := range list {
		l := one.Invitation.Lang
		v.Says = append(v.Says, saying{Title: web.Say("campaign.says."+string(one.Channel), "Language", i18n.Key("segment.language."+string(one.Lang))), Lang: l, Other: one.Other,
			Text: one.Channel == notify.SMS, Link: p.Words.T(l, "campaign.says.link", nil), Stop: p.Words.T(l, "notify.outreach.sms", i18n.Args{"URL": "…"}), Channel: one.Channel, Invitation: one.Invitation})
	}
	v.Told = slices.Collect(slices.Chunk(v.Says, len(i18n.Langs)))
	return err
}

// before tells whom it would reach, until its people are fixed.
func (p *campaignPage) before(c *gin.Context, v *campaignView) error {
	k := v.Campaign
	if k.State.Fixed() {
		return nil
	}
	e, err := p.Campaigns.Estimate(c.Request.Context(), k)
	if err != nil {
		return err
	}
	f := p.Kit.Format(v.Lang)
	v.Estimate = &web.Table{ID: "estimate", Caption: web.Say("campaign.estimate.ways"), Columns: []web.Column{{Words: web.Say("campaign.estimate.what")}, {Words: web.Say("campaign.people"), Numeric: true}}}
	total := people(e.Members, e.Total, f)
	if k.Size().Hidden {
		total = people(0, true, f)
	}
	v.Estimate.Rows = append(v.Estimate.Rows, web.Row{Cells: []web.Cell{{Words: web.Say("campaign.estimate.members")}, {Words: total}}})
	for i, n := range []int64{e.ByMail, e.ByText, e.Portal, e.Refused, e.NoWay} {
		if n > 0 {
			key := []string{"mail", "sms", "inapp", "refused", "no_way"}[i]
			v.Estimate.Rows = append(v.Estimate.Rows, web.Row{Cells: []web.Cell{{Words: web.Say("campaign.estimate." + key)}, {Words: people(n, e.Hidden[i], f)}}})
		}
	}
	v.Few = smallHold(e.Hold)
	if e.Hold.People > 0 {
		words := web.Plain(f.Number(e.Hold.People))
		if e.Hold.Raised {
			words = web.Say("campaign.hold.raised", "Count", f.Number(e.Hold.People), "Share", f.Percent(float64(e.Hold.People)/float64(e.Members)))
		}
		v.Estimate.Rows = append(v.Estimate.Rows, web.Row{Cells: []web.Cell{{Words: web.Say("campaign.estimate.held")}, {Words: words}}})
	}
	v.Lasts = web.Say("campaign.lasts", "Count", e.Hours)
	v.Finds = finds(e, k.Size().Hidden || e.Total, f)
	return nil
}

// smallHold warns, while whoever plans and whoever approves can still change it, that there
// will be nothing to compare with; nil where there will, or where nobody wants it.
func smallHold(h campaign.Hold) *web.Notice {
	if !h.Small {
		return nil
	}
	return &web.Notice{Tone: web.ToneDue, Title: web.Say("campaign.hold.small"), Words: web.Say("campaign.hold.small.text", "Least", campaign.HoldLeast, "Members", campaign.MembersLeast)}
}

// assumed is the share of people who take something up untold that the plan goes by:
// what it really is nobody knows before.
const assumed = 0.12

// finds says how small a rise the comparison would find, which whoever plans should
// know before people are held back for it; nothing where nobody is, or where the
// sizes of the groups are not shown.
func finds(e *campaign.Estimate, hidden bool, f i18n.Format) *web.Words {
	rise := stats.Detectable(assumed, e.Members-e.Hold.People, e.Hold.People)
	if e.Hold.People == 0 || hidden || math.IsNaN(rise) {
		return nil
	}
	return new(web.Say("campaign.finds", "Share", f.Decimal(assumed*100, 0), "Rise", f.Decimal(rise*100, 1), "Each", f.Number(stats.PerArm(assumed, assumed+0.03))))
}

// people is a number of people, or that they are too few to be told.
func people(n int64, hidden bool, f i18n.Format) web.Words {
	if hidden {
		return web.Say("campaign.few", "Few", stats.FloorInside)
	}
	return web.Plain(f.Number(n))
}

type campaignInput struct {
	Do      string `form:"do"`
	Version int64  `form:"version"`
	Note    string `form:"note"`
	Why     string `form:"why"`
	Lang    string `form:"lang"`
}

// act is what its writers do: ask for a decision, take it back, try it.
func (p *campaignPage) act(c *gin.Context) error {
	var in campaignInput
	err := web.Decode(c, &in)
	ctx, id := c.Request.Context(), c.Param("id")
	if err == nil {
		switch in.Do {
		case "ask":
			err = p.Campaigns.Ask(ctx, id, in.Version)
		case "take_back":
			err = p.Campaigns.TakeBack(ctx, id, in.Version)
		case "try":
			l, ok := i18n.ParseLang(in.Lang)
			if !ok {
				l = i18n.Langs[0]
			}
			err = p.Campaigns.Try(ctx, id, l)
		default:
			err = errUnknownAct
		}
	}
	return p.acted(c, in.Do, err)
}

// decide lets a second person approve it, or give it back.
func (p *campaignPage) decide(c *gin.Context) error {
	var in campaignInput
	err := web.Decode(c, &in)
	ctx, id := c.Request.Context(), c.Param("id")
	if err == nil {
		switch in.Do {
		case "approve":
			err = p.Campaigns.Approve(ctx, id, in.Version)
		case "return":
			err = p.Campaigns.Return(ctx, id, in.Version, in.Note)
		default:
			err = errUnknownAct
		}
	}
	return p.acted(c, in.Do, err)
}

func (p *campaignPage) stop(c *gin.Context) error {
	var in campaignInput
	err := web.Decode(c, &in)
	if err == nil {
		err = renamedTo(p.Campaigns.Stop(c.Request.Context(), c.Param("id"), in.Version, in.Why), "note", "why")
	}
	return p.acted(c, "stop", err)
}

func (p *campaignPage) acted(c *gin.Context, did string, err error) error {
	if err != nil {
		return p.page(c, err)
	}
	if !slices.Contains([]string{"ask", "take_back", "try", "approve", "return", "stop"}, did) {
		return errUnknownAct
	}
	return p.done(c, "campaign.done."+did, "/people/campaigns/"+c.Param("id"))
}

// renamedTo shows what is wrong with one field at another.
func renamedTo(err error, from, to string) error {
	e, ok := fault.As(err)
	if !ok || len(e.Fields) == 0 {
		return err
	}
	fields := slices.Clone(e.Fields)
	for i := range fields {
		if fields[i].Name == from {
			fields[i].Name = to
		}
	}
	return fault.InvalidInput(fields...)
}

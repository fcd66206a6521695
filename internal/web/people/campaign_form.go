package people

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"minqing/internal/access"
	"minqing/internal/calendar"
	"minqing/internal/i18n"
	"minqing/internal/notify"
	"minqing/internal/outreach/campaign"
	"minqing/internal/web"
)

// planPage writes a campaign: for whom, what it says, when, and how its result
// will be told.
type planPage struct{ Deps }

type planView struct {
	web.Page
	Action  string
	Version int64
	Names   langFields
	Segment web.Field
	Matter  web.Field
	Claim   web.Field
	Langs   []planTexts
	NoMail  bool
	Opens   web.Field
	PerHour web.Field
	Window  web.Field
	Hold    web.Field
	Cost    web.Field
}

// planTexts are the words in one language.
type planTexts struct {
	Lang    i18n.Lang
	Title   web.Words
	Open    bool // in sight: the reader's own, one with words, or with something wrong
	Subject web.Field
	Body    web.Field
	Text    *web.Field // where text messages can leave

	PortalSubject, PortalBody web.Field
}

// planTyped is the form as it was sent.
type planTyped struct {
	form    url.Values
	version int64
}

func (p *planPage) read(c *gin.Context) (*planTyped, error) {
	var in struct {
		Version int64 `form:"version"`
	}
	err := web.Decode(c, &in)
	for _, values := range c.Request.PostForm {
		for i, v := range values {
			values[i] = strings.TrimSpace(strings.ReplaceAll(strings.ToValidUTF8(v, ""), "\x00", ""))
		}
	}
	return &planTyped{form: c.Request.PostForm, version: in.Version}, err
}

// number reads what should be one; anything else is refused as out of range.
func number(s string) int64 {
	n, err := strconv.ParseInt(strings.ReplaceAll(s, ",", ""), 10, 64)
	if err != nil {
		return -1
	}
	return n
}

func (t *planTyped) plan() campaign.Plan {
	p := campaign.Plan{Name: i18n.Text{}, SegmentID: t.form.Get("segment"), Matter: t.form.Get("matter"), Entitlement: t.form.Get("entitlement") != "",
		HoldPercent: int(number(t.form.Get("hold_percent"))), WindowDays: int(number(t.form.Get("window_days"))), PerHour: int(number(t.form.Get("per_hour"))), Cost: number(t.form.Get("cost")), Texts: campaign.MessagesBy{}}
	if day := t.form.Get("opens_on"); day != "" {
		d, err := calendar.ParseDate(day)
		if err != nil {
			d = 0 // a day of the past, which is refused
		}
		p.OpensOn = &d
	}
	for _, by := range []notify.Channel{notify.Mail, notify.SMS, notify.InApp} {
		m := campaign.Message{Subject: i18n.Text{}, Body: i18n.Text{}}
		for _, l := range i18n.Langs {
			m.Subject[l], m.Body[l] = t.form.Get(campaign.Field(by, "subject", l)), t.form.Get(campaign.Field(by, "body", l))
		}
		p.Texts[by] = m
	}
	for _, l := range i18n.Langs {
		p.Name[l] = t.form.Get("name." + string(l))
	}
	return p
}

// written is a plan as its form has it.
func written(p campaign.Plan, version int64) *planTyped {
	f := url.Values{"segment": {p.SegmentID}, "matter": {p.Matter}, "hold_percent": {strconv.Itoa(p.HoldPercent)}, "window_days": {strconv.Itoa(p.WindowDays)},
		"per_hour": {strconv.Itoa(p.PerHour)}, "cost": {strconv.FormatInt(p.Cost, 10)}}
	if p.Entitlement {
		f.Set("entitlement", "yes")
	}
	if p.OpensOn != nil {
		f.Set("opens_on", p.OpensOn.String())
	}
	for _, l := range i18n.Langs {
		f.Set("name."+string(l), p.Name[l])
		for by, m := range p.Texts {
			f.Set(campaign.Field(by, "subject", l), m.Subject[l])
			f.Set(campaign.Field(by, "body", l), m.Body[l])
		}
	}
	return &planTyped{form: f, version: version}
}

// blank opens the form empty, for the segment that it was opened from, or as the
// copy of a campaign.
func (p *planPage) blank(c *gin.Context) error {
	ctx := c.Request.Context()
	plan := campaign.Plan{SegmentID: c.Query("segment"), HoldPercent: campaign.HoldUsual, WindowDays: campaign.WindowDays, PerHour: campaign.PerHour}
	if id := c.Query("copy"); id != "" {
		k, err := p.Campaigns.Get(ctx, id)
		if err != nil {
			return err
		}
		if plan, err = p.Campaigns.PlanOf(ctx, k); err != nil {
			return err
		}
		plan.OpensOn = nil
	}
	return p.page(c, written(plan, 0), nil)
}

func (p *planPage) edit(c *gin.Context) error {
	ctx := c.Request.Context()
	k, err := p.Campaigns.Get(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	plan, err := p.Campaigns.PlanOf(ctx, k)
	if err != nil {
		return err
	}
	return p.page(c, written(plan, k.Version), nil)
}

func (p *planPage) post(c *gin.Context) error {
	t, err := p.read(c)
	if err != nil {
		return p.page(c, t, err)
	}
	ctx, id := c.Request.Context(), c.Param("id")
	if id == "" {
		id, err = p.Campaigns.Create(ctx, t.plan())
	} else {
		err = p.Campaigns.Change(ctx, id, t.version, t.plan())
	}
	if err != nil {
		return p.page(c, t, err)
	}
	return p.done(c, "campaign.done.save", "/people/campaigns/"+id)
}

func (p *planPage) page(c *gin.Context, t *planTyped, failed error) error {
	title, back := web.Say("campaign.form.new"), web.Link{Href: "/people/campaigns", Words: web.Say("campaign.list.title")}
	if id := c.Param("id"); id != "" {
		title, back = web.Say("campaign.form.edit"), web.Link{Href: "/people/campaigns/" + id, Words: web.Say("campaign.back")}
	}
	v := &planView{Page: p.Kit.Page(c, title), Action: c.Request.URL.Path, Version: t.version}
	v.Back = &back
	if rest := v.Fail(failed); rest != nil {
		return rest
	}
	v.NoMail = !p.Campaigns.Messages.Carries(notify.Mail)
	p.texts(v, t)
	p.pace(v, t)
	if err := p.whom(c, v, t); err != nil {
		return err
	}
	return p.Kit.Show(c, "people/plan", v)
}

// whom asks for whom the campaign is, and what it offers.
func (p *planPage) whom(c *gin.Context, v *planView, t *planTyped) error {
	ctx := c.Request.Context()
	segments, err := p.Segments.Choices(ctx, access.CampaignWrite)
	if err != nil {
		return err
	}
	v.Segment = web.Field{Name: "segment", Label: web.Say("campaign.segment"), Hint: web.Say("campaign.segment.hint"), Value: t.form.Get("segment"), Options: []web.Option{{Words: web.Say("campaign.choose")}}}
	for _, g := range segments {
		v.Segment.Options = append(v.Segment.Options, web.Option{Value: g.ID, Words: web.Data(g.Name)})
	}
	snap, err := p.Catalogue.Snapshot(ctx)
	if err != nil {
		return err
	}
	v.Matter = web.Field{Name: "matter", Label: web.Say("campaign.matter"), Hint: web.Say("campaign.matter.hint"), Value: t.form.Get("matter"), Options: []web.Option{{Words: web.Say("campaign.matter.none")}}}
	for _, m := range snap.MattersOn(calendar.DateOf(p.Now(), p.Zone), "") {
		v.Matter.Options = append(v.Matter.Options, web.Option{Value: m.Code, Words: web.Data(m.Name)})
	}
	v.Claim = web.Field{Name: "entitlement", Label: web.Say("campaign.entitlement"), Options: []web.Option{{Value: "yes", Words: web.Say("campaign.entitlement.yes"), Hint: web.Say("campaign.entitlement.hint")}}}
	if t.form.Get("entitlement") != "" {
		v.Claim.Values = []string{"yes"}
	}
	v.Segment, v.Matter, v.Claim = v.Bind(v.Segment), v.Bind(v.Matter), v.Bind(v.Claim)
	return nil
}

// texts asks for the name and the words, language by language.
func (p *planPage) texts(v *planView, t *planTyped) {
	sms := p.Campaigns.Messages.Carries(notify.SMS)
	v.Names = inSome(&v.Page, web.Field{Name: "name", Width: "30", Complete: "off"}, "campaign.name.in", textsOf(t.form, "name"))
	own := ownFirst(v.Lang)
	for i, e := range v.Errors {
		if e.Key == "campaign.text.required" { // in whichever language: said at the first
			v.Errors[i].Name = campaign.Field(notify.Mail, "body", own[0])
		}
	}
	for i, l := range own {
		subject, body := campaign.Field(notify.Mail, "subject", l), campaign.Field(notify.Mail, "body", l)
		one := planTexts{Lang: l, Title: web.Say("segment.language." + string(l)),
			Subject: v.Bind(web.Field{Name: subject, Label: web.Say("campaign.text.subject"), Value: t.form.Get(subject), Complete: "off", Optional: i > 0}),
			Body:    v.Bind(web.Field{Name: body, Label: web.Say("campaign.text.body"), Value: t.form.Get(body), Rows: 6, Max: campaign.BodyMost, Optional: i > 0})}
		subject, body = campaign.Field(notify.InApp, "subject", l), campaign.Field(notify.InApp, "body", l)
		one.PortalSubject = v.Bind(web.Field{Name: subject, Label: web.Say("campaign.text.inapp.subject"), Value: t.form.Get(subject), Complete: "off", Optional: true})
		one.PortalBody = v.Bind(web.Field{Name: body, Label: web.Say("campaign.text.inapp.body"), Value: t.form.Get(body), Rows: 6, Max: campaign.BodyMost, Optional: true})
		if i == 0 {
			one.PortalBody.Hint = web.Say("campaign.text.inapp.hint")
			one.Body.Hint = web.Say("campaign.text.body.hint")
		}
		if sms {
			text := campaign.Field(notify.SMS, "body", l)
			f := v.Bind(web.Field{Name: text, Label: web.Say("campaign.text.sms"), Value: t.form.Get(text), Rows: 2, Max: campaign.TextMost, Optional: true})
			one.Text = &f
		}
		one.Open = i == 0 || slices.ContainsFunc([]web.Field{one.Subject, one.Body, one.PortalSubject, one.PortalBody, *cmp.Or(one.Text, &web.Field{})}, func(f web.Field) bool {
			return f.Value != "" || f.Error != nil
		})
		v.Langs = append(v.Langs, one)
	}
}

// pace asks when and how fast, and how the result is told.
func (p *planPage) pace(v *planView, t *planTyped) {
	count := func(name string) web.Field {
		return v.Bind(web.Field{Name: name, Label: web.Say("campaign." + name), Hint: web.Say("campaign." + name + ".hint"), Value: t.form.Get(name), Mode: "numeric", Width: "10", Complete: "off"})
	}
	v.PerHour, v.Window, v.Hold, v.Cost = count("per_hour"), count("window_days"), count("hold_percent"), count("cost")
	v.Opens = v.Bind(web.Field{Name: "opens_on", Label: web.Say("campaign.opens_on"), Hint: web.Say("campaign.opens_on.hint"), Type: "date", Value: t.form.Get("opens_on"), Width: "10", Optional: true})
}

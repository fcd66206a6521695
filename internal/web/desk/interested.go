package desk

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"minqing/internal/access"
	"minqing/internal/cases"
	"minqing/internal/fault"
	"minqing/internal/permits"
	"minqing/internal/text"
	"minqing/internal/web"
)

// interestedPage is who else an application concerns, and what they say (行政許可法
// art. 36).
type interestedPage struct {
	*permitPage
}

func registerInterested(d Deps, p *permitPage) {
	g := d.Kit.Group("/desk")
	one := &interestedPage{p}
	d.Kit.GET(g, "/cases/:case_no/third-parties", access.CaseRead, one.show)
	d.Kit.POST(g, "/cases/:case_no/third-parties", access.CaseRead, one.act, web.Keeps(typedOfInterested))
}

// typedOfInterested labels the texts of the page.
func typedOfInterested(name string) web.Words {
	switch name {
	case "name", "reason", "intends", "statement":
		return web.Say("permit.interested." + name)
	}
	return web.Words{}
}

type interestedView struct {
	web.Page
	CaseNo  string
	Version int64
	Lead    web.Words
	Rows    []interestedRow
	Tell    *interestedForm // nil: nobody can be named now
	Waits   web.Words       // why there is no form
}

// interestedRow is one third party and what became of telling them.
type interestedRow struct {
	ID        string
	No        int64
	Chip      web.Chip
	Facts     []web.SummaryRow
	Statement string
	Link      string // where they state their case; for a notice on paper
	Enter     *interestedForm
	Open      bool
}

// interestedForm are the fields of one of the forms of the page.
type interestedForm struct {
	Kind             web.Field
	Name, Mail, Days web.Field
	Intends, Reason  web.Field
	Day, Statement   web.Field
}

func (p *interestedPage) show(c *gin.Context) error {
	v, err := p.view(c, nil)
	if err != nil {
		return err
	}
	return p.Kit.Show(c, "desk/interested", v)
}

// view is the page as it stands, with what was typed when it is shown again.
func (p *interestedPage) view(c *gin.Context, problem error) (*interestedView, error) {
	one, err := p.permits.InterestedPage(c.Request.Context(), c.Param("case_no"))
	if err != nil {
		return nil, err
	}
	v := &interestedView{Page: p.Kit.Page(c, web.Say("permit.interested.title")), CaseNo: one.Case.CaseNo, Version: one.Case.Version, Lead: web.Say("permit.interested.lead")}
	if one.Type.OfTaiwan() {
		v.Lead = web.Say("permit.interested.lead.tw")
	}
	v.Back = &web.Link{Href: "/desk/cases/" + v.CaseNo + "/permit", Words: web.Data(one.Type.Name)}
	if err := v.Fail(problem); err != nil {
		return nil, err
	}
	for i := range one.Interested {
		v.Rows = append(v.Rows, p.row(c, v, one, &one.Interested[i]))
	}
	if !one.Tells() {
		if len(v.Rows) == 0 {
			v.Waits = web.Say("permit.interested.early")
		}
		return v, nil
	}
	v.Tell = v.telling(c)
	return v, nil
}

func (p *interestedPage) row(c *gin.Context, v *interestedView, page *permits.InterestedPage, i *permits.Interested) interestedRow {
	row := interestedFacts(page, i)
	row.Facts = append(row.Facts, web.SummaryRow{Key: web.Say("permit.interested.by"), Value: provisionally(i.StateBy(page.Calendar))})
	row.Chip = interestedChip(i, i.Waits(page.Calendar, p.Now()))
	if i.StatedAt == nil && page.Tells() {
		if link := page.Links[i.ID]; link != "" {
			row.Link = p.BaseURL + link
		}
		row.Open = c.PostForm("do") == "enter" && c.PostForm("third_party") == i.ID
		row.Enter = v.entering(c, row.Open)
	}
	return row
}

// interestedFacts are what was told to whom, and what they said.
func interestedFacts(page *permits.InterestedPage, i *permits.Interested) interestedRow {
	row := interestedRow{ID: i.ID, No: i.No, Statement: text.MaskFree(i.Statement)}
	fact := func(key string, w web.Words) {
		row.Facts = append(row.Facts, web.SummaryRow{Key: web.Say("permit.interested." + key), Value: w})
	}
	fact("name", web.Plain(text.MaskFree(i.Name)))
	if i.Name == "" {
		row.Facts[0].Value = web.Say("held.erased")
	}
	fact("kind", web.Say("permit.interested.kind."+i.Kind))
	fact("reason", web.Plain(text.MaskFree(i.Reason)))
	fact("intends", web.Plain(text.MaskFree(i.Intends)))
	fact("told_on", web.Data(dayText(i.ToldOn)))
	if i.ToldByID != nil && page.Names[*i.ToldByID] != "" {
		fact("told_by", web.Plain(page.Names[*i.ToldByID]))
	}
	way := web.Say("permit.interested.way.link")
	if i.Mail != "" {
		way = web.Say("permit.interested.way.mail")
	}
	fact("way", way)
	if i.StatedOn != nil {
		fact("stated_on", web.Data(dayText(*i.StatedOn)))
	}
	if i.StatedByID != nil && page.Names[*i.StatedByID] != "" {
		fact("entered_by", web.Plain(page.Names[*i.StatedByID]))
	}
	return row
}

func interestedChip(i *permits.Interested, waits bool) web.Chip {
	switch {
	case i.StatedAt != nil:
		return web.Chip{Tone: web.ToneDone, Words: web.Say("permit.interested.chip.stated")}
	case waits:
		return web.Chip{Tone: web.ToneDue, Words: web.Say("permit.interested.chip.told")}
	}
	return web.Chip{Words: web.Say("permit.interested.chip.silent")}
}

// field is a field of the form that was sent, with what was typed, or of another, empty.
func (v *interestedView) field(c *gin.Context, sent bool, f web.Field) web.Field {
	if !sent {
		return f
	}
	f.Value = c.PostForm(f.Name)
	return v.Bind(f)
}

func (v *interestedView) telling(c *gin.Context) *interestedForm {
	sent := c.PostForm("do") == "tell"
	say := func(name string) web.Words { return web.Say("permit.interested." + name) }
	return &interestedForm{
		Kind:    v.field(c, sent, web.Field{Name: "kind", Label: say("kind"), Options: []web.Option{{Value: permits.InterestedPerson, Words: say("kind.person")}, {Value: permits.InterestedEnterprise, Words: say("kind.enterprise")}}}),
		Name:    v.field(c, sent, web.Field{Name: "name", Label: say("name"), Complete: "off"}),
		Mail:    v.field(c, sent, web.Field{Name: "mail", Label: say("mail"), Hint: say("mail.hint"), Type: "email", Complete: "off", Optional: true}),
		Days:    v.field(c, sent, web.Field{Name: "days", Label: say("days"), Hint: web.Say("permit.interested.days.hint", "Least", permits.StateDaysLeast, "Most", permits.StateDaysMost), Mode: "numeric", Width: "5", Value: strconv.Itoa(permits.StateDays)}),
		Intends: v.field(c, sent, web.Field{Name: "intends", Label: say("intends"), Hint: say("intends.hint"), Rows: 3, Max: cases.TextMost / 5}),
		Reason:  v.field(c, sent, web.Field{Name: "reason", Label: say("reason"), Hint: say("reason.hint"), Rows: 2, Max: cases.TextMost / 5}),
	}
}

func (v *interestedView) entering(c *gin.Context, sent bool) *interestedForm {
	return &interestedForm{Day: v.field(c, sent, web.Field{Name: "day", Label: web.Say("permit.hearing.came"), Type: "date", Width: "10"}),
		Statement: v.field(c, sent, web.Field{Name: "statement", Label: web.Say("permit.interested.statement"), Rows: 4, Max: cases.TextMost / 2})}
}

// act names a third party, or enters what one said.
func (p *interestedPage) act(c *gin.Context) error {
	ctx, no := c.Request.Context(), c.Param("case_no")
	if _, err := p.permits.InterestedPage(ctx, no); err != nil {
		return err // whatever was sent
	}
	version, err := strconv.ParseInt(c.PostForm("version"), 10, 64)
	if err != nil || version <= 0 {
		return fault.New(fault.Invalid, "fault.malformed")
	}
	typed := func(name string) string { return strings.TrimSpace(lineEnds.Replace(c.PostForm(name))) }
	do := c.PostForm("do")
	switch do {
	case "tell":
		_, err = p.permits.TellInterested(ctx, no, version, permits.ThirdParty{Kind: typed("kind"), Name: typed("name"), Mail: typed("mail"), Reason: typed("reason"), Intends: typed("intends"), Days: typed("days")})
	case "enter":
		_, err = p.permits.EnterStatement(ctx, no, version, permits.PaperStatement{ID: typed("third_party"), Day: typed("day"), Text: typed("statement")})
	default:
		err = fault.New(fault.NotFound, "case.action.unknown")
	}
	if k := fault.KindOf(err); err != nil && (k == fault.Invalid || k == fault.Conflict) {
		v, loadErr := p.view(c, err)
		if loadErr != nil {
			return loadErr
		}
		return p.Kit.Show(c, "desk/interested", v)
	}
	if err != nil {
		return err
	}
	if err := p.Kit.Flash(c, web.Notice{Tone: web.ToneDone, Words: web.Say("permit.interested.done." + do)}); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, "/desk/cases/"+no+"/third-parties")
	return nil
}

// interestedCardOf leads from the permit page to the third parties.
func interestedCardOf(p *permits.Part, now time.Time) *siteCard {
	if p.Application.AcceptedAt == nil {
		return nil
	}
	s := &siteCard{Href: "/desk/cases/" + p.Case.CaseNo + "/third-parties", Link: web.Say("permit.interested.link"), Chip: web.Chip{Words: web.Say("permit.interested.chip.none")}, Words: web.Say("permit.interested.card.none")}
	if p.Type.OfTaiwan() {
		s.Words = web.Say("permit.interested.card.none.tw")
	}
	if len(p.Interested) == 0 {
		return s
	}
	stated, waits := 0, 0
	for i := range p.Interested {
		switch one := &p.Interested[i]; {
		case one.StatedAt != nil:
			stated++
		case one.Waits(p.Calendar, now):
			waits++
		}
	}
	s.Chip = web.Chip{Tone: web.ToneDone, Words: web.Say("permit.interested.chip.heard")}
	if waits > 0 {
		s.Chip = web.Chip{Tone: web.ToneDue, Words: web.Say("permit.interested.chip.told")}
	}
	s.Words = web.Say("permit.interested.card.some", "Count", len(p.Interested), "Stated", stated)
	return s
}

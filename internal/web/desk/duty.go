package desk

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"minqing/internal/access"
	"minqing/internal/calendar"
	"minqing/internal/duties"
	"minqing/internal/fault"
	"minqing/internal/files"
	"minqing/internal/i18n"
	"minqing/internal/permittypes"
	"minqing/internal/web"
)

func registerDuties(d HeldDeps) {
	g := d.Kit.Group("/desk")
	list, one := &dutiesPage{d}, &dutyPage{d}
	d.Kit.GET(g, "/permits/duties", access.PermitRead, list.show)
	d.Kit.GET(g, "/permits/:no/duties/:duty", access.PermitRead, one.show)
	d.Kit.POST(g, "/permits/:no/duties/:duty", access.PermitRead, one.act, web.Keeps(typedInDuty))
	d.Kit.GET(g, "/permits/:no/duties/:duty/:file", access.PermitRead, one.file)
}

func typedInDuty(name string) web.Words {
	if name == "reason" {
		return web.Say("duty.desk.reason")
	}
	return web.Words{}
}

// dutyChip says where a duty stands.
func dutyChip(d *duties.View, today calendar.Date) web.Chip {
	if d.Overdue(today) {
		return web.Chip{Tone: web.ToneOver, Words: web.Say("duty.state.overdue")}
	}
	tone := map[duties.State]web.Tone{duties.Due: web.ToneDue, duties.Received: web.ToneInfo, duties.Met: web.ToneDone, duties.Unmet: web.ToneOver}[d.State]
	return web.Chip{Tone: tone, Words: web.Say("duty.state." + string(d.State))}
}

// dutiesPage lists what the holders of permits owe.
type dutiesPage struct{ HeldDeps }

type dutiesView struct {
	web.Page
	Views []web.Link
	List  *web.Table
	Empty web.Empty
	Pager web.Pager
}

func (p *dutiesPage) show(c *gin.Context) error {
	v := &dutiesView{Page: p.Kit.Page(c, web.Say("duty.desk.title"))}
	v.Wide, v.Back = true, &web.Link{Href: "/desk/permits", Words: web.Say("held.desk.title")}
	f := duties.Filter{Show: c.Query("show"), Cursor: c.Query("cursor")}
	list, next, err := p.Duties.List(c.Request.Context(), f)
	if err != nil {
		return err
	}
	for _, show := range append([]string{""}, duties.Shows...) {
		link := web.Link{Href: "/desk/permits/duties", Words: web.Say("duty.desk.show.all"), Current: show == f.Show}
		if show != "" {
			link.Href, link.Words = "/desk/permits/duties?show="+show, web.Say("duty.desk.show."+show)
		}
		v.Views = append(v.Views, link)
	}
	today, format := p.Duties.Today(), i18n.Format{Lang: v.Lang}
	if len(list) > 0 {
		v.List = &web.Table{ID: "duties", Caption: web.Say("duty.desk.caption"), Columns: []web.Column{{Words: web.Say("duty.desk.duty")}, {Words: web.Say("duty.due_on")}, {Words: web.Say("held.state")},
			{Words: web.Say("held.no")}, {Words: web.Say("held.type")}, {Words: web.Say("held.holder")}}}
	}
	for i := range list {
		d := &list[i]
		chip, holder := dutyChip(d, today), web.Plain(d.Permit.HolderShown)
		if d.Permit.HolderShown == "" {
			holder = web.Say("held.erased")
		}
		v.List.Rows = append(v.List.Rows, web.Row{Href: dutyHref(d), Cells: []web.Cell{{Words: web.Data(d.Def.Name)}, {Words: web.Plain(format.Date(d.DueOn.UTC()))}, {Chip: &chip},
			{Words: web.Plain(d.Permit.PermitNo)}, {Words: web.Data(d.Permit.TypeName)}, {Words: holder}}})
	}
	v.Empty = web.Empty{Icon: "certificate", Title: web.Say("duty.desk.none"), Words: web.Say("duty.desk.none.text"), Do: &web.Button{Words: web.Say("duty.desk.show.all"), Href: "/desk/permits/duties"}}
	v.Pager = web.Pager{Shown: len(list)}
	if f.Cursor != "" {
		v.Pager.First = v.With("cursor", "")
	}
	if next != "" {
		v.Pager.Next = v.With("cursor", next)
	}
	return p.Kit.Show(c, "desk/duties", v)
}

func dutyHref(d *duties.View) string { return "/desk/permits/" + d.Permit.PermitNo + "/duties/" + d.ID }

// dutyPage is one time of a duty, for the unit.
type dutyPage struct{ HeldDeps }

type dutyView struct {
	web.Page
	No        string
	Version   int64
	Chip      web.Chip
	Facts     []web.SummaryRow
	Hint      string
	Said      string
	Reason    string
	Files     []files.File
	Rules     bool // the reader may settle it
	Returns   bool
	Ruling    web.Field
	Why       web.Field
	Day       web.Field
	Visit     *web.Link // to send officials
	Bad       bool      // it was not met: the acts on the permit are near
	PermitURL string
}

func (p *dutyPage) show(c *gin.Context) error { return p.page(c, nil) }

func (p *dutyPage) page(c *gin.Context, failed error) error {
	d, err := p.Duties.Read(c.Request.Context(), c.Param("no"), c.Param("duty"))
	if err != nil {
		return err
	}
	v := &dutyView{Page: p.Kit.Page(c, web.Data(d.Def.Name)), No: d.Permit.PermitNo, Version: d.Version, Chip: dutyChip(d, p.Duties.Today()), Said: d.Statement, Reason: d.Reason,
		Files: d.Files, Rules: d.Writes && d.Open(), Returns: d.State == duties.Received, Bad: d.State == duties.Unmet || d.Overdue(p.Duties.Today()), PermitURL: "/desk/permits/" + d.Permit.PermitNo}
	v.Wide, v.Back = true, &web.Link{Href: v.PermitURL, Words: web.Plain(v.No)}
	if rest := v.Fail(failed); rest != nil {
		return rest
	}
	v.Hint = d.Def.Hint.In(v.Lang)
	p.facts(v, d)
	if d.Def.Kind == permittypes.DutyInspection && d.Open() && d.Permit.CaseID != nil {
		v.Visit = &web.Link{Href: "/desk/cases/" + d.Permit.CaseNo + "/inspection", Words: web.Say("duty.desk.visit")}
	}
	if v.Rules {
		p.form(c, v)
	}
	return p.Kit.Show(c, "desk/duty", v)
}

func (p *dutyPage) facts(v *dutyView, d *duties.View) {
	f := i18n.Format{Lang: v.Lang}
	row := func(key string, day *calendar.Date) {
		if day != nil {
			v.Facts = append(v.Facts, web.SummaryRow{Key: web.Say(key), Value: web.Plain(f.Date(day.UTC()))})
		}
	}
	holder := web.Plain(d.Permit.HolderShown)
	if d.Permit.HolderShown == "" {
		holder = web.Say("held.erased")
	}
	v.Facts = append(v.Facts, web.SummaryRow{Key: web.Say("held.type"), Value: web.Data(d.Permit.TypeName)}, web.SummaryRow{Key: web.Say("held.holder"), Value: holder})
	row("duty.due_on", &d.DueOn)
	if d.Provisional {
		v.Facts[len(v.Facts)-1].Value = web.Say("duty.due.provisional", "Day", f.Date(d.DueOn.UTC()), "Year", strconv.Itoa(d.DueOn.Year()))
	}
	row("duty.received_on", d.ReceivedOn)
	row("duty.settled_on", d.SettledOn)
	if legal := d.Def.Legal.In(v.Lang); legal != "" {
		v.Facts = append(v.Facts, web.SummaryRow{Key: web.Say("duty.legal"), Value: web.Plain(legal)})
	}
}

func (p *dutyPage) form(c *gin.Context, v *dutyView) {
	options := []web.Option{{Value: "met", Words: web.Say("duty.desk.met")}}
	if v.Returns {
		options = append(options, web.Option{Value: "return", Words: web.Say("duty.desk.return")})
	}
	options = append(options, web.Option{Value: "unmet", Words: web.Say("duty.desk.unmet")})
	v.Ruling = v.Bind(web.Field{Name: "ruling", Label: web.Say("duty.desk.ruling"), Value: c.PostForm("ruling"), Options: options})
	v.Why = v.Bind(web.Field{Name: "reason", Label: web.Say("duty.desk.reason"), Hint: web.Say("duty.desk.reason.hint"), Value: c.PostForm("reason"), Rows: 4, Optional: true, Max: 2000})
	if v.Returns {
		v.Day = v.Bind(web.Field{Name: "day", Label: web.Say("duty.desk.day"), Hint: web.Say("duty.desk.day.hint"), Value: c.PostForm("day"), Type: "date", Width: "10", Optional: true})
	}
}

func (p *dutyPage) act(c *gin.Context) error {
	ctx, no, id := c.Request.Context(), c.Param("no"), c.Param("duty")
	if _, err := p.Duties.Read(ctx, no, id); err != nil {
		return err // whatever was sent
	}
	var in struct {
		Version int64  `form:"version"`
		Ruling  string `form:"ruling"`
		Reason  string `form:"reason"`
		Day     string `form:"day"`
	}
	if err := web.Decode(c, &in); err != nil {
		return err
	}
	var err error
	switch in.Ruling {
	case "met", "unmet", "return":
		err = p.Duties.Rule(ctx, no, id, in.Version, duties.Ruling{Met: in.Ruling == "met", Return: in.Ruling == "return", Reason: lineEnds.Replace(in.Reason), Day: strings.TrimSpace(in.Day)})
	default:
		err = fault.InvalidInput(fault.Field{Name: "ruling", Key: "duty.ruling.required"})
	}
	if k := fault.KindOf(err); err != nil && (k == fault.Invalid || k == fault.Conflict) {
		return p.page(c, err)
	}
	if err != nil {
		return err
	}
	if err := p.Kit.Flash(c, web.Notice{Tone: web.ToneDone, Words: web.Say("duty.desk.done." + in.Ruling)}); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, "/desk/permits/"+no+"/duties/"+id)
	return nil
}

func (p *dutyPage) file(c *gin.Context) error {
	content, err := p.Duties.File(c.Request.Context(), c.Param("no"), c.Param("duty"), c.Param("file"))
	if err != nil {
		return err
	}
	defer content.Close()
	return files.Serve(c.Writer, content)
}

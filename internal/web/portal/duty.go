package portal

import (
	"mime/multipart"
	"net/http"
	"strconv"
	"strings"
	"time"

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

// dutyPage is one time of a duty of a permit, for its holder: what is wanted, what was
// handed in, and handing it in.
type dutyPage struct{ HeldDeps }

func registerDuties(d HeldDeps) {
	k, e := d.Kit, d.Kit.Engine()
	one := &dutyPage{d}
	k.GET(e, "/me/permits/:no/duties/:duty", access.OwnRead, one.show)
	k.POST(e, "/me/permits/:no/duties/:duty", access.OwnRead, one.act, web.Body(files.MaxFiles*files.MaxSize+2<<20), web.Timeout(5*time.Minute), web.Throttle(60, time.Minute, web.ByActor))
	k.GET(e, "/me/permits/:no/duties/:duty/:file", access.OwnRead, one.file)
}

type dutyView struct {
	web.Page
	No        string
	Version   int64
	Chip      web.Chip
	Hint      string
	Legal     string
	Facts     []web.SummaryRow
	Reason    string
	Files     []files.File
	Said      string // what was handed in
	Takes     bool
	Statement web.Field
	Papers    web.Field
	Waits     web.Words // why nothing can be handed in
}

// dutyChip says where a duty stands.
func dutyChip(d *duties.View, today calendar.Date) web.Chip {
	switch {
	case d.Overdue(today):
		return web.Chip{Tone: web.ToneOver, Words: web.Say("duty.state.overdue")}
	case d.Pressing(today):
		return web.Chip{Tone: web.ToneDue, Words: web.Say("duty.state.soon")}
	}
	tone := map[duties.State]web.Tone{duties.Received: web.ToneInfo, duties.Met: web.ToneDone, duties.Unmet: web.ToneOver}[d.State]
	return web.Chip{Tone: tone, Words: web.Say("duty.state." + string(d.State))}
}

func (p *dutyPage) show(c *gin.Context) error { return p.page(c, nil) }

func (p *dutyPage) page(c *gin.Context, failed error) error {
	d, err := p.Duties.Own(c.Request.Context(), c.Param("no"), c.Param("duty"))
	if err != nil {
		return err
	}
	v := &dutyView{Page: p.Kit.Page(c, web.Data(d.Def.Name)), No: d.Permit.PermitNo, Version: d.Version, Chip: dutyChip(d, p.Duties.Today()),
		Files: d.Files, Reason: d.Reason, Takes: d.Takes()}
	v.Back = &web.Link{Href: "/me/permits/" + v.No, Words: web.Plain(v.No)}
	if rest := v.Fail(failed); rest != nil {
		return rest
	}
	if _, err := p.holder(c.Request.Context(), &v.Page, d.Permit.HolderID); err != nil {
		return err
	}
	v.Hint, v.Legal = d.Def.Hint.In(v.Lang), d.Def.Legal.In(v.Lang)
	v.Facts = dutyFacts(v.Lang, d)
	switch {
	case v.Takes:
		said := d.Statement
		if typed, ok := c.GetPostForm("statement"); ok {
			said = typed
		}
		v.Statement = v.Bind(web.Field{Name: "statement", Label: web.Say("duty.statement"), Hint: web.Say("duty.statement.hint"), Value: said, Rows: 5, Optional: d.Def.Kind == permittypes.DutyPaper, Max: 2000})
		v.Papers = v.Bind(web.Field{Name: "files", Label: web.Say("duty.files"), Multiple: true, Optional: !d.Def.Files(),
			Hint: web.Say("permit.material.file.hint", "Count", files.MaxFiles, "Megabytes", files.MaxSize>>20)})
	case d.State == duties.Due && d.Def.Kind == permittypes.DutyInspection:
		v.Waits = web.Say("duty.waits.inspection")
	case d.State == duties.Due:
		v.Waits = web.Say("permit.reader")
	default:
		v.Said = d.Statement
	}
	return p.Kit.Show(c, "portal/duty", v)
}

// dutyFacts are the days of a duty.
func dutyFacts(l i18n.Lang, d *duties.View) (rows []web.SummaryRow) {
	row := func(key string, day *calendar.Date) {
		if day != nil {
			rows = append(rows, web.SummaryRow{Key: web.Say(key), Value: web.Plain(localDay(l, day))})
		}
	}
	row("duty.due_on", &d.DueOn)
	if d.Provisional {
		rows[0].Value = web.Say("duty.due.provisional", "Day", localDay(l, &d.DueOn), "Year", strconv.Itoa(d.DueOn.Year()))
	}
	row("duty.received_on", d.ReceivedOn)
	row("duty.settled_on", d.SettledOn)
	return rows
}

// act keeps or removes papers, or hands the duty in with what was chosen last.
func (p *dutyPage) act(c *gin.Context) error {
	ctx, no, id := c.Request.Context(), c.Param("no"), c.Param("duty")
	if _, err := p.Duties.Own(ctx, no, id); err != nil {
		return err // whatever was sent
	}
	var in struct {
		Do        string `form:"do"`
		Version   int64  `form:"version"`
		Remove    string `form:"remove"`
		Statement string `form:"statement"`
	}
	if err := web.Decode(c, &in); err != nil {
		return p.again(c, err)
	}
	if in.Remove != "" {
		if err := p.Duties.Detach(ctx, no, id, in.Remove); err != nil {
			return p.again(c, err)
		}
		return p.page(c, nil)
	}
	if err := p.keep(c, no, id); err != nil {
		return p.again(c, err)
	}
	if in.Do != "send" {
		return p.page(c, nil)
	}
	if err := p.Duties.HandIn(ctx, no, id, in.Version, in.Statement); err != nil {
		return p.again(c, err)
	}
	if err := p.Kit.Flash(c, web.Notice{Tone: web.ToneDone, Words: web.Say("duty.done.sent")}); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, "/me/permits/"+no+"/duties/"+id)
	return nil
}

// again shows the page with what is to be mended.
func (p *dutyPage) again(c *gin.Context, failed error) error {
	if k := fault.KindOf(failed); k != fault.Invalid && k != fault.Conflict {
		return failed
	}
	return p.page(c, failed)
}

// keep keeps the papers that came; those that were refused are named.
func (p *dutyPage) keep(c *gin.Context, no, id string) error {
	if c.Request.MultipartForm == nil {
		return nil
	}
	var problems []fault.Field
	for _, header := range c.Request.MultipartForm.File["files"] {
		if strings.TrimSpace(header.Filename) == "" {
			continue
		}
		err := p.keepOne(c, no, id, header)
		e, ours := fault.As(err)
		switch {
		case err == nil:
		case ours && e.Kind == fault.Invalid && len(e.Fields) > 0:
			problems = append(problems, fault.Field{Name: "files", Key: "portal.file.refused", Args: map[string]any{"Name": header.Filename, "Why": i18n.Phrase{Key: e.Fields[0].Key, Args: e.Fields[0].Args}}})
		default:
			return err
		}
	}
	if len(problems) > 0 {
		return fault.InvalidInput(problems...)
	}
	return nil
}

func (p *dutyPage) keepOne(c *gin.Context, no, id string, header *multipart.FileHeader) error {
	in, err := header.Open()
	if err != nil {
		return fault.New(fault.Invalid, "fault.malformed").Because(err)
	}
	defer in.Close()
	return p.Duties.Attach(c.Request.Context(), no, id, files.Upload{Name: header.Filename, Content: in, Size: header.Size})
}

// file gives a paper back to who handed it in.
func (p *dutyPage) file(c *gin.Context) error {
	content, err := p.Duties.OwnFile(c.Request.Context(), c.Param("no"), c.Param("duty"), c.Param("file"))
	if err != nil {
		return err
	}
	defer content.Close()
	return files.Serve(c.Writer, content)
}

// dutyRow is a duty in the list of a permit.
func dutyRow(l i18n.Lang, d *duties.View, today calendar.Date) mineRow {
	row := mineRow{Href: "/me/permits/" + d.Permit.PermitNo + "/duties/" + d.ID, Title: web.Data(d.Def.Name), Chip: dutyChip(d, today),
		Facts: []web.Words{web.Say("duty.row.due", "Day", localDay(l, &d.DueOn))}}
	if d.SettledOn != nil {
		row.Facts = []web.Words{web.Say("duty.row.settled", "Day", localDay(l, d.SettledOn))}
	}
	return row
}

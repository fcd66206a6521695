package admin

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"minqing/internal/access"
	"minqing/internal/cases"
	"minqing/internal/i18n"
	"minqing/internal/retention"
	"minqing/internal/web"
)

// RetentionDeps are what the page about retention needs.
type RetentionDeps struct {
	Kit       *web.Kit
	Retention *retention.Service
	Cases     *cases.Service
	Access    *access.Service
	Zone      *time.Location
}

// RegisterRetention mounts the page.
func RegisterRetention(d RetentionDeps) {
	g, page := d.Kit.Group("/admin/retention"), &retentionPage{d}
	d.Kit.GET(g, "", access.RetentionRead, page.show)
	d.Kit.POST(g, "", access.RetentionHold, page.send)
}

type retentionPage struct{ RetentionDeps }

type holdForm struct {
	Do     string `form:"do"`
	CaseNo string `form:"case_no"`
	Reason string `form:"reason"`
}

type retentionView struct {
	web.Page
	Rules  web.Table
	Holds  []holdRow
	May    bool // this actor may place and lift holds
	CaseNo web.Field
	Reason web.Field
	Place  web.Button
}

// holdRow is a hold in force.
type holdRow struct {
	cases.Hold
	Lift web.Button
}

// show says what each rule would let go now, and which files are held back.
// Nothing goes from here: minqing retention run does it, and signs a report.
func (p *retentionPage) show(c *gin.Context) error {
	v, err := p.view(c, holdForm{})
	if err != nil {
		return err
	}
	return p.Kit.Show(c, "admin/retention", v)
}

func (p *retentionPage) view(c *gin.Context, f holdForm) (*retentionView, error) {
	ctx := c.Request.Context()
	list, err := p.Retention.Look(ctx)
	if err != nil {
		return nil, err
	}
	holds, err := p.Cases.Holds(ctx)
	if err != nil {
		return nil, err
	}
	v := &retentionView{Page: p.Kit.Page(c, web.Say("admin.retention.title")), May: p.Access.Can(ctx, access.RetentionHold) == nil,
		CaseNo: web.Field{Name: "case_no", Label: web.Say("admin.retention.case_no"), Value: f.CaseNo, Width: "20"},
		Reason: web.Field{Name: "reason", Label: web.Say("admin.retention.reason"), Hint: web.Say("admin.retention.reason.hint"), Value: f.Reason, Width: "full"},
		Place:  web.Button{Words: web.Say("admin.retention.hold"), Name: "do", Value: "hold"}}
	v.Wide = true
	format := i18n.Format{Lang: v.Lang, Zone: p.Zone}
	v.Rules = web.Table{ID: "rules", Caption: web.Say("admin.retention.rules"), Columns: columns("admin.retention.class", "admin.retention.basis",
		"admin.retention.start", "admin.retention.period", "admin.retention.action", "admin.retention.due", "admin.retention.held")}
	v.Rules.Columns[5].Numeric, v.Rules.Columns[6].Numeric = true, true
	for _, d := range list {
		due := web.Plain(format.Number(int64(d.Count - d.Held)))
		if d.Count >= retention.CountMost {
			due = web.Say("admin.keys.many", "Count", format.Number(int64(d.Count)))
		}
		v.Rules.Rows = append(v.Rules.Rows, web.Row{Cells: []web.Cell{{Words: web.Say("retention.class." + d.RecordClass)}, {Words: web.Data(d.Basis)},
			{Words: web.Say("retention.start." + d.StartEvent)}, {Words: span(d.Rule)}, {Words: web.Say("retention.action." + d.Action)}, {Words: due},
			{Words: web.Plain(format.Number(int64(d.Held)))}}})
	}
	for _, h := range holds {
		v.Holds = append(v.Holds, holdRow{Hold: h,
			Lift: web.Button{Words: web.Say("admin.retention.lift"), Kind: "small", Name: "do", Value: "lift"}})
	}
	return v, nil
}

// span says how long a rule keeps.
func span(r retention.Rule) web.Words {
	n, unit := r.Span()
	return web.Say("retention.span."+unit, "Count", n)
}

func (p *retentionPage) send(c *gin.Context) error {
	var f holdForm
	err := web.Decode(c, &f)
	said := "admin.retention.held.done"
	if err == nil && f.Do == "lift" {
		said, err = "admin.retention.lifted.done", p.Cases.LiftHold(c.Request.Context(), f.CaseNo, f.Reason)
	} else if err == nil {
		err = p.Cases.PlaceHold(c.Request.Context(), f.CaseNo, f.Reason)
	}
	if err != nil {
		v, failed := p.view(c, f)
		if failed != nil {
			return failed
		}
		if err := v.Fail(err); err != nil {
			return err
		}
		v.CaseNo, v.Reason = v.Bind(v.CaseNo), v.Bind(v.Reason)
		return p.Kit.Show(c, "admin/retention", v)
	}
	if err := p.Kit.Flash(c, web.Notice{Tone: web.ToneDone, Words: web.Say(said)}); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, "/admin/retention")
	return nil
}

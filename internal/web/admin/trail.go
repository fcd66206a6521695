package admin

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"minqing/internal/access"
	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/idcode"
	"minqing/internal/identity"
	"minqing/internal/web"
)

// TrailDeps are what the auditor's pages need.
type TrailDeps struct {
	Kit    *web.Kit
	Words  *i18n.Bundle
	Audit  *audit.Service
	Access *access.Service
	People *identity.Service
	Reason func(ctx context.Context, kept string) (reason string, gone bool, err error) // opens a sealed one
	Zone   *time.Location
}

// RegisterTrail mounts the pages of who checks what others did.
func RegisterTrail(d TrailDeps) {
	g := d.Kit.Group("/admin")
	p := &trailPage{d}
	d.Kit.GET(g, "/audit", access.AuditRead, p.show)
	d.Kit.GET(g, "/audit.csv", access.AuditRead, p.download, web.Timeout(2*time.Minute), web.Again())
	d.Kit.POST(g, "/audit.csv", access.AuditRead, again, web.Again())
}

// again leads back to the download, once the password was given.
func again(c *gin.Context) error {
	c.Redirect(http.StatusSeeOther, c.Request.URL.RequestURI())
	return nil
}

// The two logs.
const (
	logTrail = "trail" // what was done
	logReads = "reads" // whose data somebody saw in the clear
)

type trailPage struct{ TrailDeps }

type trailView struct {
	web.Page
	Log   string
	Views []web.Link
	Form  []web.Field
	Area  *web.Field
	Rows  []trailRow
	Pager web.Pager
	Empty web.Empty
	Chain web.Notice
	CSV   *web.Button
}

type trailRow struct {
	At      time.Time
	Action  web.Words
	Code    string // what programs call the action
	Who     web.Words
	As      web.Words // in whose place
	For     string    // the id of the enterprise that somebody acted for
	About   web.Words
	Object  string
	Named   string // the object's name, where it is an account
	Changes []string
	Reason  string
	Gone    bool // the reason went with the person that it was about
	IP      string
	Request string
}

// asked reads the form. Mistakes are told at their fields.
func (p *trailPage) asked(c *gin.Context) (log string, f audit.Filter, err error) {
	ctx := c.Request.Context()
	log = pick(c.Query("log"), []string{logTrail, logReads})
	var bad []fault.Field
	day := func(name string) (d calendar.Date, given bool) {
		s := strings.TrimSpace(c.Query(name))
		if s == "" {
			return 0, false
		}
		d, err := calendar.ParseDate(s)
		if err != nil {
			bad = append(bad, fault.Field{Name: name, Key: "audit.filter.day"})
		}
		return d, err == nil
	}
	if d, given := day("from"); given {
		f.From = d.Start(p.Zone)
	}
	if d, given := day("to"); given {
		f.Until = d.Add(1).Start(p.Zone)
	}
	if !f.From.IsZero() && !f.Until.IsZero() && !f.From.Before(f.Until) {
		bad = append(bad, fault.Field{Name: "to", Key: "audit.filter.reversed"})
	}
	if who := strings.TrimSpace(c.Query("who")); who != "" {
		a, err := p.People.ByEmail(ctx, who)
		switch {
		case err == nil:
			f.AccountID = a.ID
		case fault.KindOf(err) == fault.NotFound || fault.KindOf(err) == fault.Invalid:
			bad = append(bad, fault.Field{Name: "who", Key: "audit.filter.who.unknown"})
		default:
			return log, f, err
		}
	}
	if object := strings.TrimSpace(c.Query("object")); object != "" {
		f.Object = object
		if n, err := idcode.ParseCaseNumber(object); err == nil {
			f.Kind, f.Object = "case", n.String()
		}
	}
	if area := c.Query("area"); area != "" && log == logTrail {
		if f.Area = pick(area, append([]string{""}, audit.Areas...)); f.Area == "" {
			bad = append(bad, fault.Field{Name: "area", Key: "audit.filter.area.unknown"})
		}
	}
	f.Cursor = c.Query("cursor")
	if len(bad) > 0 {
		return log, f, fault.InvalidInput(bad...)
	}
	return log, f, nil
}

// show lists what was done, or who saw what, newest first.
func (p *trailPage) show(c *gin.Context) error {
	ctx := c.Request.Context()
	v := &trailView{Page: p.Kit.Page(c, web.Say("audit.title"))}
	v.Wide = true
	log, f, err := p.asked(c)
	v.Log = log
	if failed := v.Fail(err); failed != nil {
		return failed
	}
	p.form(c, v)
	if err == nil {
		if err := p.fill(ctx, v, log, f); err != nil {
			return err
		}
	}
	return p.Kit.Show(c, "admin/trail", v)
}

func (p *trailPage) form(c *gin.Context, v *trailView) {
	for _, l := range []string{logTrail, logReads} {
		v.Views = append(v.Views, web.Link{Href: "/admin/audit?log=" + l, Words: web.Say("audit.log." + l), Current: l == v.Log})
	}
	for _, f := range []web.Field{{Name: "from", Type: "date"}, {Name: "to", Type: "date"}, {Name: "who", Type: "email"}, {Name: "object"}} {
		f.Label, f.Value = web.Say("audit.filter."+f.Name), c.Query(f.Name)
		v.Form = append(v.Form, v.Bind(f))
	}
	if v.Log == logTrail {
		area := web.Field{Name: "area", Label: web.Say("audit.filter.area"), Value: c.Query("area"),
			Options: []web.Option{{Words: web.Say("audit.area.all")}}}
		for _, a := range audit.Areas {
			area.Options = append(area.Options, web.Option{Value: a, Words: web.Say("audit.area." + a)})
		}
		area = v.Bind(area)
		v.Area = &area
	}
	if c.Query("from")+c.Query("to")+c.Query("who")+c.Query("object")+c.Query("area") == "" {
		v.Empty = web.Empty{Icon: "circle-check", Title: web.Say("audit.none.title"), Words: web.Say("audit.none.text")}
		return
	}
	v.Empty = web.Empty{Icon: "search", Title: web.Say("audit.empty.title"), Words: web.Say("audit.empty.text"),
		Do: &web.Button{Words: web.Say("audit.filter.clear"), Href: "/admin/audit?log=" + v.Log, Kind: "secondary"}}
}

// tailLength is how many seals the page recomputes; `minqing audit verify` takes all.
const tailLength = 100

func (p *trailPage) fill(ctx context.Context, v *trailView, log string, f audit.Filter) error {
	rows, next, err := p.rows(ctx, log, f)
	if err != nil {
		return err
	}
	v.Rows = rows
	v.Pager = web.Pager{Shown: len(rows)}
	if f.Cursor != "" {
		v.Pager.First = v.With("cursor", "")
	}
	if next != "" {
		v.Pager.Next = v.With("cursor", next)
	}
	if len(rows) > 0 {
		_, query, _ := strings.Cut(v.With("cursor", ""), "?")
		v.CSV = &web.Button{Words: web.Say("audit.csv"), Kind: "secondary", Href: "/admin/audit.csv?" + query}
	}
	tail, err := p.Audit.CheckTail(ctx, tailLength)
	var broken *audit.Broken
	switch {
	case asBroken(err, &broken):
		v.Chain = web.Notice{Tone: web.ToneOver, Words: web.Say("audit.chain.broken", "Seal", broken.Seq)}
	case err != nil:
		return err
	case tail.Seals > 0:
		v.Chain = web.Notice{Tone: web.ToneDone, Words: web.Say("audit.chain.holds", "Count", tail.Checked, "Seals", tail.Seals)}
	}
	return nil
}

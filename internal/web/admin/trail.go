package admin

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"minqing/internal/access"
	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/db"
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
	d.Kit.POST(g, "/audit", access.AuditRead, p.narrow, web.Throttle(120, time.Minute, web.ByActor))
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
	By    *trailBy
	Rows  []trailRow
	Pager web.Pager
	Empty web.Empty
	Chain web.Notice
	CSV   *web.Button
}

// trailBy is the account whose acts the list is narrowed to. An address has its id,
// never where its mail goes.
type trailBy struct {
	ID   string
	Name web.Words
	Off  string // the list without it
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

// filtering are the names of what narrows the lists; nobody's mail address is one.
var filtering = []string{"log", "from", "to", "account", "object", "area"}

// narrow leads to the list that the form asks for. The form is sent in the body and
// the account goes by its id, so that nobody's mail address stands in an address,
// a history or a log. What leads nowhere is told on the page itself.
func (p *trailPage) narrow(c *gin.Context) error {
	ctx := c.Request.Context()
	if err := c.Request.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "fault.malformed").Because(err)
	}
	q, bad, err := p.named(ctx, c.Request.PostForm)
	if err != nil {
		return err
	}
	log, f, err := p.asked(q, bad...)
	if err == nil && f.Object != "" && f.Kind == "" && !db.IsID(f.Object) {
		rows, _, err := p.rows(ctx, log, audit.Filter{Object: f.Object, Limit: 1})
		if err != nil {
			return err
		}
		if len(rows) == 0 { // no id of anything: who knows what was typed
			return p.page(c, q, log, f, nil)
		}
	}
	if err != nil {
		return p.page(c, q, log, f, err)
	}
	q.Del("who")
	c.Redirect(http.StatusSeeOther, "/admin/audit?"+q.Encode())
	return nil
}

// named is what a form asks for, with the account that has the typed mail address.
// A typed one goes before one that was chosen earlier.
func (p *trailPage) named(ctx context.Context, typed url.Values) (q url.Values, bad []fault.Field, err error) {
	q = url.Values{}
	for _, name := range filtering {
		if value := strings.TrimSpace(typed.Get(name)); value != "" {
			q.Set(name, value)
		}
	}
	who := strings.TrimSpace(typed.Get("who"))
	if who == "" {
		return q, nil, nil
	}
	q.Set("who", who)
	a, err := p.People.ByEmail(ctx, who)
	switch {
	case err == nil:
		q.Set("account", a.ID)
	case fault.KindOf(err) == fault.NotFound || fault.KindOf(err) == fault.Invalid:
		q.Del("account")
		bad = append(bad, fault.Field{Name: "who", Key: "audit.filter.who.unknown"})
	default:
		return nil, nil, err
	}
	return q, bad, nil
}

// asked reads what the list is narrowed to. Mistakes are told at their fields.
func (p *trailPage) asked(q url.Values, bad ...fault.Field) (log string, f audit.Filter, err error) {
	log = pick(q.Get("log"), []string{logTrail, logReads})
	day := func(name string) (d calendar.Date, given bool) {
		s := strings.TrimSpace(q.Get(name))
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
	if f.AccountID = q.Get("account"); f.AccountID != "" && !db.IsID(f.AccountID) {
		bad = append(bad, fault.Field{Name: "who", Key: "audit.filter.who.unknown"})
	}
	if object := strings.TrimSpace(q.Get("object")); object != "" {
		f.Object = object
		if n, err := idcode.ParseCaseNumber(object); err == nil {
			f.Kind, f.Object = "case", n.String()
		}
	}
	if area := q.Get("area"); area != "" && log == logTrail {
		if f.Area = pick(area, append([]string{""}, audit.Areas...)); f.Area == "" {
			bad = append(bad, fault.Field{Name: "area", Key: "audit.filter.area.unknown"})
		}
	}
	f.Cursor = q.Get("cursor")
	if len(bad) > 0 {
		return log, f, fault.InvalidInput(bad...)
	}
	return log, f, nil
}

// show lists what was done, or who saw what, newest first.
func (p *trailPage) show(c *gin.Context) error {
	q := c.Request.URL.Query()
	if q.Has("who") { // from before, or typed by hand: it goes no further
		q, bad, err := p.named(c.Request.Context(), q)
		if err != nil {
			return err
		}
		q.Del("who")
		if len(bad) > 0 {
			q.Set("account", "unknown")
		}
		c.Redirect(http.StatusSeeOther, "/admin/audit?"+q.Encode())
		return nil
	}
	log, f, err := p.asked(q)
	return p.page(c, q, log, f, err)
}

func (p *trailPage) page(c *gin.Context, q url.Values, log string, f audit.Filter, failed error) error {
	v := &trailView{Page: p.Kit.Page(c, web.Say("audit.title")), Log: log}
	v.Wide = true
	if rest := v.Fail(failed); rest != nil {
		return rest
	}
	if err := p.form(c.Request.Context(), v, q); err != nil {
		return err
	}
	if failed == nil {
		if err := p.fill(c.Request.Context(), v, log, f); err != nil {
			return err
		}
	}
	return p.Kit.Show(c, "admin/trail", v)
}

func (p *trailPage) form(ctx context.Context, v *trailView, q url.Values) error {
	for _, l := range []string{logTrail, logReads} {
		v.Views = append(v.Views, web.Link{Href: "/admin/audit?log=" + l, Words: web.Say("audit.log." + l), Current: l == v.Log})
	}
	for _, f := range []web.Field{{Name: "from", Type: "date"}, {Name: "to", Type: "date"}, {Name: "who", Type: "email", Complete: "off"}, {Name: "object", Complete: "off"}} {
		f.Label, f.Value = web.Say("audit.filter."+f.Name), q.Get(f.Name)
		v.Form = append(v.Form, v.Bind(f))
	}
	if v.Log == logTrail {
		area := web.Field{Name: "area", Label: web.Say("audit.filter.area"), Value: q.Get("area"),
			Options: []web.Option{{Words: web.Say("audit.area.all")}}}
		for _, a := range audit.Areas {
			area.Options = append(area.Options, web.Option{Value: a, Words: web.Say("audit.area." + a)})
		}
		area = v.Bind(area)
		v.Area = &area
	}
	if id := q.Get("account"); db.IsID(id) {
		names, err := p.names(ctx, []string{id})
		if err != nil {
			return err
		}
		v.By = &trailBy{ID: id, Name: p.who("", &id, "", names), Off: v.With("account", "")}
	}
	if q.Get("from")+q.Get("to")+q.Get("who")+q.Get("account")+q.Get("object")+q.Get("area") == "" {
		v.Empty = web.Empty{Icon: "circle-check", Title: web.Say("audit.none.title"), Words: web.Say("audit.none.text")}
		return nil
	}
	v.Empty = web.Empty{Icon: "search", Title: web.Say("audit.empty.title"), Words: web.Say("audit.empty.text"),
		Do: &web.Button{Words: web.Say("audit.filter.clear"), Href: "/admin/audit?log=" + v.Log, Kind: "secondary"}}
	return nil
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

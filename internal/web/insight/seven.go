package insight

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"minqing/internal/access"
	"minqing/internal/calendar"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/insight/seven"
	"minqing/internal/web"
)

// SevenDeps are what the pages of 7P need.
type SevenDeps struct {
	Kit   *web.Kit
	Words *i18n.Bundle // for files and values, which no template writes
	Seven *seven.Service
}

const (
	sevenPath  = "/insight/7p"
	inputsPath = "/insight/7p/inputs"
)

// RegisterSeven mounts the pages.
func RegisterSeven(d SevenDeps) {
	g := d.Kit.Group(sevenPath)
	p := &sevenPage{d}
	d.Kit.GET(g, "", access.ReportRead, p.list)
	for _, page := range seven.Pages {
		d.Kit.GET(g, "/"+page, access.ReportRead, func(c *gin.Context) error { return p.show(c, page) })
		d.Kit.GET(g, "/"+page+".csv", access.ReportExport, func(c *gin.Context) error { return p.download(c, page) }, web.Timeout(2*time.Minute))
	}
	in := &inputsPage{d}
	d.Kit.GET(g, "/inputs", access.FigureInputs, in.list)
	d.Kit.GET(g, "/inputs/new", access.FigureEnter, in.fresh)
	d.Kit.POST(g, "/inputs/new", access.FigureEnter, in.send)
	d.Kit.GET(g, "/inputs/edit/:id", access.FigureInputs, in.edit)
	d.Kit.POST(g, "/inputs/edit/:id", access.FigureEnter, in.send)
}

type sevenPage struct{ SevenDeps }

type sevenList struct {
	web.Page
	Areas []web.Link
	Items []sevenItem
}

type sevenItem struct {
	Href  string
	Title web.Words
	Asks  web.Words
	Names []web.Words
}

// list leads to the pages.
func (p *sevenPage) list(c *gin.Context) error {
	v := &sevenList{Page: p.Kit.Page(c, web.Say("seven.title")), Areas: p.areas(c, "", "")}
	for _, page := range seven.Pages {
		item := sevenItem{Href: sevenPath + "/" + page, Title: web.Say("seven.page." + page), Asks: web.Say("seven.asks." + page)}
		for _, f := range seven.Registry {
			if f.Page == page {
				item.Names = append(item.Names, web.Say("seven.figure."+f.ID+".name"))
			}
		}
		v.Items = append(v.Items, item)
	}
	return p.Kit.Show(c, "insight/seven", v)
}

// areas leads between the pages and keeps what was asked for.
func (d SevenDeps) areas(c *gin.Context, current, query string) []web.Link {
	var list []web.Link
	for _, page := range seven.Pages {
		list = append(list, web.Link{Href: sevenPath + "/" + page + query, Words: web.Say("seven.page." + page), Current: page == current})
	}
	if d.Seven.MayReadInputs(c.Request.Context()) {
		list = append(list, web.Link{Href: inputsPath, Words: web.Say("seven.inputs.title"), Current: current == "inputs"})
	}
	return list
}

type sevenView struct {
	web.Page
	Action   string
	Areas    []web.Link
	Filters  []web.Field
	Report   *seven.Page // nil while the form has errors
	Lead     web.Words
	Counted  web.Words
	Of       web.Words // the campaign of the first figures
	Listed   web.Words // how many campaigns are listed, if not all are
	Empty    *web.Empty
	Stats    []sevenStat
	Sections []sevenSection
	Inputs   *web.Table
	CSV      *web.Button
}

// sevenForm is what was asked for, as it was typed.
type sevenForm struct{ From, To, Unit, Group, Matter string }

func (f sevenForm) query() string {
	q := url.Values{}
	for name, v := range map[string]string{"from": f.From, "to": f.To, "unit": f.Unit, "group": f.Group, "matter": f.Matter} {
		if v != "" {
			q.Set(name, v)
		}
	}
	if len(q) == 0 {
		return ""
	}
	return "?" + q.Encode()
}

const monthForm = "2006-01"

// yearMonths is how many months are shown to who names none.
const yearMonths = 12

func (p *sevenPage) asked(c *gin.Context, page string) (seven.Query, sevenForm, error) {
	f := sevenForm{c.Query("from"), c.Query("to"), c.Query("unit"), c.Query("group"), c.Query("matter")}
	today := p.Seven.Today()
	y, m := today.YearMonth()
	q := seven.Query{Page: page, From: calendar.NewDate(y, m-yearMonths+1, 1), To: today, Unit: f.Unit, Group: f.Group, Matter: f.Matter}
	if page == seven.Profiling {
		q.Matter = "" // who is served is asked of all matters
	}
	var bad []fault.Field
	for name, into := range map[string]*calendar.Date{"from": &q.From, "to": &q.To} {
		typed := map[string]string{"from": f.From, "to": f.To}[name]
		if typed == "" {
			continue
		}
		day, err := calendar.ParseDate(typed + "-01")
		if err != nil {
			bad = append(bad, fault.Field{Name: name, Key: "seven.period.month"})
			continue
		}
		*into = day
	}
	if len(bad) > 0 {
		return q, f, fault.InvalidInput(bad...)
	}
	return q, f, nil
}

// show is one of the pages.
func (p *sevenPage) show(c *gin.Context, page string) error {
	q, f, err := p.asked(c, page)
	v := &sevenView{Page: p.Kit.Page(c, web.Say("seven.page."+page)), Action: sevenPath + "/" + page, Areas: p.areas(c, page, f.query())}
	v.Wide = true
	if err == nil {
		v.Report, err = p.Seven.Page(c.Request.Context(), q)
	}
	if rest := v.Fail(err); rest != nil {
		return rest
	}
	if v.Report != nil {
		p.fill(c, v, f)
	}
	p.form(v, q, f)
	return p.Kit.Show(c, "insight/seven-page", v)
}

func (p *sevenPage) form(v *sevenView, q seven.Query, f sevenForm) {
	today := p.Seven.Today()
	y, m := today.YearMonth()
	format := i18n.Format{Lang: v.Lang}
	month := func(name, typed string, d calendar.Date) web.Field {
		field := web.Field{Name: name, Label: web.Say("seven.filter." + name), Value: d.UTC().Format(monthForm)}
		if typed != "" {
			field.Value = typed
		}
		for i := range seven.Horizon {
			first := calendar.NewDate(y, m-time.Month(i), 1)
			year, month := first.YearMonth()
			field.Options = append(field.Options, web.Option{Value: first.UTC().Format(monthForm), Words: web.Plain(format.Month(year, month))})
		}
		if !slices.ContainsFunc(field.Options, func(o web.Option) bool { return o.Value == field.Value }) {
			field.Options = append(field.Options, web.Option{Value: field.Value, Words: web.Plain(field.Value)})
		}
		return v.Bind(field)
	}
	v.Filters = append(v.Filters, month("from", f.From, q.From), month("to", f.To, q.To))
	if v.Report == nil { // what was chosen stays chosen
		for name, value := range map[string]string{"unit": f.Unit, "group": f.Group, "matter": f.Matter} {
			if value != "" {
				v.Filters = append(v.Filters, web.Field{Name: name, Label: web.Say("seven.filter." + name), Value: value, Options: []web.Option{{Value: value, Words: web.Plain(value)}}})
			}
		}
		return
	}
	r := v.Report
	unit := web.Field{Name: "unit", Label: web.Say("seven.filter.unit"), Value: r.Unit.Code}
	for _, u := range r.Units {
		depth := strings.Count(u.Path, "/") - strings.Count(r.Units[0].Path, "/")
		name := named(u.Name, u.Code)
		if depth > 0 {
			name = web.Say("seven.filter.below", "Dashes", strings.Repeat("–", depth), "Name", argument(name))
		}
		unit.Options = append(unit.Options, web.Option{Value: u.Code, Words: name})
	}
	group := web.Field{Name: "group", Label: web.Say("seven.filter.group"), Value: r.Group, Options: []web.Option{{Words: web.Say("seven.group.all")}}}
	n := sevenNames{page: r}
	for _, g := range r.Groups {
		group.Options = append(group.Options, web.Option{Value: g.Key, Words: n.group(g.Key)})
	}
	v.Filters = append(v.Filters, v.Bind(unit), v.Bind(group))
	if r.ID == seven.Profiling {
		return
	}
	matter := web.Field{Name: "matter", Label: web.Say("seven.filter.matter"), Value: r.Matter, Options: []web.Option{{Words: web.Say("seven.matter.all")}}}
	codes := make([]string, 0, len(r.Matters))
	for code := range r.Matters {
		codes = append(codes, code)
	}
	slices.Sort(codes)
	for _, code := range codes {
		matter.Options = append(matter.Options, web.Option{Value: code, Words: named(r.Matters[code], code)})
	}
	v.Filters = append(v.Filters, v.Bind(matter))
}

func (p *sevenPage) fill(c *gin.Context, v *sevenView, f sevenForm) {
	r, format := v.Report, p.Kit.Format(v.Lang)
	n := sevenNames{page: r}
	v.Lead = web.Say("seven.lead", "From", format.CivilDate(ymd(r.From)), "To", format.CivilDate(ymd(r.To)), "Unit", argument(named(r.Unit.Name, r.Unit.Code)), "Group", argument(n.group(r.Group)))
	w := &sevenWriter{names: n, words: p.Words, format: format, page: r, period: v.Lead, link: p.linker(c)}
	if r.CountedAt == nil {
		v.Empty = &web.Empty{Icon: "clock", Title: web.Say("seven.uncounted.title"), Words: web.Say("seven.uncounted.words")}
		return
	}
	v.Counted = web.Say("seven.counted", "At", format.DateTime(*r.CountedAt), "Version", r.Version)
	if r.ID == seven.Promotion && len(r.Campaigns) == 0 {
		v.Empty = &web.Empty{Icon: "info-circle", Title: web.Say("seven.no_campaign.title"), Words: web.Say("seven.no_campaign.words")}
		return
	}
	if r.ID == seven.Promotion {
		v.Of = web.Say("seven.newest", "Name", argument(web.Data(r.Campaigns[0].Name)))
		if listed := len(r.Campaigns); r.CampaignsOf > listed {
			v.Listed = web.Say("seven.newest.of", "Listed", format.Number(int64(listed)), "Total", format.Number(int64(r.CampaignsOf)))
		}
	}
	for _, figure := range seven.Registry {
		if figure.Page == r.ID && figure.By != seven.ByStage {
			v.Stats = append(v.Stats, w.stat(figure))
		}
	}
	v.Sections = w.sections()
	v.Inputs = w.inputs()
	if p.mayExport(c) {
		v.CSV = &web.Button{Words: web.Say("insight.table.csv"), Kind: "secondary", Href: sevenPath + "/" + r.ID + ".csv" + f.query()}
	}
}

func (d SevenDeps) mayExport(c *gin.Context) bool {
	return d.Seven.Access.Can(c.Request.Context(), access.ReportExport) == nil
}

func ymd(d calendar.Date) (int, time.Month, int) { return d.UTC().Date() }

// linker leads from what is lacking to where it is entered or looked at, for those
// who may.
func (d SevenDeps) linker(c *gin.Context) func(seven.Need) string {
	ctx := c.Request.Context()
	enter, read := d.Seven.MayEnter(ctx), d.Seven.MayReadInputs(ctx)
	return func(need seven.Need) string {
		switch {
		case enter:
			q := url.Values{"kind": {string(need.Kind)}, "item": {need.Item}, "part": {need.Part}}
			return inputsPath + "/new?" + q.Encode()
		case read:
			return inputsPath + "#" + string(need.Kind)
		}
		return ""
	}
}

// told sends the reader on with a word on what was done.
func (d SevenDeps) told(c *gin.Context, key, to string) error {
	if err := d.Kit.Flash(c, web.Notice{Tone: web.ToneDone, Words: web.Say(key)}); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, to)
	return nil
}

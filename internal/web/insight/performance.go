package insight

import (
	"context"

	"github.com/gin-gonic/gin"

	"minqing/internal/calendar"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/insight"
	"minqing/internal/web"
)

type performancePage struct{ Deps }

type performanceView struct {
	web.Page
	From, To, Group, Chosen web.Field

	Report      *insight.Report // nil while the form has errors
	None        bool
	Empty       web.Empty
	Stats       []stat
	TrendFrom   calendar.Date
	BeforeFrom  calendar.Date
	BeforeTo    calendar.Date
	Worse       []web.Words
	ChartTitle  web.Words
	ChartLabel  web.Words
	ChartKind   string
	ChartLess   bool // the chart leaves rows out
	Chart       web.Table
	Table       web.Table
	CSV         *web.Button
	Definitions []insight.Figure
}

const defaultDays = 30

// asked reads the form; what is missing has a default, what cannot be read is
// told beside the other mistakes.
func (p *performancePage) asked(c *gin.Context) (q insight.Query, figure int, err error) {
	q.To = p.Insight.Today()
	var bad []fault.Field
	read := func(name string, into *calendar.Date) {
		if s := c.Query(name); s != "" {
			d, err := calendar.ParseDate(s)
			if err != nil {
				bad = append(bad, fault.Field{Name: name, Key: "insight.filter.day"})
				return
			}
			*into = d
		}
	}
	read("to", &q.To)
	q.From = q.To.Add(1 - defaultDays)
	read("from", &q.From)
	q.GroupBy = insight.Group(c.DefaultQuery("group_by", string(insight.ByUnit)))
	for i, f := range insight.Figures {
		if f.ID == c.DefaultQuery("figure", "on_time") {
			figure = i
		}
	}
	if len(bad) > 0 {
		return q, figure, fault.InvalidInput(bad...)
	}
	return q, figure, q.Validate()
}

// show is the report as a page.
func (p *performancePage) show(c *gin.Context) error {
	v := &performanceView{Page: p.Kit.Page(c, web.Say("insight.performance.title")), Definitions: insight.Figures}
	v.Wide = true
	q, figure, err := p.asked(c)
	if failed := v.Fail(err); failed != nil {
		return failed
	}
	p.form(c, v, q, figure)
	if err == nil {
		if err := p.fill(c.Request.Context(), v, q, figure); err != nil {
			return err
		}
	}
	return p.Kit.Show(c, "insight/performance", v)
}

func (p *performancePage) form(c *gin.Context, v *performanceView, q insight.Query, figure int) {
	typed := func(name string, d calendar.Date) string {
		if s := c.Query(name); s != "" {
			return s
		}
		return d.String()
	}
	v.From = v.Bind(web.Field{Name: "from", Label: web.Say("insight.filter.from"), Type: "date", Value: typed("from", q.From)})
	v.To = v.Bind(web.Field{Name: "to", Label: web.Say("insight.filter.to"), Type: "date", Value: typed("to", q.To)})
	v.Group = v.Bind(web.Field{Name: "group_by", Label: web.Say("insight.filter.group"), Value: string(q.GroupBy)})
	for _, g := range insight.Groups {
		v.Group.Options = append(v.Group.Options, web.Option{Value: string(g), Words: web.Say("insight.group." + string(g))})
	}
	v.Chosen = v.Bind(web.Field{Name: "figure", Label: web.Say("insight.filter.figure"), Value: insight.Figures[figure].ID})
	for _, f := range insight.Figures {
		v.Chosen.Options = append(v.Chosen.Options, web.Option{Value: f.ID, Words: web.Say(f.Name)})
	}
}

func (p *performancePage) fill(ctx context.Context, v *performanceView, q insight.Query, figure int) error {
	r, err := p.Insight.Performance(ctx, q)
	if err != nil {
		return err
	}
	v.Report = &r
	if len(r.Rows) == 0 {
		v.None = true
		v.Empty = web.Empty{Icon: "info-circle", Title: web.Say("insight.empty.title"), Words: web.Say("insight.empty.words")}
		return nil
	}
	n, err := p.names(ctx, v.Lang)
	if err != nil {
		return err
	}
	trend, err := p.Insight.Trend(ctx, r)
	if err != nil {
		return err
	}
	v.TrendFrom = trend.From
	f := i18n.Format{Lang: v.Lang}
	for i, figure := range insight.Figures {
		v.Stats = append(v.Stats, newStat(figure, r.Total.Rates[i], trend, i, f))
	}
	changes, err := p.Insight.Worse(ctx, r)
	if err != nil {
		return err
	}
	v.BeforeFrom, v.BeforeTo = r.Before()
	v.Worse = worse(r, changes, n, f)
	v.chart(r, figure, n, f)
	v.table(r, n, f)
	if p.Insight.MayExport(ctx) {
		v.CSV = &web.Button{Words: web.Say("insight.table.csv"), Kind: "secondary",
			Href: "/insight/performance.csv?from=" + q.From.String() + "&to=" + q.To.String() + "&group_by=" + string(q.GroupBy)}
	}
	return nil
}

// mostWorse is how many lines of what got worse a reader is given.
const mostWorse = 20

func worse(r insight.Report, changes []insight.Change, n names, f i18n.Format) []web.Words {
	var out []web.Words
	for _, ch := range changes {
		if len(out) == mostWorse {
			break
		}
		name := web.Say("insight.worse.all")
		if !ch.Total {
			_, name = n.of(r.GroupBy, ch.Key)
		}
		out = append(out, web.Say("insight.worse.line", "Figure", i18n.Key(insight.Figures[ch.Figure].Name), "Name", argument(name),
			"Now", f.Percent(*ch.Now.Value), "Was", f.Percent(*ch.Was.Value)))
	}
	return out
}

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
	Whose                   *web.Field // for those who may read both trees of reports

	Report     *insight.Report // nil while the form has errors
	None       bool
	Empty      web.Empty
	Periods    []web.Link
	Lead       web.Words
	Unfinished bool // the period goes on
	Stats      []stat
	After      []stat // of what follows a result
	TrendFrom  calendar.Date
	BeforeFrom calendar.Date
	BeforeTo   calendar.Date
	Worse      []web.Words
	Alone      bool // nothing stands in the period before
	ChartTitle web.Words
	ChartLabel web.Words
	ChartKind  string
	ChartLess  bool // the chart leaves rows out
	Chart      web.Table
	Table      web.Table
	Silent     []web.Words // rows of which nothing may or can be told
	CSV        *web.Button
}

// What is shown to who names no period: days with enough cases for a chart, else
// a year.
const (
	defaultDays = 30
	yearDays    = 365
)

// whistle is the value of "whose" for the reports on whistle-blowers' cases.
const whistle = "whistle"

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
	q.Whistle = c.Query("whose") == whistle
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
	v := &performanceView{Page: p.Kit.Page(c, web.Say("insight.performance.title"))}
	v.Wide = true
	q, figure, err := p.asked(c)
	if failed := v.Fail(err); failed != nil {
		return failed
	}
	open, closed, unread := p.Insight.Trees(c.Request.Context())
	if unread != nil {
		return unread
	}
	if err == nil {
		if q, err = p.telling(c, q, figure); err != nil {
			return err
		}
	}
	p.form(c, v, q, figure)
	if open && closed {
		whose := v.Bind(web.Field{Name: "whose", Label: web.Say("insight.filter.whose"), Value: c.Query("whose"),
			Options: []web.Option{{Words: web.Say("insight.whose.all")}, {Value: whistle, Words: web.Say("insight.whose.whistle")}}})
		v.Whose = &whose
	}
	if err == nil {
		if err := p.fill(c.Request.Context(), v, q, figure); err != nil {
			return err
		}
	}
	return p.Kit.Show(c, "insight/performance", v)
}

// telling goes a year back for who named no period, where the last days have too
// few cases to draw a chart.
func (p *performancePage) telling(c *gin.Context, q insight.Query, figure int) (insight.Query, error) {
	if c.Query("from") != "" || c.Query("to") != "" {
		return q, nil
	}
	r, err := p.Insight.Performance(c.Request.Context(), q)
	if err != nil || len(r.Rows) == 0 || len(chartable(r, figure)) > 0 {
		return q, err
	}
	q.From = q.To.Add(1 - yearDays)
	return q, nil
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
	v.periods(q, p.Insight.Today())
}

func (p *performancePage) fill(ctx context.Context, v *performanceView, q insight.Query, figure int) error {
	r, err := p.Insight.Performance(ctx, q)
	if err != nil {
		return err
	}
	v.Report, v.Unfinished = &r, r.To > p.Insight.Today()
	if len(r.Rows) == 0 {
		v.None, v.Empty = true, nothing(r, p.Insight.Today())
		return nil
	}
	n, err := p.names(ctx, v.Lang)
	if err != nil {
		return err
	}
	f := i18n.Format{Lang: v.Lang}
	v.Lead = lead(r, f)
	if err := p.compare(ctx, v, r, n); err != nil {
		return err
	}
	v.chart(r, figure, n, f)
	v.table(r, n, f)
	if p.Insight.MayExport(ctx) {
		v.CSV = &web.Button{Words: web.Say("insight.table.csv"), Kind: "secondary",
			Href: "/insight/performance.csv?from=" + q.From.String() + "&to=" + q.To.String() + "&group_by=" + string(q.GroupBy) + whose(q)}
	}
	return nil
}

// compare sets the figures beside those of the months and of the period before.
func (p *performancePage) compare(ctx context.Context, v *performanceView, r insight.Report, n names) error {
	months, err := p.Insight.Trend(ctx, r)
	if err != nil {
		return err
	}
	v.TrendFrom = months.From
	v.BeforeFrom, v.BeforeTo = r.Before()
	before, err := p.Insight.Performance(ctx, insight.Query{From: v.BeforeFrom, To: v.BeforeTo, GroupBy: r.GroupBy, Whistle: r.Whistle})
	if err != nil {
		return err
	}
	f := i18n.Format{Lang: v.Lang}
	for i := range insight.Figures {
		v.Stats = append(v.Stats, newStat(i, r, before, months, f))
	}
	v.Stats, v.After = v.Stats[:insight.PublicFigures], v.Stats[insight.PublicFigures:]
	changes, err := p.Insight.Worse(ctx, r)
	v.Worse = worse(r, changes, n, f)
	v.Alone = len(before.Rows) == 0
	return err
}

// lead is how much there was of it all.
func lead(r insight.Report, f i18n.Format) web.Words {
	told := func(n insight.Count) any {
		if n.Suppressed {
			return i18n.Key("insight.rate.hidden")
		}
		return f.Number(n.N)
	}
	return web.Say("insight.lead", "Filed", told(r.Total.Filed), "Concluded", told(r.Total.Concluded))
}

// nothing says why there are no figures and what to do about it.
func nothing(r insight.Report, today calendar.Date) web.Empty {
	e := web.Empty{Icon: "info-circle", Title: web.Say("insight.empty.title"), Words: web.Say("insight.empty.words"),
		Do: &web.Button{Words: web.Say("insight.period.days"), Href: "/insight/performance", Kind: "secondary"}}
	if r.From > today {
		e.Title, e.Words = web.Say("insight.future.title"), web.Say("insight.future.words")
	}
	return e
}

// periods are the spans that people ask for most; grouping and figure stay.
func (v *performanceView) periods(q insight.Query, today calendar.Date) {
	year, month := today.YearMonth()
	first := calendar.NewDate(year, month, 1)
	lastYear, lastMonth := first.Add(-1).YearMonth()
	for _, span := range []struct {
		key      string
		from, to calendar.Date
	}{
		{"days", today.Add(1 - defaultDays), today}, {"month", first, today},
		{"last_month", calendar.NewDate(lastYear, lastMonth, 1), first.Add(-1)}, {"year", calendar.NewDate(year, 1, 1), today},
		{"twelve", today.Add(1 - yearDays), today},
	} {
		v.Periods = append(v.Periods, web.Link{Words: web.Say("insight.period." + span.key), Current: q.From == span.from && q.To == span.to,
			Href: "/insight/performance?from=" + span.from.String() + "&to=" + span.to.String() + "&group_by=" + string(q.GroupBy) + "&figure=" + v.Chosen.Value + whose(q)})
	}
}

// whose keeps the choice of cases in an address.
func whose(q insight.Query) string {
	if q.Whistle {
		return "&whose=" + whistle
	}
	return ""
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

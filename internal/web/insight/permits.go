package insight

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"minqing/internal/calendar"
	"minqing/internal/catalogue"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/insight"
	"minqing/internal/permits"
	"minqing/internal/permittypes"
	"minqing/internal/text"
	"minqing/internal/web"
)

const permitsPath = "/insight/permits"

// permitsPage is the report on permits: how long they take, what is corrected, and
// how much is promised.
type permitsPage struct {
	Deps
}

type permitsView struct {
	web.Page
	From, To, Group web.Field
	Report          *insight.PermitReport // nil while the form has errors
	None            bool
	Empty           web.Empty
	Lead            web.Words
	Stats           []permitStat
	Corrections     insight.PermitFigure // whose table is below
	Table           web.Table
	Causes          web.Table
	Few             bool // corrections of too few are left out
	CSV             *web.Button
	Version         int
}

// permitStat is one figure of the total with its definition.
type permitStat struct {
	Figure insight.PermitFigure
	Value  web.Words
	Note   web.Words
}

// asked reads the form; what is missing has a default: the last year, by type.
func (p *permitsPage) asked(c *gin.Context) (q insight.Query, err error) {
	q.To = p.Insight.Today()
	q.From = q.To.Add(1 - yearDays)
	var bad []fault.Field
	for name, into := range map[string]*calendar.Date{"from": &q.From, "to": &q.To} {
		if s := c.Query(name); s != "" {
			d, err := calendar.ParseDate(s)
			if err != nil {
				bad = append(bad, fault.Field{Name: name, Key: "insight.filter.day"})
				continue
			}
			*into = d
		}
	}
	q.GroupBy = insight.Group(c.DefaultQuery("group_by", string(insight.ByPermitType)))
	if len(bad) > 0 {
		return q, fault.InvalidInput(bad...)
	}
	return q, nil
}

func (p *permitsPage) show(c *gin.Context) error {
	v := &permitsView{Page: p.Kit.Page(c, web.Say("insight.permits.title")), Version: insight.PermitVersion}
	v.Wide = true
	q, err := p.asked(c)
	var r insight.PermitReport
	if err == nil {
		r, err = p.Insight.Permits(c.Request.Context(), q)
	}
	if rest := v.Fail(err); rest != nil {
		return rest
	}
	p.form(c, v, q)
	if err == nil {
		if err := p.fill(c.Request.Context(), v, r); err != nil {
			return err
		}
	}
	return p.Kit.Show(c, "insight/permits", v)
}

func (p *permitsPage) form(c *gin.Context, v *permitsView, q insight.Query) {
	v.From = v.Bind(web.Field{Name: "from", Label: web.Say("insight.filter.from"), Type: "date", Value: c.DefaultQuery("from", q.From.String())})
	v.To = v.Bind(web.Field{Name: "to", Label: web.Say("insight.filter.to"), Type: "date", Value: c.DefaultQuery("to", q.To.String())})
	v.Group = v.Bind(web.Field{Name: "group_by", Label: web.Say("insight.filter.group"), Value: string(q.GroupBy)})
	for _, g := range insight.PermitGroups {
		v.Group.Options = append(v.Group.Options, web.Option{Value: string(g), Words: web.Say("insight.group." + string(g))})
	}
}

func (p *permitsPage) fill(ctx context.Context, v *permitsView, r insight.PermitReport) error {
	v.Report = &r
	if len(r.Rows) == 0 {
		v.None = true
		v.Empty = web.Empty{Icon: "info-circle", Title: web.Say("insight.permits.none"), Words: web.Say("insight.permits.none.words"),
			Do: &web.Button{Words: web.Say("insight.permits.year"), Href: permitsPath, Kind: "secondary"}}
		return nil
	}
	f := i18n.Format{Lang: v.Lang}
	v.Lead = web.Say("insight.permits.lead", "Decided", counting(r.Total.Decided, f), "Examined", counting(r.Total.Examined, f))
	v.stats(r.Total, f)
	n, err := p.permitNames(ctx, v.Lang)
	if err != nil {
		return err
	}
	v.table(r, n, f)
	v.causes(r, n, f)
	if p.Insight.MayExport(ctx) {
		v.CSV = &web.Button{Words: web.Say("insight.table.csv"), Kind: "secondary",
			Href: permitsPath + ".csv?from=" + r.From.String() + "&to=" + r.To.String() + "&group_by=" + string(r.GroupBy)}
	}
	return nil
}

// counting is a number of cases within a sentence.
func counting(n insight.Count, f i18n.Format) any {
	if n.Suppressed {
		return i18n.Key("insight.rate.hidden")
	}
	return f.Number(n.N)
}

func (v *permitsView) stats(t insight.PermitRow, f i18n.Format) {
	times := map[string]insight.Days{"gross": t.Gross, "suspended": t.Suspended, "net": t.Net}
	for _, figure := range insight.PermitFigures {
		if figure.ID == "corrections" {
			v.Corrections = figure
			continue
		}
		s := permitStat{Figure: figure, Value: web.Plain("—"), Note: web.Say("insight.rate.none")}
		d, isTime := times[figure.ID]
		switch {
		case isTime && d.Median != nil:
			s.Value, s.Note = web.Say("insight.permits.days", "Count", *d.Median), web.Say("insight.permits.p90.few")
			if d.P90 != nil {
				s.Note = web.Say("insight.permits.p90", "Count", *d.P90)
			}
		case figure.ID == "compression" && t.Compression != nil:
			s.Value, s.Note = web.Plain(f.Percent(*t.Compression)), web.Say("insight.permits.compression.note")
		case figure.ID == "first_right" && t.FirstRight.Firm():
			s.Value, s.Note = web.Plain(f.Percent(*t.FirstRight.Value)), sentence("insight.permits.first_right.note", t.FirstRight, f)
		case figure.ID == "first_right" && t.FirstRight.Value != nil:
			s.Note = sentence("insight.rate.few", t.FirstRight, f)
		case isTime && d.Suppressed, t.FirstRight.Suppressed:
			s.Note = web.Say("common.stat.suppressed")
		}
		v.Stats = append(v.Stats, s)
	}
}

func (v *permitsView) table(r insight.PermitReport, n permitNames, f i18n.Format) {
	v.Table = web.Table{ID: "permits", Caption: web.Say("insight.permits.table"), Columns: []web.Column{{Words: web.Say("insight.group." + string(r.GroupBy))}}}
	for _, key := range []string{"decided", "gross", "gross.p90", "suspended", "net", "net.p90", "compression", "examined", "first_right"} {
		v.Table.Columns = append(v.Table.Columns, web.Column{Words: web.Say("insight.permits.column." + key), Numeric: true})
	}
	line := func(name web.Words, row insight.PermitRow) {
		share := web.Cell{Words: web.Say("insight.rate.nothing")}
		switch {
		case row.Decided.Suppressed:
			share = web.Cell{Words: web.Say("insight.rate.hidden")}
		case row.Compression != nil:
			share = web.Cell{Words: web.Plain(f.Percent(*row.Compression)), Value: row.Compression}
		}
		v.Table.Rows = append(v.Table.Rows, web.Row{Cells: []web.Cell{{Words: name}, countCell(row.Decided, f), daysCell(row.Gross.Median, row.Gross), daysCell(row.Gross.P90, row.Gross),
			daysCell(row.Suspended.Median, row.Suspended), daysCell(row.Net.Median, row.Net), daysCell(row.Net.P90, row.Net), share, countCell(row.Examined, f), rateCell(row.FirstRight, f)}})
	}
	for _, row := range r.Rows {
		_, name := n.of(r.GroupBy, row.Key)
		line(name, row)
	}
	line(web.Say("insight.table.total"), r.Total)
}

func daysCell(days *int64, d insight.Days) web.Cell {
	switch {
	case d.Suppressed:
		return web.Cell{Words: web.Say("insight.rate.hidden")}
	case days == nil && d.Median != nil:
		return web.Cell{Words: web.Say("insight.permits.few")}
	case days == nil:
		return web.Cell{Words: web.Say("insight.rate.nothing")}
	}
	value := float64(*days)
	return web.Cell{Words: web.Plain(strconv.FormatInt(*days, 10)), Value: &value}
}

func (v *permitsView) causes(r insight.PermitReport, n permitNames, f i18n.Format) {
	v.Causes = web.Table{ID: "causes", Caption: web.Say("insight.permits.causes"), Columns: []web.Column{{Words: web.Say("insight.permits.item")}, {Words: web.Say("insight.permits.item.kind")}, {Words: web.Say("insight.group.permit_type")},
		{Words: web.Say("insight.permits.asked"), Numeric: true}, {Words: web.Say("insight.permits.share"), Numeric: true}}}
	for _, cause := range r.Causes {
		asked := float64(*cause.Asked.Numerator)
		_, name := n.of(insight.ByPermitType, cause.TypeCode)
		v.Causes.Rows = append(v.Causes.Rows, web.Row{Cells: []web.Cell{{Words: n.item(cause)}, {Words: web.Say("insight.permits.item." + itemKind(cause))}, {Words: name},
			{Words: web.Plain(f.Number(*cause.Asked.Numerator)), Value: &asked}, rateCell(cause.Asked, f)}})
	}
}

// itemKind is what an item that had to be corrected is, for pages and programs.
func itemKind(c insight.Cause) string {
	if c.Answer {
		return "answer"
	}
	return "material"
}

// permitNames looks up what types, units, materials and questions are called.
type permitNames struct {
	names
	types map[string]*permittypes.Type // the newest version of each
}

func (d Deps) permitNames(ctx context.Context, l i18n.Lang) (permitNames, error) {
	n, err := d.names(ctx, l)
	if err != nil {
		return permitNames{}, err
	}
	list, err := d.PermitTypes.Types(ctx)
	out := permitNames{names: n, types: map[string]*permittypes.Type{}}
	for i := range list {
		out.types[list[i].Code] = &list[i]
	}
	return out, err
}

func (n permitNames) of(g insight.Group, key string) (string, web.Words) {
	if g != insight.ByPermitType {
		return n.names.of(g, key)
	}
	if t := n.types[key]; t != nil {
		return key, named(t.Name, key)
	}
	return key, web.Plain(key)
}

// item names what had to be corrected as the newest version of the type does; what that has
// no more keeps its code.
func (n permitNames) item(c insight.Cause) web.Words {
	if !c.Answer && c.Code == insight.FurtherMaterial {
		return web.Say("permit.further.cause")
	}
	if !c.Answer && (c.Code == permits.AuthorityPaper || c.Code == permits.StatementPaper) {
		return web.Say("counter.paper." + c.Code)
	}
	t := n.types[c.TypeCode]
	switch {
	case t == nil:
	case c.Answer:
		if questions, err := n.snap.Questions(&catalogue.Matter{Questions: t.Questions}); err == nil {
			for _, q := range questions {
				if q.Name == c.Code {
					return named(q.Title, c.Code)
				}
			}
		}
	default:
		for _, m := range t.Materials {
			if m.Code == c.Code {
				return named(m.Name, c.Code)
			}
		}
	}
	return web.Plain(c.Code)
}

// download is the report for a spreadsheet: the rows, the total, and then a line for
// each material and each answer that had to be corrected; group_by says which it is, and
// material or question holds its code. Hidden cells are empty and say so.
func (p *permitsPage) download(c *gin.Context) error {
	q, err := p.asked(c)
	if err != nil {
		return err
	}
	q.Export = true
	r, err := p.Insight.Permits(c.Request.Context(), q)
	if err != nil {
		return err
	}
	lang := web.Lang(c)
	n, err := p.permitNames(c.Request.Context(), lang)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	out.WriteString("\ufeff") // so that spreadsheets read Chinese as UTF-8
	w := csv.NewWriter(&out)
	write := func(fields ...string) {
		for i := range fields {
			fields[i] = text.Cell(fields[i])
		}
		_ = w.Write(fields) // a buffer takes everything; Error is asked below
	}
	write("from", "to", "definition_version", "group_by", "code", "name", "decided", "gross_median_days", "gross_p90_days", "suspended_median_days", "suspended_p90_days",
		"net_median_days", "net_p90_days", "promise_compression", "decided_suppressed", "examined", "first_time_right", "first_time_right_numerator", "examined_suppressed", "material", "asked_to_correct", "question")
	head := []string{r.From.String(), r.To.String(), strconv.Itoa(insight.PermitVersion)}
	line := func(group, code, name string, row insight.PermitRow) {
		write(append(append([]string{}, head...), group, code, name, counted(row.Decided), whole(row.Gross.Median), whole(row.Gross.P90), whole(row.Suspended.Median), whole(row.Suspended.P90),
			whole(row.Net.Median), whole(row.Net.P90), share(row.Compression), strconv.FormatBool(row.Decided.Suppressed), counted(row.Examined), share(row.FirstRight.Value), whole(row.FirstRight.Numerator),
			strconv.FormatBool(row.Examined.Suppressed), "", "", "")...)
	}
	for _, row := range r.Rows {
		code, name := n.of(r.GroupBy, row.Key)
		line(string(r.GroupBy), code, name.In(p.Words, lang), row)
	}
	line(string(r.GroupBy), "total", "", r.Total)
	for _, cause := range r.Causes {
		material, question := cause.Code, ""
		if cause.Answer {
			material, question = "", cause.Code
		}
		write(append(append([]string{}, head...), itemKind(cause), cause.TypeCode, n.item(cause).In(p.Words, lang), "", "", "", "", "", "", "", "", "", whole(cause.Asked.Denominator),
			share(cause.Asked.Value), "", "", material, whole(cause.Asked.Numerator), question)...)
	}
	w.Flush()
	if err := w.Error(); err != nil {
		return fmt.Errorf("write the report as CSV: %w", err)
	}
	c.Header("Content-Disposition", fmt.Sprintf(`attachment; filename="permits_%s_%s_%s.csv"`, r.From, r.To, r.GroupBy))
	c.Data(http.StatusOK, "text/csv; charset=utf-8", out.Bytes())
	return nil
}

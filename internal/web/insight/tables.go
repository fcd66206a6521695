package insight

import (
	"cmp"
	"slices"

	"minqing/internal/i18n"
	"minqing/internal/insight"
	"minqing/internal/web"
)

// rateCell is a rate in a table; charts draw only those with enough cases.
func rateCell(r insight.Rate, f i18n.Format) web.Cell {
	switch {
	case r.Suppressed:
		return web.Cell{Words: web.Say("insight.rate.hidden")}
	case r.Value == nil:
		return web.Cell{Words: web.Say("insight.rate.nothing")}
	case !r.Firm():
		return web.Cell{Words: parts(r)}
	}
	return web.Cell{Words: web.Plain(f.Percent(*r.Value)), Value: r.Value, Low: r.Low, Top: r.High}
}

func parts(r insight.Rate) web.Words {
	return web.Say("insight.rate.few_cell", "Numerator", *r.Numerator, "Denominator", *r.Denominator)
}

func countCell(n insight.Count, f i18n.Format) web.Cell {
	if n.Suppressed {
		return web.Cell{Words: web.Say("insight.rate.hidden")}
	}
	value := float64(n.N)
	return web.Cell{Words: web.Plain(f.Number(n.N)), Value: &value}
}

// chartRows is how many bars one can still tell apart.
const chartRows = 20

// chart is one figure with its table.
func (v *performanceView) chart(r insight.Report, figure int, n names, f i18n.Format) {
	def := insight.Figures[figure]
	v.ChartKind = "bar"
	if r.GroupBy == insight.ByMonth {
		v.ChartKind = "line"
	}
	v.ChartTitle = web.Say("insight.chart.title", "Figure", i18n.Key(def.Name), "Group", i18n.Key("insight.chart.group."+string(r.GroupBy)))
	v.ChartLabel = web.Say("insight.chart.label", "Figure", i18n.Key(def.Name))
	v.Chart = web.Table{ID: "chart-table", Caption: web.Say("insight.chart.table"), Columns: []web.Column{
		{Words: web.Say("insight.group." + string(r.GroupBy))}, {Words: web.Say("insight.table.rate"), Numeric: true, Percent: true},
		{Words: web.Say("insight.table.parts")}, {Words: web.Say("insight.table.interval")},
	}}
	rows := chartable(r, figure)
	v.ChartLess = len(rows) < len(r.Rows)
	for _, row := range rows {
		_, name := n.of(r.GroupBy, row.Key)
		rate := row.Rates[figure]
		v.Chart.Rows = append(v.Chart.Rows, web.Row{Cells: []web.Cell{{Words: name}, rateCell(rate, f), {Words: parts(rate)},
			{Words: web.Say("insight.table.between", "Low", f.Percent(*rate.Low), "High", f.Percent(*rate.High))}}})
	}
}

// chartable picks the rows with enough cases for a rate: all months, else the
// largest.
func chartable(r insight.Report, figure int) []insight.Row {
	var rows []insight.Row
	for _, row := range r.Rows {
		if row.Rates[figure].Firm() {
			rows = append(rows, row)
		}
	}
	if r.GroupBy == insight.ByMonth {
		return rows
	}
	slices.SortStableFunc(rows, func(a, b insight.Row) int {
		return cmp.Compare(*b.Rates[figure].Denominator, *a.Rates[figure].Denominator)
	})
	return rows[:min(len(rows), chartRows)]
}

// table has every figure of every row, and the total.
func (v *performanceView) table(r insight.Report, n names, f i18n.Format) {
	v.Table = web.Table{ID: "figures", Caption: web.Say("insight.table.title"), Columns: []web.Column{
		{Words: web.Say("insight.group." + string(r.GroupBy))}, {Words: web.Say("insight.table.filed"), Numeric: true},
		{Words: web.Say("insight.table.concluded"), Numeric: true},
	}}
	for _, figure := range insight.Figures {
		v.Table.Columns = append(v.Table.Columns, web.Column{Words: web.Say(figure.Name), Numeric: true, Percent: true})
	}
	line := func(name web.Words, row insight.Row) {
		cells := []web.Cell{{Words: name}, countCell(row.Filed, f), countCell(row.Concluded, f)}
		for _, rate := range row.Rates {
			cells = append(cells, rateCell(rate, f))
		}
		v.Table.Rows = append(v.Table.Rows, web.Row{Cells: cells})
	}
	for _, row := range r.Rows {
		_, name := n.of(r.GroupBy, row.Key)
		if silent(row) {
			v.Silent = append(v.Silent, name)
			continue
		}
		line(name, row)
	}
	line(web.Say("insight.table.total"), r.Total)
}

// silent says that a row has nothing to tell: everything in it is hidden, or
// there is none of it.
func silent(row insight.Row) bool {
	told := func(n insight.Count) bool { return !n.Suppressed && n.N > 0 }
	if told(row.Filed) || told(row.Concluded) {
		return false
	}
	for _, rate := range row.Rates {
		if rate.Value != nil {
			return false
		}
	}
	return true
}

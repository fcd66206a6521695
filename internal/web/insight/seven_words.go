package insight

import (
	"fmt"
	"strings"

	"minqing/internal/i18n"
	"minqing/internal/insight/seven"
	"minqing/internal/web"
)

// sevenNames says what the items of 7P are called.
type sevenNames struct{ page *seven.Page }

func (n sevenNames) group(key string) web.Words {
	for _, g := range n.page.Groups {
		if g.Key == key && !g.Name.Empty() {
			if strings.HasPrefix(key, seven.DistrictGroup) {
				return web.Say("seven.group.district", "Name", g.Name)
			}
			return web.Say("seven.group.segment", "Name", g.Name)
		}
	}
	switch kind, found := strings.CutPrefix(key, seven.KindGroup); {
	case key == "":
		return web.Say("seven.group.all")
	case found:
		return web.Say("seven.group." + kind)
	}
	return web.Say("seven.group.hidden") // of a segment that is not the reader's to see
}

// item names one of what a figure's lines are of.
func (n sevenNames) item(by, item string) web.Words {
	switch by {
	case seven.OfGroup:
		return n.group(item)
	case seven.OfMatter:
		return named(n.page.Matters[item], item)
	case seven.OfChannel, seven.ByChannels:
		return web.Say("case.channel." + item)
	case seven.ByCampaign, seven.ByStage:
		for _, c := range n.page.Campaigns {
			if c.ID == item {
				return named(c.Name, item)
			}
		}
	case seven.OfField, seven.OfGrade, seven.ByReason, seven.ByPart:
		return web.Say("seven." + by + "." + item)
	}
	return web.Plain(item)
}

// need names an input that is lacking.
func (n sevenNames) need(k seven.Kind, item, part string) web.Words {
	f, _ := seven.FormOf(k)
	name := web.Say("seven.input." + string(k))
	if item == "" && f.Item != seven.OfGroup {
		return name
	}
	about := n.item(f.Item, item)
	if part != "" {
		return web.Say("seven.need.part", "Input", i18n.Key(name.Key), "Item", argument(about), "Part", i18n.Key("seven.grade."+part))
	}
	return web.Say("seven.need", "Input", i18n.Key(name.Key), "Item", argument(about))
}

// sevenWriter writes lines for readers of a language.
type sevenWriter struct {
	names  sevenNames
	words  *i18n.Bundle
	format i18n.Format
	page   *seven.Page
	period web.Words
	link   func(seven.Need) string
}

// value writes a number as its figure is measured.
func (w *sevenWriter) value(m seven.Measure, x float64) string {
	f := w.format
	switch m {
	case seven.Share:
		return f.Percent(x)
	case seven.Difference: // of two shares: not a share of one
		return w.words.T(f.Lang, "seven.value.points", i18n.Args{"Value": signed(f.Decimal(100*x, 1), x)})
	case seven.Points:
		return signed(f.Decimal(x, 1), x)
	case seven.PerMille:
		if x < 10 { // of a whole city few come: one digit would tell no interval
			return f.Decimal(x, 2) + " ‰"
		}
		return f.Decimal(x, 1) + " ‰"
	case seven.Quotient:
		return "× " + f.Decimal(x, 2)
	case seven.People:
		return f.Decimal(x, 0)
	}
	return f.Decimal(x, 2)
}

func signed(s string, x float64) string {
	if x > 0 {
		return "+" + s
	}
	return s
}

// number writes one of the parts of a figure, money with its fractions.
func (w *sevenWriter) number(x float64) string {
	if x == float64(int64(x)) {
		return w.format.Number(int64(x))
	}
	return w.format.Decimal(x, 2)
}

// sentence says what stands behind a line: its parts and its interval.
func (w *sevenWriter) sentence(f seven.Figure, l seven.Line) web.Words {
	low, high := "", ""
	if l.Low != nil && l.High != nil {
		low, high = w.value(f.Measure, *l.Low), w.value(f.Measure, *l.High)
	}
	parts := l.Numerator != nil && l.Denominator != nil
	switch {
	case l.Suppressed:
		return web.Say("insight.rate.hidden")
	case parts && *l.Denominator == 0:
		return web.Say("insight.rate.none")
	case l.Numerator != nil && l.Denominator == nil && len(l.Missing) > 0:
		return web.Say("seven.line.counted", "N", w.number(*l.Numerator))
	case parts && low != "":
		return web.Say("seven.line.all", "N", w.number(*l.Numerator), "D", w.number(*l.Denominator), "Low", low, "High", high)
	case parts:
		return web.Say("seven.line.parts", "N", w.number(*l.Numerator), "D", w.number(*l.Denominator))
	case low != "":
		return web.Say("seven.line.interval", "Low", low, "High", high)
	case l.Value == nil && len(l.Missing) > 0:
		return web.Say("seven.line.missing")
	}
	return web.Words{}
}

// cell is a line's value in a table; charts draw those that have one.
func (w *sevenWriter) cell(f seven.Figure, l seven.Line) web.Cell {
	switch {
	case l.Suppressed:
		return web.Cell{Words: web.Say("insight.rate.hidden")}
	case l.Value != nil:
		c := web.Cell{Words: web.Plain(w.value(f.Measure, *l.Value)), Value: l.Value, Low: l.Low, Top: l.High}
		if l.Marked {
			c.Chip = markOf(f)
		}
		return c
	case l.Few:
		return web.Cell{Words: web.Say("seven.line.few")}
	case len(l.Missing) > 0:
		return web.Cell{Words: web.Say("seven.line.missing")}
	}
	return web.Cell{Words: web.Say("insight.rate.nothing")}
}

// note says what is special about a line.
func (w *sevenWriter) note(l seven.Line) web.Words {
	switch {
	case l.Note == "":
		return web.Words{}
	case l.Note == "seven.note.gap":
		best, worst, _ := strings.Cut(l.Part, "|")
		return web.Say(l.Note, "Best", argument(w.names.group(best)), "Worst", argument(w.names.group(worst)))
	case l.Note == "seven.note.part_known" && l.Denominator != nil:
		return web.Say("seven.note.known_of", "Cases", w.number(*l.Denominator))
	}
	return web.Say(l.Note)
}

// missing are links to what is lacking, each once.
func (w *sevenWriter) missing(needs []seven.Need) (links []web.Link, more int) {
	const most = 6
	for _, need := range needs {
		if len(links) == most {
			return links, len(needs) - most
		}
		links = append(links, web.Link{Href: w.link(need), Words: w.names.need(need.Kind, need.Item, need.Part)})
	}
	return links, 0
}

// inputs is the table of what the figures rest on, with source and day.
func (w *sevenWriter) inputs() *web.Table {
	if len(w.page.Inputs) == 0 {
		return nil
	}
	t := inputTable("inputs", w.page.Inputs, w.names, w.format, nil)
	return &t
}

func inputTable(id string, list []seven.Input, n sevenNames, f i18n.Format, href func(seven.Input) string) web.Table {
	t := web.Table{ID: id, Caption: web.Say("seven.inputs.table"), Columns: []web.Column{{Words: web.Say("seven.inputs.what")}, {Words: web.Say("seven.inputs.amount")},
		{Words: web.Say("seven.inputs.as_of")}, {Words: web.Say("seven.inputs.source")}}}
	for _, in := range list {
		row := web.Row{Cells: []web.Cell{{Words: n.need(in.Kind, in.Item, in.Part)}, {Words: amount(in, f)},
			{Words: web.Plain(f.CivilDate(ymd(in.AsOf)))}, {Words: web.Plain(in.Source)}}}
		if href != nil {
			row.Href = href(in)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// amount says an input's number in its unit.
func amount(in seven.Input, f i18n.Format) web.Words {
	return web.Say("seven.amount."+string(in.Kind), "Amount", plainly(in.Amount, f), "Whole", plainly(in.Whole, f))
}

func plainly(hundredths int64, f i18n.Format) string {
	if hundredths%100 == 0 {
		return f.Number(hundredths / 100)
	}
	return f.Decimal(float64(hundredths)/100, 2)
}

// typed is a number as a form takes it back.
func typed(hundredths int64) string {
	if hundredths%100 == 0 {
		return fmt.Sprint(hundredths / 100)
	}
	return fmt.Sprintf("%d.%02d", hundredths/100, hundredths%100)
}

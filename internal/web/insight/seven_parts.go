package insight

import (
	"slices"
	"strconv"

	"minqing/internal/insight/seven"
	"minqing/internal/web"
)

// sevenStat is one figure of everything, or of the newest campaign, with its
// definition.
type sevenStat struct {
	ID      string
	Name    web.Words
	Value   string // "—" where there is none
	Says    web.Words
	Note    web.Words
	Chip    *web.Chip
	Missing []web.Link
	More    int // missing that are not listed
	Lacks   int // all that are missing
	Terms   []web.SummaryRow
}

// terms are the definition of a figure.
func (w *sevenWriter) terms(f seven.Figure) (rows []web.SummaryRow) {
	for _, part := range []string{"numerator", "denominator"} {
		rows = append(rows, web.SummaryRow{Key: web.Say("seven.definition." + part), Value: web.Say("seven.figure." + f.ID + "." + part)})
	}
	return append(rows, web.SummaryRow{Key: web.Say("seven.definition.interval"), Value: web.Say("seven.interval." + string(f.Measure))},
		web.SummaryRow{Key: web.Say("seven.definition.period"), Value: w.period},
		web.SummaryRow{Key: web.Say("seven.definition.left"), Value: web.Say("seven.figure." + f.ID + ".left")},
		web.SummaryRow{Key: web.Say("seven.definition.version"), Value: web.Plain(strconv.Itoa(f.Version))})
}

// markOf says what is special about a figure; an uplift beyond chance is good news.
func markOf(f seven.Figure) *web.Chip {
	tone := web.ToneDue
	if f.Measure == seven.Difference {
		tone = web.ToneDone
	}
	return &web.Chip{Tone: tone, Words: web.Say("seven.marked." + f.ID)}
}

func (w *sevenWriter) stat(f seven.Figure) sevenStat {
	s := sevenStat{ID: f.ID, Name: web.Say("seven.figure." + f.ID + ".name"), Value: "—", Terms: w.terms(f)}
	for _, l := range w.page.Of(f.ID) {
		if f.By == seven.ByCampaign && l.Item != w.page.Campaigns[0].ID || f.By != seven.ByCampaign && l.Item != "" {
			continue
		}
		if l.Value != nil {
			s.Value = w.value(f.Measure, *l.Value)
		}
		s.Says, s.Note = w.sentence(f, l), w.note(l)
		if l.Few {
			s.Note = web.Say("seven.note.few")
		}
		if s.Says.IsZero() && s.Note.IsZero() && l.Value == nil {
			s.Note = web.Say("insight.rate.none")
		}
		if l.Marked {
			s.Chip = markOf(f)
		}
		s.Missing, s.More = w.missing(l.Missing)
		s.Lacks = len(s.Missing) + s.More
		break
	}
	return s
}

// sevenSection is one figure by item: a chart and its table.
type sevenSection struct {
	ID     string
	Title  web.Words
	Chart  string // the kind; empty: the table stands alone
	Label  web.Words
	Table  web.Table
	Most   int
	Less   int // how many rows are only in the file
	Silent web.Words
}

// rowsMost is how many rows one can still tell apart; the file has all.
const rowsMost = 15

func (w *sevenWriter) sections() (out []sevenSection) {
	for _, f := range seven.Registry {
		if f.Page != w.page.ID || f.By == "" {
			continue
		}
		switch f.By {
		case seven.ByStage:
			out = append(out, w.funnel(f))
		case seven.ByCampaign: // together, below
		case seven.ByChannels:
			out = append(out, w.byItem(f, w.page.Of(f.ID)), w.moves(f))
		default:
			out = append(out, w.byItem(f, w.page.Of(f.ID)))
		}
	}
	if w.page.ID == seven.Promotion {
		out = append(out, w.results())
	}
	return slices.DeleteFunc(out, func(s sevenSection) bool { return len(s.Table.Rows) == 0 })
}

func (w *sevenWriter) byItem(f seven.Figure, lines []seven.Line) sevenSection {
	name := web.Say("seven.figure." + f.ID + ".name")
	s := sevenSection{ID: f.ID, Title: web.Say("seven.section", "Figure", argument(name), "By", argument(web.Say("seven.by."+f.By))), Label: name}
	percent := f.Measure == seven.Share
	s.Table = web.Table{ID: "table-" + f.ID, Caption: s.Title, Titled: true, Columns: []web.Column{{Words: web.Say("seven.of." + f.By)},
		{Words: web.Say("seven.column.value"), Numeric: true, Percent: percent}, {Words: web.Say("seven.column.parts")}}}
	gap := f.Measure == seven.Difference
	if gap {
		s.Title, s.Table.Caption, s.Label = web.Say("seven.rates."+f.ID), web.Say("seven.rates."+f.ID), web.Say("seven.rates."+f.ID) // the lines are rates; what differs is told above
		s.Table.Columns[1].Percent = true
		s.Table.Columns = append(s.Table.Columns, web.Column{Words: web.Say("seven.column.ratio")})
		f.Measure = seven.Share
	}
	drawn := 0
	for _, l := range lines {
		if l.Item == "" || l.Part != "" && f.By == seven.ByChannels {
			continue
		}
		if len(s.Table.Rows) == rowsMost {
			s.Most = rowsMost
			s.Less++
			continue
		}
		says := w.sentence(f, l)
		if note := w.note(l); !note.IsZero() {
			says = note
		}
		row := web.Row{Cells: []web.Cell{{Words: w.names.item(f.By, l.Item)}, w.cell(f, l), {Words: says}}}
		if gap {
			row.Cells = append(row.Cells, web.Cell{Words: web.Plain(l.Part)})
		}
		if l.Value != nil {
			drawn++
		}
		s.Table.Rows = append(s.Table.Rows, row)
	}
	if drawn > 1 && 2*drawn >= len(s.Table.Rows) { // a picture of gaps says nothing
		s.Chart = "bar"
	}
	return s
}

// moves is the table from each channel to each.
func (w *sevenWriter) moves(f seven.Figure) sevenSection {
	lines := w.page.Of(f.ID)
	var from, to []string
	at := map[[2]string]seven.Line{}
	for _, l := range lines {
		if l.Part == "" {
			continue
		}
		at[[2]string{l.Item, l.Part}] = l
		if !slices.Contains(from, l.Item) {
			from = append(from, l.Item)
		}
		if !slices.Contains(to, l.Part) {
			to = append(to, l.Part)
		}
	}
	s := sevenSection{ID: "moves", Title: web.Say("seven.moves"), Table: web.Table{ID: "table-moves", Caption: web.Say("seven.moves.caption"),
		Columns: []web.Column{{Words: web.Say("seven.moves.from")}}}}
	for _, b := range to {
		s.Table.Columns = append(s.Table.Columns, web.Column{Words: web.Say("case.channel." + b), Numeric: true, Percent: true})
	}
	for _, a := range from {
		row := web.Row{Cells: []web.Cell{{Words: web.Say("case.channel." + a)}}}
		for _, b := range to {
			cell := web.Cell{Words: web.Plain("—")}
			if l, ok := at[[2]string{a, b}]; ok {
				cell = w.cell(f, l)
			}
			row.Cells = append(row.Cells, cell)
		}
		s.Table.Rows = append(s.Table.Rows, row)
	}
	return s
}

// funnel is the table of the stages of each campaign.
func (w *sevenWriter) funnel(f seven.Figure) sevenSection {
	s := sevenSection{ID: f.ID, Title: web.Say("seven.figure.funnel.name"), Table: web.Table{ID: "table-funnel", Caption: web.Say("seven.figure.funnel.numerator"),
		Columns: []web.Column{{Words: web.Say("seven.of.campaign")}}}}
	for _, stage := range seven.Stages {
		s.Table.Columns = append(s.Table.Columns, web.Column{Words: web.Say("seven.stage." + stage), Numeric: true})
	}
	s.Silent = web.Say("seven.unopened")
	lines := w.page.Of(f.ID)
	for _, c := range w.page.Campaigns {
		row := web.Row{Cells: []web.Cell{{Words: web.Data(c.Name)}}}
		for _, l := range lines {
			if l.Item == c.ID {
				row.Cells = append(row.Cells, w.cell(f, l))
			}
		}
		s.Table.Rows = append(s.Table.Rows, row)
	}
	return s
}

// results has every figure of every campaign, with what stands behind it.
func (w *sevenWriter) results() sevenSection {
	s := sevenSection{ID: "results", Title: web.Say("seven.results"), Table: web.Table{ID: "table-results", Caption: web.Say("seven.results"), Titled: true,
		Columns: []web.Column{{Words: web.Say("seven.of.campaign")}}}}
	var figures []seven.Figure
	for _, f := range seven.Registry {
		if f.By == seven.ByCampaign {
			figures = append(figures, f)
			s.Table.Columns = append(s.Table.Columns, web.Column{Words: web.Say("seven.figure." + f.ID + ".name"), Numeric: true})
		}
	}
	for _, c := range w.page.Campaigns {
		row := web.Row{Cells: []web.Cell{{Words: web.Data(c.Name)}}}
		for _, f := range figures {
			cell := web.Cell{Words: web.Say("insight.rate.nothing")}
			for _, l := range w.page.Of(f.ID) {
				if l.Item == c.ID {
					cell = w.cell(f, l)
				}
			}
			row.Cells = append(row.Cells, cell)
		}
		s.Table.Rows = append(s.Table.Rows, row)
	}
	return s
}

package portal

import (
	"github.com/gin-gonic/gin"

	"minqing/internal/i18n"
	"minqing/internal/insight"
	"minqing/internal/stats"
	"minqing/internal/web"
)

// scorecardPage shows everybody how promptly and how well the whole government
// handled their cases, with the definition of each figure.
type scorecardPage struct {
	Deps
	city *shared[news]
}

type scorecardView struct {
	web.Page
	Month       string // the newest one
	Stats       []scored
	Months      web.Table
	Definitions []insight.Figure
	Version     int
	Floor, Few  int
	Empty       web.Empty
}

// scored is a figure of the newest month. Without enough cases for a rate there
// are words only.
type scored struct {
	web.Stat
	Firm bool
}

func (h *scorecardPage) show(c *gin.Context) error {
	months := h.city.get(c.Request.Context()).months
	v := &scorecardView{Page: h.Kit.Page(c, web.Say("portal.scorecard.title")), Definitions: insight.Figures[:insight.PublicFigures], Version: insight.DefinitionVersion,
		Floor: stats.FloorPublic, Few: stats.RateLeast,
		Empty: web.Empty{Icon: "info-circle", Title: web.Say("portal.scorecard.none.title"), Words: web.Say("portal.scorecard.none.words")}}
	if len(months) > 0 {
		f := i18n.Format{Lang: v.Lang}
		v.Month = monthOf(months[0], f)
		for i, figure := range insight.Figures[:insight.PublicFigures] {
			v.Stats = append(v.Stats, score(figure, months[0].Rates[i], f))
		}
		v.Months = table(months, f)
	}
	return h.Kit.Show(c, "portal/scorecard", v)
}

func monthOf(m insight.Month, f i18n.Format) string {
	year, month := m.First.YearMonth()
	return f.Month(year, month)
}

func score(figure insight.Figure, r insight.Rate, f i18n.Format) scored {
	s := scored{Firm: r.Firm()}
	s.Name, s.Href, s.Suppressed = web.Say(figure.Name), "#"+figure.ID, r.Suppressed
	switch {
	case r.Suppressed:
		s.Note = web.Say("common.stat.suppressed")
	case r.Value == nil:
		s.Note = web.Say("insight.rate.none")
	case s.Firm:
		s.Value, s.Low, s.High, s.Note = *r.Value, *r.Low, *r.High, spoken(figure.Sentence, r, f)
	default:
		s.Note = spoken("insight.rate.few", r, f)
	}
	return s
}

// spoken is a rate with its parts and interval in one sentence.
func spoken(key string, r insight.Rate, f i18n.Format) web.Words {
	return web.Say(key, "Numerator", *r.Numerator, "Denominator", *r.Denominator, "Low", f.Percent(*r.Low), "High", f.Percent(*r.High))
}

// table has a row for each month and a column for each figure.
func table(months []insight.Month, f i18n.Format) web.Table {
	t := web.Table{ID: "months", Caption: web.Say("portal.scorecard.months"), Columns: []web.Column{{Words: web.Say("insight.group.month")},
		{Words: web.Say("insight.table.filed"), Numeric: true}}}
	for _, figure := range insight.Figures[:insight.PublicFigures] {
		t.Columns = append(t.Columns, web.Column{Words: web.Say(figure.Name), Numeric: true, Percent: true})
	}
	for _, m := range months {
		filed := web.Cell{Words: web.Say("insight.rate.hidden")}
		if !m.Filed.Suppressed {
			n := float64(m.Filed.N)
			filed = web.Cell{Words: web.Plain(f.Number(m.Filed.N)), Value: &n}
		}
		cells := []web.Cell{{Words: web.Plain(monthOf(m, f))}, filed}
		for _, r := range m.Rates {
			cells = append(cells, rateCell(r, f))
		}
		t.Rows = append(t.Rows, web.Row{Cells: cells})
	}
	return t
}

func rateCell(r insight.Rate, f i18n.Format) web.Cell {
	switch {
	case r.Suppressed:
		return web.Cell{Words: web.Say("insight.rate.hidden")}
	case r.Value == nil:
		return web.Cell{Words: web.Say("insight.rate.nothing")}
	case !r.Firm():
		return web.Cell{Words: web.Say("insight.rate.few_cell", "Numerator", *r.Numerator, "Denominator", *r.Denominator)}
	}
	return web.Cell{Words: web.Plain(f.Percent(*r.Value)), Value: r.Value, Low: r.Low, Top: r.High}
}

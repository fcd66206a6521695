package desk

import (
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"minqing/internal/calendar"
	"minqing/internal/fault"
	"minqing/internal/fees"
	"minqing/internal/web"
)

// feeDaysPage compares what was booked on a day with what the provider of payments says.
type feeDaysPage struct{ *feesPage }

type feeDaysView struct {
	web.Page
	Day         web.Field
	On          calendar.Date
	Sums        *web.Table
	Differences *web.Table
	Agrees      bool // there is nothing to look at
	Books       bool // something can be booked that was missed
	Strays      bool // some of it fits no order
}

func (p *feeDaysPage) show(c *gin.Context) error {
	typed := c.Query("day")
	if typed == "" {
		typed = p.fees.Today().Add(-1).String()
	}
	return p.page(c, typed, nil)
}

func (p *feeDaysPage) page(c *gin.Context, typed string, problem error) error {
	v := &feeDaysView{Page: p.Kit.Page(c, web.Say("fees.day.title"))}
	v.Back = &web.Link{Href: feesPath, Words: web.Say("fees.desk.title")}
	day, err := calendar.ParseDate(typed)
	var d *fees.DayBooks
	switch {
	case problem != nil:
	case err != nil:
		problem = fault.InvalidInput(fault.Field{Name: "day", Key: "fees.day.required"})
	default:
		d, problem = p.fees.Reconcile(c.Request.Context(), day)
	}
	if rest := v.Fail(problem); rest != nil {
		return rest
	}
	v.Day = v.Bind(web.Field{Name: "day", Label: web.Say("fees.day.day"), Value: typed, Type: "date", Width: "10"})
	if d != nil {
		v.On, v.Agrees = d.Day, len(d.Differences) == 0
		v.tables(p, d)
	}
	return p.Kit.Show(c, "desk/fee_days", v)
}

func (v *feeDaysView) tables(p *feeDaysPage, d *fees.DayBooks) {
	columns := func(keys ...string) (list []web.Column) {
		for _, key := range keys {
			list = append(list, web.Column{Words: web.Say("fees.day." + key), Numeric: key == "booked" || key == "listed" || key == "loose"})
		}
		return list
	}
	money := func(n int64, currency string) web.Cell {
		if currency == "" {
			return web.Cell{Words: web.Plain("–")}
		}
		value := float64(n)
		return web.Cell{Words: web.Plain(fees.Money(n, currency)), Value: &value}
	}
	sums := web.Table{ID: "sums", Caption: web.Say("fees.day.sums"), Columns: columns("currency", "booked", "listed", "loose")}
	for _, s := range d.Sums {
		v.Strays = v.Strays || s.LooseN > 0
		sums.Rows = append(sums.Rows, web.Row{Cells: []web.Cell{{Words: web.Plain(s.Currency)}, money(s.Booked, s.Currency), money(s.Listed, s.Currency), money(s.Loose, s.Currency)}})
	}
	if len(sums.Rows) > 0 {
		v.Sums = &sums
	}
	if len(d.Differences) == 0 {
		return
	}
	list := web.Table{ID: "differences", Caption: web.Say("fees.day.differences"), Columns: columns("reference", "what", "booked", "listed", "order", "at")}
	f := p.Kit.Format(v.Lang)
	for _, x := range d.Differences {
		v.Books = v.Books || x.Kind == fees.Unbooked
		chip := web.Chip{Tone: web.ToneOver, Words: web.Say("fees.day.kind." + x.Kind)}
		row := web.Row{Cells: []web.Cell{{Words: web.Plain(x.ProviderRef)}, {Chip: &chip}, money(x.Booked, x.BookedIn), money(x.Listed, x.ListedIn), {Words: web.Plain("–")}, {Words: web.Plain(f.DateTime(x.PaidAt))}}}
		if x.OrderNo != "" {
			row.Href, row.Cells[4].Words = feesPath+"/orders/"+x.OrderNo, web.Plain(x.OrderNo)
		}
		list.Rows = append(list.Rows, row)
	}
	v.Differences = &list
}

// book books what the provider lists and we missed.
func (p *feeDaysPage) book(c *gin.Context) error {
	typed := c.PostForm("day")
	day, err := calendar.ParseDate(typed)
	if err != nil {
		return p.page(c, typed, fault.InvalidInput(fault.Field{Name: "day", Key: "fees.day.required"}))
	}
	n, err := p.fees.BookDay(c.Request.Context(), day)
	if k := fault.KindOf(err); err != nil && (k == fault.Invalid || k == fault.Conflict) {
		return p.page(c, typed, err)
	}
	if err != nil {
		return err
	}
	if err := p.Kit.Flash(c, web.Notice{Tone: web.ToneDone, Words: web.Say("fees.day.done", "Count", n)}); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, feesPath+"/days?"+url.Values{"day": {day.String()}}.Encode())
	return nil
}

package desk

import (
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"minqing/internal/access"
	"minqing/internal/calendar"
	"minqing/internal/fees"
	"minqing/internal/web"
)

const feesPath = "/desk/fees"

type feesPage struct {
	Deps
	fees *fees.Service
}

// RegisterFees mounts what permits cost: the orders of one's units, what two people
// do to them, and money that fits no order.
func RegisterFees(d Deps, s *fees.Service) {
	g := d.Kit.Group("/desk")
	list := &feesPage{d, s}
	one, strays := &feePage{list}, &straysPage{list}
	d.Kit.GET(g, "/fees", access.FeeRead, list.show)
	d.Kit.GET(g, "/fees/strays", access.FeeReconcile, strays.show)
	d.Kit.POST(g, "/fees/strays", access.FeeReconcile, strays.settle, web.Keeps(typedInFees))
	days := &feeDaysPage{list}
	d.Kit.GET(g, "/fees/days", access.FeeReconcile, days.show)
	d.Kit.POST(g, "/fees/days", access.FeeReconcile, days.book)
	d.Kit.GET(g, "/fees/orders/:no", access.FeeRead, one.show)
	d.Kit.POST(g, "/fees/orders/:no", access.FeeRead, one.act, web.Keeps(typedInFees))
}

// typedInFees labels the texts of the pages of fees.
func typedInFees(name string) web.Words {
	switch {
	case name == "reason", name == "note", name == "reference":
		return web.Say("fees.desk." + name)
	case strings.HasPrefix(name, "settlement."):
		return web.Say("fees.desk.settlement")
	}
	return web.Words{}
}

// orderChip says where an order stands; one past its day is told apart.
func orderChip(o *fees.Order, today calendar.Date) web.Chip {
	tones := map[fees.State]web.Tone{fees.Due: web.ToneDue, fees.Paid: web.ToneDone, fees.Waived: web.ToneInfo, fees.Refunded: web.ToneInfo}
	if o.State == fees.Due && o.DueOn < today {
		return web.Chip{Tone: web.ToneOver, Words: web.Say("fees.state.overdue")}
	}
	return web.Chip{Tone: tones[o.State], Words: web.Say("fees.state." + string(o.State))}
}

type feesView struct {
	web.Page
	States []web.Link
	Orders web.Table
	Strays *web.Link
	Days   *web.Link
	Next   string
	Empty  *web.Empty
}

// show lists the orders of the actor's units, the newest first.
func (p *feesPage) show(c *gin.Context) error {
	ctx := c.Request.Context()
	f := fees.Filter{State: fees.State(c.Query("state")), Cursor: c.Query("after")}
	list, asked, next, err := p.fees.List(ctx, f)
	if err != nil {
		return err
	}
	v := &feesView{Page: p.Kit.Page(c, web.Say("fees.desk.title"))}
	v.Wide = true
	v.Back = &web.Link{Href: "/desk", Words: web.Say("desk.inbox.title")}
	v.States = append(v.States, web.Link{Href: feesPath, Words: web.Say("fees.desk.all"), Current: f.State == ""})
	for _, s := range fees.States {
		v.States = append(v.States, web.Link{Href: feesPath + "?state=" + string(s), Words: web.Say("fees.state." + string(s)), Current: f.State == s})
	}
	if p.Access.Can(ctx, access.FeeReconcile) == nil {
		v.Strays = &web.Link{Href: feesPath + "/strays", Words: web.Say("fees.strays.title")}
		v.Days = &web.Link{Href: feesPath + "/days", Words: web.Say("fees.day.title")}
	}
	if len(list) == 0 {
		v.Empty = &web.Empty{Title: web.Say("fees.desk.none"), Words: web.Say("fees.desk.none.words")}
		return p.Kit.Show(c, "desk/fees", v)
	}
	v.Orders = p.table(v.Page, list, asked)
	if next != "" {
		v.Next = feesPath + "?" + url.Values{"state": {string(f.State)}, "after": {next}}.Encode()
	}
	return p.Kit.Show(c, "desk/fees", v)
}

func (p *feesPage) table(page web.Page, list []fees.Order, asked map[string]bool) web.Table {
	t := web.Table{ID: "orders", Caption: web.Say("fees.desk.title")}
	for _, key := range []string{"fees.no", "fees.for", "fees.permit", "fees.amount", "fees.due_on", "fees.state", "fees.desk.waits"} {
		t.Columns = append(t.Columns, web.Column{Words: web.Say(key), Numeric: key == "fees.amount"})
	}
	f, today := p.Kit.Format(page.Lang), p.fees.Today()
	for i := range list {
		o := &list[i]
		chip := orderChip(o, today)
		waits := web.Words{}
		if asked[o.ID] {
			waits = web.Say("fees.desk.second")
		}
		value := float64(o.Amount)
		t.Rows = append(t.Rows, web.Row{Href: feesPath + "/orders/" + o.OrderNo, Cells: []web.Cell{{Words: web.Plain(o.OrderNo)}, {Words: web.Data(o.FeeName)}, {Words: web.Data(o.TypeName)},
			{Words: web.Plain(fees.Money(o.Amount, o.Currency)), Value: &value}, {Words: web.Plain(f.Date(o.DueOn.UTC()))}, {Chip: &chip}, {Words: waits}}})
	}
	return t
}

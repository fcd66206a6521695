package desk

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"minqing/internal/access"
	"minqing/internal/fault"
	"minqing/internal/fees"
	"minqing/internal/web"
)

type feePage struct{ *feesPage }

type feeView struct {
	web.Page
	Order    *fees.Staffed
	Amount   string
	Chip     web.Chip
	Facts    []web.SummaryRow
	Arrivals web.Table
	Asked    *fees.Request // waits for a decision
	AskedBy  string
	Own      bool // the reader asked for it
	Decides  bool
	Note     web.Field
	Collect  *web.Field
	Act      string // what may be asked for; empty: nothing
	Reason   web.Field
	Past     []pastRequest
}

type pastRequest struct {
	fees.Request
	Title web.Words
	By    string // who asked
	Then  string // who decided
}

func (p *feePage) show(c *gin.Context) error { return p.page(c, nil) }

func (p *feePage) page(c *gin.Context, problem error) error {
	o, err := p.fees.Read(c.Request.Context(), c.Param("no"))
	if err != nil {
		return err
	}
	v := &feeView{Page: p.Kit.Page(c, web.Data(o.FeeName)), Order: o, Amount: fees.Money(o.Amount, o.Currency), Chip: orderChip(&o.Order, p.fees.Today())}
	v.Wide = true
	v.Back = &web.Link{Href: feesPath, Words: web.Say("fees.desk.title")}
	if rest := v.Fail(problem); rest != nil {
		return rest
	}
	if err := p.facts(c.Request.Context(), v); err != nil {
		return err
	}
	if err := p.requests(c.Request.Context(), v); err != nil {
		return err
	}
	p.forms(c, v)
	return p.Kit.Show(c, "desk/fee", v)
}

func (p *feePage) facts(ctx context.Context, v *feeView) error {
	o, f := v.Order, p.Kit.Format(v.Lang)
	snap, err := p.Catalogue.Snapshot(ctx)
	if err != nil {
		return err
	}
	add := func(key string, value web.Words) {
		v.Facts = append(v.Facts, web.SummaryRow{Key: web.Say(key), Value: value})
	}
	add("fees.no", web.Plain(o.OrderNo))
	add("fees.permit", web.Data(o.TypeName))
	add("fees.charged", web.Say("permittype.fee."+o.Charged))
	if u, err := snap.Unit(o.UnitID); err == nil {
		add("fees.unit", web.Data(u.Name))
	}
	add("fees.ordered_on", web.Plain(f.Date(o.CreatedOn.UTC())))
	add("fees.due_on", web.Plain(f.Date(o.DueOn.UTC())))
	if o.SettledAt != nil {
		add("fees.settled_on", web.Plain(f.DateTime(*o.SettledAt)))
	}
	for _, r := range o.Receipts {
		add("fees.receipt."+r.Kind, web.Plain(r.No()))
	}
	if len(o.Arrivals) == 0 {
		return nil
	}
	v.Arrivals = web.Table{ID: "arrivals", Caption: web.Say("fees.desk.arrivals"), Columns: []web.Column{{Words: web.Say("fees.way_ref")}, {Words: web.Say("fees.way")},
		{Words: web.Say("fees.desk.arrived")}, {Words: web.Say("fees.amount"), Numeric: true}, {Words: web.Say("fees.desk.outcome")}}}
	for _, a := range o.Arrivals {
		value := float64(a.Amount)
		v.Arrivals.Rows = append(v.Arrivals.Rows, web.Row{Cells: []web.Cell{{Words: web.Plain(a.ProviderRef)}, {Words: web.Say("fees.way." + a.Provider)},
			{Words: web.Plain(f.DateTime(a.ArrivedAt))}, {Words: web.Plain(fees.Money(a.Amount, a.Currency)), Value: &value}, {Words: web.Say("fees.outcome." + string(a.Outcome))}}})
	}
	return nil
}

func (p *feePage) requests(ctx context.Context, v *feeView) error {
	var ids []string
	for _, r := range v.Order.Requests {
		ids = append(ids, r.AskedByID)
		if r.DecidedByID != nil {
			ids = append(ids, *r.DecidedByID)
		}
	}
	names, err := p.People.Names(ctx, ids...)
	if err != nil {
		return err
	}
	for _, r := range v.Order.Requests {
		if r.State == "open" {
			continue
		}
		v.Past = append(v.Past, pastRequest{Request: r, Title: web.Say("fees.desk." + r.State + "." + r.Act), By: names[r.AskedByID], Then: names[*r.DecidedByID]})
	}
	v.Asked = v.Order.Open()
	if v.Asked != nil {
		v.AskedBy = names[v.Asked.AskedByID]
		v.Decides, v.Own = p.fees.MayDecide(ctx, &v.Order.Order, v.Asked)
	}
	return nil
}

func (p *feePage) forms(c *gin.Context, v *feeView) {
	ctx, o := c.Request.Context(), &v.Order.Order
	if v.Decides {
		v.Note = v.Bind(web.Field{Name: "note", Label: web.Say("fees.desk.note"), Hint: web.Say("fees.desk.note.hint"), Value: c.PostForm("note"), Rows: 3, Max: 500, Optional: true})
	}
	if o.State == fees.Due && p.fees.May(ctx, o, access.FeeCollect) {
		f := v.Bind(web.Field{Name: "reference", Label: web.Say("fees.desk.reference"), Hint: web.Say("fees.desk.reference.hint"), Value: c.PostForm("reference"), Width: "20", Complete: "off"})
		v.Collect = &f
	}
	if v.Asked == nil && p.fees.May(ctx, o, access.FeeAsk) {
		v.Act = map[fees.State]string{fees.Due: fees.Waive, fees.Paid: fees.Refund}[o.State]
		v.Reason = v.Bind(web.Field{Name: "reason", Label: web.Say("fees.desk.reason"), Hint: web.Say("fees.desk.reason." + v.Act), Value: c.PostForm("reason"), Rows: 3, Max: 500})
	}
}

// act does what one of the page's forms asks for.
func (p *feePage) act(c *gin.Context) error {
	ctx, no, do := c.Request.Context(), c.Param("no"), c.PostForm("do")
	typed := func(name string) string { return strings.TrimSpace(lineEnds.Replace(c.PostForm(name))) }
	version, err := strconv.ParseInt(c.PostForm("version"), 10, 64)
	if err != nil {
		version = 0
	}
	switch do {
	case "collect":
		err = p.fees.Collect(ctx, no, version, typed("reference"))
	case fees.Waive, fees.Refund:
		err = p.fees.Ask(ctx, no, version, do, typed("reason"))
	case "approve", "decline":
		err = p.fees.Decide(ctx, no, c.PostForm("request"), do == "approve", typed("note"))
	default:
		if _, err := p.fees.Read(ctx, no); err != nil {
			return err
		}
		return fault.New(fault.Invalid, "fault.malformed")
	}
	if k := fault.KindOf(err); err != nil && (k == fault.Invalid || k == fault.Conflict) {
		return p.page(c, err)
	}
	if err != nil {
		return err
	}
	if err := p.Kit.Flash(c, web.Notice{Tone: web.ToneDone, Words: web.Say("fees.desk.done." + do)}); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, feesPath+"/orders/"+no)
	return nil
}

package portal

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"minqing/internal/access"
	"minqing/internal/calendar"
	"minqing/internal/catalogue"
	"minqing/internal/fault"
	"minqing/internal/fees"
	"minqing/internal/web"
)

// FeeDeps are what the pages of what permits cost work with.
type FeeDeps struct {
	Kit     *web.Kit
	Fees    *fees.Service
	Holders interface {
		Names(ctx context.Context, ids ...string) (map[string]string, error)
	}
	Catalogue *catalogue.Service
	Name      func(ctx context.Context) (string, error) // of the person who is signed in
}

// toldMost is the longest call of a provider, in bytes.
const toldMost = 64 << 10

// RegisterFees mounts the fees of who is signed in, and what a provider tells.
func RegisterFees(d FeeDeps) {
	k, e := d.Kit, d.Kit.Engine()
	own := web.Throttle(30, time.Minute, web.ByActor)
	list, one := &feesPage{d}, &feePage{d}
	k.GET(e, "/me/fees", access.OwnRead, list.show)
	k.GET(e, "/me/fees/:no", access.OwnRead, one.show)
	k.POST(e, "/me/fees/:no/pay", access.OwnRead, one.pay, own)
	k.GET(e, "/me/fees/:no/pay/:payment", access.OwnRead, one.away)
	k.POST(e, "/me/fees/:no/ask", access.OwnRead, one.ask, own)
	k.GET(e, "/me/fees/:no/receipt", access.OwnRead, one.receipt)
	k.GET(e, "/me/fees/:no/receipt.pdf", access.OwnRead, one.receiptPaper, web.Throttle(60, time.Minute, web.ByActor))
	k.POST(e, "/fees/told/:provider", web.Public, d.told, web.Body(toldMost), web.Throttle(600, time.Minute, web.ByIP))
}

// told takes a call of a provider: 204 once it is written down, whether now or before.
func (d FeeDeps) told(c *gin.Context) error {
	body, err := io.ReadAll(c.Request.Body)
	if err != nil {
		if _, large := errors.AsType[*http.MaxBytesError](err); large {
			return err
		}
		return fault.New(fault.Invalid, "fault.malformed").Because(err)
	}
	if err := d.Fees.Hear(c.Request.Context(), c.Param("provider"), c.Request.Header, body); err != nil {
		return err
	}
	c.Status(http.StatusNoContent)
	return nil
}

// payer is who owes an order, as receipts name them, on the page too.
func (d FeeDeps) payer(ctx context.Context, on *web.Page, holderID string) (web.Words, error) {
	names, err := d.Holders.Names(ctx, holderID)
	if err != nil {
		return web.Words{}, err
	}
	on.About(holderID, names[holderID])
	if names[holderID] != "" {
		return web.Plain(names[holderID]), nil
	}
	name, err := d.Name(ctx)
	if err != nil || name == "" {
		return web.Say("permit.for.you"), err
	}
	return web.Plain(name), nil
}

func (d FeeDeps) unit(ctx context.Context, id string) (web.Words, error) {
	snap, err := d.Catalogue.Snapshot(ctx)
	if err != nil {
		return web.Words{}, err
	}
	u, err := snap.Unit(id)
	if err != nil {
		return web.Words{}, err
	}
	return web.Data(u.Name), nil
}

// feeChip says where an order stands; one past its day is told apart.
func feeChip(o *fees.Order, today calendar.Date) web.Chip {
	tone := web.ToneNone
	switch o.State {
	case fees.Due:
		if o.DueOn < today {
			return web.Chip{Tone: web.ToneOver, Words: web.Say("fees.state.overdue")}
		}
		tone = web.ToneDue
	case fees.Paid:
		tone = web.ToneDone
	case fees.Waived, fees.Refunded:
		tone = web.ToneInfo
	case fees.Cancelled:
	}
	return web.Chip{Tone: tone, Words: web.Say("fees.state." + string(o.State))}
}

type feesPage struct{ FeeDeps }

type feesView struct {
	web.Page
	Rows  []mineRow
	Pager web.Pager
	Empty web.Empty
}

// show lists the fees of whom one acts for, what is due first.
func (p *feesPage) show(c *gin.Context) error {
	cursor := c.Query("cursor")
	list, next, err := p.Fees.Mine(c.Request.Context(), cursor)
	if err != nil {
		return err
	}
	v := &feesView{Page: p.Kit.Page(c, web.Say("fees.own.title"))}
	f := p.Kit.Format(v.Lang)
	for i := range list {
		o := &list[i]
		row := mineRow{Href: "/me/fees/" + o.OrderNo, Title: web.Data(o.FeeName), Chip: feeChip(o, p.Fees.Today()),
			Facts: []web.Words{web.Plain(fees.Money(o.Amount, o.Currency)), web.Data(o.TypeName), web.Plain(o.OrderNo)}}
		if o.State == fees.Due {
			row.Facts = append(row.Facts, web.Say("fees.row.due", "Day", f.Date(o.DueOn.UTC())))
		}
		v.Rows = append(v.Rows, row)
	}
	v.Empty = web.Empty{Title: web.Say("fees.own.none"), Words: web.Say("fees.own.none.words"), Do: &web.Button{Words: web.Say("permit.list.title"), Href: "/enterprise/applications", Kind: "secondary"}}
	v.Pager = web.Pager{Shown: len(v.Rows)}
	if cursor != "" {
		v.Pager.First = v.With("cursor", "")
		v.Empty = web.Empty{Title: web.Say("permit.list.end"), Words: web.Say("fees.own.end"), Do: &web.Button{Words: web.Say("common.pager.first"), Href: v.Pager.First, Kind: "secondary"}}
	}
	if next != "" {
		v.Pager.Next = v.With("cursor", next)
	}
	return p.Kit.Show(c, "portal/fees", v)
}

type feePage struct{ FeeDeps }

type feeView struct {
	web.Page
	Own    *fees.Own
	Amount string
	Payer  web.Words
	Unit   web.Words
	Chip   web.Chip
	Online bool // a provider is there
	Open   *fees.Payment
	Failed bool // the last payment came to nothing
}

func (p *feePage) show(c *gin.Context) error { return p.page(c, nil) }

func (p *feePage) page(c *gin.Context, problem error) error {
	v, err := p.view(c)
	if err != nil {
		return err
	}
	if rest := v.Fail(problem); rest != nil {
		return rest
	}
	return p.Kit.Show(c, "portal/fee", v)
}

func (p *feePage) view(c *gin.Context) (*feeView, error) {
	ctx := c.Request.Context()
	o, err := p.Fees.Own(ctx, c.Param("no"))
	if err != nil {
		return nil, err
	}
	v := &feeView{Page: p.Kit.Page(c, web.Data(o.FeeName)), Own: o, Amount: fees.Money(o.Amount, o.Currency), Chip: feeChip(&o.Order, p.Fees.Today()), Online: p.Fees.Provider != nil}
	v.Back = &web.Link{Href: "/me/fees", Words: web.Say("fees.own.title")}
	if last := o.Payment; last != nil && o.State == fees.Due && !o.Waits {
		v.Failed = last.State == fees.PaymentFailed
		if last.State == fees.PaymentOpen {
			v.Open = last
		}
	}
	if v.Payer, err = p.payer(ctx, &v.Page, o.HolderID); err != nil {
		return nil, err
	}
	v.Unit, err = p.unit(ctx, o.UnitID)
	return v, err
}

// pay opens a payment and shows the way to where it is made.
func (p *feePage) pay(c *gin.Context) error {
	version, err := strconv.ParseInt(c.PostForm("version"), 10, 64)
	if err != nil {
		return fault.New(fault.Invalid, "fault.malformed").Because(err)
	}
	no := c.Param("no")
	payment, err := p.Fees.Pay(c.Request.Context(), no, version, web.Lang(c))
	if fault.KindOf(err) == fault.Conflict && err != nil {
		return p.page(c, err)
	}
	if err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, "/me/fees/"+no+"/pay/"+payment.ID)
	return nil
}

type feeAwayView struct {
	web.Page
	Order  *fees.Order
	Amount string
	Go     web.Button
}

// away is the last page of ours before the provider's: a link leads there, since a
// form of ours may not.
func (p *feePage) away(c *gin.Context) error {
	o, payment, err := p.Fees.OwnPayment(c.Request.Context(), c.Param("no"), c.Param("payment"))
	if err != nil {
		return err
	}
	if payment.State != fees.PaymentOpen || payment.PayURL == "" || o.State != fees.Due {
		c.Redirect(http.StatusSeeOther, "/me/fees/"+o.OrderNo)
		return nil
	}
	v := &feeAwayView{Page: p.Kit.Page(c, web.Say("fees.away.title")), Order: o, Amount: fees.Money(payment.Amount, payment.Currency),
		Go: web.Button{Words: web.Say("fees.away.go"), Href: payment.PayURL}}
	v.Back = &web.Link{Href: "/me/fees/" + o.OrderNo, Words: web.Data(o.FeeName)}
	return p.Kit.Show(c, "portal/fee_away", v)
}

// ask asks the provider at once what became of a payment.
func (p *feePage) ask(c *gin.Context) error {
	no := c.Param("no")
	if err := p.Fees.AskOwn(c.Request.Context(), no); err != nil {
		return err
	}
	o, err := p.Fees.Own(c.Request.Context(), no)
	if err != nil {
		return err
	}
	notice := web.Notice{Tone: web.ToneInfo, Words: web.Say("fees.asked.nothing")}
	if o.State == fees.Paid {
		notice = web.Notice{Tone: web.ToneDone, Words: web.Say("fees.asked.paid")}
	}
	if err := p.Kit.Flash(c, notice); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, "/me/fees/"+o.OrderNo)
	return nil
}

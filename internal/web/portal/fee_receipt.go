package portal

import (
	"fmt"
	"strings"

	"github.com/gin-gonic/gin"

	"minqing/internal/document"
	"minqing/internal/fault"
	"minqing/internal/fees"
	"minqing/internal/web"
)

type feeReceiptView struct {
	web.Page
	Own     *fees.Own
	Receipt *fees.Receipt
	Amount  string
	Payer   web.Words
	Unit    web.Words
	Way     web.Words
}

// receipt is the paper that says that a fee was paid, or given back.
func (p *feePage) receipt(c *gin.Context) error {
	v, err := p.receiptOf(c)
	if err != nil {
		return err
	}
	return p.Kit.Show(c, "portal/fee_receipt", v)
}

func (p *feePage) receiptOf(c *gin.Context) (*feeReceiptView, error) {
	ctx := c.Request.Context()
	o, err := p.Fees.Own(ctx, c.Param("no"))
	if err != nil {
		return nil, err
	}
	kind := fees.ReceiptPayment
	if c.Query("kind") == fees.ReceiptRefund {
		kind = fees.ReceiptRefund
	}
	r := o.Receipt(kind)
	if r == nil {
		return nil, fault.New(fault.NotFound, "fees.missing")
	}
	v := &feeReceiptView{Page: p.Kit.Page(c, web.Say("fees.receipt."+kind)), Own: o, Receipt: r, Amount: fees.Money(r.Amount, r.Currency), Way: web.Say("fees.way." + r.Way)}
	v.Back = &web.Link{Href: "/me/fees/" + o.OrderNo, Words: web.Data(o.FeeName)}
	if v.Payer, err = p.payer(ctx, &v.Page, o.HolderID); err != nil {
		return nil, err
	}
	if v.Unit, err = p.unit(ctx, o.UnitID); err != nil {
		return nil, fmt.Errorf("name the unit of a receipt: %w", err)
	}
	return v, nil
}

// receiptPaper is the receipt of a fee as a document to keep.
func (p *feePage) receiptPaper(c *gin.Context) error {
	v, err := p.receiptOf(c)
	if err != nil {
		return err
	}
	w, err := p.Kit.Paper(&v.Page, v.Receipt.No())
	if err != nil {
		return err
	}
	above, by := v.City.In(v.Lang), w.Say(v.Unit)
	if above != by {
		by = strings.TrimPrefix(above+" · "+by, " · ")
	}
	w.Title(by, w.Say(v.Title)+" "+v.Receipt.No())
	o := v.Own
	facts := []document.Pair{w.Fact("fees.receipt.no", v.Receipt.No()), w.Fact("fees.amount", v.Amount), w.Fact("fees.payer", w.Say(v.Payer)), w.Fact("fees.for", o.FeeName.In(v.Lang)),
		w.Fact("fees.permit", o.TypeName.In(v.Lang)), w.Fact("fees.case", o.CaseNo), w.Fact("fees.no", o.OrderNo), w.Fact("fees.way", w.Say(v.Way))}
	if v.Receipt.WayRef != "" {
		facts = append(facts, w.Fact("fees.way_ref", v.Receipt.WayRef))
	}
	w.Pairs(append(facts, w.Fact("fees.receipt.on", w.Format.DateTime(v.Receipt.IssuedAt)), w.Fact("fees.receipt.by", by)))
	w.Note(w.Key("fees.receipt.words"))
	body, err := w.Bytes()
	if err != nil {
		return err
	}
	web.HandOver(c, v.Receipt.No()+".pdf", "application/pdf", body)
	return nil
}

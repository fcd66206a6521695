package app

import (
	"context"

	"minqing/internal/actor"
	"minqing/internal/fees"
	"minqing/internal/notify"
	"minqing/internal/permits"
	"minqing/internal/privacy"
	"minqing/internal/web"
	"minqing/internal/web/desk"
	"minqing/internal/web/portal"
)

// wireFees has permits order what they cost. The demo city has a bank of its own
// that takes no money.
func (a *App) wireFees() error {
	d := fees.Deps{DB: a.DB, Audit: a.Audit, Jobs: a.Jobs, Access: a.Access, Catalogue: a.Catalogue, Holders: holders{a.Enterprises}, Family: a.Constituents.Family,
		BaseURL: a.baseURL(), Zone: a.zone, Now: a.Options.Now, Tell: a.tellPayer}
	switch {
	case a.Config.PaymentURL != "":
		gateway, err := fees.OpenGateway(a.Config.PaymentURL, a.Options.Now)
		if err != nil {
			return err
		}
		d.Provider = gateway
	case a.Options.Demo:
		a.sandbox = fees.NewSandbox(a.baseURL(), a.Options.Now)
		d.Provider = a.sandbox
	}
	a.Fees = fees.New(d)
	a.Fees.Register(a.Jobs)
	a.Permits.Fees = charges{a.Fees}
	return nil
}

// tellPayer tells who owes a fee that it is ordered, or that it was paid.
func (a *App) tellPayer(ctx context.Context, o *fees.Order, paid bool) error {
	kind := notify.FeeOrdered
	if paid {
		kind = notify.FeeReceived
	}
	holder, err := a.Constituents.Masked(ctx, o.HolderID)
	if err != nil {
		return err
	}
	byItself := !paid && actor.From(ctx).Kind == actor.System // silence granted what it costs
	return a.tellHolders(ctx, notify.Telling{Kind: kind, About: o.ID, Cause: o.ID, ByItself: byItself}, o.HolderID, holder.Kind)
}

// charges makes orders of what an application costs.
type charges struct{ of *fees.Service }

// Charge joins the transaction of the step that costs something.
func (c charges) Charge(ctx context.Context, x permits.Charge) error {
	out := fees.Charge{CaseID: x.Case.ID, CaseNo: x.Case.CaseNo, HolderID: x.Application.HolderID, UnitID: x.Case.UnitID, TypeCode: x.Type.Code, TypeVersion: x.Type.Version,
		TypeName: x.Type.Name, When: x.When, DueOn: x.DueOn}
	for _, f := range x.Fees {
		out.Items = append(out.Items, fees.Item{Code: f.Code, Name: f.Name, Amount: f.Amount, Currency: f.Currency, Holds: f.Holds})
	}
	return c.of.Charge(ctx, out)
}

// Cancel joins the transaction of the withdrawal.
func (c charges) Cancel(ctx context.Context, caseID string) error { return c.of.Cancel(ctx, caseID) }

// Fees lists what people owed and paid for permits.
func (p permitted) Fees(ctx context.Context, ids []string) (list []privacy.CopyFee, err error) {
	all, err := p.a.Fees.OfHolders(ctx, ids)
	for i := range all {
		o := &all[i]
		one := privacy.CopyFee{No: o.OrderNo, CaseNo: o.CaseNo, Name: o.FeeName, Amount: fees.Money(o.Amount, o.Currency), State: string(o.State), OrderedOn: o.CreatedOn.String(), DueOn: o.DueOn.String()}
		if o.SettledOn != nil {
			one.SettledOn = o.SettledOn.String()
		}
		list = append(list, one)
	}
	return list, err
}

func (a *App) feePages(kit *web.Kit, forDesk desk.Deps) {
	portal.RegisterFees(portal.FeeDeps{Kit: kit, Fees: a.Fees, Holders: a.Permits.Holders, Catalogue: a.Catalogue, Name: a.signer})
	desk.RegisterFees(forDesk, a.Fees)
	if a.sandbox != nil {
		portal.RegisterSandbox(kit, a.sandbox, a.Fees)
	}
}

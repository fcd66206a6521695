package app

import (
	"context"
	"slices"

	"minqing/internal/fees"
	"minqing/internal/nextstep"
	"minqing/internal/register"
)

// unpaid tells what the signed-in person, or whom they act for, has to pay.
type unpaid struct{ a *App }

// Unpaid are the orders that wait for money.
func (u unpaid) Unpaid(ctx context.Context) (list []nextstep.Fee, err error) {
	all, err := u.a.Fees.Unpaid(ctx)
	for i := range all {
		o := &all[i]
		list = append(list, nextstep.Fee{Name: o.FeeName, No: o.OrderNo, Amount: fees.Money(o.Amount, o.Currency), DueOn: o.DueOn, Href: "/me/fees/" + o.OrderNo})
	}
	return list, err
}

// pressing tells which duties of permits wait for the signed-in person, or for whom
// they act for.
type pressing struct{ a *App }

// Pressing are those of the permits that the actor may see.
func (p pressing) Pressing(ctx context.Context, constituentIDs []string) (list []nextstep.Duty, err error) {
	held, err := p.a.Register.OfHolder(ctx, constituentIDs)
	if err != nil {
		return nil, err
	}
	m, err := p.a.Enterprises.Acting(ctx)
	if err != nil {
		return nil, err
	}
	if m != nil { // an agent sees what the authority names
		held = slices.DeleteFunc(held, func(p register.Permit) bool { return !m.Covers(p.TypeCode) })
	}
	all, err := p.a.Duties.Waiting(ctx, held)
	for i := range all {
		d := &all[i]
		list = append(list, nextstep.Duty{Name: d.Def.Name, Permit: d.Permit.TypeName, PermitNo: d.Permit.PermitNo, DueOn: d.DueOn,
			Href: "/me/permits/" + d.Permit.PermitNo + "/duties/" + d.ID})
	}
	return list, err
}

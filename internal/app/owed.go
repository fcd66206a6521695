package app

import (
	"cmp"
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

// sayings tells on what somebody can still speak before it is decided against them.
type sayings struct{ a *App }

// Open are the intended revocations of permits that somebody holds, and their rights to
// hearings, that the actor may answer for them.
func (x sayings) Open(ctx context.Context, constituentIDs []string) (list []nextstep.Saying, err error) {
	held, err := x.a.Register.OfHolder(ctx, constituentIDs)
	if err != nil {
		return nil, err
	}
	intended, err := x.a.Register.Intended(ctx, held)
	if err != nil {
		return nil, err
	}
	for i := range held {
		p := &held[i]
		by, waits := intended[p.ID]
		if !waits {
			continue
		}
		if m, err := x.a.Permits.Permit(ctx, p.PermitNo); err != nil || !m.Writes {
			continue // an agent for other permits, or a reader
		}
		list = append(list, nextstep.Saying{Title: p.TypeName, No: p.PermitNo, By: by, Href: "/me/permits/" + p.PermitNo})
	}
	rights, err := x.a.Permits.OpenRights(ctx, constituentIDs)
	for _, r := range rights {
		list = append(list, nextstep.Saying{Title: r.TypeName, No: r.CaseNo, Hearing: true, By: r.AskBy, Href: "/enterprise/applications/" + r.ApplicationID})
	}
	slices.SortStableFunc(list, func(a, b nextstep.Saying) int { return cmp.Compare(a.By, b.By) })
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

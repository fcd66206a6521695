package app

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"minqing/internal/actor"
	"minqing/internal/calendar"
	"minqing/internal/demo"
	"minqing/internal/fees"
	"minqing/internal/i18n"
	"minqing/internal/permits"
	"minqing/internal/permittypes"
)

// demoDecided brings a year of decided applications for permits, and what they cost.
func (a *App) demoDecided(ctx context.Context, filers map[string]demo.Filer) error {
	var holders []string
	err := a.DB.From(ctx).Raw(`SELECT DISTINCT p.constituent_id FROM case_parties p JOIN cases c ON c.id = p.case_id WHERE p.role = 'requester' AND c.source = ? ORDER BY 1 LIMIT 90`, demo.Source).Scan(&holders).Error
	if err != nil {
		return fmt.Errorf("find who applied in the demo city: %w", err)
	}
	holders = slices.DeleteFunc(holders, func(id string) bool {
		for _, f := range filers {
			if f.ConstituentID == id {
				return true
			}
		}
		return false
	})
	if len(holders) == 0 {
		return nil
	}
	return a.DB.Tx(ctx, func(ctx context.Context) error {
		l := demo.Decided{Cases: a.Cases, Permits: a.Permits, Types: a.PermitTypes}
		list, err := l.Load(ctx, holders, a.Options.Now())
		if err != nil {
			return fmt.Errorf("load the permits of the demo city: %w", err)
		}
		return a.demoFees(ctx, list)
	})
}

// demoFees orders what was granted cost; most was paid at the counter, one with
// another amount.
func (a *App) demoFees(ctx context.Context, list []permits.Past) error {
	for i := range list {
		p := &list[i]
		if !p.Grants {
			continue
		}
		then := *a.Fees // as it was on that day
		then.Now, then.Tell = func() time.Time { return p.DecidedAt }, nil
		c := fees.Charge{CaseID: p.Case.ID, CaseNo: p.Case.CaseNo, HolderID: p.HolderID, UnitID: p.Case.UnitID, TypeCode: p.Type.Code, TypeVersion: p.Type.Version, TypeName: p.Type.Name,
			When: permittypes.FeeAtGrant, DueOn: calendar.DateOf(p.DecidedAt, a.zone).Add(14)}
		for _, f := range p.Type.Due(p.Answers) {
			c.Items = append(c.Items, fees.Item{Code: f.Code, Name: f.Name, Amount: f.Amount, Currency: f.Currency, Holds: f.Holds})
		}
		if err := then.Charge(ctx, c); err != nil {
			return err
		}
		orders, err := then.OfCase(ctx, c.CaseID)
		if err != nil {
			return err
		}
		then.Now = func() time.Time { return p.DecidedAt.Add(76 * time.Hour) }
		for k := range orders {
			if err := a.demoPaid(ctx, &then, p, &orders[k], i); err != nil {
				return err
			}
		}
	}
	return nil
}

func (a *App) demoPaid(ctx context.Context, then *fees.Service, p *permits.Past, o *fees.Order, i int) error {
	by := actor.With(ctx, actor.Actor{Kind: actor.Staff, AccountID: p.ByID})
	switch {
	case i%9 == 0: // still due
		return nil
	case i%31 == 4 && a.sandbox != nil:
		payment, err := then.Pay(actor.With(ctx, actor.Actor{Kind: actor.Citizen, ConstituentID: p.HolderID}), o.OrderNo, o.Version, i18n.ZhHant)
		if err != nil {
			return err
		}
		h, body, err := a.sandbox.Move(payment.ID, fees.StatusPaid, o.Amount-1000)
		if err != nil {
			return err
		}
		return then.Hear(ctx, a.sandbox.Code(), h, body)
	}
	return then.Collect(by, o.OrderNo, o.Version, "GK-"+strconv.Itoa(70_000+i*7)+"-"+o.FeeCode)
}

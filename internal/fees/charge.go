package fees

import (
	"context"
	"fmt"
	"strconv"

	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/db"
	"minqing/internal/i18n"
	"minqing/internal/idcode"
)

// Charge is what orders are made from.
type Charge struct {
	CaseID, CaseNo string
	HolderID       string
	UnitID         string
	TypeCode       string
	TypeVersion    int64
	TypeName       i18n.Text
	When           string // "accept" or "grant"
	DueOn          calendar.Date
	Items          []Item
}

// Item is one fee of a charge.
type Item struct {
	Code     string
	Name     i18n.Text
	Amount   int64
	Currency string
	Holds    bool
}

// Charge makes the orders of a case, in the caller's transaction. A fee is ordered
// once for a case, however often it is asked.
func (s *Service) Charge(ctx context.Context, c Charge) error {
	if len(c.Items) == 0 {
		return nil
	}
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		snap, err := s.Catalogue.Snapshot(ctx)
		if err != nil {
			return err
		}
		u, err := snap.Unit(c.UnitID)
		if err != nil {
			return err
		}
		var known []string
		if err := s.DB.From(ctx).Model(&Order{}).Where("case_id = ?", c.CaseID).Pluck("fee_code", &known).Error; err != nil {
			return fmt.Errorf("look for the fees of a case: %w", db.Fault(err, "", ""))
		}
		ordered := map[string]bool{}
		for _, code := range known {
			ordered[code] = true
		}
		for _, it := range c.Items {
			if ordered[it.Code] {
				continue
			}
			ordered[it.Code] = true
			if err := s.order(ctx, c, it, u.Path); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Service) order(ctx context.Context, c Charge, it Item, path string) error {
	now := s.now()
	o := Order{ID: db.NewID(now), CaseID: c.CaseID, CaseNo: c.CaseNo, HolderID: c.HolderID, UnitID: c.UnitID, UnitPath: path, TypeCode: c.TypeCode, TypeVersion: c.TypeVersion,
		TypeName: c.TypeName, FeeCode: it.Code, FeeName: it.Name, Charged: c.When, Holds: it.Holds, Amount: it.Amount, Currency: it.Currency, State: Due,
		CreatedAt: now, CreatedOn: s.Today(), DueOn: c.DueOn, Version: 1, UpdatedAt: now}
	var seq int64
	if err := s.DB.From(ctx).Raw("UPDATE sequences SET last = last + 1 WHERE name = 'fee_no' RETURNING last").Scan(&seq).Error; err != nil {
		return fmt.Errorf("take the number of a fee: %w", db.Fault(err, "", ""))
	}
	no, err := idcode.NewCaseNumber(s.prefix(), o.CreatedOn.Year(), seq)
	if err != nil {
		return err
	}
	o.OrderNo = no.String()
	if err := s.DB.From(ctx).Create(&o).Error; err != nil {
		return fmt.Errorf("order a fee: %w", db.Fault(err, "", "fees.changed"))
	}
	if s.Tell != nil {
		if err := s.Tell(ctx, &o, false); err != nil {
			return err
		}
	}
	return s.record(ctx, &o, "fee.order", "", audit.Change{Field: "case", After: o.CaseNo}, audit.Change{Field: "fee", After: o.FeeCode},
		audit.Change{Field: "amount", After: Money(o.Amount, o.Currency)})
}

// prefix marks the numbers of fees beside those of cases and permits.
func (s *Service) prefix() string {
	p := s.Prefix
	if len(p) > 3 {
		p = p[:3]
	}
	return p + "F"
}

// Cancel ends the orders of a case that nobody has paid, in the caller's transaction:
// the application was withdrawn.
func (s *Service) Cancel(ctx context.Context, caseID string) error {
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		var list []Order
		if err := s.DB.From(ctx).Where("case_id = ? AND state = 'due'", caseID).Order("id").Find(&list).Error; err != nil {
			return fmt.Errorf("look for the fees of a case: %w", db.Fault(err, "", ""))
		}
		for i := range list {
			if err := s.settle(ctx, &list[i], Cancelled); err != nil {
				return err
			}
			if err := s.record(ctx, &list[i], "fee.cancel", "", audit.Change{Field: "state", Before: string(Due), After: string(Cancelled)}); err != nil {
				return err
			}
		}
		return nil
	})
}

// settle moves an order on that stands as it was read; somebody faster is a Conflict.
func (s *Service) settle(ctx context.Context, o *Order, to State) error {
	now, today := s.now(), s.Today()
	res := s.DB.From(ctx).Exec("UPDATE fee_orders SET state = ?, settled_at = ?, settled_on = ?, updated_at = ?, version = version + 1 WHERE id = ? AND version = ? AND state = ?",
		to, now, today, now, o.ID, o.Version, o.State)
	if res.Error != nil {
		return fmt.Errorf("settle a fee: %w", db.Fault(res.Error, "", ""))
	}
	if res.RowsAffected == 0 {
		return errChanged
	}
	o.State, o.SettledAt, o.SettledOn, o.UpdatedAt = to, &now, &today, now
	o.Version++
	return nil
}

func (s *Service) record(ctx context.Context, o *Order, act, reason string, fields ...audit.Change) error {
	return s.Audit.Record(ctx, audit.Entry{Action: act, Kind: "fee_order", ID: o.OrderNo, Reason: reason, Fields: fields})
}

// Money writes an amount of the smallest coin with the sign of its currency:
// ¥1,500.00, NT$200.
func Money(amount int64, currency string) string {
	whole, rest := amount/100, amount%100
	sign := "¥"
	if currency == "TWD" {
		sign = "NT$"
	}
	text := sign + i18n.Format{}.Number(whole)
	if currency == "TWD" && rest == 0 {
		return text
	}
	return text + "." + strconv.FormatInt(100+rest, 10)[1:]
}

package fees

import (
	"context"
	"fmt"

	"minqing/internal/db"
)

// receipt writes the receipt of an order in the open transaction. Its number is the
// next of the year: one that is rolled back gives its number back, so that there is
// no gap.
func (s *Service) receipt(ctx context.Context, o *Order, kind, way, ref string) error {
	now, today := s.now(), s.Today()
	r := Receipt{ID: db.NewID(now), OrderID: o.ID, Kind: kind, Year: int64(today.Year()), Amount: o.Amount, Currency: o.Currency, Way: way, WayRef: ref, IssuedAt: now, IssuedOn: today}
	if err := s.DB.From(ctx).Exec("INSERT INTO fee_receipt_years (year, last) VALUES (?, 0) ON CONFLICT (year) DO NOTHING", r.Year).Error; err != nil {
		return fmt.Errorf("begin the receipts of a year: %w", db.Fault(err, "", ""))
	}
	if err := s.DB.From(ctx).Raw("UPDATE fee_receipt_years SET last = last + 1 WHERE year = ? RETURNING last", r.Year).Scan(&r.Number).Error; err != nil {
		return fmt.Errorf("take the number of a receipt: %w", db.Fault(err, "", ""))
	}
	if err := s.DB.From(ctx).Create(&r).Error; err != nil {
		return fmt.Errorf("write a receipt: %w", db.Fault(err, "", "fees.changed"))
	}
	return nil
}

// No is the number as it stands on the receipt: 2026-000123.
func (r Receipt) No() string { return fmt.Sprintf("%d-%06d", r.Year, r.Number) }

func (s *Service) receipts(ctx context.Context, orderID string) (list []Receipt, err error) {
	if err := s.DB.From(ctx).Where("order_id = ?", orderID).Order("id").Find(&list).Error; err != nil {
		return nil, fmt.Errorf("read the receipts of a fee: %w", db.Fault(err, "", ""))
	}
	return list, nil
}

package fees

import (
	"context"
	"errors"
	"fmt"

	"gorm.io/gorm"

	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/i18n"
)

// Pay opens a payment of an order, or goes on with the one that is open: two members
// who pay at once are led to the same. The order stays due until the provider tells
// that money arrived. A provider that is down is Unavailable, and nothing is lost.
func (s *Service) Pay(ctx context.Context, orderNo string, version int64, lang i18n.Lang) (*Payment, error) {
	if s.Provider == nil {
		return nil, fault.New(fault.Conflict, "fees.pay.counter")
	}
	var p *Payment
	var o *Order
	err := s.DB.Tx(ctx, func(ctx context.Context) (err error) {
		if o, err = s.own(ctx, orderNo, true); err != nil {
			return err
		}
		if p, err = s.opened(ctx, o, version); err != nil || p != nil {
			return err
		}
		now := s.now()
		p = &Payment{ID: db.NewID(now), OrderID: o.ID, Provider: s.Provider.Code(), Amount: o.Amount, Currency: o.Currency, State: PaymentOpen,
			OpenedAt: now, OpenedByID: db.Ref(actor.From(ctx).AccountID)}
		if err := s.DB.From(ctx).Create(p).Error; err != nil {
			return fmt.Errorf("open a payment: %w", db.Fault(err, "", "fees.changed"))
		}
		return s.record(ctx, o, "fee.pay", "", audit.Change{Field: "payment", After: p.ID}, audit.Change{Field: "provider", After: p.Provider})
	})
	if err != nil || p.PayURL != "" {
		return p, db.Fault(err, "", "fees.changed")
	}
	url, err := s.Provider.Start(ctx, Bill{ID: p.ID, OrderNo: o.OrderNo, Title: o.FeeName.In(lang), Amount: p.Amount, Currency: p.Currency, Lang: string(lang),
		ReturnURL: s.BaseURL + "/me/fees/" + o.OrderNo, NotifyURL: s.BaseURL + "/fees/told/" + p.Provider})
	if err != nil { // the payment stays open: who tries again asks for the same one
		return nil, fault.New(fault.Unavailable, "fees.provider.down").Because(err)
	}
	p.PayURL = url
	if err := s.DB.From(ctx).Exec("UPDATE fee_payments SET pay_url = ? WHERE id = ?", url, p.ID).Error; err != nil {
		return nil, fmt.Errorf("keep where a payment is made: %w", db.Fault(err, "", ""))
	}
	return p, nil
}

// opened checks that an order may be paid, holds it, and gives the payment that is
// open already.
func (s *Service) opened(ctx context.Context, o *Order, version int64) (*Payment, error) {
	if o.State != Due {
		return nil, fault.New(fault.Conflict, "fees.pay.state."+string(o.State))
	}
	waits, err := s.arrivalWaits(ctx, o.ID)
	if err != nil {
		return nil, err
	}
	if waits {
		return nil, fault.New(fault.Conflict, "fees.pay.looked_at")
	}
	if o.Version != version {
		return nil, errChanged
	}
	// Whoever pays the same order meanwhile waits here, and finds this payment.
	res := s.DB.From(ctx).Exec("UPDATE fee_orders SET updated_at = ? WHERE id = ? AND version = ?", s.now(), o.ID, version)
	if res.Error != nil {
		return nil, fmt.Errorf("hold a fee: %w", db.Fault(res.Error, "", ""))
	}
	if res.RowsAffected == 0 {
		return nil, errChanged
	}
	var p Payment
	err = s.DB.From(ctx).Where("order_id = ? AND state = 'open' AND provider = ?", o.ID, s.Provider.Code()).Order("id DESC").Take(&p).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, nil //nolint:nilnil // none is open
	}
	if err != nil {
		return nil, fmt.Errorf("look for an open payment: %w", db.Fault(err, "", ""))
	}
	return &p, nil
}

// arrivalWaits says whether money arrived for an order that nobody has settled yet.
func (s *Service) arrivalWaits(ctx context.Context, orderID string) (bool, error) {
	var n int64
	if err := s.DB.From(ctx).Model(&Arrival{}).Where("order_id = ? AND outcome <> 'accepted' AND settled_at IS NULL", orderID).Count(&n).Error; err != nil {
		return false, fmt.Errorf("look for what arrived for a fee: %w", db.Fault(err, "", ""))
	}
	return n > 0, nil
}

// Own is an order with what happened to it, for whom it concerns.
type Own struct {
	Order
	Payment  *Payment // the last one
	Receipts []Receipt
	Waits    bool // money arrived that does not fit, and somebody looks at it
	MayPay   bool
}

// Receipt is the one of a kind, nil where there is none.
func (o *Own) Receipt(kind string) *Receipt {
	for i := range o.Receipts {
		if o.Receipts[i].Kind == kind {
			return &o.Receipts[i]
		}
	}
	return nil
}

// Own shows an order to who owes it. To everybody else it does not exist.
func (s *Service) Own(ctx context.Context, orderNo string) (*Own, error) {
	o, err := s.own(ctx, orderNo, false)
	if err != nil {
		return nil, err
	}
	out := &Own{Order: *o, MayPay: s.may(ctx, o, true) == nil}
	if out.Waits, err = s.arrivalWaits(ctx, o.ID); err != nil {
		return nil, err
	}
	if out.Receipts, err = s.receipts(ctx, o.ID); err != nil {
		return nil, err
	}
	list, err := s.payments(ctx, o.ID)
	if err == nil && len(list) > 0 {
		out.Payment = &list[0]
	}
	return out, err
}

// OwnPayment shows one payment of an order to who owes it.
func (s *Service) OwnPayment(ctx context.Context, orderNo, paymentID string) (*Order, *Payment, error) {
	o, err := s.own(ctx, orderNo, true)
	if err != nil {
		return nil, nil, err
	}
	if !db.IsID(paymentID) {
		return nil, nil, errMissing
	}
	var p Payment
	if err := s.DB.From(ctx).Where("id = ? AND order_id = ?", paymentID, o.ID).Take(&p).Error; err != nil {
		return nil, nil, db.Fault(err, "fees.missing", "")
	}
	return o, &p, nil
}

func (s *Service) own(ctx context.Context, orderNo string, write bool) (*Order, error) {
	o, err := s.byNo(ctx, orderNo)
	if err != nil {
		return nil, err
	}
	return o, s.may(ctx, o, write)
}

// payments are those of an order, the newest first.
func (s *Service) payments(ctx context.Context, orderID string) (list []Payment, err error) {
	if err := s.DB.From(ctx).Where("order_id = ?", orderID).Order("id DESC").Find(&list).Error; err != nil {
		return nil, fmt.Errorf("read the payments of a fee: %w", db.Fault(err, "", ""))
	}
	return list, nil
}

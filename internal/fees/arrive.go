package fees

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"gorm.io/gorm"

	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/jobs"
)

// Hear takes a call of a provider. Told twice, the second changes nothing. A call
// that is not signed, or too old, is Forbidden and leaves no trace.
func (s *Service) Hear(ctx context.Context, provider string, h http.Header, body []byte) error {
	if s.Provider == nil || s.Provider.Code() != provider {
		return errMissing
	}
	t, err := s.Provider.Read(h, body)
	if errors.Is(err, ErrForged) {
		return fault.New(fault.Forbidden, "fees.told.forged").Because(err)
	}
	if err != nil {
		return fault.New(fault.Invalid, "fault.malformed").Because(err)
	}
	return s.book(actor.AsSystem(ctx, "fee.told"), t)
}

// book writes what a provider told into the books.
func (s *Service) book(ctx context.Context, t Told) error {
	err := s.DB.Tx(ctx, func(ctx context.Context) error {
		p, err := s.payment(ctx, t.PaymentID)
		if err != nil {
			return err
		}
		switch t.Status {
		case StatusPaid:
			return s.arrive(ctx, p, t)
		case StatusFailed:
			return s.fail(ctx, p)
		}
		return nil
	})
	if errors.Is(err, errTold) {
		return nil
	}
	return db.Fault(err, "", "")
}

// errTold rolls back what was written before it turned out that somebody wrote the
// same at the same moment.
var errTold = errors.New("fees: told before")

func (s *Service) write(ctx context.Context, a *Arrival) error {
	err := s.DB.From(ctx).Create(a).Error
	if db.IsDuplicate(err) {
		return errTold
	}
	if err != nil {
		return fmt.Errorf("write what arrived: %w", db.Fault(err, "", ""))
	}
	return nil
}

// payment finds a payment of the provider's by our id, nil where none is called so.
func (s *Service) payment(ctx context.Context, id string) (*Payment, error) {
	if !db.IsID(id) {
		return nil, nil //nolint:nilnil // it can be none of ours
	}
	var p Payment
	err := s.DB.From(ctx).Where("id = ? AND provider = ?", id, s.Provider.Code()).Take(&p).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, nil //nolint:nilnil // likewise
	}
	if err != nil {
		return nil, fmt.Errorf("find a payment: %w", db.Fault(err, "", ""))
	}
	return &p, nil
}

func (s *Service) isTold(ctx context.Context, provider, ref string) (bool, error) {
	var n int64
	if err := s.DB.From(ctx).Model(&Arrival{}).Where("provider = ? AND provider_ref = ?", provider, ref).Count(&n).Error; err != nil {
		return false, fmt.Errorf("look for what was told before: %w", db.Fault(err, "", ""))
	}
	return n > 0, nil
}

// arrive books money once for each id of the provider. It settles the order when it
// is due and the amount is the order's; else it waits for somebody to look at it.
func (s *Service) arrive(ctx context.Context, p *Payment, t Told) error {
	told, err := s.isTold(ctx, s.Provider.Code(), t.Ref)
	if err != nil || told {
		return err
	}
	now := s.now()
	a := &Arrival{ID: db.NewID(now), Provider: s.Provider.Code(), ProviderRef: t.Ref, Amount: t.Amount, Currency: t.Currency, PaidAt: t.PaidAt.UTC(),
		ArrivedAt: now, ArrivedOn: s.Today(), Outcome: NoPayment, Version: 1}
	if t.PaidAt.IsZero() || t.PaidAt.After(now.Add(skew)) {
		a.PaidAt = now
	}
	if p == nil {
		if err := s.write(ctx, a); err != nil {
			return err
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "fee.arrive", Kind: "fee_arrival", ID: a.ID, Fields: arrivalFields(a)})
	}
	o, err := s.hold(ctx, p.OrderID)
	if err != nil {
		return err
	}
	if told, err = s.isTold(ctx, a.Provider, a.ProviderRef); err != nil || told { // while we waited for the order
		return errors.Join(err, errTold)
	}
	a.PaymentID, a.OrderID, a.UnitPath = &p.ID, &o.ID, o.UnitPath
	switch {
	case o.State != Due:
		a.Outcome = NotDue
	case a.Amount != o.Amount || a.Currency != o.Currency:
		a.Outcome = OtherSum
	default:
		a.Outcome = Accepted
	}
	if err := s.write(ctx, a); err != nil {
		return err
	}
	if err := s.end(ctx, p, PaymentPaid); err != nil {
		return err
	}
	if a.Outcome == Accepted {
		if err := s.take(ctx, o, a.Provider, a.ProviderRef); err != nil {
			return err
		}
	}
	return s.record(ctx, o, "fee.arrive", "", arrivalFields(a)...)
}

func arrivalFields(a *Arrival) []audit.Change {
	return []audit.Change{{Field: "provider", After: a.Provider}, {Field: "reference", After: a.ProviderRef}, {Field: "amount", After: fmt.Sprintf("%d %s", a.Amount, a.Currency)},
		{Field: "outcome", After: string(a.Outcome)}}
}

// hold reads an order that nobody else changes until the transaction ends.
func (s *Service) hold(ctx context.Context, id string) (*Order, error) {
	if err := s.DB.From(ctx).Exec("UPDATE fee_orders SET updated_at = ? WHERE id = ?", s.now(), id).Error; err != nil {
		return nil, fmt.Errorf("hold a fee: %w", db.Fault(err, "", ""))
	}
	var o Order
	if err := s.DB.From(ctx).Where("id = ?", id).Take(&o).Error; err != nil {
		return nil, fmt.Errorf("read a fee: %w", db.Fault(err, "fees.missing", ""))
	}
	return &o, nil
}

// take settles a due order as paid and writes its receipt.
func (s *Service) take(ctx context.Context, o *Order, way, ref string) error {
	if err := s.settle(ctx, o, Paid); err != nil {
		return err
	}
	if err := s.receipt(ctx, o, ReceiptPayment, way, ref); err != nil || s.Tell == nil {
		return err
	}
	return s.Tell(ctx, o, true)
}

// fail ends a payment that the payer gave up; the order stays due.
func (s *Service) fail(ctx context.Context, p *Payment) error {
	if p == nil || p.State != PaymentOpen {
		return nil
	}
	if err := s.end(ctx, p, PaymentFailed); err != nil {
		return err
	}
	var o Order
	if err := s.DB.From(ctx).Where("id = ?", p.OrderID).Take(&o).Error; err != nil {
		return fmt.Errorf("read a fee: %w", db.Fault(err, "fees.missing", ""))
	}
	return s.record(ctx, &o, "fee.fail", "", audit.Change{Field: "payment", After: p.ID})
}

func (s *Service) end(ctx context.Context, p *Payment, state string) error {
	if err := s.DB.From(ctx).Exec("UPDATE fee_payments SET state = ?, ended_at = ? WHERE id = ?", state, s.now(), p.ID).Error; err != nil {
		return fmt.Errorf("end a payment: %w", db.Fault(err, "", ""))
	}
	return nil
}

// AskJob asks the provider about payments of which it has not told: a call that was
// lost, or a crash on our side.
type AskJob struct{}

// Kind names the job.
func (AskJob) Kind() string { return "fee.ask" }

const (
	askEvery  = 5 * time.Minute
	askAfter  = 2 * time.Minute // a payment is left to its payer
	askBatch  = 100
	openMost  = 24 * time.Hour   // then nobody pays it any more
	lostAfter = 30 * time.Minute // one that the provider has never heard of
)

// Register has the workers ask.
func (s *Service) Register(q *jobs.Queue) {
	jobs.Work(q, func(ctx context.Context, _ AskJob) error { return s.AskOpen(ctx) })
	q.Every(askEvery, AskJob{})
}

// AskOpen asks about the payments that are open, those first that were asked about
// longest ago. It may run as often as it likes.
func (s *Service) AskOpen(ctx context.Context) error {
	if s.Provider == nil {
		return nil
	}
	var list []Payment
	err := s.DB.From(ctx).Where("state = 'open' AND provider = ? AND opened_at < ?", s.Provider.Code(), s.now().Add(-askAfter)).
		Order("CASE WHEN asked_at IS NULL THEN 0 ELSE 1 END, asked_at, id").Limit(askBatch).Find(&list).Error
	if err != nil {
		return fmt.Errorf("find open payments: %w", db.Fault(err, "", ""))
	}
	var problems error
	for i := range list {
		problems = errors.Join(problems, s.ask(ctx, &list[i]))
	}
	return problems
}

// AskOwn asks at once about the open payments of an order, for who owes it.
func (s *Service) AskOwn(ctx context.Context, orderNo string) error {
	o, err := s.own(ctx, orderNo, false)
	if err != nil || s.Provider == nil {
		return err
	}
	list, err := s.payments(ctx, o.ID)
	if err != nil {
		return err
	}
	for i := range list {
		if p := &list[i]; p.State == PaymentOpen && p.Provider == s.Provider.Code() {
			if err := s.ask(ctx, p); err != nil {
				return fault.New(fault.Unavailable, "fees.provider.down").Because(err)
			}
		}
	}
	return nil
}

func (s *Service) ask(ctx context.Context, p *Payment) error {
	t, err := s.Provider.Ask(ctx, p.ID)
	age := s.now().Sub(p.OpenedAt)
	switch {
	case errors.Is(err, ErrUnknown):
		t = Told{PaymentID: p.ID, Status: StatusPending}
		if age > lostAfter {
			t.Status = StatusFailed
		}
	case err != nil:
		return fmt.Errorf("ask about payment %s: %w", p.ID, err)
	case t.Status == StatusPending && age > openMost:
		t.Status = StatusFailed
	}
	if err := s.DB.From(ctx).Exec("UPDATE fee_payments SET asked_at = ? WHERE id = ?", s.now(), p.ID).Error; err != nil {
		return fmt.Errorf("note that a payment was asked about: %w", db.Fault(err, "", ""))
	}
	t.PaymentID = p.ID
	return s.book(actor.AsSystem(ctx, AskJob{}.Kind()), t)
}

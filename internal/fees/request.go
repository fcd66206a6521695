package fees

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"gorm.io/gorm"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/text"
)

// What two people do to an order.
const (
	Waive  = "waive"  // nobody has to pay it
	Refund = "refund" // what was paid goes back
)

// Acts lists both.
var Acts = []string{Waive, Refund}

// from is the state that an act needs, to where it leads.
var (
	from = map[string]State{Waive: Due, Refund: Paid}
	to   = map[string]State{Waive: Waived, Refund: Refunded}
)

// Request is what somebody wants to be done to an order, for another to decide.
type Request struct {
	ID          string
	OrderID     string
	Act         string
	Reason      string
	State       string // "open", "approved" or "declined"
	AskedAt     time.Time
	AskedByID   string
	AskedAsID   *string // the absent colleague in whose place
	DecidedAt   *time.Time
	DecidedByID *string
	Note        string
}

// TableName names the table for gorm.
func (Request) TableName() string { return "fee_requests" }

// reasonMost is the longest reason, in characters.
const reasonMost = 500

func checkReason(field, typed string) (string, error) {
	var c fault.Check
	reason := text.Lines(typed)
	c.That(reason != "", field, "fees.reason.required")
	c.That(utf8.RuneCountInString(reason) <= reasonMost, field, "case.text.long", "Max", reasonMost)
	return reason, c.Err()
}

// Ask asks to waive an order, or to give back what was paid for it.
func (s *Service) Ask(ctx context.Context, orderNo string, version int64, act, reason string) error {
	if !slices.Contains(Acts, act) {
		return fault.New(fault.NotFound, "fees.missing")
	}
	err := s.DB.Tx(ctx, func(ctx context.Context) error {
		ctx, o, err := s.staff(ctx, orderNo, access.FeeAsk)
		if err != nil {
			return err
		}
		if reason, err = checkReason("reason", reason); err != nil {
			return err
		}
		switch {
		case o.State != from[act]:
			return fault.New(fault.Conflict, "fees."+act+".state")
		case o.Version != version:
			return errChanged
		}
		if o, err = s.hold(ctx, o.ID); err != nil || o.Version != version {
			return errors.Join(err, errChanged)
		}
		now, who := s.now(), actor.From(ctx)
		r := Request{ID: db.NewID(now), OrderID: o.ID, Act: act, Reason: reason, State: "open", AskedAt: now, AskedByID: who.AccountID, AskedAsID: db.Ref(who.AsAccountID)}
		if err := s.DB.From(ctx).Create(&r).Error; err != nil {
			return fmt.Errorf("ask about a fee: %w", db.Fault(err, "", "fees.asked"))
		}
		return s.record(ctx, o, "fee.ask_"+act, reason)
	})
	return db.Fault(err, "", "fees.asked")
}

func (r *Request) askedBy(ctx context.Context) bool {
	return actor.From(ctx).Is(&r.AskedByID, r.AskedAsID)
}

// MayDecide says whether the actor may decide on a request, and if not, whether that
// is because they asked for it, or whoever they would decide for as a deputy.
func (s *Service) MayDecide(ctx context.Context, o *Order, r *Request) (may, own bool) {
	if r.askedBy(ctx) {
		return false, true
	}
	ctx, err := s.on(ctx, access.FeeDecide, o.UnitPath)
	if err != nil {
		return false, false
	}
	own = r.askedBy(ctx)
	return !own, own
}

// Decide approves or declines what a colleague asked for: never what one asked for
// oneself, nor as a deputy.
func (s *Service) Decide(ctx context.Context, orderNo, requestID string, approve bool, note string) error {
	err := s.DB.Tx(ctx, func(ctx context.Context) error {
		ctx, o, err := s.staff(ctx, orderNo, access.FeeDecide)
		if err != nil {
			return err
		}
		if o, err = s.hold(ctx, o.ID); err != nil {
			return err
		}
		r, err := s.openRequest(ctx, o.ID)
		if err != nil {
			return err
		}
		if r == nil || r.ID != requestID {
			return fault.New(fault.Conflict, "fees.decided")
		}
		if r.askedBy(ctx) {
			return fault.New(fault.Forbidden, "fees.own_request")
		}
		if !approve {
			if note, err = checkReason("note", note); err != nil {
				return err
			}
		}
		return s.decided(ctx, o, r, approve, text.Lines(note))
	})
	return db.Fault(err, "", "fees.changed")
}

func (s *Service) decided(ctx context.Context, o *Order, r *Request, approve bool, note string) error {
	state, act := "declined", "fee.decline_"
	if approve {
		state, act = "approved", "fee."
	}
	err := s.DB.From(ctx).Exec("UPDATE fee_requests SET state = ?, decided_at = ?, decided_by_id = ?, note = ? WHERE id = ? AND state = 'open'",
		state, s.now(), db.Ref(actor.From(ctx).AccountID), note, r.ID).Error
	if err != nil {
		return fmt.Errorf("decide about a fee: %w", db.Fault(err, "", ""))
	}
	var fields []audit.Change
	if approve {
		if o.State != from[r.Act] { // paid, or withdrawn, while the request waited
			return fault.New(fault.Conflict, "fees."+r.Act+".state")
		}
		fields = append(fields, audit.Change{Field: "state", Before: string(o.State), After: string(to[r.Act])})
		if err := s.settle(ctx, o, to[r.Act]); err != nil {
			return err
		}
		if r.Act == Refund {
			if err := s.receipt(ctx, o, ReceiptRefund, Counter, ""); err != nil {
				return err
			}
		}
	}
	return s.record(ctx, o, act+r.Act, r.Reason, fields...)
}

// openRequest is what waits for a decision about an order, nil where nothing does.
func (s *Service) openRequest(ctx context.Context, orderID string) (*Request, error) {
	var r Request
	err := s.DB.From(ctx).Where("order_id = ? AND state = 'open'", orderID).Take(&r).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, nil //nolint:nilnil // nothing waits
	}
	if err != nil {
		return nil, fmt.Errorf("read what was asked about a fee: %w", db.Fault(err, "", ""))
	}
	return &r, nil
}

// Collect notes that the fee was paid at the counter, or into the treasury's account,
// by the reference of that voucher. A voucher counts once.
func (s *Service) Collect(ctx context.Context, orderNo string, version int64, reference string) error {
	err := s.DB.Tx(ctx, func(ctx context.Context) error {
		ctx, o, err := s.staff(ctx, orderNo, access.FeeCollect)
		if err != nil {
			return err
		}
		var c fault.Check
		ref := text.Line(reference)
		c.That(ref != "", "reference", "fees.collect.reference")
		c.That(len(ref) <= refMost, "reference", "case.text.long", "Max", refMost)
		if err := c.Err(); err != nil {
			return err
		}
		if o.State != Due {
			return fault.New(fault.Conflict, "fees.pay.state."+string(o.State))
		}
		if o.Version != version {
			return errChanged
		}
		now := s.now()
		a := Arrival{ID: db.NewID(now), Provider: Counter, ProviderRef: ref, OrderID: &o.ID, UnitPath: o.UnitPath, Amount: o.Amount, Currency: o.Currency,
			PaidAt: now, ArrivedAt: now, ArrivedOn: s.Today(), Outcome: Accepted, Version: 1}
		if err := s.DB.From(ctx).Create(&a).Error; err != nil {
			if db.IsDuplicate(err) {
				return fault.InvalidInput(fault.Field{Name: "reference", Key: "fees.collect.twice"})
			}
			return fmt.Errorf("note what was paid at the counter: %w", db.Fault(err, "", ""))
		}
		if err := s.take(ctx, o, Counter, ref); err != nil {
			return err
		}
		return s.record(ctx, o, "fee.collect", "", arrivalFields(&a)...)
	})
	return db.Fault(err, "", "fees.changed")
}

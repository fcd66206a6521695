// Package fees keeps what permits cost: an order for each fee, the way to a provider
// of payments and back, receipts numbered by year without a gap, and what arrived
// that fits no order. Of the case of a fee it knows the id and the number only.
package fees

import (
	"context"
	"time"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/catalogue"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/jobs"
)

// State is where an order stands.
type State string

// The states. Paid, Waived, Refunded and Cancelled settle an order.
const (
	Due       State = "due"
	Paid      State = "paid"
	Waived    State = "waived"    // by two people, with a reason
	Refunded  State = "refunded"  // likewise, after it was paid
	Cancelled State = "cancelled" // the application was withdrawn before
)

// States lists them in the order in which pages show them.
var States = []State{Due, Paid, Waived, Refunded, Cancelled}

// Holders says for whom a citizen acts.
type Holders interface {
	// Acting is the enterprise that the actor has chosen to act for, empty for
	// themselves.
	Acting(ctx context.Context) (holderID string, err error)
	// Can checks a holder that is not the actor in person; strangers get NotFound.
	Can(ctx context.Context, holderID, typeCode string, write bool) error
}

// Deps are what the service works with.
type Deps struct {
	DB        *db.DB
	Audit     *audit.Service
	Jobs      *jobs.Queue
	Access    *access.Service
	Catalogue *catalogue.Service
	Holders   Holders
	// Family gives the records that are one person, the first theirs.
	Family   func(ctx context.Context, constituentID string) ([]string, error)
	Provider Provider // nil: fees are paid at the counter alone
	BaseURL  string   // of the portal, without a slash at its end
	Prefix   string   // of case numbers; "LJ" when empty

	// Tell notes what the payer is told, in the open transaction: that a fee is
	// ordered, or that it was paid. nil: nobody is told.
	Tell func(ctx context.Context, o *Order, paid bool) error
	Zone *time.Location
	Now  func() time.Time
}

// Service is the only writer of orders and what belongs to them.
type Service struct{ Deps }

// New makes the service.
func New(d Deps) *Service {
	if d.Prefix == "" {
		d.Prefix = "LJ"
	}
	if d.Zone == nil {
		d.Zone = time.UTC
	}
	return &Service{d}
}

// Order is a fee that somebody owes.
type Order struct {
	ID          string
	OrderNo     string
	CaseID      string
	CaseNo      string
	HolderID    string
	UnitID      string
	UnitPath    string
	TypeCode    string
	TypeVersion int64
	TypeName    i18n.Text
	FeeCode     string
	FeeName     i18n.Text
	Charged     string // at "accept" or "grant"
	Holds       bool   // the permit's document waits for it
	Amount      int64  // in the smallest coin
	Currency    string
	State       State
	CreatedAt   time.Time
	CreatedOn   calendar.Date
	DueOn       calendar.Date
	SettledAt   *time.Time
	SettledOn   *calendar.Date
	Version     int64
	UpdatedAt   time.Time
}

// TableName names the table for gorm.
func (Order) TableName() string { return "fee_orders" }

// Payment is one way to the provider and back.
type Payment struct {
	ID         string
	OrderID    string
	Provider   string
	Amount     int64
	Currency   string
	State      string // PaymentOpen, PaymentPaid or PaymentFailed
	PayURL     string // empty until the provider has answered
	OpenedAt   time.Time
	OpenedByID *string
	AskedAt    *time.Time
	EndedAt    *time.Time
}

// States of a payment.
const (
	PaymentOpen   = "open"
	PaymentPaid   = "paid"
	PaymentFailed = "failed"
)

// TableName names the table for gorm.
func (Payment) TableName() string { return "fee_payments" }

// Outcome is what came of money that arrived.
type Outcome string

// The outcomes. All but Accepted wait on the list of what fits no order.
const (
	Accepted  Outcome = "accepted"
	OtherSum  Outcome = "amount"  // another amount or currency than the order's
	NotDue    Outcome = "not_due" // the order was settled or cancelled before
	NoPayment Outcome = "unknown" // no payment of ours is called so
)

// Arrival is money of which a provider told, or that was taken at a counter.
type Arrival struct {
	ID          string
	Provider    string
	ProviderRef string // the provider's own id of the payment: once for each
	PaymentID   *string
	OrderID     *string
	UnitPath    string
	Amount      int64
	Currency    string
	PaidAt      time.Time
	ArrivedAt   time.Time
	ArrivedOn   calendar.Date
	Outcome     Outcome
	SettledAt   *time.Time
	SettledByID *string
	Settlement  string
	Version     int64
}

// TableName names the table for gorm.
func (Arrival) TableName() string { return "fee_arrivals" }

// Receipt says that a fee was paid, or given back.
type Receipt struct {
	ID       string
	OrderID  string
	Kind     string // ReceiptPayment or ReceiptRefund
	Year     int64
	Number   int64 // from 1, without a gap
	Amount   int64
	Currency string
	Way      string // the provider, or Counter
	WayRef   string
	IssuedAt time.Time
	IssuedOn calendar.Date
}

// Kinds of receipts.
const (
	ReceiptPayment = "payment"
	ReceiptRefund  = "refund"
)

// Counter is the way of money that staff took.
const Counter = "counter"

// TableName names the table for gorm.
func (Receipt) TableName() string { return "fee_receipts" }

// Today is the local day of the government.
func (s *Service) Today() calendar.Date { return calendar.DateOf(s.Now(), s.Zone) }

func (s *Service) now() time.Time { return s.Now().UTC().Truncate(time.Microsecond) }

var (
	errMissing = fault.New(fault.NotFound, "fees.missing")
	errChanged = fault.New(fault.Conflict, "fees.changed")
)

// may checks that an order is the actor's own, or that of whom they act for.
func (s *Service) may(ctx context.Context, o *Order, write bool) error {
	a := actor.From(ctx)
	if a.Kind != actor.Citizen {
		return errMissing
	}
	me, err := s.Family(ctx, a.ConstituentID)
	if err != nil {
		return err
	}
	for _, id := range me {
		if id == o.HolderID {
			return nil
		}
	}
	if s.Holders == nil {
		return errMissing
	}
	err = s.Holders.Can(ctx, o.HolderID, o.TypeCode, write)
	if err != nil && fault.KindOf(err) == fault.NotFound {
		return errMissing
	}
	return err
}

// on checks a verb for the unit of an order; out of scope it does not exist.
func (s *Service) on(ctx context.Context, v access.Verb, path string) (context.Context, error) {
	object := access.Object{UnitPaths: []string{path}}
	if s.Access.CanOn(ctx, access.FeeRead, object) != nil {
		return ctx, errMissing
	}
	return s.Access.CanAs(ctx, v, object)
}

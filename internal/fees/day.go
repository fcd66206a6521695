package fees

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/calendar"
	"minqing/internal/db"
	"minqing/internal/fault"
)

// Kinds of differences between our books and the provider's list of a day.
const (
	Unbooked = "unbooked" // the provider lists it, and we have not booked it
	Unlisted = "unlisted" // we booked it, and the provider does not list it
	Unequal  = "unequal"  // both have it, with another amount or currency
)

// Difference is one payment about which our books and the provider's list differ.
type Difference struct {
	Kind        string
	ProviderRef string
	OrderNo     string // of what we booked, where it names an order
	Booked      int64  // in the smallest coin; 0: nothing
	BookedIn    string // currency
	Listed      int64
	ListedIn    string
	PaidAt      time.Time
}

// Sum is what came on a day in one currency.
type Sum struct {
	Currency         string
	Booked, Listed   int64 // in the smallest coin
	BookedN, ListedN int   // payments
	Loose            int64 // of what is booked: fits no order and is not settled
	LooseN           int
}

// DayBooks is the reconciliation of a day: what we booked of the provider's payments, and
// what the provider says that it took.
type DayBooks struct {
	Day         calendar.Date
	Sums        []Sum
	Differences []Difference

	listed []Told
}

type booked struct {
	Arrival
	OrderNo string
}

// errNoLists says that there is nothing to compare with.
var errNoLists = fault.New(fault.Conflict, "fees.day.none")

// Reconcile compares the payments of a day, in the zone of the root unit. The list of the
// provider covers everything, so that only whoever reconciles for the whole city sees it.
// A day that is not over, or of which there is no list, is a Conflict; a provider that does
// not answer is Unavailable.
func (s *Service) Reconcile(ctx context.Context, day calendar.Date) (*DayBooks, error) {
	if err := s.mayReconcile(ctx); err != nil {
		return nil, err
	}
	if s.Provider == nil {
		return nil, errNoLists
	}
	if day > s.Today() {
		return nil, fault.InvalidInput(fault.Field{Name: "day", Key: "fees.day.ahead"})
	}
	listed, err := s.Provider.Day(ctx, day, s.Zone)
	if errors.Is(err, ErrUnknown) {
		return nil, errNoLists
	}
	if err != nil {
		return nil, fault.New(fault.Unavailable, "fees.day.down").Because(err)
	}
	list, err := s.bookedOn(ctx, day, listed)
	if err != nil {
		return nil, err
	}
	return compare(day, list, listed), nil
}

func (s *Service) mayReconcile(ctx context.Context) error {
	scope, err := s.Access.Scope(ctx, access.FeeReconcile)
	if err != nil {
		return err
	}
	snap, err := s.Catalogue.Snapshot(ctx)
	if err != nil {
		return err
	}
	if root := snap.Root(); root == nil || !scope.Covers(root.Path) {
		return fault.New(fault.Forbidden, "fees.day.root")
	}
	return nil
}

// bookedOn reads what we booked of a day, and what we booked of other days that the list
// has: midnight may fall between two clocks.
func (s *Service) bookedOn(ctx context.Context, day calendar.Date, listed []Told) (list []booked, err error) {
	const read = "SELECT a.*, COALESCE(o.order_no, '') AS order_no FROM fee_arrivals a LEFT JOIN fee_orders o ON o.id = a.order_id WHERE a.provider = ? AND "
	err = s.DB.From(ctx).Raw(read+"a.paid_at >= ? AND a.paid_at < ? ORDER BY a.id", s.Provider.Code(), day.Start(s.Zone), day.Add(1).Start(s.Zone)).Scan(&list).Error
	if err != nil {
		return nil, fmt.Errorf("read what was booked on a day: %w", db.Fault(err, "", ""))
	}
	var more []string
	for _, t := range listed {
		if !slices.ContainsFunc(list, func(b booked) bool { return b.ProviderRef == t.Ref }) {
			more = append(more, t.Ref)
		}
	}
	for part := range slices.Chunk(more, 500) {
		var found []booked
		if err := s.DB.From(ctx).Raw(read+"a.provider_ref IN ? ORDER BY a.id", s.Provider.Code(), part).Scan(&found).Error; err != nil {
			return nil, fmt.Errorf("read what was booked on another day: %w", db.Fault(err, "", ""))
		}
		list = append(list, found...)
	}
	return list, nil
}

func compare(day calendar.Date, list []booked, listed []Told) *DayBooks {
	d := &DayBooks{Day: day, listed: listed}
	sum := func(currency string) *Sum {
		i := slices.IndexFunc(d.Sums, func(s Sum) bool { return s.Currency == currency })
		if i < 0 {
			d.Sums, i = append(d.Sums, Sum{Currency: currency}), len(d.Sums)
		}
		return &d.Sums[i]
	}
	byRef := map[string]Told{}
	for _, t := range listed {
		byRef[t.Ref] = t
		s := sum(t.Currency)
		s.Listed, s.ListedN = s.Listed+t.Amount, s.ListedN+1
	}
	for i := range list {
		b := &list[i]
		s := sum(b.Currency)
		s.Booked, s.BookedN = s.Booked+b.Amount, s.BookedN+1
		if b.Outcome != Accepted && b.SettledAt == nil {
			s.Loose, s.LooseN = s.Loose+b.Amount, s.LooseN+1
		}
		t, known := byRef[b.ProviderRef]
		delete(byRef, b.ProviderRef)
		one := Difference{Kind: Unlisted, ProviderRef: b.ProviderRef, OrderNo: b.OrderNo, Booked: b.Amount, BookedIn: b.Currency, PaidAt: b.PaidAt}
		switch {
		case !known:
			d.Differences = append(d.Differences, one)
		case t.Amount != b.Amount || t.Currency != b.Currency:
			one.Kind, one.Listed, one.ListedIn = Unequal, t.Amount, t.Currency
			d.Differences = append(d.Differences, one)
		}
	}
	for _, t := range listed {
		if _, left := byRef[t.Ref]; left {
			delete(byRef, t.Ref) // listed twice, it is one difference
			d.Differences = append(d.Differences, Difference{Kind: Unbooked, ProviderRef: t.Ref, Listed: t.Amount, ListedIn: t.Currency, PaidAt: t.PaidAt})
		}
	}
	slices.SortFunc(d.Sums, func(a, b Sum) int { return strings.Compare(a.Currency, b.Currency) })
	return d
}

// BookDay books what the provider lists of a day and we have not: as if it had told of it
// just now, so that what fits its order pays it and the rest waits for somebody. It gives
// how many payments there were.
func (s *Service) BookDay(ctx context.Context, day calendar.Date) (int, error) {
	d, err := s.Reconcile(ctx, day)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, t := range d.listed {
		missed := slices.ContainsFunc(d.Differences, func(x Difference) bool { return x.Kind == Unbooked && x.ProviderRef == t.Ref })
		if !missed {
			continue
		}
		t.Status = StatusPaid
		if err := s.book(actor.AsSystem(ctx, "fee.day"), t); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

package cases

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"minqing/internal/access"
	"minqing/internal/calendar"
	"minqing/internal/catalogue"
	"minqing/internal/clocks"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/jobs"
)

// Supervised is a case with the order about it.
type Supervised struct {
	Item
	Order
}

// Supervised lists the cases of the actor's scope about which there is an order,
// what the orders want first first; answered ones that nobody has closed too. It
// lists so many at a time: next is where the list goes on, empty at its end.
func (s *Service) Supervised(ctx context.Context, cursor string, most int) (list []Supervised, next string, err error) {
	where, args, err := s.supervised(ctx)
	if err != nil {
		return nil, "", err
	}
	after, err := orderCursor(cursor)
	if err != nil {
		return nil, "", err
	}
	if after != nil {
		where, args = where+" AND (o.due_at, o.case_id) > (?, ?)", append(args, after.DueAt, after.CaseID)
	}
	items, err := s.readItems(ctx, most+1, "cu.priority, o.due_at, ''", "case_orders o JOIN cases c ON c.id = o.case_id "+
		"JOIN case_units cu ON cu.case_id = o.case_id AND cu.role = 'lead' WHERE "+where+" ORDER BY o.due_at, o.case_id LIMIT "+strconv.Itoa(most+1), args)
	if err != nil {
		return nil, "", fmt.Errorf("list the orders: %w", db.Fault(err, "", ""))
	}
	if len(items) > most {
		items = items[:most]
		last := items[most-1]
		next = db.EncodeCursor(last.queueAt.UTC().Format(time.RFC3339Nano), last.ID)
	}
	if err := s.unsealItems(ctx, items); err != nil {
		return nil, "", err
	}
	list, err = s.withOrders(ctx, items)
	return list, next, err
}

// orderCursor reads due time and case of the order that a page ended with.
func orderCursor(cursor string) (*Order, error) {
	after, err := db.DecodeCursor(cursor, 2)
	if err != nil || after == nil {
		return nil, err
	}
	at, wrong := time.Parse(time.RFC3339Nano, after[0])
	if wrong != nil || !db.IsID(after[1]) {
		return nil, fault.InvalidInput(fault.Field{Name: "cursor", Key: "fault.cursor"})
	}
	return &Order{DueAt: at, CaseID: after[1]}, nil
}

// withOrders puts the open order beside each case; one that was closed meanwhile
// takes its case along.
func (s *Service) withOrders(ctx context.Context, items []Item) ([]Supervised, error) {
	if len(items) == 0 {
		return nil, nil
	}
	ids := make([]string, len(items))
	for i := range items {
		ids[i] = items[i].ID
	}
	var orders []Order
	if err := s.DB.Reader(ctx).Raw("SELECT "+orderColumns+" FROM case_orders WHERE closed_at IS NULL AND case_id IN ?", ids).Scan(&orders).Error; err != nil {
		return nil, fmt.Errorf("read the orders: %w", db.Fault(err, "", ""))
	}
	of := map[string]Order{}
	for _, o := range orders {
		of[o.CaseID] = o
	}
	list := make([]Supervised, 0, len(items))
	for _, it := range items {
		if o, ok := of[it.ID]; ok {
			list = append(list, Supervised{Item: it, Order: o})
		}
	}
	return list, nil
}

// countSupervised says how many cases Supervised would list, up to CountMost.
func (s *Service) countSupervised(ctx context.Context) (n int, err error) {
	where, args, err := s.supervised(ctx)
	if err != nil {
		return 0, err
	}
	err = s.DB.Reader(ctx).Raw("SELECT count(*) FROM (SELECT 1 FROM case_orders o JOIN case_units cu ON cu.case_id = o.case_id AND cu.role = 'lead' WHERE "+
		where+" LIMIT "+strconv.Itoa(CountMost)+") AS x", args...).Scan(&n).Error
	if err != nil {
		return 0, fmt.Errorf("count the orders: %w", db.Fault(err, "", ""))
	}
	return n, nil
}

func (s *Service) supervised(ctx context.Context) (string, []any, error) {
	scope, err := s.Access.Scope(ctx, access.CaseList)
	if err != nil {
		return "", nil, err
	}
	inside, args := scope.Where("cu.unit_path")
	where := "o.closed_at IS NULL AND " + inside
	if scope.Recuses() {
		others, values := notAbout(scope, "o.case_id")
		where, args = where+" AND "+others, append(args, values...)
	}
	return where, args, nil
}

// warnOrders lets orders warn before and after they are due, as clocks do.
func (s *Service) warnOrders(ctx context.Context) error {
	for {
		var list []warningOrder
		now := s.Now().UTC().Truncate(time.Microsecond)
		err := s.DB.Together(ctx, db.Rows(&list, `SELECT o.id, o.case_id, o.unit_id, o.time_limit, o.opened_at, o.due_at, o.warn_at, o.warn_level, c.matter_id
 FROM case_orders o JOIN cases c ON c.id = o.case_id WHERE o.warn_at <= ? ORDER BY o.warn_at LIMIT ?`, now, warnBatch))
		if err != nil {
			return fmt.Errorf("look for orders that warn: %w", db.Fault(err, "", ""))
		}
		if len(list) == 0 {
			return nil
		}
		snap, err := s.Catalogue.Snapshot(ctx)
		if err != nil {
			return err
		}
		if err := s.DB.Tx(ctx, func(ctx context.Context) error { return s.warnEach(ctx, snap, list, now) }); err != nil {
			return err
		}
		if len(list) < warnBatch {
			return nil
		}
	}
}

// warningOrder is what is read of an order that warns.
type warningOrder struct {
	ID        string
	CaseID    string
	UnitID    string
	TimeLimit calendar.Limit
	OpenedAt  time.Time
	DueAt     time.Time
	WarnAt    time.Time
	WarnLevel clocks.Level
	MatterID  *string
}

var aboutLevel = map[clocks.Level]Hearing{clocks.Before: HearOrderBefore, clocks.Due: HearOrderDue, clocks.After: HearOrderAfter}

func (s *Service) warnEach(ctx context.Context, snap *catalogue.Snapshot, list []warningOrder, now time.Time) error {
	for _, w := range list {
		unit, err := snap.Unit(w.UnitID)
		if err != nil {
			return err
		}
		cal, err := s.Clocks.Of(snap, unit)
		if err != nil {
			return err
		}
		c := Case{UnitID: w.UnitID, MatterID: w.MatterID}
		o := Order{CaseID: w.CaseID, TimeLimit: w.TimeLimit, OpenedAt: w.OpenedAt, DueAt: w.DueAt}
		rules := c.clockRules(snap)
		level := clocks.None
		for i, at := range clocks.Warnings(cal, rules, o.clock()) {
			if !at.After(now) {
				level = clocks.Levels[i]
			}
		}
		next := clocks.Armed(cal, rules, o.clock(), now)
		res := s.DB.From(ctx).Exec("UPDATE case_orders SET warn_at = ?, warn_level = ? WHERE id = ? AND closed_at IS NULL AND warn_level = ? AND warn_at <= ?",
			next.WarnAt, next.WarnLevel, w.ID, w.WarnLevel, now)
		if res.Error != nil {
			return fmt.Errorf("set the next warning of an order: %w", res.Error)
		}
		if res.RowsAffected == 0 || level == clocks.None {
			continue // it was closed, or moved, meanwhile
		}
		if err := s.Jobs.Add(ctx, Heard{CaseID: w.CaseID, EventID: db.NewID(now), About: aboutLevel[level], DueUnix: w.DueAt.Unix()}, jobs.MaxAttempts(12)); err != nil {
			return err
		}
	}
	return nil
}

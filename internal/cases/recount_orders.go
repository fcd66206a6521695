package cases

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/tidwall/gjson"

	"minqing/internal/actor"
	"minqing/internal/catalogue"
	"minqing/internal/clocks"
	"minqing/internal/db"
)

// movedOrder is the kind of an order in clock_moves, with how often it was
// extended as its number.
const movedOrder clocks.Kind = "order"

// countingOrder is an open order with what of its case it is counted by.
type countingOrder struct {
	Order
	MatterID   *string
	Status     Status
	EventCount int64
	Version    int64
}

// recountOrders counts the next open orders anew, in the order of their cases.
// When somebody has acted on one of them meanwhile, nothing is stored.
func (s *Service) recountOrders(ctx context.Context, snap *catalogue.Snapshot, r *recount, most int) (more bool, err error) {
	sql, args := `SELECT o.*, c.matter_id, c.status, c.event_count, c.version
 FROM case_orders o JOIN cases c ON c.id = o.case_id WHERE o.closed_at IS NULL`, []any{}
	if r.LastOrder != nil {
		sql, args = sql+" AND o.case_id > ?", append(args, *r.LastOrder)
	}
	var list []countingOrder
	var begun map[string]time.Time
	err = s.DB.Tx(ctx, func(ctx context.Context) error { // reads the database that it writes, never a replica
		if err := s.DB.Together(ctx, db.Rows(&list, sql+" ORDER BY o.case_id LIMIT ?", append(args, most)...)); err != nil {
			return fmt.Errorf("read the orders to count: %w", db.Fault(err, "", ""))
		}
		begun, err = s.extendedFrom(ctx, list)
		return err
	})
	if err != nil || len(list) == 0 {
		return false, err
	}
	m := &orderMovement{movement: movement{s: s, snap: snap, recount: r.ID, now: s.Now().UTC().Truncate(time.Microsecond), who: actor.From(ctx)}}
	for _, o := range list {
		from, ok := begun[o.CaseID]
		if !ok {
			from = o.OpenedAt
		}
		if err := m.count(o, from, ok || o.Extensions == 0); err != nil {
			return false, err
		}
	}
	last := list[len(list)-1].CaseID
	return len(list) == most, s.DB.Tx(ctx, func(ctx context.Context) error {
		if err := m.store(ctx); err != nil {
			return err
		}
		r.LastOrder = &last
		r.Seen, r.Moved = r.Seen+int64(len(list)), r.Moved+int64(len(m.cases))
		err := s.DB.From(ctx).Exec("UPDATE clock_recounts SET last_order = ?, seen = ?, moved = ? WHERE id = ?", last, r.Seen, r.Moved, r.ID).Error
		if err != nil {
			return fmt.Errorf("note how far orders are counted: %w", err)
		}
		return nil
	})
}

// extendedFrom says, by case, from when the last extension of its order counts:
// the day on which the order was due then, or that of the extension when that was
// over.
func (s *Service) extendedFrom(ctx context.Context, list []countingOrder) (map[string]time.Time, error) {
	var ids []string
	opened := map[string]time.Time{}
	for _, o := range list {
		if o.Extensions > 0 {
			ids = append(ids, o.CaseID)
			opened[o.CaseID] = o.OpenedAt
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	var events []struct {
		CaseID string
		At     time.Time
		Data   string
	}
	err := s.DB.From(ctx).Raw("SELECT case_id, at, data FROM case_events WHERE case_id IN ? AND action = ? ORDER BY case_id, seq", ids, ActExtendOrder).Scan(&events).Error
	if err != nil {
		return nil, fmt.Errorf("read how orders were extended: %w", db.Fault(err, "", ""))
	}
	from := map[string]time.Time{}
	for _, e := range events { // the last of a case stays
		was, err := time.Parse(time.RFC3339, gjson.Get(e.Data, "old_due").Str)
		if err != nil || e.At.Before(opened[e.CaseID]) {
			continue
		}
		if e.At.After(was) {
			was = e.At
		}
		from[e.CaseID] = was
	}
	return from, nil
}

// orderMovement gathers what changes in a batch of orders.
type orderMovement struct {
	movement
	orders [][]any
	warns  []countingOrder
}

// count counts one order from a time, and notes what moves. One that nobody knows
// how to count keeps its day.
func (m *orderMovement) count(o countingOrder, from time.Time, known bool) error {
	unit, err := m.snap.Unit(o.UnitID)
	if err != nil {
		return err
	}
	cal, err := m.s.Clocks.Of(m.snap, unit)
	if err != nil {
		return err
	}
	next := o
	if known && !o.TimeLimit.IsZero() {
		due := cal.DueFast(from, o.TimeLimit, nil)
		next.DueAt, next.DueOn = due.Due, due.On
	}
	rules := (&Case{UnitID: o.UnitID, MatterID: o.MatterID}).clockRules(m.snap)
	armed := clocks.Armed(cal, rules, next.clock(), m.now)
	next.WarnAt, next.WarnLevel = armed.WarnAt, armed.WarnLevel
	if next.DueAt.Equal(o.DueAt) {
		if o.WarnAt != nil && o.WarnAt.After(m.now) && next.WarnAt != nil && next.WarnLevel >= o.WarnLevel && !next.WarnAt.Equal(*o.WarnAt) {
			m.warns = append(m.warns, next)
		}
		return nil
	}
	if err := m.event(o, next.DueAt); err != nil {
		return err
	}
	if m.kept == nil {
		m.kept = db.NewBulk("clock_moves")
	}
	m.kept.Add(db.Insert("clock_moves", moveColumns, m.recount, o.CaseID, movedOrder, o.Extensions, o.TimeLimit, o.TimeLimit, o.DueAt, next.DueAt))
	m.cases = append(m.cases, []any{o.CaseID, o.Version, next.DueAt, o.EventCount + 1, m.now})
	m.orders = append(m.orders, []any{o.ID, next.DueAt, next.DueOn.String(), next.WarnAt, int64(next.WarnLevel)})
	return nil
}

// event tells those inside of a due time that moved.
func (m *orderMovement) event(o countingOrder, due time.Time) error {
	data, err := json.Marshal(map[string]any{"form": o.Form, "old_due": stamp(o.DueAt), "new_due": stamp(due), "limit": o.TimeLimit.String()})
	if err != nil {
		return fmt.Errorf("write the event: %w", err)
	}
	if m.events == nil {
		m.events = db.NewBulk("case_events")
	}
	m.events.Add(db.Insert("case_events", eventColumns, db.NewID(m.now), o.CaseID, o.EventCount+1, m.now, ActRecount, o.Status, o.Status,
		m.who.Kind, nil, nil, nil, false, "", nil, string(data)))
	return nil
}

var (
	supervisedCase = []db.Column{{Name: "supervised_due", Type: "timestamptz"}, {Name: "event_count", Type: "bigint"}, {Name: "updated_at", Type: "timestamptz"}}
	countedOrder   = []db.Column{{Name: "due_at", Type: "timestamptz"}, {Name: "due_on", Type: "date"}, {Name: "warn_at", Type: "timestamptz"}, {Name: "warn_level", Type: "bigint"}}
)

// store writes what was noted: a case that changed meanwhile makes it start anew.
func (m *orderMovement) store(ctx context.Context) error {
	versioned := append(append([]db.Column(nil), caseKey...), db.Column{Name: "version", Type: "bigint"})
	n, err := m.s.DB.UpdateRows(ctx, db.Changes{Table: "cases", Keys: versioned, Set: supervisedCase, Further: "version = cases.version + 1", Rows: m.cases})
	if err != nil {
		return err
	}
	if n != int64(len(m.cases)) {
		return errMeanwhile
	}
	if _, err := m.s.DB.UpdateRows(ctx, db.Changes{Table: "case_orders", Keys: caseKey, Set: countedOrder, Rows: m.orders}); err != nil {
		return err
	}
	for _, o := range m.warns {
		err := m.s.DB.From(ctx).Exec("UPDATE case_orders SET warn_at = ?, warn_level = ? WHERE id = ? AND closed_at IS NULL AND extensions = ?",
			o.WarnAt, o.WarnLevel, o.ID, o.Extensions).Error
		if err != nil {
			return fmt.Errorf("set the next warning of an order: %w", err)
		}
	}
	for _, rows := range []*db.Bulk{m.kept, m.events} {
		if rows == nil {
			continue
		}
		if err := m.s.DB.Store(ctx, rows); err != nil {
			return fmt.Errorf("tell of orders that moved: %w", err)
		}
	}
	return nil
}

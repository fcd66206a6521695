package fees

import (
	"context"
	"fmt"
	"slices"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/idcode"
)

const (
	ownPage = 50  // rows of a page of somebody's own orders
	ownMost = 200 // orders that are looked at for what presses
)

// dueFirst sorts what waits for money before what does not.
const dueFirst = "CASE WHEN state = 'due' THEN 0 ELSE 1 END"

// byNo reads an order by its number as people copy it.
func (s *Service) byNo(ctx context.Context, no string) (*Order, error) {
	n, err := idcode.ParseCaseNumber(no)
	if err != nil {
		return nil, errMissing
	}
	var o Order
	if err := s.DB.From(ctx).Where("order_no = ?", n.String()).Take(&o).Error; err != nil {
		return nil, db.Fault(err, "fees.missing", "")
	}
	return &o, nil
}

// ByIDs reads orders for messages about them; those that are no more are left out.
func (s *Service) ByIDs(ctx context.Context, ids []string) (list []Order, err error) {
	if err := s.DB.From(ctx).Where("id IN ?", ids).Find(&list).Error; err != nil {
		return nil, fmt.Errorf("read orders: %w", db.Fault(err, "", ""))
	}
	return list, nil
}

// Mine gives a page of the orders of whom the actor acts for, those that are due first, and
// the cursor of the next page; it is empty after the last. An agent sees those of the permits
// that the authority names. A mangled cursor is Invalid.
func (s *Service) Mine(ctx context.Context, cursor string) (list []Order, next string, err error) {
	ids, err := s.selves(ctx)
	if err != nil || len(ids) == 0 {
		return nil, "", err
	}
	after, args, err := ownAfter(cursor)
	if err != nil {
		return nil, "", err
	}
	var kinds []Order
	if err := s.DB.From(ctx).Raw("SELECT DISTINCT holder_id, type_code FROM fee_orders WHERE holder_id IN ?", ids).Scan(&kinds).Error; err != nil {
		return nil, "", fmt.Errorf("list what somebody has fees for: %w", db.Fault(err, "", ""))
	}
	if kinds, err = s.covered(ctx, kinds); err != nil || len(kinds) == 0 {
		return nil, "", err
	}
	types := make([]string, len(kinds))
	for i := range kinds {
		types[i] = kinds[i].TypeCode
	}
	err = s.DB.From(ctx).Where("holder_id IN ? AND type_code IN ?", ids, types).Where(after, args...).Order(dueFirst + ", id DESC").Limit(ownPage + 1).Find(&list).Error
	if err != nil {
		return nil, "", fmt.Errorf("list somebody's fees: %w", db.Fault(err, "", ""))
	}
	if len(list) > ownPage {
		last, turn := &list[ownPage-1], "1"
		if last.State == Due {
			turn = "0"
		}
		list, next = list[:ownPage], db.EncodeCursor(turn, last.ID)
	}
	return list, next, nil
}

// ownAfter is the condition by which Mine goes on after a cursor, and its values.
func ownAfter(cursor string) (where string, args []any, err error) {
	parts, err := db.DecodeCursor(cursor, 2)
	switch {
	case err != nil || parts == nil:
		return "1 = 1", nil, err
	case !db.IsID(parts[1]) || parts[0] != "0" && parts[0] != "1":
		return "", nil, fault.InvalidInput(fault.Field{Name: "cursor", Key: "fault.cursor"})
	case parts[0] == "1":
		return dueFirst + " = 1 AND id < ?", []any{parts[1]}, nil
	}
	return "(" + dueFirst + " = 1 OR id < ?)", []any{parts[1]}, nil
}

// Unpaid are the orders of whom the actor acts for that wait for money, the nearest
// day first. One for which money arrived that staff still look at is left out, so that
// nobody pays twice.
func (s *Service) Unpaid(ctx context.Context) (list []Order, err error) {
	ids, err := s.selves(ctx)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	err = s.DB.From(ctx).Where(`holder_id IN ? AND state = 'due' AND NOT EXISTS
 (SELECT 1 FROM fee_arrivals a WHERE a.order_id = fee_orders.id AND a.outcome <> 'accepted' AND a.settled_at IS NULL)`, ids).
		Order("due_on, id").Limit(ownMost).Find(&list).Error
	if err != nil {
		return nil, fmt.Errorf("list what somebody has not paid: %w", db.Fault(err, "", ""))
	}
	return s.covered(ctx, list)
}

// selves are the holders whose orders the actor looks at now: the enterprise that they
// act for, else themselves with all that was joined to them.
func (s *Service) selves(ctx context.Context) ([]string, error) {
	a := actor.From(ctx)
	if a.Kind != actor.Citizen {
		return nil, fault.New(fault.Unauthenticated, "access.sign_in")
	}
	if s.Holders != nil {
		holder, err := s.Holders.Acting(ctx)
		if err != nil {
			return nil, err
		}
		if holder != "" {
			return []string{holder}, nil
		}
	}
	return s.Family(ctx, a.ConstituentID)
}

// covered leaves out what an agent's authority does not name.
func (s *Service) covered(ctx context.Context, list []Order) ([]Order, error) {
	type about struct{ holder, permit string }
	may := map[about]bool{}
	for i := range list {
		one := about{list[i].HolderID, list[i].TypeCode}
		if _, asked := may[one]; asked {
			continue
		}
		err := s.may(ctx, &list[i], false)
		if err != nil && fault.KindOf(err) != fault.NotFound && fault.KindOf(err) != fault.Forbidden {
			return nil, err
		}
		may[one] = err == nil
	}
	return slices.DeleteFunc(list, func(o Order) bool { return !may[about{o.HolderID, o.TypeCode}] }), nil
}

// OfHolders lists all orders of constituents, for whom may see them.
func (s *Service) OfHolders(ctx context.Context, ids []string) (list []Order, err error) {
	if len(ids) == 0 {
		return nil, nil
	}
	if err := s.DB.From(ctx).Where("holder_id IN ?", ids).Order(dueFirst + ", id DESC").Find(&list).Error; err != nil {
		return nil, fmt.Errorf("list somebody's fees: %w", db.Fault(err, "", ""))
	}
	return list, nil
}

// OfCase lists the orders of a case, for whom may read the case.
func (s *Service) OfCase(ctx context.Context, caseID string) (list []Order, err error) {
	if err := s.DB.From(ctx).Where("case_id = ?", caseID).Order("id").Find(&list).Error; err != nil {
		return nil, fmt.Errorf("list the fees of a case: %w", db.Fault(err, "", ""))
	}
	return list, nil
}

// Holds says whether the document of a permit waits for a fee of its case.
func (s *Service) Holds(ctx context.Context, caseID string) (bool, error) {
	var n int64
	if err := s.DB.From(ctx).Model(&Order{}).Where("case_id = ? AND holds AND state = 'due'", caseID).Count(&n).Error; err != nil {
		return false, fmt.Errorf("look for fees that hold a permit: %w", db.Fault(err, "", ""))
	}
	return n > 0, nil
}

// staff reads an order for a member of staff who may do something with it, and gives
// the context in which they do it: perhaps as an absent colleague.
func (s *Service) staff(ctx context.Context, orderNo string, v access.Verb) (context.Context, *Order, error) {
	o, err := s.byNo(ctx, orderNo)
	if err != nil {
		return ctx, nil, err
	}
	ctx, err = s.on(ctx, v, o.UnitPath)
	return ctx, o, err
}

// Filter narrows the list of a unit's orders.
type Filter struct {
	State  State // empty: all
	Cursor string
	Limit  int // rows of a page; 0: as many as it has
}

const pageSize = 50

// List shows the orders that the actor may read, the newest first. What waits for a
// second person is told beside each.
func (s *Service) List(ctx context.Context, f Filter) (list []Order, asked map[string]bool, next string, err error) {
	scope, err := s.Access.Scope(ctx, access.FeeRead)
	if err != nil {
		return nil, nil, "", err
	}
	where, args := scope.Where("unit_path")
	q := s.DB.Reader(ctx).Where(where, args...)
	if slices.Contains(States, f.State) {
		q = q.Where("state = ?", f.State)
	}
	cursor, err := db.DecodeCursor(f.Cursor, 1)
	if err != nil {
		return nil, nil, "", err
	}
	if cursor != nil {
		q = q.Where("id < ?", cursor[0])
	}
	limit := f.Limit
	if limit <= 0 || limit > pageSize {
		limit = pageSize
	}
	if err := q.Order("id DESC").Limit(limit + 1).Find(&list).Error; err != nil {
		return nil, nil, "", fmt.Errorf("list fees: %w", db.Fault(err, "fault.cursor", ""))
	}
	if len(list) > limit {
		list = list[:limit]
		next = db.EncodeCursor(list[limit-1].ID)
	}
	asked, err = s.waiting(ctx, list)
	return list, asked, next, err
}

func (s *Service) waiting(ctx context.Context, list []Order) (map[string]bool, error) {
	if len(list) == 0 {
		return nil, nil //nolint:nilnil // nothing is listed
	}
	ids := make([]string, len(list))
	for i := range list {
		ids[i] = list[i].ID
	}
	var open []string
	if err := s.DB.Reader(ctx).Model(&Request{}).Where("state = 'open' AND order_id IN ?", ids).Pluck("order_id", &open).Error; err != nil {
		return nil, fmt.Errorf("look for what waits for a decision: %w", db.Fault(err, "", ""))
	}
	asked := map[string]bool{}
	for _, id := range open {
		asked[id] = true
	}
	return asked, nil
}

// Staffed is an order with all that belongs to it, as staff see it.
type Staffed struct {
	Order
	Payments []Payment
	Arrivals []Arrival
	Receipts []Receipt
	Requests []Request // the newest first
}

// Open is what waits for a decision, nil where nothing does.
func (o *Staffed) Open() *Request {
	for i := range o.Requests {
		if o.Requests[i].State == "open" {
			return &o.Requests[i]
		}
	}
	return nil
}

// Read shows an order to staff of its unit.
func (s *Service) Read(ctx context.Context, orderNo string) (*Staffed, error) {
	_, o, err := s.staff(ctx, orderNo, access.FeeRead)
	if err != nil {
		return nil, err
	}
	out := &Staffed{Order: *o}
	if out.Payments, err = s.payments(ctx, o.ID); err != nil {
		return nil, err
	}
	if out.Receipts, err = s.receipts(ctx, o.ID); err != nil {
		return nil, err
	}
	if err := s.DB.From(ctx).Where("order_id = ?", o.ID).Order("id DESC").Find(&out.Arrivals).Error; err != nil {
		return nil, fmt.Errorf("read what arrived for a fee: %w", db.Fault(err, "", ""))
	}
	if err := s.DB.From(ctx).Where("order_id = ?", o.ID).Order("id DESC").Find(&out.Requests).Error; err != nil {
		return nil, fmt.Errorf("read what was asked about a fee: %w", db.Fault(err, "", ""))
	}
	return out, nil
}

// May says whether the actor may do something with an order that they read.
func (s *Service) May(ctx context.Context, o *Order, v access.Verb) bool {
	return s.Access.CanOn(ctx, v, access.Object{UnitPaths: []string{o.UnitPath}}) == nil
}

// Stray is money that fits no order, with the order that it names.
type Stray struct {
	Arrival
	OrderNo string
	Owed    int64
	Owing   string // the currency of the order
	State   State
}

// strayMost is how many the list shows; they are settled one by one.
const strayMost = 200

// Strays lists what arrived and fits no order, the oldest first: of the orders of
// the actor's units, and what names no order for whom all units are open.
func (s *Service) Strays(ctx context.Context, settled bool) ([]Stray, error) {
	where, args, err := s.straysOf(ctx)
	if err != nil {
		return nil, err
	}
	order := "a.settled_at IS NULL ORDER BY a.id"
	if settled {
		order = "a.settled_at IS NOT NULL ORDER BY a.id DESC"
	}
	var list []Stray
	err = s.DB.Reader(ctx).Raw(`SELECT a.id, a.provider, a.provider_ref, a.payment_id, a.order_id, a.unit_path, a.amount, a.currency, a.paid_at, a.arrived_at, a.arrived_on,
 a.outcome, a.settled_at, a.settled_by_id, a.settlement, a.version, COALESCE(o.order_no, '') AS order_no, COALESCE(o.amount, 0) AS owed, COALESCE(o.currency, '') AS owing, COALESCE(o.state, '') AS state
 FROM fee_arrivals a LEFT JOIN fee_orders o ON o.id = a.order_id WHERE a.outcome <> 'accepted' AND `+where+` AND `+order+fmt.Sprintf(" LIMIT %d", strayMost), args...).Scan(&list).Error
	if err != nil {
		return nil, fmt.Errorf("list what fits no order: %w", db.Fault(err, "", ""))
	}
	return list, nil
}

func (s *Service) straysOf(ctx context.Context) (string, []any, error) {
	scope, err := s.Access.Scope(ctx, access.FeeReconcile)
	if err != nil {
		return "", nil, err
	}
	where, args := scope.Where("a.unit_path")
	snap, err := s.Catalogue.Snapshot(ctx)
	if err != nil {
		return "", nil, err
	}
	if root := snap.Root(); root != nil && scope.Covers(root.Path) {
		where = "(" + where + " OR a.unit_path = '')"
	}
	return where, args, nil
}

// Settle notes what was done about money that fits no order: given back, or booked
// elsewhere.
func (s *Service) Settle(ctx context.Context, arrivalID string, version int64, words string) error {
	if !db.IsID(arrivalID) {
		return errMissing
	}
	err := s.DB.Tx(ctx, func(ctx context.Context) error {
		where, args, err := s.straysOf(ctx)
		if err != nil {
			return err
		}
		var found []Arrival
		if err := s.DB.From(ctx).Raw("SELECT a.* FROM fee_arrivals a WHERE a.id = ? AND a.outcome <> 'accepted' AND "+where, append([]any{arrivalID}, args...)...).Scan(&found).Error; err != nil {
			return fmt.Errorf("read what arrived: %w", db.Fault(err, "", ""))
		}
		if len(found) == 0 {
			return errMissing
		}
		if words, err = checkReason("settlement", words); err != nil {
			return err
		}
		res := s.DB.From(ctx).Exec("UPDATE fee_arrivals SET settled_at = ?, settled_by_id = ?, settlement = ?, version = version + 1 WHERE id = ? AND version = ? AND settled_at IS NULL",
			s.now(), db.Ref(actor.From(ctx).AccountID), words, arrivalID, version)
		if res.Error != nil {
			return fmt.Errorf("settle what arrived: %w", db.Fault(res.Error, "", ""))
		}
		if res.RowsAffected == 0 {
			return errChanged
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "fee.settle", Kind: "fee_arrival", ID: arrivalID, Reason: words, Fields: arrivalFields(&found[0])})
	})
	return db.Fault(err, "", "fees.changed")
}

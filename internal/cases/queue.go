package cases

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/catalogue"
	"minqing/internal/db"
	"minqing/internal/fault"
)

// Views of the inbox.
const (
	ViewOpen       = "open"       // everything open in the scope
	ViewMine       = "mine"       // open and assigned to me
	ViewUnassigned = "unassigned" // open and nobody's
	ViewDue        = "due"        // open and due by the end of the next working day
	ViewOverdue    = "overdue"    // open past its due time
	ViewJoint      = "joint"      // to which a unit of the scope is asked to do a part
	ViewWaiting    = "waiting"    // open, with a clock that stands still
	ViewObjections = "objections" // sent back, for the actor to decide on
	ViewSupervised = "supervised" // open, and the unit above wants something
	ViewReturned   = "returned"   // open and sent back at least once
	ViewRated      = "rated"      // over, with a bad review that somebody has to answer
	ViewEvery      = "every"      // every case of the scope, whatever became of it; not in the rail
)

// Views lists them in the order of the rail.
var Views = []string{ViewOpen, ViewMine, ViewUnassigned, ViewDue, ViewOverdue, ViewWaiting, ViewJoint, ViewObjections, ViewReturned, ViewSupervised, ViewRated}

// Filter narrows a queue. The actor's scope narrows it further, always.
type Filter struct {
	View      string
	UnitCode  string
	Status    Status
	Kind      Kind
	Query     string // words, a case number or its end: a search, see Queue
	Covered   string // stands for Query in an address, where it is a number of a person
	DueBefore *time.Time
	Narrowing
	Limit  int
	Cursor string
	Facets bool // of a search, with its first page
	Broad  bool // facets by matter, district and channel too, and of ViewEvery
}

// Item is a row of a list: of the case, what lists show.
type Item struct {
	Case

	priority int
	queueAt  time.Time
	also     string // what else a list asks
}

// Page is a page of a queue; Next is empty at its end.
type Page struct {
	Items  []Item
	Next   string
	Facets *Facets // of a search, where they were asked for
}

const (
	limitDefault = 25
	limitMost    = 200
	unionMost    = 40 // units whose queues are merged; above, the whole queue is walked
)

// Queue lists open cases of the actor's scope, danger to life first, then what
// is due first. It walks an index in that order and never counts everything.
// With a Query it is a search instead, in which View does not count: cases of
// every status that hold all of the words, the newest first. ViewEvery lists
// cases in every status, the newest first, as does a Status that ends a case
// without a View.
func (s *Service) Queue(ctx context.Context, f Filter) (*Page, error) {
	if f.Limit <= 0 {
		f.Limit = limitDefault
	}
	f.Limit = min(f.Limit, limitMost)
	scope, err := s.Access.Scope(ctx, access.CaseList)
	if err != nil {
		return nil, err
	}
	if f.Query != "" {
		return s.search(ctx, f, scope)
	}
	if f.View == ViewEvery || f.View == "" && f.Status.Ended() {
		return s.every(ctx, f, scope)
	}
	after, err := queueCursor(f.Cursor)
	if err != nil {
		return nil, err
	}
	q := queueQuery{f: f, after: after, now: s.Now(), me: actor.From(ctx).AccountID}
	if err := q.narrow(ctx, s, scope); err != nil {
		return nil, err
	}
	sql, args := q.sql(s.DB)
	rows, err := s.readItems(ctx, f.Limit+1, "q.priority, q.queue_at, ''", "("+sql+") AS q JOIN cases c ON c.id = q.case_id ORDER BY q.priority, q.queue_at, q.case_id", args)
	if err != nil {
		return nil, fmt.Errorf("read the queue: %w", db.Fault(err, "", ""))
	}
	page := &Page{}
	if f.View == ViewJoint { // two units of the scope may have parts of one case
		more := len(rows) > f.Limit
		last := rows[:max(0, min(len(rows), f.Limit))]
		if more {
			page.Next = cursorAfter(last[len(last)-1])
		}
		rows = onceEach(last)
	}
	if len(rows) > f.Limit {
		rows = rows[:f.Limit]
		page.Next = cursorAfter(rows[len(rows)-1])
	}
	for i := range rows {
		s.known.keep(&rows[i].Case)
	}
	page.Items = rows
	return page, s.unsealItems(ctx, rows)
}

func cursorAfter(last Item) string {
	return db.EncodeCursor(fmt.Sprint(last.priority), last.queueAt.UTC().Format(time.RFC3339Nano), last.ID)
}

// onceEach leaves the first of the rows of one case that are due at one time.
func onceEach(rows []Item) []Item {
	return slices.CompactFunc(rows, func(a, b Item) bool { return a.ID == b.ID && a.queueAt.Equal(b.queueAt) })
}

// queueCursor reads priority, time and case of the last row, and refuses what
// no page of ours can have written.
func queueCursor(s string) ([]string, error) {
	after, err := db.DecodeCursor(s, 3)
	if err != nil || after == nil {
		return nil, err
	}
	_, badPriority := strconv.ParseInt(after[0], 10, 16)
	_, badTime := time.Parse(time.RFC3339Nano, after[1])
	if badPriority != nil || badTime != nil || !db.IsID(after[2]) {
		return nil, fault.InvalidInput(fault.Field{Name: "cursor", Key: "fault.cursor"})
	}
	return after, nil
}

type queueQuery struct {
	f     Filter
	after []string
	now   time.Time
	me    string
	scope access.Scope

	also []condition // on the case itself

	sealed bool     // of whistle-blowers' cases only
	mixed  bool     // of those and others: where tells them apart
	units  []string // merge these units' queues
	where  string   // or walk the whole queue under this condition
	args   []any

	decides []string  // on which objections the actor decides
	soon    time.Time // until when something is due soon
}

// narrow turns the scope into a few unit queues to merge, or into a condition
// on the whole queue when it covers many units.
func (q *queueQuery) narrow(ctx context.Context, s *Service, scope access.Scope) error {
	snap, err := s.Catalogue.Snapshot(ctx)
	if err != nil {
		return err
	}
	q.scope = scope
	if q.also, err = s.narrowings(ctx, q.f, snap); err != nil {
		return err
	}
	if q.f.View == ViewObjections {
		if q.decides, err = s.Decides(ctx); err != nil {
			return err
		}
	}
	if q.f.View == ViewDue {
		bounds, err := s.wallBounds(ctx)
		if err != nil {
			return err
		}
		q.soon = bounds[3]
	}
	var below *catalogue.Unit
	if q.f.UnitCode != "" {
		if below, err = snap.Unit(q.f.UnitCode); err != nil {
			return fault.InvalidInput(fault.Field{Name: "unit", Key: "case.unit.unknown"})
		}
	}
	both := scope.Open() && scope.Closed()
	q.sealed = !scope.Open() && scope.Closed()
	for _, u := range snap.Units {
		if (scope.Covers(u.Path) || scope.Covers(access.Sealed(u.Path))) && (below == nil || u.Within(below)) {
			q.units = append(q.units, u.ID)
		}
	}
	switch {
	case len(q.units) == 0:
		q.where = "1 = 0"
	case below == nil && scope.Covers(snap.Root().Path) && !both: // a plan without a condition is made once
		q.where, q.units = "1 = 1", nil
	case q.f.View == ViewMine || len(q.units) > unionMost || both:
		q.where, q.args = scope.Where("cu.unit_path")
		if below != nil {
			inside, args := access.Scope{Prefixes: []string{below.Path, access.Sealed(below.Path)}}.Where("cu.unit_path")
			q.where, q.args = q.where+" AND "+inside, append(q.args, args...)
		}
		q.units = nil
	}
	q.mixed = both
	return nil
}

// conditions are what every branch of the query asks.
func (q *queueQuery) conditions() (string, []any) {
	where := []string{"cu.open", "cu.role IN ('lead', 'supervising')"}
	if q.f.View == ViewJoint {
		where[1] = "cu.role = 'joint'"
	}
	var args []any
	add := func(sql string, values ...any) {
		where = append(where, sql)
		args = append(args, values...)
	}
	switch { // a unit has whistle-blowers' cases under another path than the rest
	case q.mixed:
	case q.sealed:
		add(sealedOnly)
	default:
		add(openOnly)
	}
	switch q.f.View {
	case ViewMine:
		add("cu.handler_id = ?", db.Ref(q.me)) // NULL, so nothing, for somebody without an account
	case ViewUnassigned:
		add("cu.handler_id IS NULL")
	case ViewDue:
		add("cu.queue_at >= ? AND cu.queue_at < ? AND NOT cu.waiting", q.now, q.soon)
	case ViewOverdue:
		add("cu.queue_at < ? AND NOT cu.waiting", q.now)
	case ViewWaiting:
		add("cu.waiting")
	case ViewRated:
		add("cu.status IN ('concluded', 'not_accepted', 'withdrawn', 'transferred', 'archived', 'merged') AND EXISTS (SELECT 1 FROM cases r WHERE r.id = cu.case_id AND r.rectify <> '')")
	case ViewObjections:
		add("cu.objection <> '' AND cu.objection IN ?", q.decides)
	case ViewSupervised:
		add("cu.supervised")
	case ViewReturned:
		add("cu.returned")
	}
	if q.f.DueBefore != nil {
		add("cu.queue_at < ? AND NOT cu.waiting", *q.f.DueBefore)
	}
	if q.f.Status != "" {
		add("cu.status = ?", q.f.Status)
	}
	if q.f.Kind != "" {
		add("EXISTS (SELECT 1 FROM cases k WHERE k.id = cu.case_id AND k.kind = ?)", q.f.Kind)
	}
	if sql, values := inQueue(q.also); sql != "" {
		add(sql, values...)
	}
	if q.scope.Recuses() { // nobody lists a complaint about a unit of their own
		others, values := notAbout(q.scope, "cu.case_id")
		add(others, values...)
	}
	if q.after != nil {
		at, _ := time.Parse(time.RFC3339Nano, q.after[1]) // queueCursor has looked at it
		add("(cu.priority, cu.queue_at, cu.case_id) > (CAST(? AS INTEGER), ?, ?)", q.after[0], at, q.after[2])
	}
	return strings.Join(where, " AND "), args
}

// How the paths of whistle-blowers' cases sort: behind all others.
var (
	openOnly   = "cu.unit_path < '" + access.Sealed("") + "'"
	sealedOnly = "cu.unit_path >= '" + access.Sealed("") + "'"
)

// notAbout leaves out complaints about the actor, where there are any, and about
// units of their own.
func notAbout(scope access.Scope, caseColumn string) (string, []any) {
	var parts []string
	var args []any
	if len(scope.Recused) > 0 {
		about, values := scope.WhereSubject("su.path")
		parts = append(parts, "NOT EXISTS (SELECT 1 FROM case_parties sp JOIN units su ON su.id = sp.unit_id WHERE sp.case_id = "+caseColumn+
			" AND sp.role = 'subject' AND NOT "+about+")")
		args = values
	}
	if scope.Named {
		person, values := scope.WherePerson("np.account_id")
		parts = append(parts, "NOT EXISTS (SELECT 1 FROM case_parties np WHERE np.case_id = "+caseColumn+" AND np.role = 'subject' AND NOT "+person+")")
		args = append(args, values...)
	}
	return strings.Join(parts, " AND "), args
}

const (
	queueColumns = "cu.case_id, cu.priority, cu.queue_at" // no more than the index holds
	queueOrder   = "priority, queue_at, case_id"
)

// sql merges the units' own ordered queues, each cut to one page, or walks the
// whole ordered queue. Both follow an index; neither sorts more than pages. The
// limit stands in the text: PostgreSQL plans a limit that it does not know for
// a tenth of the table.
func (q *queueQuery) sql(d *db.DB) (string, []any) {
	cond, args := q.conditions()
	if q.units == nil {
		return "SELECT " + queueColumns + " FROM case_units cu WHERE " + cond + " AND " + q.where + " ORDER BY " + queueOrder + " LIMIT " + strconv.Itoa(q.f.Limit+1), append(args, q.args...)
	}
	one := func(unit string) string {
		return "SELECT " + queueColumns + " FROM case_units cu WHERE cu.unit_id = " + unit + " AND " + cond
	}
	return d.Merged(q.units, one, queueOrder, q.f.Limit+1, args...)
}

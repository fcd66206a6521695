package cases

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/calendar"
	"minqing/internal/clocks"
	"minqing/internal/db"
	"minqing/internal/fault"
)

// WallRow is how many clocks of a unit run out by when. Each is counted once.
type WallRow struct {
	UnitID    string
	Escalated int // over for more than a working day: the supervisor has been told
	Overdue   int
	Today     int
	Next      int // on the next working day
	Soon      int // by the end of the fifth working day
}

func (r *WallRow) add(o WallRow) {
	r.Escalated, r.Overdue, r.Today, r.Next, r.Soon = r.Escalated+o.Escalated, r.Overdue+o.Overdue, r.Today+o.Today, r.Next+o.Next, r.Soon+o.Soon
}

// Wall is what runs out next, by unit, and what of it comes first.
type Wall struct {
	Total   WallRow
	Units   []WallRow // who has most that presses first
	Soonest []Item    // DueAt and HandlingLimit are of the clock that was asked for
}

const (
	soonDays  = 5
	wallItems = 25
)

// WallKinds are the clocks that the wall may show.
var WallKinds = []clocks.Kind{clocks.Conclusion, clocks.Acceptance, clocks.SignIn, clocks.Contact, clocks.Joint, clocks.Callback, clocks.Rectification}

// wallFrom joins each running clock with the unit that has to meet it: a joint
// unit's own, else the one that leads.
func wallFrom(kind clocks.Kind) string {
	const from = "case_clocks k JOIN case_units cu ON cu.case_id = k.case_id AND cu.role = "
	if kind == clocks.Joint {
		return from + "'joint' AND cu.unit_id = k.unit_id"
	}
	return from + "'lead'"
}

// Wall counts the running clocks of a kind in the actor's scope that are over or
// will be within five working days.
func (s *Service) Wall(ctx context.Context, kind clocks.Kind) (*Wall, error) {
	if !slices.Contains(WallKinds, kind) {
		return nil, fault.InvalidInput(fault.Field{Name: "clock", Key: "case.clock.unknown"})
	}
	scope, err := s.Access.Scope(ctx, access.CaseList)
	if err != nil {
		return nil, err
	}
	bounds, err := s.wallBounds(ctx)
	if err != nil {
		return nil, err
	}
	inside, insideArgs := scope.Where("cu.unit_path")
	where := "k.kind = ? AND k.due_at < ? AND k.state = 'running' AND cu.open AND " + inside
	args := append([]any{kind, bounds[4]}, insideArgs...)
	if scope.Recuses() { // nobody sees a complaint about a unit of their own
		others, values := notAbout(scope, "k.case_id")
		where, args = where+" AND "+others, append(args, values...)
	}
	from, w := wallFrom(kind), &Wall{}
	sum := func(cond string) string { return "CAST(SUM(CASE WHEN " + cond + " THEN 1 ELSE 0 END) AS INTEGER)" }
	counts := "SELECT cu.unit_id, " + sum("k.due_at < ?") + " AS escalated, " + sum("k.due_at >= ? AND k.due_at < ?") + " AS overdue, " +
		sum("k.due_at >= ? AND k.due_at < ?") + " AS today, " + sum("k.due_at >= ? AND k.due_at < ?") + " AS next, " +
		sum("k.due_at >= ?") + " AS soon FROM " + from + " WHERE " + where + " GROUP BY cu.unit_id"
	b := bounds
	countArgs := append([]any{b[0], b[0], b[1], b[1], b[2], b[2], b[3], b[3]}, args...)
	if err := s.DB.Together(ctx, db.Rows(&w.Units, counts, countArgs...)); err != nil {
		return nil, fmt.Errorf("count what runs out: %w", db.Fault(err, "", ""))
	}
	for _, u := range w.Units {
		w.Total.add(u)
	}
	slices.SortFunc(w.Units, pressing)
	w.Soonest, err = s.readItems(ctx, wallItems, "0, k.due_at, k.time_limit", from+" JOIN cases c ON c.id = k.case_id WHERE "+where+
		" ORDER BY k.due_at, k.case_id LIMIT "+strconv.Itoa(wallItems), args)
	if err != nil {
		return nil, fmt.Errorf("list what runs out: %w", db.Fault(err, "", ""))
	}
	for i := range w.Soonest {
		it := &w.Soonest[i]
		it.DueAt = &it.queueAt
		if err := it.HandlingLimit.UnmarshalText([]byte(it.also)); err != nil {
			return nil, fmt.Errorf("read the limit of a clock: %w", err)
		}
	}
	return w, s.unsealItems(ctx, w.Soonest)
}

// pressing puts who has most that is late before the others.
func pressing(a, b WallRow) int {
	for _, d := range []int{b.Escalated - a.Escalated, b.Overdue - a.Overdue, b.Today - a.Today, b.Next - a.Next, b.Soon - a.Soon} {
		if d != 0 {
			return d
		}
	}
	return 0
}

// wallBounds are the ends of what is escalated, overdue, due today, on the next
// working day and within five.
func (s *Service) wallBounds(ctx context.Context) (out [5]time.Time, err error) {
	snap, err := s.Catalogue.Snapshot(ctx)
	if err != nil {
		return out, err
	}
	cal, err := s.Clocks.Of(snap, snap.Root())
	if err != nil {
		return out, err
	}
	now := s.Now().UTC()
	zone, today := cal.Zone(), cal.ReceivedOn(now)
	end := func(d calendar.Date) time.Time { return d.Add(1).Start(zone) }
	return [5]time.Time{cal.AddWorkingDays(today, -1).Start(zone), now, end(today), end(cal.AddWorkingDays(today, 1)),
		end(cal.AddWorkingDays(today, soonDays))}, nil
}

// AskedMost is how many cases Asked lists.
const AskedMost = 25

// Asked lists cases in which more time was asked for that the actor may decide
// on, what is due first first, and says whether there are more than AskedMost.
func (s *Service) Asked(ctx context.Context) (items []Item, more bool, err error) {
	scope, err := s.Access.Scope(ctx, access.CaseDecideExtension)
	if err != nil {
		return nil, false, err
	}
	inside, args := scope.Where("cu.unit_path")
	where := "c.extension_asked <> '' AND " + inside
	if me := actor.From(ctx).AccountID; me != "" { // nobody decides on what they asked for
		where, args = where+" AND (c.extension_by_id IS NULL OR c.extension_by_id <> ?)", append(args, me)
	}
	if scope.Recuses() {
		others, values := notAbout(scope, "c.id")
		where, args = where+" AND "+others, append(args, values...)
	}
	items, err = s.readItems(ctx, AskedMost+1, "cu.priority, cu.queue_at, ''", "cases c JOIN case_units cu ON cu.case_id = c.id AND cu.role = 'lead' WHERE "+
		where+" ORDER BY c.due_at, c.id LIMIT "+strconv.Itoa(AskedMost+1), args)
	if err != nil {
		return nil, false, fmt.Errorf("list what more time is asked for: %w", db.Fault(err, "", ""))
	}
	more = len(items) > AskedMost
	items = items[:min(len(items), AskedMost)]
	return items, more, s.unsealItems(ctx, items)
}

// Readable gives the numbers of those of the cases that the actor may read, by their ids.
func (s *Service) Readable(ctx context.Context, ids []string) (map[string]string, error) {
	scope, err := s.Access.Scope(ctx, access.CaseRead)
	if err != nil {
		return nil, err
	}
	where, args := seen(scope)
	return s.numbersOf(ctx, ids, " AND "+where, args)
}

// numbersOf gives the numbers of cases by their ids, of those that fit.
func (s *Service) numbersOf(ctx context.Context, ids []string, and string, args []any) (map[string]string, error) {
	out := make(map[string]string, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	var rows []struct{ ID, CaseNo string }
	if err := s.DB.Reader(ctx).Raw("SELECT c.id, c.case_no FROM cases c WHERE c.id IN ?"+and, append([]any{ids}, args...)...).Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("read the numbers of cases: %w", db.Fault(err, "", ""))
	}
	for _, r := range rows {
		out[r.ID] = r.CaseNo
	}
	return out, nil
}

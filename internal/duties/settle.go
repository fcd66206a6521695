package duties

import (
	"context"
	"fmt"
	"unicode/utf8"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/permittypes"
	"minqing/internal/register"
	"minqing/internal/text"
)

// Read is a duty for staff who may read the permit.
func (s *Service) Read(ctx context.Context, permitNo, id string) (*View, error) {
	p, err := s.Register.Read(ctx, permitNo)
	if err != nil {
		return nil, err
	}
	d, err := s.one(ctx, p, id)
	if err != nil {
		return nil, err
	}
	v, err := s.view(ctx, d, p)
	if err == nil {
		v.Writes = s.may(ctx, p) == nil
	}
	return v, err
}

// Ruling is what the unit says of a duty.
type Ruling struct {
	Return bool // what came is not enough: it is due again
	Met    bool
	Reason string // for the holder; required unless it is met
	Day    string // of a return: until when, as 2026-11-24; empty: the due day, or in ten days where that is past
}

// returnDays is how long somebody has at least for what was sent back.
const returnDays = 10

// Rule settles a duty or sends back what was handed in. A duty of which nothing came
// through the portal can be settled too: papers come over the counter.
func (s *Service) Rule(ctx context.Context, permitNo, id string, version int64, r Ruling) error {
	r.Reason = text.Lines(r.Reason)
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		v, err := s.Read(ctx, permitNo, id)
		if err != nil {
			return err
		}
		if err := s.may(ctx, v.Permit); err != nil {
			return err
		}
		if v.Version != version {
			return errChanged
		}
		if !v.Open() || r.Return && v.State != Received {
			return fault.New(fault.Conflict, "duty.settled")
		}
		var c fault.Check
		c.That(r.Met || r.Reason != "", "reason", "duty.reason.required")
		c.That(!r.Met || v.State == Received || r.Reason != "", "reason", "duty.reason.counter")
		c.That(utf8.RuneCountInString(r.Reason) <= statementMost, "reason", "case.text.long", "Max", statementMost)
		until := s.until(v, r, &c)
		if err := c.Err(); err != nil {
			return err
		}
		if r.Return {
			return s.sendBack(ctx, v, r, until)
		}
		return s.settle(ctx, v, r.Met, r.Reason)
	})
}

// until is the day on which what was sent back is due again.
func (s *Service) until(v *View, r Ruling, c *fault.Check) calendar.Date {
	today := s.Today()
	day := max(v.DueOn, today.Add(returnDays))
	if r.Return && r.Day != "" {
		typed, err := calendar.ParseDate(r.Day)
		c.That(err == nil && typed > today && typed <= today.Add(366), "day", "duty.day.invalid")
		if err == nil {
			day = typed
		}
	}
	return day
}

func (s *Service) sendBack(ctx context.Context, v *View, r Ruling, until calendar.Date) error {
	d := &v.Duty
	err := s.save(ctx, d, map[string]any{"state": Due, "reason": r.Reason, "due_on": until, "received_at": nil, "received_on": nil, "look_on": until.Add(1)})
	if err != nil {
		return err
	}
	d.State, d.Reason, d.DueOn = Due, r.Reason, until
	if err := s.record(ctx, v.Permit, d, audit.Entry{Action: "permit.duty_returned", Reason: r.Reason, Fields: []audit.Change{{Field: "due_on", After: until.String()}}}); err != nil {
		return err
	}
	return s.Tell(ctx, Returned, d, v.Permit, db.NewID(s.now()))
}

// settle says how a duty was met, and enters the next time of it.
func (s *Service) settle(ctx context.Context, v *View, met bool, reason string) error {
	d, state := &v.Duty, Unmet
	if met {
		state = Met
	}
	err := s.save(ctx, d, map[string]any{"state": state, "reason": reason, "settled_at": s.now(), "settled_on": s.Today(),
		"settled_by_id": db.Ref(actor.From(ctx).AccountID), "look_on": nil})
	if err != nil {
		return err
	}
	before := d.State
	d.State, d.Reason = state, reason
	if err := s.record(ctx, v.Permit, d, audit.Entry{Action: "permit.duty_settled", Reason: reason, Fields: []audit.Change{{Field: "state", Before: string(before), After: string(state)}}}); err != nil {
		return err
	}
	if err := s.next(ctx, v.Permit, d); err != nil {
		return err
	}
	return s.Tell(ctx, Settled, d, v.Permit, db.NewID(s.now()))
}

// visit is the duty of a permit to let officials in that is open, the oldest first.
func (s *Service) visit(ctx context.Context, permitNo string) (*View, error) {
	p, err := s.Register.ByNo(ctx, permitNo)
	if err != nil {
		return nil, err
	}
	if stands := p.On(s.Today()); stands != register.Valid && stands != register.Suspended {
		return nil, fault.New(fault.Conflict, "register.state."+string(stands))
	}
	list, err := s.of(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	for i := range list {
		if list[i].State != Due {
			continue
		}
		v, err := s.view(ctx, &list[i], p)
		if err != nil {
			return nil, err
		}
		if v.Def.Kind == permittypes.DutyInspection {
			return v, nil
		}
	}
	return nil, fault.New(fault.Conflict, "duty.no_visit")
}

// Visitable says whether officials may be sent to the holder of a permit: one of its
// duties is to let them in, and it is open.
func (s *Service) Visitable(ctx context.Context, permitNo string) error {
	_, err := s.visit(ctx, permitNo)
	return err
}

// Appointed notes when officials come, and tells the holder, in the open transaction.
func (s *Service) Appointed(ctx context.Context, permitNo, inspectionID string) error {
	v, err := s.visit(ctx, permitNo)
	if err != nil {
		return err
	}
	if err := s.save(ctx, &v.Duty, map[string]any{"inspection_id": inspectionID}); err != nil {
		return err
	}
	v.InspectionID = &inspectionID
	if err := s.record(ctx, v.Permit, &v.Duty, audit.Entry{Action: "permit.duty_visit"}); err != nil {
		return err
	}
	return s.Tell(ctx, Visit, &v.Duty, v.Permit, db.NewID(s.now()))
}

// Inspected settles the duty by what officials found, in the open transaction.
func (s *Service) Inspected(ctx context.Context, permitNo, inspectionID string, passed bool, found string) error {
	v, err := s.visit(ctx, permitNo)
	if err != nil {
		return err
	}
	if err := s.save(ctx, &v.Duty, map[string]any{"inspection_id": inspectionID}); err != nil {
		return err
	}
	return s.settle(ctx, v, passed, found)
}

// Filter narrows the list of duties.
type Filter struct {
	Show   string // "overdue", "due" (within the next 90 days) or "received"; empty: all that are open
	Cursor string
}

// Shows lists what a filter can show.
var Shows = []string{"overdue", "received", "due"}

const (
	pageSize  = 50
	dueWithin = 90
)

// List shows the open duties of permits that the actor may read, by their day.
func (s *Service) List(ctx context.Context, f Filter) (list []View, next string, err error) {
	scope, err := s.Access.Scope(ctx, access.PermitRead)
	if err != nil {
		return nil, "", err
	}
	cursor, err := db.DecodeCursor(f.Cursor, 2)
	if err != nil {
		return nil, "", err
	}
	today := s.Today()
	where, args := scope.Where("p.unit_path")
	q := s.DB.Reader(ctx).Table("permit_duties d").Select("d.*").Joins("JOIN permits p ON p.id = d.permit_id").Where(where, args...).
		Where("p.state IN ('valid', 'suspended') AND (p.valid_until IS NULL OR p.valid_until >= ?)", today).Order("d.due_on, d.id").Limit(pageSize + 1)
	switch f.Show {
	case "overdue":
		q = q.Where("d.state = 'due' AND d.due_on < ?", today)
	case "received":
		q = q.Where("d.state = 'received'")
	case "due":
		q = q.Where("d.state = 'due' AND d.due_on BETWEEN ? AND ?", today, today.Add(dueWithin))
	default:
		q = q.Where("d.state IN ('due', 'received') AND d.due_on <= ?", today.Add(dueWithin))
	}
	if cursor != nil {
		day, err := calendar.ParseDate(cursor[0])
		if err != nil || !db.IsID(cursor[1]) {
			return nil, "", fault.InvalidInput(fault.Field{Name: "cursor", Key: "fault.cursor"})
		}
		q = q.Where("(d.due_on, d.id) > (?, ?)", day, cursor[1])
	}
	var rows []Duty
	if err := q.Find(&rows).Error; err != nil {
		return nil, "", fmt.Errorf("list duties: %w", db.Fault(err, "fault.cursor", ""))
	}
	if len(rows) > pageSize {
		rows = rows[:pageSize]
		last := &rows[pageSize-1]
		next = db.EncodeCursor(last.DueOn.String(), last.ID)
	}
	for i := range rows {
		p, err := s.Register.ByID(ctx, rows[i].PermitID)
		if err != nil {
			return nil, "", err
		}
		v, err := s.view(ctx, &rows[i], p)
		if err != nil {
			return nil, "", err
		}
		list = append(list, *v)
	}
	return list, next, nil
}

// Erase takes what people wrote and gave for their duties out, in the open
// transaction; that and when a duty was met stays.
func (s *Service) Erase(ctx context.Context, constituentIDs []string) error {
	var list []Duty
	err := s.DB.From(ctx).Where("permit_id IN (SELECT id FROM permits WHERE holder_id IN ? AND holder_kind = 'person')", constituentIDs).Find(&list).Error
	if err != nil {
		return fmt.Errorf("list somebody's duties: %w", db.Fault(err, "", ""))
	}
	for i := range list {
		if err := s.Files.RemoveAll(ctx, list[i].Owner()); err != nil {
			return err
		}
		if err := s.DB.From(ctx).Exec("UPDATE permit_duties SET statement = '', version = version + 1 WHERE id = ?", list[i].ID).Error; err != nil {
			return fmt.Errorf("erase what somebody said of a duty: %w", db.Fault(err, "", ""))
		}
	}
	return nil
}

package cases

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/calendar"
	"minqing/internal/catalogue"
	"minqing/internal/clocks"
	"minqing/internal/db"
	"minqing/internal/fault"
)

// Forms of supervision, from an ordinary reminder to an interview of who leads
// the unit, and the grounds for it (Jinan 2018, Weifang 2021).
var (
	OrderForms   = []string{"routine", "listed", "interview"}
	OrderGrounds = []string{"overdue", "repeated", "refusal", "publicity", "other"}
)

// orderDaysMost is the longest time that an order gives, in working days.
const orderDaysMost = 60

// Order is a row of case_orders: what a unit must do about a case, by when, as
// the unit above says. Its words stand in the events of the case.
type Order struct {
	ID          string
	CaseID      string
	Form        string
	Ground      string
	UnitID      string // that must do it
	ByUnitID    string // that watches over it
	ByAccountID *string
	TimeLimit   calendar.Limit
	OpenedAt    time.Time
	DueAt       time.Time
	DueOn       calendar.Date
	AnsweredAt  *time.Time
	ClosedAt    *time.Time
	Outcome     string // closed: done, or moot when the case ended
	Extensions  int64
	WarnAt      *time.Time
	WarnLevel   clocks.Level
}

var orderColumns = db.Columns[Order]()

// orders are all of a case, the newest last.
func (s *Service) orders(ctx context.Context, caseID string) (found []Order, err error) {
	err = s.DB.Together(ctx, db.Rows(&found, "SELECT "+orderColumns+" FROM case_orders WHERE case_id = ? ORDER BY id", caseID))
	if err != nil {
		return nil, fmt.Errorf("read the orders about a case: %w", db.Fault(err, "", ""))
	}
	return found, nil
}

// order is the open order of a case, or nil.
func (s *Service) order(ctx context.Context, caseID string) (*Order, error) {
	var found []Order
	err := s.DB.Together(ctx, db.Rows(&found, "SELECT "+orderColumns+" FROM case_orders WHERE case_id = ? AND closed_at IS NULL", caseID))
	if err != nil {
		return nil, fmt.Errorf("read the order about a case: %w", db.Fault(err, "", ""))
	}
	if len(found) == 0 {
		return nil, nil //nolint:nilnil // most cases have none
	}
	return &found[0], nil
}

// oversees says whether the actor watches over a unit: for it or for one above.
func (s *Service) oversees(ctx context.Context, c *Case, u *catalogue.Unit) error {
	err := s.Access.CanOn(ctx, access.CaseSupervise, access.Object{UnitPaths: []string{c.pathAt(u)}})
	if fault.KindOf(err) == fault.Forbidden && err != nil {
		return fault.New(fault.Forbidden, "case.supervise.above")
	}
	return err
}

// overseer is the unit right above the one that has the case; over the root there
// is none.
func (s *Service) overseer(snap *catalogue.Snapshot, leadID string) (*catalogue.Unit, error) {
	u, err := snap.Unit(leadID)
	if err != nil {
		return nil, err
	}
	if up := snap.Parent(u); up != nil {
		return up, nil
	}
	return u, nil
}

// Supervise orders the unit that has the case to do something by a day of its own
// (督辦). The citizen's clock is another matter.
type Supervise struct {
	Form   string
	Ground string
	Days   string // working days, as typed
	Text   string // what is required
}

// Action names the act.
func (Supervise) Action() Action { return ActSupervise }

// Validate checks what was typed.
func (a Supervise) Validate() error {
	var c fault.Check
	c.That(contains(OrderForms, a.Form), "form", "case.supervise.form.required")
	c.That(contains(OrderGrounds, a.Ground), "reason", "case.reason.required")
	checkDays(&c, a.Days)
	checkText(&c, "text", a.Text)
	return c.Err()
}

func checkDays(c *fault.Check, typed string) {
	n, err := strconv.Atoi(typed)
	c.That(err == nil && n > 0 && n <= orderDaysMost, "days", "case.supervise.days", "Max", orderDaysMost)
}

func (a Supervise) apply(ctx context.Context, ch *change) error {
	c := ch.c
	lead := ch.lead.UnitID
	if lead == "" {
		lead = c.UnitID
	}
	by, err := ch.s.overseer(ch.snap, lead)
	if err != nil {
		return err
	}
	if err := ch.s.oversees(ctx, c, by); err != nil {
		return err
	}
	o := Order{ID: db.NewID(ch.now), CaseID: c.ID, Form: a.Form, Ground: a.Ground, UnitID: lead, ByUnitID: by.ID,
		ByAccountID: db.Ref(actor.From(ctx).AccountID), OpenedAt: ch.now}
	if err := ch.due(&o, ch.now, a.Days); err != nil {
		return err
	}
	ch.stmts = append(ch.stmts, o.insert())
	c.SupervisedDue = &o.DueAt
	ch.unitID = by.ID
	ch.text, ch.reason = a.Text, a.Ground
	ch.data["form"], ch.data["reason"], ch.data["until"] = a.Form, a.Ground, o.DueOn.String()
	ch.note("supervision", "", a.Form)
	ch.hear(HearOrder)
	return nil
}

// due counts working days from a time, by the calendar of the unit that must do
// what is ordered, and says when to warn.
func (ch *change) due(o *Order, from time.Time, days string) error {
	n, _ := strconv.Atoi(days) // Validate has looked at it
	limit, err := calendar.NewLimit(n, calendar.WorkingDays)
	if err != nil {
		return err
	}
	unit, err := ch.snap.Unit(o.UnitID)
	if err != nil {
		return err
	}
	cal, err := ch.s.Clocks.Of(ch.snap, unit)
	if err != nil {
		return err
	}
	due := cal.DueFast(from, limit, nil)
	o.TimeLimit, o.DueAt, o.DueOn = limit, due.Due, due.On
	armed := clocks.Armed(cal, ch.c.clockRules(ch.snap), o.clock(), ch.now)
	o.WarnAt, o.WarnLevel = armed.WarnAt, armed.WarnLevel
	return nil
}

func (o *Order) insert() db.Stmt {
	return db.Insert("case_orders", orderColumns, o.ID, o.CaseID, o.Form, o.Ground, o.UnitID, o.ByUnitID, o.ByAccountID, o.TimeLimit,
		o.OpenedAt, o.DueAt, o.DueOn, o.AnsweredAt, o.ClosedAt, o.Outcome, o.Extensions, o.WarnAt, o.WarnLevel)
}

func (o *Order) clock() clocks.Clock {
	due := o.DueAt
	return clocks.Clock{CaseID: o.CaseID, TimeLimit: o.TimeLimit, StartedAt: o.OpenedAt, DueAt: &due, State: clocks.Running}
}

// ordered is the open order, which there must be.
func (ch *change) ordered(ctx context.Context) (*Order, error) {
	o, err := ch.s.order(ctx, ch.c.ID)
	if err == nil && o == nil {
		err = ch.refuse("case.supervise.none", "")
	}
	return o, err
}

// watched is the open order, when the actor watches over it.
func (ch *change) watched(ctx context.Context) (*Order, error) {
	o, err := ch.ordered(ctx)
	if err != nil {
		return nil, err
	}
	by, err := ch.snap.Unit(o.ByUnitID)
	if err != nil {
		return nil, err
	}
	ch.unitID = by.ID
	return o, ch.s.oversees(ctx, ch.c, by)
}

func (ch *change) saveOrder(o *Order) {
	ch.after = append(ch.after, func(ctx context.Context) error {
		res := ch.s.DB.From(ctx).Exec(`UPDATE case_orders SET time_limit = ?, due_at = ?, due_on = ?, answered_at = ?, closed_at = ?, outcome = ?, extensions = ?,
 warn_at = ?, warn_level = ? WHERE id = ? AND closed_at IS NULL`, o.TimeLimit, o.DueAt, o.DueOn, o.AnsweredAt, o.ClosedAt, o.Outcome, o.Extensions,
			o.WarnAt, o.WarnLevel, o.ID)
		if res.Error != nil {
			return fmt.Errorf("change the order about a case: %w", res.Error)
		}
		if res.RowsAffected == 0 {
			return fault.New(fault.Conflict, "case.changed")
		}
		return nil
	})
}

// AnswerOrder is what the unit reports to who watches over it; more than once
// where it takes several steps.
type AnswerOrder struct {
	Text string
}

// Action names the act.
func (AnswerOrder) Action() Action { return ActAnswerOrder }

// Validate checks what was typed.
func (a AnswerOrder) Validate() error {
	var c fault.Check
	checkText(&c, "text", a.Text)
	return c.Err()
}

func (a AnswerOrder) apply(ctx context.Context, ch *change) error {
	o, err := ch.ordered(ctx)
	if err != nil {
		return err
	}
	o.AnsweredAt = &ch.now
	ch.text = a.Text
	ch.hear(HearAnswered)
	ch.saveOrder(o)
	return nil
}

// CloseOrder ends an order: what it required is done.
type CloseOrder struct {
	Note string
}

// Action names the act.
func (CloseOrder) Action() Action { return ActCloseOrder }

// Validate checks what was typed.
func (a CloseOrder) Validate() error {
	var c fault.Check
	checkNote(&c, a.Note, true)
	return c.Err()
}

func (a CloseOrder) apply(ctx context.Context, ch *change) error {
	o, err := ch.watched(ctx)
	if err != nil {
		return err
	}
	o.ClosedAt, o.Outcome, o.WarnAt, o.WarnLevel = &ch.now, "done", nil, clocks.None
	ch.c.SupervisedDue = nil
	ch.text, ch.data["form"] = a.Note, o.Form
	ch.note("supervision", o.Form, "")
	ch.hear(HearOrderMoved)
	ch.saveOrder(o)
	return nil
}

// ExtendOrder gives the unit more time: working days from the day on which the
// order is due, or from today when that is over.
type ExtendOrder struct {
	Days string
	Note string
}

// Action names the act.
func (ExtendOrder) Action() Action { return ActExtendOrder }

// Validate checks what was typed.
func (a ExtendOrder) Validate() error {
	var c fault.Check
	checkDays(&c, a.Days)
	checkNote(&c, a.Note, true)
	return c.Err()
}

func (a ExtendOrder) apply(ctx context.Context, ch *change) error {
	o, err := ch.watched(ctx)
	if err != nil {
		return err
	}
	before, from := o.DueAt, o.DueAt
	if ch.now.After(from) {
		from = ch.now
	}
	if err := ch.due(o, from, a.Days); err != nil {
		return err
	}
	o.Extensions++
	ch.c.SupervisedDue = &o.DueAt
	ch.text = a.Note
	ch.data["form"], ch.data["old_due"], ch.data["new_due"] = o.Form, stamp(before), stamp(o.DueAt)
	ch.note("supervision_due", stamp(before), stamp(o.DueAt))
	ch.hear(HearOrderMoved)
	ch.saveOrder(o)
	return nil
}

// settleOrder ends an order about a case that ended without a result.
func (ch *change) settleOrder() {
	ch.c.SupervisedDue = nil
	ch.after = append(ch.after, func(ctx context.Context) error {
		err := ch.s.DB.From(ctx).Exec("UPDATE case_orders SET closed_at = ?, outcome = 'moot', warn_at = NULL, warn_level = 0 WHERE case_id = ? AND closed_at IS NULL",
			ch.now, ch.c.ID).Error
		if err != nil {
			return fmt.Errorf("end the order about a case: %w", err)
		}
		return nil
	})
}

// watches says whether the actor may give, close or extend an order about a case.
func (s *Service) watches(ctx context.Context, c *Case, a Action) error {
	snap, err := s.Catalogue.Snapshot(ctx)
	if err != nil {
		return err
	}
	if a == ActSupervise {
		units, err := s.unitsOf(ctx, c.ID)
		if err != nil {
			return err
		}
		lead := c.UnitID
		for _, u := range units {
			if u.Role == "lead" {
				lead = u.UnitID
			}
		}
		by, err := s.overseer(snap, lead)
		if err != nil {
			return err
		}
		return s.oversees(ctx, c, by)
	}
	o, err := s.order(ctx, c.ID)
	if err != nil || o == nil {
		return fault.New(fault.Conflict, "case.supervise.none").Because(err)
	}
	by, err := snap.Unit(o.ByUnitID)
	if err != nil {
		return err
	}
	return s.oversees(ctx, c, by)
}

package cases

import (
	"context"
	"fmt"
	"slices"
	"time"

	"minqing/internal/access"
	"minqing/internal/catalogue"
	"minqing/internal/clocks"
	"minqing/internal/db"
	"minqing/internal/fault"
)

// Deciding says who decides on an objection: nobody has to when it is empty.
type Deciding string

// First the desk that dispatches, and the unit above from a certain return on.
const (
	DeskDecides     Deciding = "desk"
	SuperiorDecides Deciding = "superior"
)

// returnsDefault is from which return on the unit above decides where nobody
// says: the second.
const returnsDefault = 2

// ReturnReasons are the grounds on which a unit may send a case back.
var ReturnReasons = []string{"not_our_duty", "other_district", "duplicate", "unclear_place", "too_little", "outside_law", "needs_lead"}

// ReturnBases are the rules that a unit may name when a case is not its duty
// (国办函〔2025〕66号: law, 三定, power lists, duty lists of townships).
var ReturnBases = []string{"law", "three_definitions", "power_list", "township_list", "dispatch_catalogue"}

// Return sends a case back to the desk that dispatches: an objection, with its
// ground, and with the unit whose duty it is where the sender knows it.
type Return struct {
	Reason      string
	Basis       string // by which rule it is not the unit's duty; may be empty
	UnitCode    string // proposed; may be empty
	Explanation string
}

// Action names the act.
func (Return) Action() Action { return ActReturn }

// Validate checks what was typed.
func (r Return) Validate() error {
	var c fault.Check
	c.That(contains(ReturnReasons, r.Reason), "reason", "case.reason.required")
	c.That(r.Basis == "" || contains(ReturnBases, r.Basis), "basis", "case.return.basis.unknown")
	checkText(&c, "explanation", r.Explanation)
	return c.Err()
}

func (r Return) apply(ctx context.Context, ch *change) error {
	c := ch.c
	by, err := ch.s.returnBy(ch.snap, c)
	if err != nil {
		return err
	}
	if by != nil && ch.now.After(*by) {
		return ch.refuse("case.return.late", ActReturn)
	}
	proposed, err := r.proposed(ch)
	if err != nil {
		return err
	}
	desk, err := ch.desk(ctx)
	if err != nil {
		return err
	}
	c.ReturnedCount++
	c.HandlerID, c.SignedInAt = nil, nil
	c.Objection, c.ObjectionReason, c.RulerID, c.ProposedID = DeskDecides, r.Reason, nil, nil
	if proposed != nil {
		c.ProposedID, ch.data["proposed"] = &proposed.ID, proposed.Code
	}
	ch.moved = desk
	ch.text, ch.reason = r.Explanation, r.Reason
	ch.data["reason"], ch.data["unit"], ch.data["count"] = r.Reason, unitCode(ch.snap, c.UnitID), c.ReturnedCount
	if r.Basis != "" {
		ch.data["basis"] = r.Basis
	}
	ch.hear(HearObjection)
	if c.Confidentiality == Whistle || c.ReturnedCount < int64(c.returns(ch.snap)) {
		return nil // of a whistle-blower's case the body that received it decides, always
	}
	ruler, err := ch.ruler(ctx, proposed)
	if err != nil {
		return err
	}
	c.Objection, c.RulerID = SuperiorDecides, &ruler.ID
	ch.data["ruler"] = ruler.Code
	if ruler.ID != desk.ID {
		ch.after = append(ch.after, func(ctx context.Context) error { return ch.supervise(ctx, ruler) })
	}
	return nil
}

// proposed is the unit that shall have the case instead; nil when nobody says.
func (r Return) proposed(ch *change) (*catalogue.Unit, error) {
	if r.UnitCode == "" {
		return nil, nil //nolint:nilnil // a proposal is optional
	}
	u, err := ch.snap.UnitOn(r.UnitCode, ch.today)
	if err != nil {
		return nil, fault.InvalidInput(fault.Field{Name: "unit_code", Key: "case.unit.unknown"})
	}
	if u.ID == ch.c.UnitID {
		return nil, fault.InvalidInput(fault.Field{Name: "unit_code", Key: "case.return.unit.same"})
	}
	return u, nil
}

// ReturnBy is until when the unit that has the case may object; nil where no
// dispatch is known.
func (s *Service) ReturnBy(ctx context.Context, c *Case) (*time.Time, error) {
	snap, err := s.Catalogue.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	return s.returnBy(snap, c)
}

func (s *Service) returnBy(snap *catalogue.Snapshot, c *Case) (*time.Time, error) {
	if c.DispatchedAt == nil {
		return nil, nil //nolint:nilnil // nothing to count from
	}
	unit, err := snap.Unit(c.UnitID)
	if err != nil {
		return nil, err
	}
	cal, err := s.Clocks.Of(snap, unit)
	if err != nil {
		return nil, err
	}
	limit := clocks.Standard(snap, catalogue.StdReturn, cal.ReceivedOn(*c.DispatchedAt))
	if r := c.clockRules(snap); !r.Return.IsZero() {
		limit = r.Return
	}
	due := cal.DueFast(*c.DispatchedAt, limit, nil).Due
	return &due, nil
}

// returns is from which return on the unit above decides.
func (c *Case) returns(snap *catalogue.Snapshot) int {
	if r := c.clockRules(snap); r.Returns != nil {
		return *r.Returns
	}
	return returnsDefault
}

// bound says whether the unit that has the case was designated by a superior.
func (c *Case) bound() bool { return c.BoundUnitID != nil && *c.BoundUnitID == c.UnitID }

// ruler is the unit above all that dispute about the case: those that had it, and
// the one proposed. A unit that is complained about is passed over.
func (ch *change) ruler(ctx context.Context, proposed *catalogue.Unit) (*catalogue.Unit, error) {
	unit, err := ch.snap.Unit(ch.c.UnitID)
	if err != nil {
		return nil, err
	}
	parties := []*catalogue.Unit{unit}
	if proposed != nil {
		parties = append(parties, proposed)
	}
	for _, st := range ch.units {
		u, err := ch.snap.Unit(st.UnitID)
		if err == nil && st.Role != "supervising" && u.Duty != catalogue.DutyIntake {
			parties = append(parties, u)
		}
	}
	for _, up := range ch.snap.Ancestors(unit) {
		outside := func(u *catalogue.Unit) bool { return u.ID == up.ID && up.ParentID != nil || !u.Within(up) }
		if slices.ContainsFunc(parties, outside) {
			continue
		}
		conflict, err := ch.s.conflict(ctx, ch.c, ch.snap, up)
		if err != nil {
			return nil, err
		}
		if !conflict {
			return up, nil
		}
	}
	if root := ch.snap.Root(); root != nil {
		return root, nil
	}
	return unit, nil
}

// settleObjection ends an objection, whoever decided on it and however.
func (ch *change) settleObjection() {
	c := ch.c
	if c.Objection == SuperiorDecides {
		ch.after = append(ch.after, func(ctx context.Context) error {
			err := ch.s.DB.From(ctx).Exec("UPDATE case_units SET open = ? WHERE case_id = ? AND role = 'supervising'", false, c.ID).Error
			if err != nil {
				return fmt.Errorf("settle the objection: %w", err)
			}
			return nil
		})
	}
	c.Objection, c.ObjectionReason, c.RulerID, c.ProposedID = "", "", nil, nil
}

// DecideObjection is what the desk that dispatches answers to a unit that sent a
// case back. It agrees, and another unit gets the case, or it declines, and the
// same unit has it again and reads why.
type DecideObjection struct {
	Agree    bool
	UnitCode string // agreed: where it goes; empty: where the unit proposed
	Note     string
}

// Action names the act.
func (DecideObjection) Action() Action { return ActDecideObjection }

// Validate checks what was typed: who declines says why.
func (d DecideObjection) Validate() error {
	var c fault.Check
	checkNote(&c, d.Note, !d.Agree)
	return c.Err()
}

func (d DecideObjection) apply(ctx context.Context, ch *change) error {
	c := ch.c
	code := unitCode(ch.snap, c.UnitID)
	if d.Agree {
		var err error
		if code, err = ch.elsewhere(d.UnitCode); err != nil {
			return err
		}
	}
	ch.data["approved"], ch.data["reason"] = d.Agree, c.ObjectionReason
	ch.text, ch.public = d.Note, d.Agree // that it stays where it was is no news to the citizen
	ch.hear(HearDecided)
	ch.settleObjection()
	return ch.handTo(ctx, code)
}

// elsewhere is the code of the unit that gets a returned case instead.
func (ch *change) elsewhere(code string) (string, error) {
	if code == "" && ch.c.ProposedID != nil {
		code = unitCode(ch.snap, *ch.c.ProposedID)
	}
	key := ""
	switch u, err := ch.snap.UnitOn(code, ch.today); {
	case code == "":
		key = "case.unit.required"
	case err != nil:
		key = "case.unit.unknown"
	case u.ID == ch.c.UnitID:
		key = "case.objection.same"
	}
	if key != "" {
		return "", fault.InvalidInput(fault.Field{Name: "unit_code", Key: key})
	}
	return code, nil
}

// RuleObjection is the decision of the unit above on a case that was sent back
// again and again. It names the unit that handles the case, which is bound: it
// may not send it back (Weifang 2021). Where nobody is found, the first receiver
// leads (首接負責制; Beijing 2021).
type RuleObjection struct {
	First    bool
	UnitCode string
	Note     string
}

// Action names the act.
func (RuleObjection) Action() Action { return ActRuleObjection }

// Validate checks what was typed.
func (r RuleObjection) Validate() error {
	var c fault.Check
	c.That(r.First || r.UnitCode != "", "unit_code", "case.unit.required")
	checkNote(&c, r.Note, true)
	return c.Err()
}

func (r RuleObjection) apply(ctx context.Context, ch *change) error {
	c := ch.c
	if err := ch.s.mayRule(ctx, ch.snap, c); err != nil {
		return err
	}
	code := r.UnitCode
	if r.First {
		first, err := ch.s.firstReceiver(ctx, c.ID)
		if err != nil {
			return err
		}
		if code = unitCode(ch.snap, first); code == "" {
			return fault.InvalidInput(fault.Field{Name: "unit_code", Key: "case.unit.required"})
		}
	}
	ch.data["bound"], ch.data["reason"] = true, c.ObjectionReason
	if r.First {
		ch.data["first"] = true
	}
	before := c.UnitID
	ch.text = r.Note
	ch.hear(HearDecided)
	ch.settleObjection()
	if err := ch.handTo(ctx, code); err != nil {
		return err
	}
	ch.public = before != c.UnitID
	c.BoundUnitID = &c.UnitID
	ch.note("bound", "", unitCode(ch.snap, c.UnitID))
	return nil
}

// mayRule says whether the actor may decide for the unit above.
func (s *Service) mayRule(ctx context.Context, snap *catalogue.Snapshot, c *Case) error {
	if c.RulerID == nil {
		return nil
	}
	u, err := snap.Unit(*c.RulerID)
	if err != nil {
		return err
	}
	err = s.Access.CanOn(ctx, access.CaseRuleObjection, access.Object{UnitPaths: []string{c.pathAt(u)}})
	if fault.KindOf(err) == fault.Forbidden && err != nil {
		return fault.New(fault.Forbidden, "case.objection.above")
	}
	return err
}

// firstReceiver is the unit that the case was dispatched to first; empty before.
func (s *Service) firstReceiver(ctx context.Context, caseID string) (string, error) {
	var ids []string
	err := s.DB.From(ctx).Raw("SELECT unit_id FROM case_events WHERE case_id = ? AND action IN ? AND unit_id IS NOT NULL ORDER BY seq LIMIT 1",
		caseID, []Action{ActDispatch, ActRedispatch}).Scan(&ids).Error
	if err != nil || len(ids) == 0 {
		return "", db.Fault(err, "", "")
	}
	return ids[0], nil
}

// FirstReceiver is the unit that the case was dispatched to first; empty before.
func (v *View) FirstReceiver() string {
	for _, e := range v.Events {
		if (e.Action == ActDispatch || e.Action == ActRedispatch) && e.UnitID != nil {
			return *e.UnitID
		}
	}
	return ""
}

// Objected is what the unit said that sent the case back last; nil when nobody
// did.
func (v *View) Objected() *Event {
	for i := len(v.Events) - 1; i >= 0; i-- {
		if v.Events[i].Action == ActReturn {
			return &v.Events[i]
		}
	}
	return nil
}

// marks writes beside the queues what narrows them: who decides on an objection,
// whether the case came back, and whether it is supervised.
func (s *Service) marks(ctx context.Context, ch *change) error {
	c, was := ch.c, &ch.was
	if !c.marked() && !was.marked() {
		return nil
	}
	at, args := "CASE WHEN role = 'lead' THEN ? ELSE '' END", []any{string(c.Objection)}
	if c.RulerID != nil {
		at, args = "CASE WHEN unit_id = ? THEN ? ELSE '' END", []any{*c.RulerID, string(c.Objection)}
	}
	args = append(args, c.ReturnedCount > 0, c.SupervisedDue != nil, c.ID)
	err := s.DB.From(ctx).Exec("UPDATE case_units SET objection = "+at+", returned = ?, supervised = ? WHERE case_id = ? AND role IN ('lead', 'supervising')", args...).Error
	if err != nil {
		return fmt.Errorf("mark the case in its queues: %w", err)
	}
	return nil
}

func (c *Case) marked() bool {
	return c.ReturnedCount > 0 || c.Objection != "" || c.SupervisedDue != nil
}

// Decides says on which objections the actor may decide somewhere.
func (s *Service) Decides(ctx context.Context) ([]string, error) {
	list := []string{}
	for d, v := range map[Deciding]access.Verb{DeskDecides: access.CaseDecideObjection, SuperiorDecides: access.CaseRuleObjection} {
		switch err := s.Access.Can(ctx, v); {
		case err == nil:
			list = append(list, string(d))
		case fault.KindOf(err) != fault.Forbidden:
			return nil, err
		}
	}
	slices.Sort(list)
	return list, nil
}

package cases

import (
	"context"

	"minqing/internal/catalogue"
	"minqing/internal/fault"
	"minqing/internal/i18n"
)

// Dispatch sends an accepted case to the unit that handles it. Without a unit
// code it goes where routing sent it.
type Dispatch struct {
	UnitCode string
	Note     string
}

// Action names the act.
func (Dispatch) Action() Action { return ActDispatch }

// Validate checks what was typed.
func (d Dispatch) Validate() error {
	var c fault.Check
	checkNote(&c, d.Note, false)
	return c.Err()
}

func (d Dispatch) apply(ctx context.Context, ch *change) error {
	code := d.UnitCode
	if code == "" && ch.c.RouteUnitID != nil {
		code = *ch.c.RouteUnitID
	}
	ch.text, ch.tell = d.Note, true
	return ch.handTo(ctx, code)
}

// handTo makes a unit the lead. The citizen's clock goes on; a unit or person
// that the case complains about never gets it.
func (ch *change) handTo(ctx context.Context, code string) error {
	u, err := ch.snap.UnitOn(code, ch.today)
	if err != nil {
		return fault.InvalidInput(fault.Field{Name: "unit_code", Key: "case.unit.unknown"})
	}
	conflict, err := ch.s.conflict(ctx, ch.c, ch.snap, u)
	if err != nil {
		return err
	}
	if conflict {
		return fault.InvalidInput(fault.Field{Name: "unit_code", Key: "case.unit.conflict",
			Args: map[string]any{"Unit": u.Name.In(i18n.Lang(ch.c.Locale))}})
	}
	receives, err := ch.s.receives(ctx, ch.c, u)
	if err != nil {
		return err
	}
	if !receives {
		return fault.InvalidInput(fault.Field{Name: "unit_code", Key: "case.whistle.unit", Args: map[string]any{"Unit": u.Name.In(i18n.Lang(ch.c.Locale))}})
	}
	if err := ch.shareWith(ctx, u); err != nil {
		return err
	}
	before := ch.c.UnitID
	ch.c.UnitID, ch.c.HandlerID, ch.unitID, ch.moved = u.ID, nil, u.ID, u
	ch.c.DispatchedAt, ch.c.SignedInAt = &ch.now, nil
	ch.data["unit"] = u.Code
	ch.note("unit", unitCode(ch.snap, before), u.Code)
	return nil
}

// conflict says whether the unit is complained about, or stands under one that
// is. A complaint about the government as a whole must be handled inside it.
func (s *Service) conflict(ctx context.Context, c *Case, snap *catalogue.Snapshot, u *catalogue.Unit) (bool, error) {
	var ids []string
	err := s.DB.From(ctx).Raw("SELECT unit_id FROM case_parties WHERE case_id = ? AND role = 'subject' AND unit_id IS NOT NULL", c.ID).Scan(&ids).Error
	if err != nil {
		return false, err
	}
	for _, id := range ids {
		subject, err := snap.Unit(id)
		if err != nil {
			return false, err
		}
		if u.ID == subject.ID || subject.ParentID != nil && u.Within(subject) {
			return true, nil
		}
	}
	return false, nil
}

func unitCode(snap *catalogue.Snapshot, id string) string {
	if u, err := snap.Unit(id); err == nil {
		return u.Code
	}
	return ""
}

// SignIn confirms that the unit has got the case.
type SignIn struct{}

// Action names the act.
func (SignIn) Action() Action { return ActSignIn }

// Validate has nothing to check.
func (SignIn) Validate() error { return nil }

func (SignIn) apply(_ context.Context, ch *change) error {
	ch.c.SignedInAt = &ch.now
	return nil
}

// ReturnReasons are the grounds on which a unit may send a case back.
var ReturnReasons = []string{"not_our_duty", "other_district", "duplicate", "unclear_place", "needs_lead"}

// Return sends a case back to the desk that dispatches, with the ground.
type Return struct {
	Reason      string
	Explanation string
}

// Action names the act.
func (Return) Action() Action { return ActReturn }

// Validate checks what was typed.
func (r Return) Validate() error {
	var c fault.Check
	c.That(contains(ReturnReasons, r.Reason), "reason", "case.reason.required")
	checkText(&c, "explanation", r.Explanation)
	return c.Err()
}

func (r Return) apply(ctx context.Context, ch *change) error {
	desk, err := ch.desk(ctx)
	if err != nil {
		return err
	}
	ch.c.ReturnedCount++
	ch.c.HandlerID, ch.c.SignedInAt = nil, nil
	ch.moved = desk
	ch.text, ch.reason = r.Explanation, r.Reason
	ch.data["reason"], ch.data["unit"] = r.Reason, unitCode(ch.snap, ch.c.UnitID)
	return nil
}

// desk is the intake desk, which classifies and dispatches; of a whistle-blower's
// case it is the body that received it.
func (ch *change) desk(ctx context.Context) (*catalogue.Unit, error) {
	if ch.c.Confidentiality == Whistle && ch.c.RouteUnitID != nil {
		return ch.snap.Unit(*ch.c.RouteUnitID)
	}
	if desks := ch.snap.WithDuty(catalogue.DutyIntake, ch.today); len(desks) > 0 {
		return desks[0], nil
	}
	if root := ch.snap.Root(); root != nil {
		return root, nil
	}
	return nil, fault.New(fault.Unavailable, "routing.nobody")
}

// Redispatch moves a case to another unit. It does not reset the citizen's clock.
type Redispatch struct {
	UnitCode string
	Note     string
}

// Action names the act.
func (Redispatch) Action() Action { return ActRedispatch }

// Validate checks what was typed.
func (r Redispatch) Validate() error {
	var c fault.Check
	c.That(r.UnitCode != "", "unit_code", "case.unit.required")
	checkText(&c, "note", r.Note)
	return c.Err()
}

func (r Redispatch) apply(ctx context.Context, ch *change) error {
	ch.text, ch.tell = r.Note, true
	return ch.handTo(ctx, r.UnitCode)
}

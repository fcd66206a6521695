package cases

import (
	"context"

	"minqing/internal/access"
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
	if code == "" && ch.c.ProposedID != nil {
		code = unitCode(ch.snap, *ch.c.ProposedID)
	}
	if code == "" && ch.c.RouteUnitID != nil {
		code = *ch.c.RouteUnitID
	}
	if ch.c.Objection != "" { // sent elsewhere, the unit that sent it back was right
		u, err := ch.snap.UnitOn(code, ch.today)
		ch.data["approved"], ch.data["reason"] = err == nil && u.ID != ch.c.UnitID, ch.c.ObjectionReason
		ch.settleObjection()
		ch.hear(HearDecided)
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
	bound := ch.c.bound()
	if bound {
		if err := ch.mayUnbind(ctx); err != nil {
			return err
		}
	}
	ch.text, ch.tell = r.Note, true
	if err := ch.handTo(ctx, r.UnitCode); err != nil {
		return err
	}
	if bound { // another unit is designated
		ch.c.BoundUnitID = &ch.c.UnitID
	}
	return nil
}

// mayUnbind says whether the actor may move a case from the unit that a superior
// designated: who may decide so may decide otherwise.
func (ch *change) mayUnbind(ctx context.Context) error {
	unit, err := ch.snap.Unit(ch.c.UnitID)
	if err != nil {
		return err
	}
	if up := ch.snap.Parent(unit); up != nil {
		unit = up
	}
	err = ch.s.Access.CanOn(ctx, access.CaseRuleObjection, access.Object{UnitPaths: []string{ch.c.pathAt(unit)}})
	if fault.KindOf(err) == fault.Forbidden && err != nil {
		return ch.refuse("case.redispatch.bound", ActRedispatch)
	}
	return err
}

package cases

import (
	"context"
	"fmt"

	"minqing/internal/access"
	"minqing/internal/catalogue"
	"minqing/internal/fault"
)

// Appeal asks the unit above to look at a concluded or declined case again, once
// for each result.
func (s *Service) Appeal(ctx context.Context, k Key, reason string) (*Case, error) {
	return s.citizenAct(ctx, k, appeal{reason: reason})
}

type appeal struct{ reason string }

func (appeal) Action() Action { return ActAppeal }

func (a appeal) Validate() error {
	var c fault.Check
	checkText(&c, "reason", a.reason)
	return c.Err()
}

func (a appeal) apply(ctx context.Context, ch *change) error {
	switch {
	case ch.c.Appealed:
		return fault.New(fault.Conflict, "case.appeal.again")
	case ch.c.AppealDeclined:
		return fault.New(fault.Conflict, "case.appeal.final")
	}
	if ch.from == Merged {
		ch.c.Appealed = true
		if err := ch.toLead(ctx, ActAppeal); err != nil {
			return err
		}
		return ch.say(ctx, "in", "message", a.reason, true)
	}
	above, err := ch.above(ctx)
	if err != nil {
		return err
	}
	ch.c.Appealed = true
	if ch.from == Archived {
		ch.to = Concluded // it is looked at again
	}
	ch.data["unit"] = above.Code
	if above.ID == ch.lead.UnitID {
		ch.leadDecides = true
	} else {
		ch.after = append(ch.after, func(ctx context.Context) error { return ch.supervise(ctx, above) })
	}
	return ch.say(ctx, "in", "message", a.reason, true)
}

// above is the unit over the one that has the case; over the root there is none,
// so that it decides itself. A unit that is complained about is passed over.
func (ch *change) above(ctx context.Context) (*catalogue.Unit, error) {
	has := ch.lead.UnitID
	if has == "" {
		has = ch.c.UnitID
	}
	unit, err := ch.snap.Unit(has)
	if err != nil {
		return nil, err
	}
	for up := ch.snap.Parent(unit); up != nil; up = ch.snap.Parent(up) {
		conflict, err := ch.s.conflict(ctx, ch.c, ch.snap, up)
		if err != nil {
			return nil, err
		}
		decides, err := ch.s.decides(ctx, ch.c, up)
		if err != nil {
			return nil, err
		}
		if !conflict && decides {
			return up, nil
		}
	}
	return unit, nil
}

// decides says whether an appeal may go to a unit: one about a whistle-blower's
// case only where somebody is appointed.
func (s *Service) decides(ctx context.Context, c *Case, u *catalogue.Unit) (bool, error) {
	if c.Confidentiality != Whistle {
		return true, nil
	}
	officers, err := s.Access.Holders(ctx, access.CaseDecideAppeal, c.pathAt(u))
	return len(officers) > 0, err
}

// supervise puts the case into the queue of a unit that does not have it.
func (ch *change) supervise(ctx context.Context, u *catalogue.Unit) error {
	tx := ch.s.DB.From(ctx)
	if err := tx.Exec("DELETE FROM case_units WHERE case_id = ? AND unit_id = ? AND role <> 'lead'", ch.c.ID, u.ID).Error; err != nil {
		return fmt.Errorf("prepare the superior's queue: %w", err)
	}
	row := unitRow(ch.c, u, "supervising", true)
	if err := tx.Exec(row.SQL, row.Args...).Error; err != nil {
		return fmt.Errorf("queue the appeal: %w", err)
	}
	return nil
}

// settleAppeal ends an appeal and takes the case out of the queue of the unit
// that it was made to. Nothing to settle is no error.
func (ch *change) settleAppeal() {
	if !ch.c.Appealed {
		return
	}
	ch.c.Appealed, ch.leadDecides = false, false
	ch.after = append(ch.after, func(ctx context.Context) error {
		err := ch.s.DB.From(ctx).Exec("UPDATE case_units SET open = ? WHERE case_id = ? AND role = 'supervising'", false, ch.c.ID).Error
		if err != nil {
			return fmt.Errorf("settle the appeal: %w", err)
		}
		return nil
	})
}

// DecideAppeal is what the unit above answers to an appeal. Upheld, the case is
// handled again, or received again when it was not accepted; declined, its
// result stands and cannot be appealed again. The person is told either way.
type DecideAppeal struct {
	Uphold bool
	Text   string // to the person: the grounds
}

// Action names the act.
func (DecideAppeal) Action() Action { return ActDecideAppeal }

// Validate checks what was typed.
func (a DecideAppeal) Validate() error {
	var c fault.Check
	checkText(&c, "text", a.Text)
	return c.Err()
}

func (a DecideAppeal) apply(ctx context.Context, ch *change) error {
	if !ch.c.Appealed {
		return fault.New(fault.Conflict, "case.appeal.none").With("Possible", without(ch.was.nowNames(), ActDecideAppeal))
	}
	if err := ch.s.mayDecide(ctx, ch.units); err != nil {
		return err
	}
	own := true
	if ch.c.MergedCount > 0 {
		var err error
		if own, err = ch.appealedItself(ctx); err != nil {
			return err
		}
	}
	ch.unitID = decider(ch.units).UnitID
	ch.settleAppeal()
	ch.data["upheld"] = a.Uphold
	if a.Uphold {
		ch.again()
		ch.to = Handling
		if ch.from == NotAccepted {
			ch.to = Submitted
		}
		if err := ch.promiseAgain(); err != nil {
			return err
		}
	} else {
		ch.c.AppealDeclined = own
	}
	ch.tell, ch.public = own, own || a.Uphold
	return ch.say(ctx, "out", "reply", a.Text, own)
}

// again takes back what was concluded; the next result may be appealed anew.
func (ch *change) again() {
	c := ch.c
	c.ReworkCount++
	c.ConcludedAt, c.ConcludedOn, c.Outcome, c.RepliedAt, c.AppealDeclined = nil, nil, "", nil, false
	c.unjudged()
}

// decider is the unit that an appeal was made to.
func decider(units []unitState) (u unitState) {
	for _, one := range units {
		switch {
		case one.Role == "supervising" && one.Open:
			return one
		case one.Role == "lead":
			u = one
		}
	}
	return u
}

// mayDecide says whether the actor may decide for the unit that the appeal was
// made to: a unit does not decide on an appeal against itself.
func (s *Service) mayDecide(ctx context.Context, units []unitState) error {
	err := s.Access.CanOn(ctx, access.CaseDecideAppeal, access.Object{UnitPaths: []string{decider(units).UnitPath}})
	if fault.KindOf(err) == fault.Forbidden && err != nil {
		return fault.New(fault.Forbidden, "case.appeal.above")
	}
	return err
}

// atLead says whether an appeal waits at the unit that has the case.
func atLead(c *Case, units []unitState) bool {
	return c.Appealed && c.Status != Merged && decider(units).Role == "lead"
}

package cases

import (
	"context"
	"fmt"

	"minqing/internal/calendar"
	"minqing/internal/catalogue"
	"minqing/internal/clocks"
	"minqing/internal/db"
)

// counting is the calendar by which the clocks of a case run: of the unit that
// it was routed to at its receipt. Another unit does not change the promise.
func (s *Service) counting(snap *catalogue.Snapshot, c *Case) (*calendar.Calendar, error) {
	unit, err := c.promised(snap)
	if err != nil {
		return nil, err
	}
	return s.Clocks.Of(snap, unit)
}

func (c *Case) promised(snap *catalogue.Snapshot) (*catalogue.Unit, error) {
	if c.RouteUnitID != nil {
		return snap.Unit(*c.RouteUnitID)
	}
	return snap.Unit(c.UnitID)
}

// clockRules are the settings in force for the clocks of a case.
func (c *Case) clockRules(snap *catalogue.Snapshot) catalogue.ClockRules {
	unit, err := snap.Unit(c.UnitID)
	if err != nil {
		unit = nil
	}
	return snap.ClockRules(unit, c.matterIn(snap))
}

func (c *Case) matterIn(snap *catalogue.Snapshot) *catalogue.Matter {
	if c.MatterID == nil {
		return nil
	}
	m, err := snap.Matter(*c.MatterID)
	if err != nil {
		return nil
	}
	return m
}

var readClocks = "SELECT " + clocks.Columns + " FROM case_clocks WHERE case_id = "

// conclusion is the citizen's clock as it stands. Cases of before there were
// rows for clocks get theirs now.
func (s *Service) conclusion(ctx context.Context, c *Case) (clocks.Clock, error) {
	var found []clocks.Clock
	err := s.DB.Together(ctx, db.Rows(&found, readClocks+"? AND kind = ? ORDER BY no DESC LIMIT 1", c.ID, clocks.Conclusion))
	if err != nil {
		return clocks.Clock{}, fmt.Errorf("read the clock of a case: %w", db.Fault(err, "", ""))
	}
	if len(found) > 0 {
		return found[0], nil
	}
	return clocks.Clock{CaseID: c.ID, Kind: clocks.Conclusion, No: 1, TimeLimit: c.HandlingLimit, CalendarVersion: c.CalendarVersion,
		StartedAt: c.ReceivedAt, DueAt: c.DueAt, State: clocks.Running}, nil
}

// tick stops, drops, starts and moves clocks as the act has changed the case.
func (s *Service) tick(ctx context.Context, ch *change) error {
	c, was := ch.c, &ch.was
	var stop, drop []clocks.Kind
	note := func(k clocks.Kind, now bool) {
		if now {
			stop = append(stop, k)
		}
	}
	note(clocks.Acceptance, was.Status == Submitted && c.Status != Submitted && c.Status != Withdrawn)
	note(clocks.SignIn, was.SignedInAt == nil && c.SignedInAt != nil)
	note(clocks.Contact, was.ContactedAt == nil && c.ContactedAt != nil)
	note(clocks.Conclusion, was.ConcludedAt == nil && c.ConcludedAt != nil)
	drop = ch.rectifyClocks(note)
	handed := ch.moved != nil && c.Status == Dispatched
	switch {
	case c.Status.Ended() && !was.Status.Ended():
		drop = clocks.Kinds
	case handed, was.Status == Dispatched && c.Status == Accepted:
		drop = append(drop, clocks.SignIn)
	}
	if err := ch.haltClocks(ctx, stop, drop); err != nil {
		return err
	}
	if handed {
		if err := ch.startClock(clocks.SignIn, ch.moved, s.Clocks.SignInLimit(ch.snap, ch.matter, c.Urgent, ch.today)); err != nil {
			return err
		}
	}
	if was.Status.Ended() && !c.Status.Ended() && !ch.restored {
		if err := ch.reopenClocks(ctx); err != nil {
			return err
		}
	}
	if ch.clock != nil {
		return ch.saveClock(ctx, *ch.clock)
	}
	return nil
}

func (ch *change) haltClocks(ctx context.Context, stop, drop []clocks.Kind) error {
	tx := ch.s.DB.From(ctx)
	if len(stop) > 0 {
		err := tx.Exec(`UPDATE case_clocks SET stopped_at = ?, warn_at = NULL, warn_level = 0, state = CASE WHEN due_at < ? THEN 'late' ELSE 'met' END
 WHERE case_id = ? AND kind IN ? AND state IN ('running', 'paused')`, ch.now, ch.now, ch.c.ID, stop).Error
		if err != nil {
			return fmt.Errorf("stop a clock: %w", err)
		}
	}
	if len(drop) > 0 {
		err := tx.Exec(`UPDATE case_clocks SET stopped_at = ?, warn_at = NULL, warn_level = 0, state = 'dropped'
 WHERE case_id = ? AND kind IN ? AND state IN ('running', 'paused')`, ch.now, ch.c.ID, drop).Error
		if err != nil {
			return fmt.Errorf("drop a clock: %w", err)
		}
	}
	return nil
}

// startClock starts the next clock of a kind, by the calendar of a unit.
func (ch *change) startClock(k clocks.Kind, unit *catalogue.Unit, l calendar.Limit) error {
	cal, err := ch.s.Clocks.Of(ch.snap, unit)
	if err != nil {
		return err
	}
	one := clocks.Begun(cal, ch.c.clockRules(ch.snap), k, l, ch.now)
	one.CaseID = ch.c.ID
	ch.stmts = append(ch.stmts, clocks.Next(one))
	return nil
}

// reopenClocks lets the citizen's clock run on where a result was taken back:
// its limit is the same as before. A case that was not accepted is decided on
// anew.
func (ch *change) reopenClocks(ctx context.Context) error {
	one, err := ch.s.conclusion(ctx, ch.c)
	if err != nil {
		return err
	}
	if !ch.fresh {
		one.State, one.StoppedAt = clocks.Running, nil
		ch.clock = &one
	}
	if ch.c.Status != Submitted {
		return nil
	}
	unit, err := ch.c.promised(ch.snap)
	if err != nil {
		return err
	}
	limit := clocks.Standard(ch.snap, catalogue.StdAcceptance, ch.today)
	if r := ch.c.clockRules(ch.snap); !r.Acceptance.IsZero() {
		limit = r.Acceptance
	}
	return ch.startClock(clocks.Acceptance, unit, limit)
}

// saveClock writes the citizen's clock as the act left it, its next warning too.
func (ch *change) saveClock(ctx context.Context, one clocks.Clock) error {
	if one.DueAt == nil && one.State == clocks.Running {
		return nil // nothing is promised
	}
	cal, err := ch.s.counting(ch.snap, ch.c)
	if err != nil {
		return err
	}
	one = clocks.Armed(cal, ch.c.clockRules(ch.snap), one, ch.now)
	res := ch.s.DB.From(ctx).Exec(`UPDATE case_clocks SET time_limit = ?, calendar_version = ?, started_at = ?, due_at = ?, state = ?, stopped_at = ?, pauses = ?,
 warn_at = ?, warn_level = ? WHERE case_id = ? AND kind = ? AND no = ?`, one.TimeLimit, one.CalendarVersion, one.StartedAt, one.DueAt, one.State, one.StoppedAt,
		one.Pauses, one.WarnAt, one.WarnLevel, one.CaseID, one.Kind, one.No)
	if res.Error != nil {
		return fmt.Errorf("change a clock: %w", res.Error)
	}
	if res.RowsAffected == 0 {
		ch.stmts = append(ch.stmts, clocks.Whole(one))
	}
	return nil
}

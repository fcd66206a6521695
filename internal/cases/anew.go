package cases

import (
	"context"
	"time"

	"minqing/internal/catalogue"
	"minqing/internal/clocks"
)

// correctionPause is why a clock stands still while the person corrects what was
// asked for. It is no reason of the catalogue: no act of staff begins or ends it.
const correctionPause = "correction"

// CorrectBy is until when asking for what is missing gives the case its whole limit
// anew once it has come; nil where its matter has no such rule, or it had that once
// (政府信息公开条例 art. 30: once, and within seven working days from the receipt).
func (s *Service) CorrectBy(ctx context.Context, c *Case) (*time.Time, error) {
	snap, err := s.Catalogue.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	by, _, err := s.correctBy(ctx, c, snap)
	return by, err
}

// correctBy is CorrectBy with the clock that would stand still.
func (s *Service) correctBy(ctx context.Context, c *Case, snap *catalogue.Snapshot) (*time.Time, clocks.Clock, error) {
	limit := c.clockRules(snap).Correction
	if limit.IsZero() || c.Track == catalogue.TrackPermit || c.MergedCount > 0 || c.DueAt == nil || c.DueFixed {
		return nil, clocks.Clock{}, nil
	}
	one, err := s.conclusion(ctx, c)
	if err != nil || one.No > 1 || one.State != clocks.Running { // it began anew already
		return nil, one, err
	}
	cal, err := s.counting(snap, c)
	if err != nil {
		return nil, one, err
	}
	by := cal.DueFast(c.ReceivedAt, limit, nil).Due
	return &by, one, nil
}

// AwaitsCorrection says that the clock of the case stands still for what the person was
// asked for: until it comes the case has no due time.
func (c *Case) AwaitsCorrection() bool { return c.Status == NeedInfo && c.stopped() }

// stopped says that the clock stands still without a suspension.
func (c *Case) stopped() bool {
	return c.DueAt == nil && c.SuspendedAt == nil && !c.HandlingLimit.IsZero()
}

// awaitCorrection lets the citizen's clock stand still where what is asked for will
// give the whole limit anew, or where the law of a permit stops it. More time that
// somebody asked for is settled with a limit that begins anew.
func (ch *change) awaitCorrection(ctx context.Context, stops bool) error {
	c := ch.c
	by, one, err := ch.s.correctBy(ctx, c, ch.snap)
	if err == nil && by == nil && stops && c.DueAt != nil {
		by = c.DueAt
		one, err = ch.s.conclusion(ctx, c)
	}
	if err != nil || by == nil || ch.now.After(*by) {
		return err
	}
	one = clocks.Await(one, correctionPause, ch.now)
	ch.clock = &one
	ch.data["stands"], ch.data["old_due"] = correctionPause, stamp(*c.DueAt)
	ch.note("due", stamp(*c.DueAt), "")
	if !stops {
		c.settleTime()
	}
	c.DueAt, c.DueOn, c.DueProvisional = nil, nil, false
	return nil
}

// corrected begins the limit anew with what the person was asked for, from today
// (art. 30). The clock that stood still stays as it was, with nothing owed on it. That of a
// permit runs on with what was left.
func (ch *change) corrected(ctx context.Context) error {
	if !ch.was.stopped() {
		return nil
	}
	one, err := ch.s.conclusion(ctx, ch.c)
	if err != nil {
		return err
	}
	p := one.Pauses.Open()
	if p == nil || p.Type != correctionPause {
		return nil
	}
	before := p.Before
	if ch.c.Track == catalogue.TrackPermit {
		return ch.runOn(one, before)
	}
	one = one.Drop(ch.now)
	ch.clock = &one
	if err := ch.promiseAnew(); err != nil {
		return err
	}
	ch.data["old_due"], ch.data["anew"] = stamp(before), true
	return nil
}

// runOn lets a clock that stood still count what remained of its limit.
func (ch *change) runOn(one clocks.Clock, before time.Time) error {
	cal, err := ch.s.counting(ch.snap, ch.c)
	if err != nil {
		return err
	}
	one, due := clocks.Resume(cal, one, ch.now)
	ch.clock = &one
	ch.data["old_due"], ch.data["new_due"] = stamp(before), stamp(due.Due)
	ch.note("due", "", stamp(due.Due))
	ch.c.dueIs(due)
	return nil
}

// promiseAgain gives a case that stood still when it ended its limit anew, now that it
// is taken up again.
func (ch *change) promiseAgain() error {
	if c := ch.c; c.DueAt != nil || c.HandlingLimit.IsZero() {
		return nil
	}
	return ch.promiseAnew()
}

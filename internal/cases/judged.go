package cases

import (
	"context"
	"fmt"

	"minqing/internal/calendar"
	"minqing/internal/catalogue"
	"minqing/internal/clocks"
	"minqing/internal/fault"
)

// BadMost is the highest grade that is a bad review (差評): dissatisfied.
const BadMost = 2

// Judged is what the person said of the newest result, as the case keeps it.
type Judged struct {
	Grade    int
	Resolved string
	Comment  string
	Round    int  // 2: of what was mended after a bad review
	Rung     bool // said to somebody who rang about the result
}

// Rounds are how often a result is judged: once, and once more after mending.
const Rounds = 2

// Judging is the round in which the newest result may be judged now; 0 when
// nobody is asked: it is not over, was judged, or was not mended yet.
func (c *Case) Judging() int {
	switch {
	case !c.Status.Ended() || c.FrozenAt != nil || c.Status == Merged && c.ConcludedAt == nil || c.ParentID != nil:
		return 0
	case c.Grade == 0:
		return 1
	case c.Rectify == Mended:
		return Rounds
	}
	return 0
}

// unjudged forgets how an earlier result was judged: the next one is judged anew.
func (c *Case) unjudged() { c.Grade, c.Rectify, c.RectifyDueAt = 0, "", nil }

// Judge notes a judgement in the story of the case, inside the open transaction
// of whoever stores it. A bad one is work: the unit has to speak with the person
// within the limit of a callback.
func (s *Service) Judge(ctx context.Context, caseID string, j Judged) error {
	c, err := s.ByID(ctx, caseID)
	if err != nil {
		return err
	}
	units, err := s.unitsOf(ctx, c.ID)
	if err != nil {
		return err
	}
	return s.transit(c.Confidentiality.For(ctx), c, units, byAction[ActEvaluate], judge{j})
}

type judge struct{ Judged }

func (judge) Action() Action { return ActEvaluate }

func (judge) Validate() error { return nil } // whoever stores it has looked at it

func (j judge) apply(ctx context.Context, ch *change) error {
	if ch.c.Judging() != j.Round {
		return fault.New(fault.Conflict, "satisfaction.used")
	}
	ch.text, ch.data["grade"], ch.data["resolved"] = j.Comment, j.Grade, j.Resolved
	ch.note("grade", "", fmt.Sprint(j.Grade))
	ch.note("resolved", "", j.Resolved)
	if j.Rung {
		ch.data["rung"] = true
		ch.note("rung", "", "true")
	}
	if j.Round > 1 {
		ch.data["round"] = j.Round
		ch.c.Rectify = Settled
		return nil
	}
	ch.c.Grade = int64(j.Grade)
	if j.Grade > BadMost {
		return nil
	}
	ch.hear(HearBadReview)
	return ch.owe(ToContact, clocks.Callback, clocks.Standard(ch.snap, catalogue.StdCallback, ch.today))
}

// owe sets what the unit has to do next about a bad review, and until when.
func (ch *change) owe(next Rectifying, clock clocks.Kind, l calendar.Limit) error {
	unit, err := ch.snap.Unit(ch.leadUnit())
	if err != nil {
		return err
	}
	cal, err := ch.s.Clocks.Of(ch.snap, unit)
	if err != nil {
		return err
	}
	due := cal.DueFast(ch.now, l, nil).Due
	ch.c.Rectify, ch.c.RectifyDueAt = next, &due
	ch.data["new_due"] = stamp(due)
	return ch.startClock(clock, unit, l)
}

func (ch *change) leadUnit() string {
	if ch.lead.UnitID != "" {
		return ch.lead.UnitID
	}
	return ch.c.UnitID
}

// WhenExcluded has f called, in the transaction, when a judgement is found not
// to count: conclusion no of the case.
func (s *Service) WhenExcluded(f func(ctx context.Context, caseID string, no int64) error) {
	s.excluded = f
}

// rectifyClocks stops and drops the clocks of a bad review as the act has moved it.
func (ch *change) rectifyClocks(note func(k clocks.Kind, now bool)) (drop []clocks.Kind) {
	was, is := ch.was.Rectify, ch.c.Rectify
	if was == is {
		return nil
	}
	note(clocks.Callback, was == ToContact && is == ToMend)
	note(clocks.Rectification, was == ToMend && is == Mended)
	if is == Excluded || is == "" {
		return []clocks.Kind{clocks.Callback, clocks.Rectification}
	}
	return nil
}

package cases

import (
	"context"

	"minqing/internal/calendar"
	"minqing/internal/catalogue"
	"minqing/internal/clocks"
	"minqing/internal/fault"
)

// Reopen takes up a case again that is over, because of new facts. The person
// gets a new promise; the old clock stays with what became of it.
type Reopen struct {
	Reason string // the new facts
}

// Action names the act.
func (Reopen) Action() Action { return ActReopen }

// Validate checks what was typed.
func (r Reopen) Validate() error {
	var c fault.Check
	checkText(&c, "reason", r.Reason)
	return c.Err()
}

func (r Reopen) apply(ctx context.Context, ch *change) error {
	c := ch.c
	ch.settleAppeal()
	c.ReopenedCount++
	c.ConcludedAt, c.ConcludedOn, c.Outcome, c.RepliedAt = nil, nil, "", nil
	c.AppealDeclined, c.ResumeStatus = false, ""
	c.unjudged()
	ch.to = Submitted
	if c.SignedInAt != nil { // a unit has had it in hand
		ch.to = Handling
	} else if c.DispatchedAt != nil {
		desk, err := ch.desk(ctx)
		if err != nil {
			return err
		}
		ch.moved, c.DispatchedAt = desk, nil
	}
	ch.data["count"] = c.ReopenedCount
	ch.text, ch.tell = r.Reason, true
	ch.note("reopened", "", string(ch.to))
	return ch.promiseAnew()
}

// promiseAnew starts another conclusion clock, from now on, with the limit that
// the case has.
func (ch *change) promiseAnew() error {
	c := ch.c
	limit := c.HandlingLimit
	switch m := ch.matter; {
	case c.Urgent:
		limit = clocks.Standard(ch.snap, catalogue.StdUrgent, ch.today)
	case m != nil && !m.HandlingLimit.IsZero():
		limit = m.HandlingLimit
	case limit.IsZero():
		limit = clocks.Standard(ch.snap, catalogue.StdConclusion, ch.today)
	}
	cal, err := ch.s.counting(ch.snap, c)
	if err != nil {
		return err
	}
	before := ""
	if c.DueAt != nil {
		before = stamp(*c.DueAt)
		ch.data["old_due"] = before
	}
	due := cal.Due(ch.now, limit, nil)
	one := clocks.Begun(cal, c.clockRules(ch.snap), clocks.Conclusion, limit, ch.now)
	one.CaseID = c.ID
	ch.stmts = append(ch.stmts, clocks.Next(one))
	c.HandlingLimit, c.DueFixed, c.ExtensionCount = limit, false, 0
	c.dueIs(due)
	ch.data["new_due"] = stamp(due.Due)
	ch.note("due", before, stamp(due.Due))
	ch.fresh = true
	return nil
}

// archiveLimit is after how long a concluded case is archived.
func (c *Case) archiveLimit(ch *change) calendar.Limit {
	if r := c.clockRules(ch.snap); !r.Archive.IsZero() {
		return r.Archive
	}
	return clocks.Standard(ch.snap, catalogue.StdArchive, ch.today)
}

package cases

import (
	"context"
	"time"

	"minqing/internal/calendar"
	"minqing/internal/catalogue"
	"minqing/internal/clocks"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/text"
)

// suspendMost is how many days ahead a suspension may be expected to end.
const suspendMost = 730

// Suspend lets the citizen's clock stand still for a reason that the law knows.
// The person gets a written notice, and reads on the page of the case why it
// stands still and until when.
type Suspend struct {
	Type   string // code of a type of the catalogue
	Ground string // in law; empty: the type's own
	Until  string // the expected end, as 2026-11-24; empty: what the type usually takes
	Notice string // to the person
	Note   string // stays inside
}

// Action names the act.
func (Suspend) Action() Action { return ActSuspend }

// Validate checks what was typed.
func (a Suspend) Validate() error {
	var c fault.Check
	c.That(a.Type != "", "reason", "case.reason.required")
	_, err := calendar.ParseDate(a.Until)
	c.That(a.Until != "" || a.Type != "", "until", "case.suspend.until.required")
	c.That(a.Until == "" || err == nil, "until", "case.suspend.until.invalid")
	checkLength(&c, "ground", a.Ground)
	checkLength(&c, "text", a.Notice)
	checkNote(&c, a.Note, false)
	return c.Err()
}

func (a Suspend) apply(ctx context.Context, ch *change) error {
	c := ch.c
	switch {
	case c.DueAt == nil:
		return ch.refuse("case.suspend.no_limit", ActSuspend)
	case ch.now.After(*c.DueAt):
		return ch.refuse("case.suspend.overdue", ActSuspend)
	}
	until, err := a.check(ch)
	if err != nil {
		return err
	}
	one, err := ch.s.conclusion(ctx, c)
	if err != nil {
		return err
	}
	one = clocks.Suspend(one, a.Type, ch.now, until)
	ch.clock = &one
	ch.data["old_due"], ch.data["until"], ch.data["reason"] = stamp(*c.DueAt), until.String(), a.Type
	ch.note("due", stamp(*c.DueAt), "")
	ch.note("suspension", "", a.Type)
	c.SuspendedAt, c.SuspendedUntil, c.Suspension = &ch.now, &until, a.Type
	c.DueAt, c.DueOn, c.DueProvisional = nil, nil, false
	ch.text, ch.reason, ch.tell = a.said(ch), a.Type, true
	if text.Lines(a.Notice) == "" {
		return nil
	}
	ch.contacted()
	return ch.say(ctx, "out", "message", a.Notice, true)
}

// check looks at what depends on the catalogue and on the day.
func (a Suspend) check(ch *change) (calendar.Date, error) {
	var c fault.Check
	t, err := ch.snap.Suspension(a.Type)
	known := err == nil && t.On(ch.today)
	c.That(known, "reason", "case.reason.required")
	c.That(!known || t.Fits(ch.matter), "reason", "case.suspend.matter")
	c.That(!known || text.Lines(a.Ground) != "" || !t.Ground.Empty(), "ground", "case.suspend.ground.required")
	cal, err := ch.s.counting(ch.snap, ch.c)
	if err != nil {
		return 0, err
	}
	until, said := calendar.Date(0), a.Until != ""
	if said {
		until, _ = calendar.ParseDate(a.Until) // Validate has looked at it
	} else if known {
		until, said = t.Expected(ch.today, cal)
	}
	c.That(said, "until", "case.suspend.until.required")
	c.That(!said || until > ch.today, "until", "case.suspend.until.past")
	c.That(!said || until <= ch.today.Add(suspendMost), "until", "case.suspend.until.far", "Days", suspendMost)
	if known {
		c.That(text.Lines(a.Notice) != "" || !t.Notice, "text", "case.text.required")
		if most, bound := t.Last(ch.today, cal); bound {
			c.That(until <= most, "until", "case.suspend.until.longest", "Day", most.String())
		}
	}
	return until, c.Err()
}

// Expected is the day on which a suspension of the case that begins now ends by what
// the reason usually takes; nil where nothing says.
func (s *Service) Expected(ctx context.Context, c *Case, t *catalogue.SuspensionType) (*calendar.Date, error) {
	snap, err := s.Catalogue.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	cal, err := s.counting(snap, c)
	if err != nil {
		return nil, err
	}
	on, known := t.Expected(cal.ReceivedOn(s.Now()), cal)
	if !known {
		return nil, nil //nolint:nilnil // whoever suspends has to say
	}
	return &on, nil
}

// said is what the story keeps inside: the ground, and the note below it.
func (a Suspend) said(ch *change) string {
	ground := text.Lines(a.Ground)
	if ground == "" {
		if t, err := ch.snap.Suspension(a.Type); err == nil {
			ground = t.Ground.In(i18n.Lang(ch.c.Locale))
		}
	}
	if note := text.Lines(a.Note); note != "" {
		return ground + "\n\n" + note
	}
	return ground
}

// Resume lets the clock run on: what remained of the limit counts from the day
// after.
type Resume struct {
	Note string // stays inside
}

// Action names the act.
func (Resume) Action() Action { return ActResume }

// Validate checks what was typed.
func (r Resume) Validate() error {
	var c fault.Check
	checkNote(&c, r.Note, false)
	return c.Err()
}

func (r Resume) apply(ctx context.Context, ch *change) error {
	c := ch.c
	one, err := ch.s.conclusion(ctx, c)
	if err != nil {
		return err
	}
	cal, err := ch.s.counting(ch.snap, c)
	if err != nil {
		return err
	}
	if limit := ch.limitNow(one, cal); limit != one.TimeLimit { // it was set otherwise meanwhile
		ch.note("limit", one.TimeLimit.String(), limit.String())
		ch.data["limit"] = limit.String()
		one.TimeLimit, c.HandlingLimit = limit, limit
	}
	one, due := clocks.Resume(cal, one, ch.now)
	if one.DueAt == nil {
		return fault.New(fault.Conflict, "case.changed")
	}
	ch.clock = &one
	ch.data["old_due"], ch.data["new_due"] = stamp(one.Pauses[len(one.Pauses)-1].Before), stamp(due.Due)
	ch.note("due", "", stamp(due.Due))
	ch.note("suspension", c.Suspension, "")
	c.SuspendedAt, c.SuspendedUntil, c.Suspension = nil, nil, ""
	c.dueIs(due)
	ch.text, ch.tell = r.Note, true
	return nil
}

// dueIs sets the due time of a case to what was counted.
func (c *Case) dueIs(r calendar.Result) {
	due, on := r.Due, r.On
	c.DueAt, c.DueOn, c.DueProvisional = &due, &on, r.Provisional
	if r.CalendarVersion != "" {
		c.CalendarVersion = r.CalendarVersion
	}
}

// stamp writes an instant for events and the audit trail.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// refuse says that an act is not possible now, and which are.
func (ch *change) refuse(key string, a Action) error {
	return fault.New(fault.Conflict, key).With("Possible", without(ch.was.nowNames(), a))
}

package cases

import (
	"context"
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

// extensionsDefault is how often a limit may be extended where nobody says:
// once (Beijing 2021; Taiwan, Administrative Procedure Act art. 51).
const extensionsDefault = 1

// RequestExtension asks for more time, before the limit is over.
type RequestExtension struct {
	Days   string // as typed: how many of what the limit counts
	Ground string // in law, and why
}

// Action names the act.
func (RequestExtension) Action() Action { return ActRequestExtension }

// Validate checks what was typed.
func (a RequestExtension) Validate() error {
	var c fault.Check
	n, err := strconv.Atoi(a.Days)
	c.That(a.Days != "", "days", "case.extension.days.required")
	c.That(a.Days == "" || err == nil && n > 0 && n < 10_000, "days", "case.extension.days.invalid")
	checkText(&c, "ground", a.Ground)
	return c.Err()
}

func (a RequestExtension) apply(ctx context.Context, ch *change) error {
	c := ch.c
	switch {
	case c.DueAt == nil:
		return ch.refuse("case.suspend.no_limit", ActRequestExtension)
	case c.ExtensionCount >= int64(c.extensions(ch.snap)):
		return ch.refuse("case.extension.used", ActRequestExtension)
	}
	n, _ := strconv.Atoi(a.Days) // Validate has looked at it
	most, until, err := ch.s.Extendable(ctx, c)
	if err != nil {
		return err
	}
	if ch.now.After(until) {
		return ch.refuse("case.extension.late", ActRequestExtension)
	}
	by, err := calendar.NewLimit(n, most.Unit())
	if err != nil || n > most.Number() {
		return fault.InvalidInput(fault.Field{Name: "days", Key: "case.extension.days.most", Args: map[string]any{"Max": most.Number()}})
	}
	who := actor.From(ctx)
	c.ExtensionAsked, c.ExtensionByID, c.ExtensionAsID = by, db.Ref(who.AccountID), db.Ref(who.AsAccountID)
	ch.data["by"], ch.data["old_due"] = by.String(), stamp(*c.DueAt)
	ch.text, ch.reason = a.Ground, "extension"
	ch.note("extension", "", by.String())
	ch.hear(HearExtension)
	return nil
}

// extensions is how often the limit of the case may be extended.
func (c *Case) extensions(snap *catalogue.Snapshot) int {
	if r := c.clockRules(snap); r.Extensions != nil {
		return *r.Extensions
	}
	return extensionsDefault
}

// Extendable is by how much at most the limit of a case may be extended, and until
// when that may be asked for: what its track says, else what the rules say, else as
// much again, until the case is due. A due time without a limit moves by working days.
func (s *Service) Extendable(ctx context.Context, c *Case) (most calendar.Limit, until time.Time, err error) {
	snap, err := s.Catalogue.Snapshot(ctx)
	if err != nil {
		return most, until, err
	}
	if g := s.guards[c.Track]; g != nil {
		if most, until, err = g.Extendable(ctx, c); err != nil || !most.IsZero() {
			return most, until, err
		}
	}
	if c.DueAt != nil {
		until = *c.DueAt
	}
	most = c.HandlingLimit
	if most.IsZero() {
		most = clocks.Standard(snap, catalogue.StdConclusion, c.ReceivedOn)
	}
	if r := c.clockRules(snap).ExtensionMost; r.Unit() == most.Unit() {
		most = r
	}
	return most, until, nil
}

// extendedBy is what allows an extension of the case, and of which unit.
func (s *Service) extendedBy(ctx context.Context, c *Case, leadPath string) (v access.Verb, unitPath string, err error) {
	if g := s.guards[c.Track]; g != nil {
		if v, unitPath, err = g.ExtendedBy(ctx, c); err != nil || v != "" {
			return v, unitPath, err
		}
	}
	return access.CaseDecideExtension, leadPath, nil
}

// ExtendedAbove says that not the head of the unit but somebody above allows an extension.
func (s *Service) ExtendedAbove(ctx context.Context, c *Case) (bool, error) {
	v, _, err := s.extendedBy(ctx, c, "")
	return v != access.CaseDecideExtension, err
}

// MayExtend says whether somebody who decides on extensions of the case may allow one:
// of what several authorities handle together the head of the government alone, while
// others can refuse it.
func (s *Service) MayExtend(ctx context.Context, c *Case) error {
	v, unitPath, err := s.extendedBy(ctx, c, "")
	if err != nil || v == access.CaseDecideExtension {
		return err
	}
	err = s.Access.CanOn(ctx, v, access.Object{UnitPaths: []string{unitPath}})
	if fault.KindOf(err) == fault.Forbidden && err != nil {
		return fault.New(fault.Forbidden, "case.extension.government")
	}
	return err
}

// DecideExtension is what the head answers to who asked for more time. Allowed,
// the limit is longer and the person hears why; refused, the due time stays.
type DecideExtension struct {
	Approve bool
	Text    string // allowed: to the person, why it takes longer; refused: to who asked
}

// Action names the act.
func (DecideExtension) Action() Action { return ActDecideExtension }

// Validate checks what was typed.
func (d DecideExtension) Validate() error {
	var c fault.Check
	checkText(&c, "text", d.Text)
	return c.Err()
}

func (d DecideExtension) apply(ctx context.Context, ch *change) error {
	c := ch.c
	if c.askedBy(actor.From(ctx)) {
		return fault.New(fault.Forbidden, "case.extension.own")
	}
	by := c.ExtensionAsked
	if d.Approve && c.SuspendedAt != nil && c.HandlingLimit.IsZero() {
		return ch.refuse("case.suspend.resume_first", ActDecideExtension)
	}
	c.ExtensionAsked, c.ExtensionByID, c.ExtensionAsID = calendar.Limit{}, nil, nil
	ch.data["approved"], ch.data["by"] = d.Approve, by.String()
	if c.DueAt != nil {
		ch.data["old_due"], ch.data["new_due"] = stamp(*c.DueAt), stamp(*c.DueAt)
	}
	if !d.Approve {
		ch.public, ch.text = false, d.Text
		ch.note("extension", by.String(), "refused")
		return nil
	}
	if err := ch.s.MayExtend(ctx, c); err != nil {
		return err
	}
	_, until, err := ch.s.Extendable(ctx, c)
	if err != nil {
		return err
	}
	if c.DueAt != nil && ch.now.After(until) {
		return ch.refuse("case.extension.over", "")
	}
	one, err := ch.s.conclusion(ctx, c)
	if err != nil {
		return err
	}
	cal, err := ch.s.counting(ch.snap, c)
	if err != nil {
		return err
	}
	one, due, err := clocks.Extend(cal, one, by)
	if err != nil {
		return fault.New(fault.Conflict, "case.changed").Because(err)
	}
	ch.clock = &one
	ch.note("extension", by.String(), "allowed")
	ch.note("limit", c.HandlingLimit.String(), one.TimeLimit.String())
	c.HandlingLimit = one.TimeLimit
	c.ExtensionCount++
	if c.DueAt != nil { // else the longer limit counts once the clock runs again
		ch.note("due", stamp(*c.DueAt), stamp(due.Due))
		ch.data["new_due"] = stamp(due.Due)
		c.dueIs(due)
	}
	ch.tell = true
	ch.contacted()
	return ch.say(ctx, "out", "message", d.Text, true)
}

// askedBy says whether the actor asked for the extension, as themselves or for
// somebody who was absent.
func (c *Case) askedBy(a actor.Actor) bool {
	return a.Is(c.ExtensionByID, c.ExtensionAsID)
}

package app

import (
	"context"
	"slices"

	"minqing/internal/access"
	"minqing/internal/calendar"
	"minqing/internal/constituents"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/notify"
	"minqing/internal/register"
)

// holding tells messages what happened to permits.
type holding struct{ a *App }

// PermitFacts names the permit, and what happened to it in a sentence.
func (h holding) PermitFacts(ctx context.Context, eventID string, l i18n.Lang) (notify.PermitFacts, error) {
	e, p, err := h.a.Register.Event(ctx, eventID)
	if err != nil {
		return notify.PermitFacts{}, err
	}
	f := i18n.Format{Lang: l}
	args := i18n.Args{"Day": f.Date(e.OnDay.UTC()), "Until": ""}
	if p.ValidUntil != nil {
		args["Until"] = f.Date(p.ValidUntil.UTC())
	}
	says := h.a.Bundle.T(l, "held.event."+string(e.Act), args)
	if e.Ground != "" {
		says += "\n" + h.a.Bundle.T(l, "held.ground.because", i18n.Args{"Ground": h.a.Bundle.T(l, "held.ground."+e.Ground, nil)})
	}
	return notify.PermitFacts{Title: p.TypeName.In(l) + " " + p.PermitNo, Says: says, LinkPath: "/me/permits/" + p.PermitNo}, nil
}

// tellHolder lets the holder know what was done to a permit: a person themselves, an
// enterprise at its own address, and those who lead it at theirs.
func (a *App) tellHolder(ctx context.Context, t register.Telling) error {
	kind := notify.PermitMoved
	switch t.Event.Act {
	case register.Issued:
		if t.Event.Ground != register.GroundSilence {
			return nil // the message of the decision has told the holder
		}
	case register.Alarmed:
		return a.alarmHead(ctx, t)
	case register.Noticed:
		kind = notify.PermitEnding
	}
	if replaced, err := a.Register.Replaced(ctx, &t.Permit); err != nil || replaced {
		return err // what took its place was told of
	}
	who, err := a.Constituents.Head(ctx, t.Permit.HolderID)
	if fault.KindOf(err) == fault.NotFound && err != nil {
		return nil // erased since
	}
	if err != nil {
		return err
	}
	to := []string{who}
	if t.Permit.HolderKind == constituents.Enterprise {
		leaders, err := a.Enterprises.Leaders(ctx, who)
		if err != nil {
			return err
		}
		to = append(to, leaders...)
	}
	for _, id := range to {
		err := a.Notify.Tell(ctx, notify.Telling{Kind: kind, To: notify.Recipient{ConstituentID: id}, About: t.Event.ID, Cause: t.Event.ID})
		if err != nil {
			return err
		}
	}
	return nil
}

// alarmHead warns who leads the unit, or else supervises it, and who handles the
// application, that silence is about to renew a permit.
func (a *App) alarmHead(ctx context.Context, t register.Telling) error {
	waits, err := a.Permits.Waits(ctx, t.Permit.PermitNo)
	if err != nil || waits == nil || waits.CaseID == nil {
		return err // it was decided meanwhile
	}
	who, err := a.Access.Nearest(ctx, access.PermitRevoke, t.Permit.UnitPath)
	if err == nil && len(who) == 0 {
		who, err = a.Access.NearestIn(ctx, t.Permit.UnitPath, "supervisor")
	}
	if err != nil {
		return err
	}
	if c, err := a.Cases.ByID(ctx, *waits.CaseID); err == nil && c.HandlerID != nil && !slices.Contains(who, *c.HandlerID) {
		who = append(who, *c.HandlerID)
	}
	for _, account := range who {
		err := a.Notify.Tell(ctx, notify.Telling{Kind: notify.PermitAlarm, To: notify.Recipient{AccountID: account}, CaseID: *waits.CaseID, Cause: t.Event.ID})
		if err != nil {
			return err
		}
	}
	return nil
}

// calendarOf is by which a unit counts working days.
func (a *App) calendarOf(ctx context.Context, unitID string) (*calendar.Calendar, error) {
	snap, err := a.Catalogue.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	u, err := snap.Unit(unitID)
	if err != nil {
		return nil, err
	}
	return a.Clocks.Of(snap, u)
}

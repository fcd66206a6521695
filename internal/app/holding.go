package app

import (
	"context"
	"slices"

	"minqing/internal/access"
	"minqing/internal/calendar"
	"minqing/internal/i18n"
	"minqing/internal/nextstep"
	"minqing/internal/notify"
	"minqing/internal/outreach/offers"
	"minqing/internal/register"
	"minqing/internal/web"
	"minqing/internal/web/desk"
	"minqing/internal/web/portal"
)

// holding tells messages what happened to permits.
type holding struct{ a *App }

// PermitFacts name the permits, and what happened to them in a sentence.
func (h holding) PermitFacts(ctx context.Context, eventIDs []string, l i18n.Lang) (map[string]notify.PermitFacts, error) {
	list, permits, err := h.a.Register.Events(ctx, eventIDs)
	if err != nil {
		return nil, err
	}
	out := make(map[string]notify.PermitFacts, len(list))
	for i := range list {
		if p := permits[list[i].PermitID]; p != nil {
			out[list[i].ID] = h.facts(ctx, &list[i], p, l)
		}
	}
	return out, nil
}

// ends is what silence means for a permit that is about to end, by the law of its type.
func (h holding) ends(ctx context.Context, p *register.Permit) string {
	if t, err := h.a.PermitTypes.Type(ctx, p.TypeCode); err == nil && t.OfTaiwan() {
		return "held.notice.tw"
	}
	return "held.notice"
}

func (h holding) facts(ctx context.Context, e *register.Event, p *register.Permit, l i18n.Lang) notify.PermitFacts {
	f := i18n.Format{Lang: l}
	args := i18n.Args{"Until": ""}
	if p.ValidUntil != nil {
		args["Until"] = f.Date(p.ValidUntil.UTC())
	}
	says := h.a.Bundle.T(l, "held.event.line", i18n.Args{"Day": f.Date(e.OnDay.UTC()), "What": h.a.Bundle.T(l, "held.event."+string(e.Act), args)})
	if e.Act == register.Noticed {
		says += "\n" + h.a.Bundle.T(l, h.ends(ctx, p), nil)
	}
	if e.Ground != "" {
		says += "\n" + h.a.Bundle.T(l, "held.ground.because", i18n.Args{"Ground": h.a.Bundle.T(l, "held.ground."+e.Ground, nil)})
	}
	return notify.PermitFacts{Title: p.TypeName.In(l) + " " + p.PermitNo, Says: says, LinkPath: "/me/permits/" + p.PermitNo}
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
	case register.Stalled:
		if err := a.warnOfStalled(ctx, t, notify.RenewalStalled); err != nil {
			return err
		}
		kind = notify.RenewalOwed
	case register.Ended:
		if t.Event.Ground == register.GroundUncorrected {
			if err := a.warnOfStalled(ctx, t, notify.RenewalLapsed); err != nil {
				return err
			}
		}
	case register.Noticed:
		kind = notify.PermitEnding
	}
	if replaced, err := a.Register.Replaced(ctx, &t.Permit); err != nil || replaced {
		return err // what took its place was told of
	}
	return a.tellHolders(ctx, notify.Telling{Kind: kind, About: t.Event.ID, Cause: t.Event.ID, ByItself: t.Event.ByItself()}, t.Permit.HolderID, t.Permit.HolderKind)
}

// alarmHead warns the unit that silence is about to renew a permit.
func (a *App) alarmHead(ctx context.Context, t register.Telling) error {
	waits, err := a.Permits.Waits(ctx, t.Permit.PermitNo)
	if err != nil || waits == nil || waits.CaseID == nil {
		return err // it was decided meanwhile
	}
	signers, err := a.signers(ctx, *waits.CaseID)
	if err != nil {
		return err
	}
	return a.warnUnit(ctx, t, *waits.CaseID, notify.PermitAlarm, signers...)
}

// signers are those who can make a decision of a draft in time: who may sign at the unit
// that handles the case, and who wrote the draft or has signed it.
func (a *App) signers(ctx context.Context, caseID string) ([]string, error) {
	c, err := a.Cases.ByID(ctx, caseID)
	if err != nil {
		return nil, err
	}
	snap, err := a.Catalogue.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	u, err := snap.Unit(c.UnitID)
	if err != nil {
		return nil, err
	}
	who, err := a.Access.Nearest(ctx, access.CaseReviewReply, u.Path)
	if err != nil {
		return nil, err
	}
	hands, err := a.Permits.Hands(ctx, caseID)
	return append(who, hands...), err
}

// warnOfStalled warns the unit of a renewal that its applicant keeps from being accepted.
func (a *App) warnOfStalled(ctx context.Context, t register.Telling, kind notify.Kind) error {
	owes, err := a.Permits.Owed(ctx, t.Permit.PermitNo)
	if err != nil || owes == nil || owes.CaseID == nil {
		return err // it was corrected meanwhile
	}
	return a.warnUnit(ctx, t, *owes.CaseID, kind)
}

// warnUnit tells who leads the unit of a permit, or else supervises it, who handles the
// application, and others, each once.
func (a *App) warnUnit(ctx context.Context, t register.Telling, caseID string, kind notify.Kind, others ...string) error {
	who, err := a.Access.Nearest(ctx, access.PermitRevoke, t.Permit.UnitPath)
	if err == nil && len(who) == 0 {
		who, err = a.Access.NearestIn(ctx, t.Permit.UnitPath, "supervisor")
	}
	if err != nil {
		return err
	}
	if c, err := a.Cases.ByID(ctx, caseID); err == nil && c.HandlerID != nil && !slices.Contains(who, *c.HandlerID) {
		who = append(who, *c.HandlerID)
	}
	for _, account := range others {
		if !slices.Contains(who, account) {
			who = append(who, account)
		}
	}
	for _, account := range who {
		err := a.Notify.Tell(ctx, notify.Telling{Kind: kind, To: notify.Recipient{AccountID: account}, CaseID: caseID, Cause: t.Event.ID, ByItself: t.Event.ByItself()})
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

// heldPages mounts what becomes of permits after they are issued.
func (a *App) heldPages(kit *web.Kit) {
	portal.RegisterHeld(portal.HeldDeps{Kit: kit, Permits: a.Permits, Register: a.Register, Catalogue: a.Catalogue, Name: a.signer, Waits: a.Fees.Holds, Duties: a.Duties})
	portal.RegisterThirdParty(portal.ThirdPartyDeps{Kit: kit, Permits: a.Permits, Catalogue: a.Catalogue})
	desk.RegisterHeld(desk.HeldDeps{Kit: kit, Register: a.Register, Permits: a.Permits, Types: a.PermitTypes, Catalogue: a.Catalogue, People: a.Identity, Duties: a.Duties})
}

// ending tells what people hold and what ends of it.
type ending struct{ a *App }

// Ending are the permits in force that end until a day.
func (e ending) Ending(ctx context.Context, constituentIDs []string, until calendar.Date) (list []nextstep.Ending, err error) {
	all, err := e.a.Register.OfHolder(ctx, constituentIDs)
	today := e.a.Register.Today()
	for i := range all {
		p := &all[i]
		stands := p.On(today)
		if p.ValidUntil == nil || *p.ValidUntil > until || stands != register.Valid && stands != register.Suspended {
			continue
		}
		if replaced, err := e.a.Register.Replaced(ctx, p); err != nil || replaced {
			if err != nil {
				return nil, err
			}
			continue // what comes after it is there already
		}
		list = append(list, nextstep.Ending{Title: p.TypeName, No: p.PermitNo, EndsOn: *p.ValidUntil, Href: "/me/permits/" + p.PermitNo})
	}
	return list, err
}

// waitingOffers tells what was offered to people and waits for their word.
type waitingOffers struct{ a *App }

// Waiting are the offers of these people that can still be answered.
func (w waitingOffers) Waiting(ctx context.Context, constituentIDs []string) (list []nextstep.Offer, err error) {
	all, err := w.a.Offers.Of(ctx, constituentIDs, i18n.ZhHant)
	for i := range all {
		o := &all[i]
		if o.Open && o.State == offers.Offered {
			list = append(list, nextstep.Offer{Title: o.Benefit.Name, AnswerBy: o.RespondOn, Href: "/me/offers"})
		}
	}
	return list, err
}

// benefits tells which published benefits the signed-in person may be entitled to.
type benefits struct{ a *App }

// Entitled are those whose conditions what is held of them meets.
func (b benefits) Entitled(ctx context.Context, l i18n.Lang) (list []nextstep.Benefit, err error) {
	all, err := b.a.Offers.Entitled(ctx, l)
	for i := range all {
		e := &all[i]
		list = append(list, nextstep.Benefit{Name: e.Benefit.Name, Says: e.Says, Whom: e.Whom, Href: "/offers/" + e.Benefit.Code})
	}
	return list, err
}

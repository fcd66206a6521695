package app

import (
	"context"
	"fmt"
	"time"

	"minqing/internal/actor"
	"minqing/internal/calendar"
	"minqing/internal/db"
	"minqing/internal/demo"
	"minqing/internal/register"
)

// demoHeld enters the permits that the people and enterprises of the city hold, as
// if each had been issued in its time.
func (a *App) demoHeld(ctx context.Context, filers map[string]demo.Filer) error {
	list, err := demo.HeldPermits()
	if err != nil {
		return err
	}
	holders := map[string]string{"company": filers["company@demo.test"].ConstituentID, "citizen": filers["citizen@demo.test"].ConstituentID}
	for _, h := range list {
		if err := a.demoHold(ctx, h, holders[h.Holder]); err != nil {
			return fmt.Errorf("enter the permit %s of the demo city: %w", h.Type, err)
		}
	}
	return a.demoFood(ctx)
}

// demoFood gives those of the city who cook or sell a food business permit each, so that
// some of them end soon.
func (a *App) demoFood(ctx context.Context) error {
	var holders []string
	err := a.DB.From(ctx).Raw("SELECT id FROM constituents WHERE kind = 'enterprise' AND industry IN ? AND stage <> 'set_up' AND merged_into_id IS NULL ORDER BY id LIMIT 30", demo.FoodIndustries()).Scan(&holders).Error
	if err != nil {
		return fmt.Errorf("look for restaurants and shops: %w", db.Fault(err, "", ""))
	}
	for i, holder := range holders {
		if err := a.demoHold(ctx, demo.FoodPermit(i), holder); err != nil {
			return fmt.Errorf("enter a food business permit of the demo city: %w", err)
		}
	}
	return nil
}

func (a *App) demoHold(ctx context.Context, h demo.Held, holder string) error {
	t, err := a.PermitTypes.Type(ctx, h.Type)
	if err != nil {
		return err
	}
	now := a.Options.Now()
	issued, end := now.AddDate(0, 0, -h.Issued), calendar.DateOf(now, a.zone).Add(h.Ends)
	no, err := a.registerAt(issued).Bring(ctx, register.Issue{TypeCode: t.Code, TypeVersion: t.Version, HolderID: holder, UnitID: h.Unit,
		ValidFrom: calendar.DateOf(issued, a.zone), ValidUntil: &end, Particulars: h.Facts}, issued)
	if err != nil || h.Act == "" {
		return err
	}
	return a.demoAct(ctx, h, no, a.registerAt(now.AddDate(0, 0, -h.Ago)))
}

// demoAct does to a permit what was done to it, by two people where that is needed.
func (a *App) demoAct(ctx context.Context, h demo.Held, no string, at *register.Service) error {
	staff := map[string]context.Context{}
	for _, name := range []string{"permits", "head"} {
		who, err := a.Identity.ByEmail(ctx, name+"@demo.test")
		if err != nil {
			return err
		}
		staff[name] = actor.With(ctx, actor.Actor{Kind: actor.Staff, AccountID: who.ID})
	}
	d := register.Do{Act: register.Act(h.Act), Ground: h.Ground, Reason: h.Reason, Version: 1}
	if !d.Act.NeedsTwo() {
		_, err := at.Act(staff["head"], no, d)
		return err
	}
	p, err := at.Propose(staff["permits"], no, d)
	if err != nil || h.Waits {
		return err
	}
	one, err := at.Open(staff["head"], p)
	if err != nil {
		return err
	}
	if one.Hears() { // and said that they knew
		if _, err := at.Ask(staff["permits"], no, one.ID, at.AnswerFrom(ctx, p).String()); err != nil {
			return err
		}
		if err := at.Answer(ctx, p, one.ID, "知道了，沒有要補充的。"); err != nil {
			return err
		}
	}
	_, err = at.Decide(staff["head"], no, register.Verdict{ProposalID: one.ID, Agrees: true, Version: p.Version})
	return err
}

// registerAt is the register as it was at another time.
func (a *App) registerAt(at time.Time) *register.Service {
	d := a.Register.Deps
	d.Now = func() time.Time { return at }
	return register.New(d)
}

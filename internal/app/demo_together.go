package app

import (
	"context"
	"fmt"

	"minqing/internal/actor"
	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/constituents"
	"minqing/internal/demo"
	"minqing/internal/idcode"
)

// demoTogether lets the demo handler do, by the acts of the pages, what no loaded
// life holds: a case merged into another, and one that another unit has a part of.
func (a *App) demoTogether(ctx context.Context) error {
	who, err := a.Identity.ByEmail(ctx, "handler@demo.test")
	if err != nil {
		return err
	}
	ctx = actor.With(ctx, actor.Actor{Kind: actor.Staff, AccountID: who.ID})
	page, err := a.Cases.Queue(ctx, cases.Filter{View: cases.ViewOpen, Limit: 100})
	if err != nil {
		return err
	}
	of := map[cases.Status][]*cases.Item{}
	for i := range page.Items {
		it := &page.Items[i]
		if it.Confidentiality == cases.Normal && it.SuspendedAt == nil && !it.Urgent {
			of[it.Status] = append(of[it.Status], it)
		}
	}
	if list := of[cases.Dispatched]; len(list) > 1 {
		if err := a.demoMerge(ctx, list); err != nil {
			return err
		}
	}
	if list := of[cases.Handling]; len(list) > 0 {
		_, err := a.Cases.Act(ctx, list[len(list)-1].CaseNo, 0, cases.AddJoint{UnitCode: "CG02", Task: "請查路燈下方管線有無破損，並提供圖資。"})
		if err != nil {
			return fmt.Errorf("ask a joint unit of the demo city: %w", err)
		}
	}
	return nil
}

// demoMerge merges the first two that look alike.
func (a *App) demoMerge(ctx context.Context, list []*cases.Item) error {
	for _, it := range list {
		v, err := a.Cases.View(ctx, it.CaseNo)
		if err != nil {
			return err
		}
		found, err := a.Cases.Candidates(ctx, &v.Case)
		if err != nil {
			return err
		}
		for i := range found {
			lead := &found[i]
			if lead.Status != cases.Dispatched && lead.Status != cases.SignedIn {
				continue
			}
			if _, err := a.Cases.Act(ctx, it.CaseNo, 0, cases.Merge{Into: lead.CaseNo, Note: "同一處路燈。"}); err != nil {
				return fmt.Errorf("merge two cases of the demo city: %w", err)
			}
			return nil
		}
	}
	return nil
}

// demoKnown writes down what the government knows of those who sign in to try it:
// numbers in an area that does not exist, so that they are nobody's.
func (a *App) demoKnown(ctx context.Context, filers map[string]demo.Filer) error {
	for email, p := range map[string]constituents.Profile{
		"citizen@demo.test": {BirthYear: 1957},
		"company@demo.test": {Stage: "set_up", Industry: "零售"},
	} {
		id := filers[email].ConstituentID
		own, err := a.Constituents.Own(ctx, id)
		if err != nil {
			return err
		}
		if p.Stage != "" {
			on := calendar.DateOf(a.Options.Now(), a.zone).Add(-40)
			p.EstablishedOn = &on
		} else if _, err := a.Constituents.AddNeed(ctx, id, constituents.LargeType, constituents.FromSelf); err != nil {
			return err
		}
		p.Locale, p.Source, p.Version = own.Locale, constituents.FromSelf, own.Version
		if err := a.Constituents.SetProfile(ctx, id, p); err != nil {
			return err
		}
	}
	_, err := a.Constituents.AddNumber(ctx, filers["citizen@demo.test"].ConstituentID,
		constituents.Document{Kind: constituents.ResidentID, Value: idcode.PRCIDFrom("00000019570314002"), Seen: true})
	return err
}

package app

import (
	"context"
	"fmt"
	"slices"

	"minqing/internal/actor"
	"minqing/internal/demo"
	"minqing/internal/outreach"
	"minqing/internal/outreach/offers"
)

// demoOffers writes the ready-made offers as the outreach officer does, and has
// the supervisor confirm their lists: two people, like everywhere.
func (a *App) demoOffers(ctx context.Context, filers map[string]demo.Filer) error {
	list, err := demo.Benefits()
	if err != nil {
		return err
	}
	staff := map[string]context.Context{}
	for _, email := range []string{"outreach@demo.test", "supervisor@demo.test"} {
		who, err := a.Identity.ByEmail(ctx, email)
		if err != nil {
			return err
		}
		staff[email] = actor.With(ctx, actor.Actor{Kind: actor.Staff, AccountID: who.ID})
	}
	var known []string
	for _, f := range filers {
		known = append(known, f.ConstituentID)
	}
	for _, b := range list {
		if err := a.demoOffer(staff["outreach@demo.test"], staff["supervisor@demo.test"], b, known); err != nil {
			return fmt.Errorf("make the offer %s of the demo city: %w", b.Code, err)
		}
	}
	return nil
}

func (a *App) demoOffer(writer, confirmer context.Context, b demo.Benefit, known []string) error {
	root, err := outreach.Parse([]byte(b.Definition))
	if err != nil {
		return err
	}
	id, err := a.Offers.Create(writer, offers.Written{Code: b.Code, UnitCode: b.Unit, MatterCode: b.Matter, Name: b.Name, Gives: b.Gives, About: b.About, Law: b.Law, Amount: b.Amount,
		MovesMoney: b.MovesMoney, WindowDays: b.WindowDays, Per: offers.Per(b.Per), Root: root})
	if err != nil {
		return err
	}
	if err := a.Offers.Publish(writer, id, 1); err != nil {
		return err
	}
	listID, err := a.Offers.Match(writer, id)
	if err != nil {
		return err
	}
	if err := a.Offers.MatchNow(writer, listID); err != nil || !b.Told {
		return err
	}
	people, err := a.demoTrim(confirmer, listID, known)
	if err != nil {
		return err
	}
	l, _, err := a.Offers.ListOf(confirmer, listID)
	if err != nil {
		return err
	}
	if err := a.Offers.Confirm(confirmer, listID, l.Version); err != nil {
		return err
	}
	if err := a.Offers.TellNow(writer, listID); err != nil {
		return err
	}
	for i, o := range people[:min(len(people), b.Grant+b.Object)] {
		say := offers.Agree
		if i >= b.Grant {
			say = offers.Object
		}
		who := actor.With(writer, actor.Actor{Kind: actor.Citizen, ConstituentID: o.ConstituentID})
		if err := a.Offers.Answer(who, o.ID, say, ""); err != nil {
			return err
		}
		if err := a.Offers.GrantNow(writer, o.ID); err != nil {
			return err
		}
	}
	return nil
}

// demoTrim takes one person off a list, and gives some who stay and do not sign in
// to try the city.
func (a *App) demoTrim(ctx context.Context, listID string, known []string) (kept []offers.Row, err error) {
	l, _, err := a.Offers.ListOf(ctx, listID)
	if err != nil {
		return nil, err
	}
	page, err := a.Offers.Rows(ctx, l, "", "")
	if err != nil {
		return nil, err
	}
	for _, r := range page.Items {
		if !slices.Contains(known, r.ConstituentID) {
			kept = append(kept, r)
		}
	}
	if len(kept) == 0 {
		return nil, nil
	}
	off := kept[len(kept)-1]
	return kept[:len(kept)-1], a.Offers.Trim(ctx, listID, off.ID, "has_it", "")
}

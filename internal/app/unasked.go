package app

import (
	"context"
	"time"

	"minqing/internal/privacy"
)

// oldCampaigns are the campaigns whose term is over, for package retention.
type oldCampaigns struct{ a *App }

// Old lists them.
func (o oldCampaigns) Old(ctx context.Context, before time.Time, after string, most int) ([]string, error) {
	return o.a.Campaigns.Old(ctx, before, after, most)
}

// LetGo keeps the figures of one, and lets its members go.
func (o oldCampaigns) LetGo(ctx context.Context, id string) (bool, error) {
	return o.a.Campaigns.Forget(ctx, id)
}

// oldOffers are the offers whose term is over, for package retention.
type oldOffers struct{ a *App }

// Old lists them.
func (o oldOffers) Old(ctx context.Context, before time.Time, after string, most int) ([]string, error) {
	return o.a.Offers.Old(ctx, before, after, most)
}

// LetGo deletes one.
func (o oldOffers) LetGo(ctx context.Context, id string) (bool, error) {
	n, err := o.a.Offers.Delete(ctx, []string{id})
	return n > 0, err
}

// invited tells people which campaigns they were in.
type invited struct{ a *App }

// Invited lists them.
func (i invited) Invited(ctx context.Context, ids []string) (list []privacy.CopyCampaign, err error) {
	all, err := i.a.Campaigns.Of(ctx, ids)
	for _, m := range all {
		one := privacy.CopyCampaign{Name: m.Name, Purpose: string(m.Purpose), Basis: string(m.Basis), Law: m.BasisText, Chosen: m.ApprovedAt, Group: string(m.Arm),
			Status: string(m.Status), Reason: m.Reason, SentAt: m.QueuedAt, AskedAt: m.TakenAt, RefusedAt: m.RefusedAt, OpenedAt: m.OpenedAt, ComplainedAt: m.ComplainedAt}
		if m.Channel != nil {
			one.Channel = string(*m.Channel)
		}
		list = append(list, one)
	}
	return list, err
}

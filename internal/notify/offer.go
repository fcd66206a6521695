package notify

import (
	"context"

	"minqing/internal/i18n"
)

// offersPath is where people with an account read what they are offered.
const offersPath = "/me/offers"

// aboutOffer fills in what a mail says of an offer, a permit, a fee. To an address that nobody has
// proven it names nothing and leads to the account.
func (s *Service) aboutOffer(ctx context.Context, d *delivery, p *mailPage) error {
	if d.Kind.ofNews() {
		return s.aboutNews(ctx, d, p)
	}
	if d.Kind.ofPermit() {
		return s.aboutPermit(ctx, d, p)
	}
	if !d.Kind.ofOffer() {
		return nil
	}
	id := deref(d.AboutID)
	all, err := s.Offers.OfferFacts(ctx, []string{id}, i18n.Lang(d.Locale))
	f, err := only(all, id, err)
	if err != nil {
		return err
	}
	p.LinkURL = s.BaseURL + offersPath
	if d.Proven {
		p.Title, p.LinkURL = f.Title, s.BaseURL+f.LinkPath
	}
	return nil
}

package notify

import (
	"context"
	"slices"

	"minqing/internal/i18n"
)

// What holders are told of their permits.
const (
	PermitEnding Kind = "permit_ending" // its last day comes near
	PermitMoved  Kind = "permit_moved"  // something was done to it, which its page names
	RenewalOwed  Kind = "renewal_owed"  // it ends unless a correction of its renewal comes
)

// PermitKinds lists what holders are told of permits.
var PermitKinds = []Kind{PermitEnding, PermitMoved, RenewalOwed}

func (k Kind) ofPermit() bool { return slices.Contains(PermitKinds, k) }

// PermitAlarm warns the head of a unit that an application to renew is about to be
// granted by silence. It is about the case of the application.
const PermitAlarm Kind = "permit_alarm"

// What a unit hears of an application to renew that is not accepted, for its applicant
// owes a correction. Both are about the case of the application.
const (
	RenewalStalled Kind = "renewal_stalled" // the permit is about to end
	RenewalLapsed  Kind = "renewal_lapsed"  // it has ended
)

// PermitFacts are what a message may say of a permit.
type PermitFacts struct {
	Title    string // its type and number, in the language of the message
	Says     string // what happened, in a sentence
	LinkPath string
}

// Permits knows what messages say of permits. The register of permits fills it.
type Permits interface {
	// PermitFacts are of the events that are known, by their ids.
	PermitFacts(ctx context.Context, eventIDs []string, l i18n.Lang) (map[string]PermitFacts, error)
}

// permitsPath is where people with an account read what they hold.
const permitsPath = "/me/permits"

// aboutPermit fills in what a mail says of a permit. To an address that nobody has
// proven it names nothing and leads to the account.
func (s *Service) aboutPermit(ctx context.Context, d *delivery, p *mailPage) error {
	p.LinkURL = s.BaseURL + permitsPath
	if !d.Proven {
		return nil
	}
	id := deref(d.AboutID)
	all, err := s.Permits.PermitFacts(ctx, []string{id}, i18n.Lang(d.Locale))
	f, err := only(all, id, err)
	if err != nil {
		return err
	}
	p.Title, p.Says, p.LinkURL = f.Title, f.Says, s.BaseURL+f.LinkPath
	return nil
}

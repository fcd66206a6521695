package notify

import (
	"context"
	"slices"

	"minqing/internal/i18n"
)

// What people are told of what they owe after a permit was issued.
const (
	DutyNear     Kind = "duty_near"
	DutyMissed   Kind = "duty_missed"
	DutyReturned Kind = "duty_returned" // what was handed in is not enough
	DutySettled  Kind = "duty_settled"
	DutyVisit    Kind = "duty_visit" // officials come, or come on another day

	DutyOverdue Kind = "duty_overdue" // to the unit
)

// What applicants are told of their application, and of a correction that they have not sent.
const (
	ApplicationAccepted Kind = "application_accepted"

	CorrectionNear Kind = "correction_near"
	CorrectionDue  Kind = "correction_due" // its last day has come
)

// What payers are told.
const (
	FeeOrdered  Kind = "fee_ordered"
	FeeReceived Kind = "fee_received"
)

// What people are told of the enterprises that they act for.
const (
	MemberJoined Kind = "member_joined" // to those who lead it
	MemberRole   Kind = "member_role"
	MemberLeft   Kind = "member_left"
	HouseHanded  Kind = "house_handed" // its ownership
)

// CampaignDelayed warns whoever answers for a campaign that people who were to be told
// later have not been told by their day.
const CampaignDelayed Kind = "campaign_delayed"

// NewsKinds lists what is about none of somebody's cases: permits, fees, enterprises and
// campaigns. They share a template; their words are their own.
var NewsKinds = []Kind{DutyNear, DutyMissed, DutyReturned, DutySettled, DutyVisit, DutyOverdue, ApplicationAccepted, CorrectionNear, CorrectionDue, FeeOrdered, FeeReceived, MemberJoined, MemberRole, MemberLeft, HouseHanded, CampaignDelayed}

func (k Kind) ofNews() bool { return slices.Contains(NewsKinds, k) }

// newsTemplate is the template that they share.
const newsTemplate = "news"

// NewsFacts are what a message may say of it.
type NewsFacts struct {
	Title    string // what it is about, in the language of the message
	Says     string // what happened, in a sentence or several lines
	LinkPath string // below the portal's address; signing in opens it
}

// Topic is what a message is about, and what it tells of that.
type Topic struct {
	Kind Kind
	ID   string
}

// News knows what messages say of permits, fees, enterprises and campaigns.
type News interface {
	// NewsFacts are of what is still known, in a few statements however many are
	// asked for.
	NewsFacts(ctx context.Context, about []Topic, l i18n.Lang) (map[Topic]NewsFacts, error)
}

// aboutNews fills in what a mail says. To an address that nobody has proven it names
// nothing and leads to the portal.
func (s *Service) aboutNews(ctx context.Context, d *delivery, p *mailPage) error {
	p.LinkURL = s.BaseURL + "/"
	if !d.Proven {
		return nil
	}
	about := Topic{Kind: d.Kind, ID: deref(d.AboutID)}
	all, err := s.News.NewsFacts(ctx, []Topic{about}, i18n.Lang(d.Locale))
	f, err := only(all, about, err)
	if err != nil {
		return err
	}
	p.Title, p.Says, p.LinkURL = f.Title, f.Says, s.BaseURL+f.LinkPath
	return nil
}

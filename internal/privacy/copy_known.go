package privacy

import (
	"context"
	"slices"
	"time"

	"minqing/internal/constituents"
	"minqing/internal/i18n"
)

// CopyKnown is something else that is known of the person. Of a relation the other
// one is not named: that is their own affair.
type CopyKnown struct {
	Kind  string     `json:"kind"`
	Value string     `json:"value,omitempty"` // of a relation: to the other one, or from
	Since time.Time  `json:"since"`
	Until *time.Time `json:"until,omitempty"`
}

// CopyNote is a note that staff wrote about the person.
type CopyNote struct {
	Purpose   string    `json:"purpose"`
	Text      string    `json:"text"`
	At        time.Time `json:"at"`
	KeepUntil string    `json:"keep_until"`
}

// CopyHeld is a note that stands but is not shown: one for the safety of staff or
// others, which reading it could undo. The person learns that there is one, why it
// is kept from them and until when it stands, and may ask for it by a case.
type CopyHeld struct {
	Purpose   string    `json:"purpose"`
	At        time.Time `json:"at"`
	KeepUntil string    `json:"keep_until"`
}

// heldBack is the purpose of notes that the copy does not show.
const heldBack constituents.NotePurpose = "safety"

// CopyGroup is a group of people to be served unasked that the person is in, or
// was kept out of by hand.
type CopyGroup struct {
	Name    i18n.Text `json:"name"`
	Purpose string    `json:"purpose"`
	Basis   string    `json:"basis"`
	Law     i18n.Text `json:"law"`
	Since   string    `json:"since,omitempty"`
	ByHand  string    `json:"by_hand,omitempty"` // in, out
	Reason  string    `json:"reason,omitempty"`
}

// Groups knows which groups people are in.
type Groups interface {
	Of(ctx context.Context, ids []string) ([]CopyGroup, error)
}

// CopyOffer is something that the person was offered unasked.
type CopyOffer struct {
	Name       i18n.Text  `json:"name"`
	Law        i18n.Text  `json:"law"`
	State      string     `json:"state"`
	ToldAt     *time.Time `json:"told_at,omitempty"`
	AnswerBy   string     `json:"answer_by,omitempty"`
	AnsweredAt *time.Time `json:"answered_at,omitempty"`
	Note       string     `json:"note,omitempty"` // their own words
	CaseNo     string     `json:"case_no,omitempty"`
}

// CopyCampaign is a campaign whose people the person was among.
type CopyCampaign struct {
	Name         i18n.Text  `json:"name"`
	Purpose      string     `json:"purpose"`
	Basis        string     `json:"basis"`
	Law          i18n.Text  `json:"law"`
	Chosen       *time.Time `json:"chosen_at,omitempty"`
	Group        string     `json:"group"` // told, held (by lot, to compare with), delayed
	Status       string     `json:"status"`
	Reason       string     `json:"reason,omitempty"`
	Channel      string     `json:"channel,omitempty"` // mail, sms, inapp
	SentAt       *time.Time `json:"sent_at,omitempty"`
	OpenedAt     *time.Time `json:"opened_at,omitempty"` // in the portal
	AskedAt      *time.Time `json:"asked_for_it_at,omitempty"`
	RefusedAt    *time.Time `json:"refused_at,omitempty"`
	ComplainedAt *time.Time `json:"complained_at,omitempty"`
}

// Campaigns knows which campaigns people were in.
type Campaigns interface {
	Invited(ctx context.Context, ids []string) ([]CopyCampaign, error)
}

// Offers knows what people were offered.
type Offers interface {
	Offered(ctx context.Context, ids []string) ([]CopyOffer, error)
	// Forget ends what is open of it, and gives how many ended.
	Forget(ctx context.Context, ids []string) (int64, error)
}

// Steps knows which of the steps put before people they switched off.
type Steps interface {
	Of(ctx context.Context, ids []string) ([]string, error)
	Forget(ctx context.Context, ids []string) error
}

// known adds what else is known of a record; what stands in the record itself is
// the person's own alone.
func (p *CopyPerson) known(k *constituents.Known, id string, own bool) {
	if own {
		p.BirthYear, p.District, p.Stage, p.Industry = k.BirthYear, k.DistrictCode, string(k.Stage), k.Industry
		if k.EstablishedOn != nil {
			p.EstablishedOn = k.EstablishedOn.String()
		}
	}
	for _, x := range k.Numbers {
		p.Numbers = append(p.Numbers, CopyKnown{string(x.Kind), x.Value, x.ValidFrom, x.ValidTo})
	}
	for _, x := range k.Needs {
		p.Needs = append(p.Needs, CopyKnown{string(x.Kind), "", x.ValidFrom, x.ValidTo})
	}
	for _, x := range k.Relations {
		way := "to"
		if x.FromID != id {
			way = "from"
		}
		p.Relations = append(p.Relations, CopyKnown{string(x.Kind), way, x.ValidFrom, x.ValidTo})
	}
	for _, x := range k.Notes {
		if x.Purpose == heldBack {
			p.HeldBack = append(p.HeldBack, CopyHeld{string(x.Purpose), x.CreatedAt, x.KeepUntil.String()})
			continue
		}
		p.Notes = append(p.Notes, CopyNote{string(x.Purpose), x.Text, x.CreatedAt, x.KeepUntil.String()})
	}
}

// copyDistrict adds the name to the code of a district.
func (s *Service) copyDistrict(ctx context.Context, c *Copy, _ string, _ []string) error {
	if c.Person.District == "" {
		return nil
	}
	areas, err := s.Places.Map(ctx)
	if err != nil {
		return err
	}
	if d, err := areas.District(c.Person.District); err == nil {
		c.Person.DistrictName = d.Name
	}
	return nil
}

func (s *Service) copyGroups(ctx context.Context, c *Copy, _ string, family []string) (err error) {
	if c.Person.Groups, err = s.Groups.Of(ctx, family); err != nil {
		return err
	}
	if c.Person.Offers, err = s.Offers.Offered(ctx, family); err != nil {
		return err
	}
	c.Person.Campaigns, err = s.Campaigns.Invited(ctx, family)
	return err
}

func (s *Service) copySteps(ctx context.Context, c *Copy, _ string, family []string) (err error) {
	if s.Steps == nil {
		return nil
	}
	c.Person.StepsOff, err = s.Steps.Of(ctx, family)
	slices.Sort(c.Person.StepsOff)
	return err
}

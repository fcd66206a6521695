package offers

import (
	"context"
	"strings"

	"minqing/internal/access"
	"minqing/internal/db"
	"minqing/internal/i18n"
	"minqing/internal/outreach"
)

// WhyNot is how a benefit stands to the signed-in person.
type WhyNot struct {
	Reason *outreach.Reason
	Offer  *Offer // the newest of theirs, in the state that they may know
	Off    string // why the department took them off the list of this period, one of TrimReasons; empty when it did not
}

// WhyNot asks the conditions of a published benefit for the signed-in person, or the
// enterprise that they act for, as a matching today would. Nil for whoever is not
// signed in as one of them.
func (s *Service) WhyNot(ctx context.Context, b *Benefit, lang i18n.Lang) (*WhyNot, error) {
	me, _, err := s.self(ctx)
	if err != nil {
		return nil, err
	}
	if me == "" {
		return nil, nil //nolint:nilnil // nobody of whom it could be said, and no fault
	}
	head, err := s.Constituents.Head(ctx, me)
	if err != nil {
		return nil, err
	}
	records, err := s.records(ctx)
	if err != nil {
		return nil, err
	}
	return s.whyNot(ctx, b, head, records, lang)
}

// WhyNotOf asks the same for staff who talk with somebody: with the records that are
// one person, the first of which stands for all. Whoever calls has made sure that the
// actor may open them, and has it in the log of reads.
func (s *Service) WhyNotOf(ctx context.Context, b *Benefit, family []string, lang i18n.Lang) (*WhyNot, error) {
	if err := s.Access.Can(ctx, access.RecordBenefits); err != nil {
		return nil, err
	}
	return s.whyNot(ctx, b, family[0], family, lang)
}

func (s *Service) whyNot(ctx context.Context, b *Benefit, head string, records []string, lang i18n.Lang) (*WhyNot, error) {
	terms, err := s.Terms(ctx, b)
	if err != nil {
		return nil, err
	}
	all, err := s.Outreach.Judge(ctx, terms, []string{head})
	if err != nil {
		return nil, err
	}
	out := &WhyNot{Reason: s.Outreach.Reason(terms, all[head], lang)}
	var list []Offer
	err = s.DB.From(ctx).Raw(offerRows+"o.benefit_id = ? AND o.constituent_id IN ? AND o.state IN ? ORDER BY o.id DESC LIMIT 1", b.ID, records, seen).Scan(&list).Error
	if err != nil || len(list) > 0 {
		if len(list) > 0 {
			out.Offer = &list[0]
		}
		return out, db.Fault(err, "", "")
	}
	out.Off, err = s.takenOff(ctx, b, records)
	return out, err
}

// takenOff is why somebody was taken off a confirmed list of this period: what a list
// that still waits says of them may change.
func (s *Service) takenOff(ctx context.Context, b *Benefit, records []string) (string, error) {
	var why []string
	err := s.DB.From(ctx).Raw("SELECT o.reason FROM offers o JOIN offer_lists l ON l.id = o.list_id WHERE o.benefit_id = ? AND o.period = ? AND o.constituent_id IN ? AND o.state = ? AND l.state = 'confirmed' ORDER BY o.id DESC LIMIT 1",
		b.ID, b.period(s.today().Year()), records, Trimmed).Scan(&why).Error
	if err != nil {
		return "", fail("read why somebody was taken off a list", err)
	}
	return strings.Join(why, ""), nil
}

// Facts are what a message may say of an offer.
type Facts struct {
	Name  i18n.Text
	Token string // for the link; empty when there is nothing to answer or to read
}

// Facts gives what messages say of offers, by the ids of these, but for those that are
// over for them.
func (s *Service) Facts(ctx context.Context, offerIDs []string) (map[string]Facts, error) {
	var list []struct {
		Offer
		Name i18n.Text
	}
	err := s.DB.From(ctx).Raw(`SELECT o.id, o.code_generation, o.code_key, b.name FROM offers o JOIN benefits b ON b.id = o.benefit_id WHERE o.id IN ? AND o.state IN ?`, offerIDs, seen).Scan(&list).Error
	if err != nil {
		return nil, fail("read what offers are called", err)
	}
	out := make(map[string]Facts, len(list))
	for i := range list {
		out[list[i].ID] = Facts{Name: list[i].Name, Token: s.Token(&list[i].Offer)}
	}
	return out, nil
}

package nextstep

import (
	"cmp"
	"context"
	"slices"

	"minqing/internal/calendar"
	"minqing/internal/i18n"
)

// Owed are the steps of the rules on what somebody can still say, on fees and on duties, the nearest day first, for a
// page that shows what has a day by itself. What is switched off is left out.
func (s *Service) Owed(ctx context.Context, off Offs) ([]Step, error) {
	me, err := s.Cases.Selves(ctx)
	if err != nil || len(me) == 0 {
		return nil, err
	}
	var out List
	for _, code := range []string{Speak, Pay, Meet} {
		if off.Hides(code) {
			continue
		}
		r := RuleOf(code)
		found, err := s.found(ctx, r, me, nil, nil)
		if err != nil {
			return nil, err
		}
		out.add(r, found)
	}
	slices.SortStableFunc(out.Steps, func(a, b Step) int { return cmp.Compare(*a.By, *b.By) })
	return out.Steps, nil
}

func (s *Service) sayings(ctx context.Context, me []string) ([]Step, error) {
	if s.Sayings == nil {
		return nil, nil
	}
	list, err := s.Sayings.Open(ctx, me)
	out := make([]Step, len(list))
	for i, x := range list {
		out[i] = s.by(x.Title, x.Href, x.By)
		out[i].Says = "revoke"
		about := Fact{Name: "held", Value: x.No}
		if x.Hearing {
			out[i].Says, about.Name = "hearing", "case"
		}
		out[i].Facts = []Fact{about, {Name: "speak_by", Day: &x.By}}
	}
	return out, err
}

func (s *Service) unpaid(ctx context.Context) ([]Step, error) {
	if s.Fees == nil {
		return nil, nil
	}
	list, err := s.Fees.Unpaid(ctx)
	out := make([]Step, len(list))
	for i, f := range list {
		out[i] = s.by(f.Name, f.Href, f.DueOn)
		out[i].Amount = f.Amount
		out[i].Facts = []Fact{{Name: "fee", Value: f.No}, {Name: "amount", Value: f.Amount}, {Name: "pay_by", Day: &f.DueOn}}
	}
	return out, err
}

func (s *Service) pressing(ctx context.Context, me []string) ([]Step, error) {
	if s.Duties == nil {
		return nil, nil
	}
	list, err := s.Duties.Pressing(ctx, me)
	out := make([]Step, len(list))
	for i, d := range list {
		out[i] = s.by(d.Name, d.Href, d.DueOn)
		out[i].Permit = d.Permit
		out[i].Facts = []Fact{{Name: "held", Value: d.PermitNo}, {Name: "meet_by", Day: &d.DueOn}}
	}
	return out, err
}

// by is a step that has to be done by a day, which counts whole.
func (s *Service) by(title i18n.Text, href string, day calendar.Date) Step {
	return Step{Text: title, Href: href, By: &day, Over: calendar.DateOf(s.Now(), s.Zone) > day}
}

package permits

import (
	"context"
	"fmt"

	"minqing/internal/calendar"
	"minqing/internal/fault"
	"minqing/internal/permittypes"
)

// terms are the days and the facts of a permit that is granted on a day. A renewal
// begins when the permit before ends, which is why nobody is asked for its first day; a
// change at once (or when that one would have) and keeps its end, and both keep what it
// says where nothing else was answered.
func (s *Service) terms(ctx context.Context, a *Application, t *permittypes.Type, today calendar.Date) (from calendar.Date, until *calendar.Date, facts map[string]string, err error) {
	if a.RenewsNo == "" {
		from, until = validity(t, today, a.Answers)
		return from, until, publicFacts(t, a.Answers), nil
	}
	old, err := s.Holds.ByNo(ctx, a.RenewsNo)
	if err != nil {
		return 0, nil, nil, fmt.Errorf("read the permit before: %w", err)
	}
	facts = publicFacts(t, a.Answers)
	for name, value := range old.Particulars {
		if v, answered := a.Answers[name]; answered {
			value = factOf(v)
		}
		facts[name] = value
	}
	if a.Purpose == ForChange {
		return max(today, old.ValidFrom), old.ValidUntil, facts, nil
	}
	from = today
	if old.ValidUntil != nil && *old.ValidUntil >= today {
		from = old.ValidUntil.Add(1)
	}
	if _, says := facts[permittypes.EventBegins]; says {
		facts[permittypes.EventBegins] = from.String()
	}
	return from, validUntil(t.Validity, from, a.Answers), facts, nil
}

// validity is the first and the last day of a new permit that is decided on a day: it
// begins when the activity does, where the type asks for that, and never before the
// decision, which allows nothing that was done without it. The last day is nil where
// the permit has no end.
func validity(t *permittypes.Type, decided calendar.Date, answers map[string]any) (from calendar.Date, until *calendar.Date) {
	from = decided
	if begins := dayOf(answers, permittypes.EventBegins); begins != nil {
		from = max(from, *begins)
	}
	return from, validUntil(t.Validity, from, answers)
}

// dayOf is an answer that is a date; nil for none.
func dayOf(answers map[string]any, name string) *calendar.Date {
	typed, _ := answers[name].(string)
	d, err := calendar.ParseDate(typed)
	if err != nil {
		return nil
	}
	return &d
}

// checkDays refuses an activity that ends before it begins, or is over, where the
// permit is to last as long as it. One that has begun already may be asked for: the
// permit counts from its decision.
func checkDays(t *permittypes.Type, answers map[string]any, today calendar.Date) error {
	ends := dayOf(answers, permittypes.EventEnds)
	if t.Validity != permittypes.UntilEvent || ends == nil {
		return nil
	}
	const field = "answers." + permittypes.EventEnds
	var c fault.Check
	if begins := dayOf(answers, permittypes.EventBegins); begins != nil && *ends < *begins {
		c.That(false, field, "permit.answer.ends_first")
	} else {
		c.That(*ends >= today, field, "permit.answer.ended")
	}
	return c.Err()
}

// grantable refuses a grant whose turn it is not, and of what is over: a permit whose
// last day would lie before its first allows nothing, and the register takes none.
func (s *Service) grantable(ctx context.Context, p *Part) error {
	if err := s.inTurn(ctx, p); err != nil {
		return err
	}
	from, until, _, err := s.terms(ctx, p.Application, p.Type, p.Today)
	if err == nil && until != nil && *until < from {
		return fault.New(fault.Conflict, "permit.decide.ended").With("Day", until.String())
	}
	return err
}

// validUntil is the last day of a permit: "3y", "6m", "90d", or "event" for the end
// that the answers name; nil where it has none.
func validUntil(validity string, from calendar.Date, answers map[string]any) *calendar.Date {
	if validity == permittypes.UntilEvent {
		return dayOf(answers, permittypes.EventEnds)
	}
	if len(validity) < 2 {
		return nil
	}
	var n int
	if _, err := fmt.Sscanf(validity[:len(validity)-1], "%d", &n); err != nil || n < 1 {
		return nil
	}
	var d calendar.Date
	switch validity[len(validity)-1] {
	case 'y':
		d = from.AddMonths(12 * n)
	case 'm':
		d = from.AddMonths(n)
	case 'd':
		d = from.Add(n)
	default:
		return nil
	}
	d = d.Add(-1) // the day before the corresponding one is the last
	return &d
}

package permits

import (
	"context"

	"minqing/internal/calendar"
	"minqing/internal/cases"
)

// Remedy are the last days to act against a decision: to ask for reconsideration, sixty
// days from learning of it (行政復議法 art. 20), and to sue, six months (行政訴訟法 art. 46).
// Both are days of the calendar, the day of learning not counted; a last day that is off
// moves to the next that is worked. Where another law gives other periods the remedies of
// the type say so in words.
type Remedy struct {
	Told       calendar.Date // when the decision was there to be read
	Reconsider calendar.Date
	Sue        calendar.Date
}

const (
	reconsiderDays = 60
	sueMonths      = 6
)

// RemedyOf counts from the day on which a decision was told. In a year whose calendar is
// not published a last day stays where it is, so that nobody is promised too much.
func RemedyOf(cal *calendar.Calendar, told calendar.Date) Remedy {
	worked := func(d calendar.Date) calendar.Date {
		for cal.Published(d.Year()) && !cal.WorkingDay(d) {
			d = d.Add(1)
		}
		return d
	}
	return Remedy{Told: told, Reconsider: worked(told.Add(reconsiderDays)), Sue: worked(addMonths(told, sueMonths))}
}

// remedy are the last days against what was decided on a case on a day, nil where another
// law than that of the PRC counts the unit's days, or nothing was refused.
func (s *Service) remedy(ctx context.Context, c *cases.Case, cal *calendar.Calendar, d *Decision, declined *Declined) (*Remedy, error) {
	var told calendar.Date
	switch {
	case declined != nil:
		told = declined.On
	case d != nil && d.DecidedOn != nil && !d.Grants:
		told = *d.DecidedOn
	default:
		return nil, nil //nolint:nilnil // there is nothing to act against
	}
	snap, err := s.Catalogue.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	u, err := snap.Unit(c.UnitID)
	if err != nil || snap.LegalProfile(u) != "prc" {
		return nil, err
	}
	r := RemedyOf(cal, told)
	return &r, nil
}

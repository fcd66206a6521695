package permits

import (
	"context"

	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/permittypes"
)

// Remedy are the last days to act against a decision. Of the PRC to ask for
// reconsideration, sixty days from learning of it (行政復議法 art. 20), and to sue, six
// months (行政訴訟法 art. 46); of Taiwan to appeal, thirty days from the day after it was
// served (訴願法 art. 14), while a suit has its two months from the decision on the appeal
// (行政訴訟法 art. 106), which nobody knows yet. All are days of the calendar, the day of
// learning not counted; a last day that is off moves to the next that is worked. Where
// another law gives other periods the remedies of the type say so in words.
type Remedy struct {
	Told       calendar.Date // when the decision was there to be read
	Reconsider calendar.Date // of the PRC, as the next; 0 of Taiwan
	Sue        calendar.Date
	Appeal     calendar.Date // of Taiwan; 0 of the PRC
}

const (
	reconsiderDays = 60
	sueMonths      = 6
	appealDays     = 30
)

// RemedyOf counts from the day on which a decision was told. In a year whose calendar is
// not published a last day stays where it is, so that nobody is promised too much.
func RemedyOf(cal *calendar.Calendar, told calendar.Date) Remedy {
	return Remedy{Told: told, Reconsider: worked(cal, told.Add(reconsiderDays)), Sue: worked(cal, told.AddMonths(sueMonths))}
}

// RemedyTW is RemedyOf by the law of Taiwan.
func RemedyTW(cal *calendar.Calendar, told calendar.Date) Remedy {
	return Remedy{Told: told, Appeal: worked(cal, told.Add(appealDays))}
}

// worked is the day, or the next that is worked.
func worked(cal *calendar.Calendar, d calendar.Date) calendar.Date {
	for cal.Published(d.Year()) && !cal.WorkingDay(d) {
		d = d.Add(1)
	}
	return d
}

// deciding is a case that is decided on, with its type and by which its days count.
type deciding struct {
	c   *cases.Case
	t   *permittypes.Type
	cal *calendar.Calendar
}

// remedy are the last days against what was decided on a case on a day, by the law of its
// type; nil where nothing was refused, or another law than that of the PRC counts the
// days of the unit of a type that is not of Taiwan.
func (s *Service) remedy(ctx context.Context, of deciding, d *Decision, declined *Declined) (*Remedy, error) {
	var told calendar.Date
	switch {
	case declined != nil:
		told = declined.On
	case d != nil && d.DecidedOn != nil && !d.Grants:
		told = *d.DecidedOn
	default:
		return nil, nil //nolint:nilnil // there is nothing to act against
	}
	if of.t.OfTaiwan() {
		r := RemedyTW(of.cal, told)
		return &r, nil
	}
	snap, err := s.Catalogue.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	u, err := snap.Unit(of.c.UnitID)
	if err != nil || snap.LegalProfile(u) != "prc" {
		return nil, err
	}
	r := RemedyOf(of.cal, told)
	return &r, nil
}

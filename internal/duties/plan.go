package duties

import (
	"context"
	"fmt"

	"minqing/internal/calendar"
	"minqing/internal/db"
	"minqing/internal/permittypes"
	"minqing/internal/register"
)

// Plan enters the first time of each duty of a permit that was issued, in the open
// transaction. Days count from the day of issue.
func (s *Service) Plan(ctx context.Context, p *register.Permit) error {
	t, err := s.TypeOf(ctx, p.TypeCode, p.TypeVersion)
	if err != nil || t == nil {
		return err
	}
	for _, def := range t.Duties {
		no := 1
		if p.CaseID == nil { // brought over: what was owed long ago was met elsewhere
			for nominal, ok := def.Nominal(p.IssuedOn, no); ok && nominal < s.Today().Add(-longAgo); nominal, ok = def.Nominal(p.IssuedOn, no) {
				no++
			}
		}
		if err := s.plan(ctx, p, def, int64(no)); err != nil {
			return err
		}
	}
	return nil
}

// longAgo is how many days back a duty of a permit that was brought over is still asked for.
const longAgo = 60

// plan enters one time of a duty, unless it is there, or the permit ends before.
func (s *Service) plan(ctx context.Context, p *register.Permit, def permittypes.Duty, no int64) error {
	nominal, ok := def.Nominal(p.IssuedOn, int(no))
	if !ok || p.ValidUntil != nil && nominal > *p.ValidUntil {
		return nil
	}
	due, provisional, err := s.due(ctx, p, nominal)
	if err != nil {
		return err
	}
	look := due.Add(-def.WarnDays())
	now := s.now()
	err = s.DB.From(ctx).Exec(`INSERT INTO permit_duties (id, permit_id, code, no, nominal_on, due_on, provisional, state, look_on, version, created_at, updated_at)
 VALUES (?, ?, ?, ?, ?, ?, ?, 'due', ?, 1, ?, ?) ON CONFLICT (permit_id, code, no) DO NOTHING`, db.NewID(now), p.ID, def.Code, no, nominal, due, provisional, look, now, now).Error
	if err != nil {
		return fmt.Errorf("enter a duty: %w", db.Fault(err, "", ""))
	}
	return nil
}

// due is the last day for something that falls on a day: the next working day where
// that is a day off. In a year without a published calendar it is provisional.
func (s *Service) due(ctx context.Context, p *register.Permit, nominal calendar.Date) (calendar.Date, bool, error) {
	cal, err := s.CalendarOf(ctx, p.UnitID)
	if err != nil {
		return 0, false, err
	}
	day := nominal
	for n := 0; !cal.WorkingDay(day) && n < restMost; n++ {
		day++
	}
	return day, !cal.Published(day.Year()) || !cal.Published(nominal.Year()), nil
}

// restMost is more days than any row of days off has.
const restMost = 30

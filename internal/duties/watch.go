package duties

import (
	"context"
	"errors"
	"fmt"
	"time"

	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/jobs"
	"minqing/internal/register"
)

// WatchJob tells holders of duties that come near, and holders and units of those
// that were missed. It may run as often as it likes.
type WatchJob struct{}

// Kind names the job.
func (WatchJob) Kind() string { return "duty.watch" }

const (
	watchEvery = time.Hour
	watchTime  = 10 * time.Minute
	watchBatch = 200
	beforeAll  = "00000000-0000-0000-0000-000000000000" // sorts before every id
)

// Workers has the workers follow the duties.
func (s *Service) Workers(q *jobs.Queue) {
	jobs.Work(q, func(ctx context.Context, _ WatchJob) error { return s.Watch(ctx) }, jobs.Within(watchTime))
	q.Every(watchEvery, WatchJob{})
}

// Watch does what the day asks of duties. Each is a transaction by itself, and two
// runs at once do nothing twice: one that was moved on meanwhile is left.
func (s *Service) Watch(ctx context.Context) (failed error) {
	ctx = actor.AsSystem(ctx, WatchJob{}.Kind())
	today := s.Today()
	for last := beforeAll; ; {
		var list []Duty
		err := s.DB.From(ctx).Where("look_on <= ? AND id > ?", today, last).Order("id").Limit(watchBatch).Find(&list).Error
		if err != nil {
			return fmt.Errorf("find the duties of the day: %w", db.Fault(err, "", ""))
		}
		for i := range list {
			err := s.DB.Tx(ctx, func(ctx context.Context) error { return s.look(ctx, &list[i], today) })
			if err != nil && !errors.Is(err, errChanged) {
				failed = errors.Join(failed, fmt.Errorf("look at the duty %s: %w", list[i].ID, err))
			}
			last = list[i].ID
		}
		if len(list) < watchBatch {
			return failed
		}
	}
}

// look does what is to do about one duty, and says when to look again.
func (s *Service) look(ctx context.Context, d *Duty, today calendar.Date) error {
	p, err := s.Register.ByID(ctx, d.PermitID)
	if err != nil {
		return err
	}
	ended, err := s.ended(ctx, p, d, today)
	if err != nil || ended {
		return err
	}
	if d.Provisional { // its calendar may be there by now
		due, provisional, err := s.due(ctx, p, d.NominalOn)
		if err != nil {
			return err
		}
		d.DueOn, d.Provisional = due, provisional
	}
	columns := map[string]any{"due_on": d.DueOn, "provisional": d.Provisional}
	switch {
	case today <= d.DueOn:
		columns["look_on"] = d.DueOn.Add(1)
	default:
		columns["look_on"] = nil
	}
	if err := s.save(ctx, d, columns); err != nil {
		return err
	}
	if today > d.DueOn {
		if err := s.next(ctx, p, d); err != nil {
			return err
		}
	}
	what := Near
	if today > d.DueOn {
		what = Missed
	}
	if d.State != Due {
		return nil
	}
	if what == Missed {
		if err := s.record(ctx, p, d, audit.Entry{Action: "permit.duty_missed", Fields: []audit.Change{{Field: "due_on", After: d.DueOn.String()}}}); err != nil {
			return err
		}
	}
	return s.Tell(ctx, what, d, p, db.NewID(s.now()))
}

// ended drops a duty of a permit that does not stand any more.
func (s *Service) ended(ctx context.Context, p *register.Permit, d *Duty, today calendar.Date) (bool, error) {
	stands := p.On(today)
	if stands == register.Valid || stands == register.Suspended || stands == register.Future {
		return false, nil
	}
	columns := map[string]any{"look_on": nil}
	if d.State == Due {
		columns["state"] = Dropped
	}
	return true, s.save(ctx, d, columns)
}

// next enters the time after this one.
func (s *Service) next(ctx context.Context, p *register.Permit, d *Duty) error {
	t, err := s.TypeOf(ctx, p.TypeCode, p.TypeVersion)
	if err != nil {
		return err
	}
	if def := t.DutyOf(d.Code); def != nil {
		return s.plan(ctx, p, *def, d.No+1)
	}
	return nil
}

// ByIDs reads duties for messages about them, without their papers; those that are no
// more are left out.
func (s *Service) ByIDs(ctx context.Context, ids []string) ([]View, error) {
	var list []Duty
	if err := s.DB.From(ctx).Where("id IN ?", ids).Find(&list).Error; err != nil {
		return nil, fmt.Errorf("read duties: %w", db.Fault(err, "", ""))
	}
	var of []string
	for i := range list {
		of = append(of, list[i].PermitID)
	}
	permits, err := s.Register.ByIDs(ctx, of)
	if err != nil {
		return nil, err
	}
	var views []View
	for i := range list {
		p := permits[list[i].PermitID]
		if p == nil {
			continue
		}
		v, err := s.bare(ctx, &list[i], p)
		if err != nil {
			if fault.KindOf(err) == fault.NotFound {
				continue
			}
			return nil, err
		}
		views = append(views, *v)
	}
	return views, nil
}

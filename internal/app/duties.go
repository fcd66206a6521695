package app

import (
	"context"

	"minqing/internal/access"
	"minqing/internal/constituents"
	"minqing/internal/duties"
	"minqing/internal/fault"
	"minqing/internal/notify"
	"minqing/internal/register"
)

// wireDuties has the holders of permits followed after these are issued.
func (a *App) wireDuties() {
	a.Duties = duties.New(duties.Deps{DB: a.DB, Audit: a.Audit, Jobs: a.Jobs, Access: a.Access, Files: a.Files, Register: a.Register, Zone: a.zone, Now: a.Options.Now,
		TypeOf: a.PermitTypes.Version, CalendarOf: a.calendarOf, Tell: a.tellDuty,
		Held: func(ctx context.Context, no string) (*register.Permit, bool, error) {
			m, err := a.Permits.Permit(ctx, no)
			if err != nil {
				return nil, false, err
			}
			return &m.Permit, m.Writes, nil
		}})
	a.Duties.Workers(a.Jobs)
	a.Register.Issued = a.Duties.Plan
	a.Permits.Visits = a.Duties
}

var dutyKinds = map[duties.Happening]notify.Kind{duties.Near: notify.DutyNear, duties.Missed: notify.DutyMissed, duties.Returned: notify.DutyReturned,
	duties.Settled: notify.DutySettled, duties.Visit: notify.DutyVisit}

// tellDuty tells the holder of a duty, and the unit of one that was missed.
func (a *App) tellDuty(ctx context.Context, what duties.Happening, d *duties.Duty, p *register.Permit, cause string) error {
	byItself := what == duties.Near || what == duties.Missed
	if err := a.tellHolders(ctx, notify.Telling{Kind: dutyKinds[what], About: d.ID, Cause: cause, ByItself: byItself}, p.HolderID, p.HolderKind); err != nil || what != duties.Missed {
		return err
	}
	who, err := a.Access.Nearest(ctx, access.PermitDuty, p.UnitPath)
	if err != nil {
		return err
	}
	for _, account := range who {
		err := a.Notify.Tell(ctx, notify.Telling{Kind: notify.DutyOverdue, To: notify.Recipient{AccountID: account}, About: d.ID, Cause: cause, ByItself: true})
		if err != nil {
			return err
		}
	}
	return nil
}

// tellHolders tells a person themselves, an enterprise at its own address, and those
// who lead it at theirs. Of somebody erased nobody is told.
func (a *App) tellHolders(ctx context.Context, t notify.Telling, holderID string, kind constituents.Kind) error {
	who, err := a.Constituents.Head(ctx, holderID)
	if fault.KindOf(err) == fault.NotFound && err != nil {
		return nil
	}
	if err != nil {
		return err
	}
	to := []string{who}
	if kind == constituents.Enterprise {
		leaders, err := a.Enterprises.Leaders(ctx, who)
		if err != nil {
			return err
		}
		to = append(to, leaders...)
	}
	for _, id := range to {
		t.To = notify.Recipient{ConstituentID: id}
		if err := a.Notify.Tell(ctx, t); err != nil {
			return err
		}
	}
	return nil
}

package app

import (
	"context"
	"strings"

	"minqing/internal/access"
	"minqing/internal/constituents"
	"minqing/internal/duties"
	"minqing/internal/fault"
	"minqing/internal/fees"
	"minqing/internal/i18n"
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
	if err := a.tellHolders(ctx, notify.Telling{Kind: dutyKinds[what], About: d.ID, Cause: cause}, p.HolderID, p.HolderKind); err != nil || what != duties.Missed {
		return err
	}
	who, err := a.Access.Nearest(ctx, access.PermitDuty, p.UnitPath)
	if err != nil {
		return err
	}
	for _, account := range who {
		err := a.Notify.Tell(ctx, notify.Telling{Kind: notify.DutyOverdue, To: notify.Recipient{AccountID: account}, About: d.ID, Cause: cause})
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

// news knows what messages say of permits, fees and enterprises.
type news struct{ a *App }

// NewsFacts says what happened, in the language of the reader.
func (n news) NewsFacts(ctx context.Context, k notify.Kind, id string, l i18n.Lang) (notify.NewsFacts, error) {
	switch k {
	case notify.FeeOrdered, notify.FeeReceived:
		return n.ofFee(ctx, k, id, l)
	case notify.MemberJoined, notify.MemberRole, notify.MemberLeft, notify.HouseHanded:
		return n.ofHouse(ctx, k, id, l)
	}
	return n.ofDuty(ctx, k, id, l)
}

// ofFee names the fee, the amount, and until when it is due or when it was paid.
func (n news) ofFee(ctx context.Context, k notify.Kind, id string, l i18n.Lang) (notify.NewsFacts, error) {
	o, err := n.a.Fees.ByID(ctx, id)
	if err != nil {
		return notify.NewsFacts{}, err
	}
	f := i18n.Format{Lang: l}
	args := i18n.Args{"Name": o.FeeName.In(l), "Amount": fees.Money(o.Amount, o.Currency), "Case": o.CaseNo, "Day": f.Date(o.DueOn.UTC())}
	if k == notify.FeeReceived && o.SettledOn != nil {
		args["Day"] = f.Date(o.SettledOn.UTC())
	}
	return notify.NewsFacts{Title: o.TypeName.In(l) + " " + o.OrderNo, Says: n.a.Bundle.T(l, "fees.news."+string(k), args), LinkPath: "/me/fees/" + o.OrderNo}, nil
}

// ofHouse names the enterprise, the member, and what they are there now.
func (n news) ofHouse(ctx context.Context, k notify.Kind, id string, l i18n.Lang) (notify.NewsFacts, error) {
	one, err := n.a.Enterprises.NewsOf(ctx, k, id)
	if err != nil {
		return notify.NewsFacts{}, err
	}
	names, err := n.a.Identity.Names(ctx, one.Member)
	if err != nil {
		return notify.NewsFacts{}, err
	}
	says := n.a.Bundle.T(l, "house.news."+string(k), i18n.Args{"Name": names[one.Member], "Role": n.a.Bundle.T(l, "house.role."+string(one.Role), nil)})
	return notify.NewsFacts{Title: one.Enterprise, Says: says, LinkPath: "/enterprise"}, nil
}

// ofDuty names the permit and the duty, until when, and what the unit said.
func (n news) ofDuty(ctx context.Context, k notify.Kind, id string, l i18n.Lang) (notify.NewsFacts, error) {
	v, err := n.a.Duties.ByID(ctx, id)
	if err != nil {
		return notify.NewsFacts{}, err
	}
	f := i18n.Format{Lang: l, Zone: n.a.zone}
	say := func(key string, args i18n.Args) string { return n.a.Bundle.T(l, key, args) }
	lines := []string{say("duty.news.name", i18n.Args{"Name": v.Def.Name.In(l)})}
	switch k {
	case notify.DutySettled:
		lines = append(lines, say("duty.news."+string(v.State), nil))
	case notify.DutyVisit:
		if v.InspectionID != nil {
			visit, names, err := n.a.Permits.VisitOf(ctx, *v.InspectionID)
			if err != nil {
				return notify.NewsFacts{}, err
			}
			lines = append(lines, say("duty.news.visit", i18n.Args{"At": f.DateTime(visit.VisitAt), "Names": strings.Join(names, say("duty.news.comma", nil))}))
			if visit.Notice != "" {
				lines = append(lines, visit.Notice)
			}
		}
	default:
		lines = append(lines, say("duty.news.due", i18n.Args{"Day": f.Date(v.DueOn.UTC())}))
	}
	if hint := v.Def.Hint.In(l); hint != "" && (k == notify.DutyNear || k == notify.DutyMissed) {
		lines = append(lines, hint)
	}
	if v.Reason != "" && (k == notify.DutyReturned || k == notify.DutySettled) {
		lines = append(lines, say("duty.news.reason", i18n.Args{"Reason": v.Reason}))
	}
	path := "/me/permits/" + v.Permit.PermitNo + "/duties/" + v.ID
	if k == notify.DutyOverdue {
		path = "/desk/permits/" + v.Permit.PermitNo + "/duties/" + v.ID
	}
	return notify.NewsFacts{Title: v.Permit.TypeName.In(l) + " " + v.Permit.PermitNo, Says: strings.Join(lines, "\n"), LinkPath: path}, nil
}

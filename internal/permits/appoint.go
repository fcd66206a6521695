package permits

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/text"
)

// visitMost is how many days ahead an inspection may be.
const visitMost = 90

// Appointment is when officials come, and who, as it was typed.
type Appointment struct {
	Day       string   // as 2026-11-24
	Time      string   // as 09:30, where the case is
	Officials []string // accounts
	Notice    string   // what the applicant should know, such as who has to be there
}

// Appoint tells the applicant when an inspection is and who comes. An appointment
// that was made before is called off by the new one.
func (s *Service) Appoint(ctx context.Context, caseNo string, version int64, a Appointment) (*cases.Case, error) {
	var out *cases.Case
	err := s.DB.Tx(ctx, func(ctx context.Context) error {
		v, err := s.Site(ctx, caseNo)
		if err != nil {
			return err
		}
		if err := s.inspectable(ctx, v); err != nil {
			return err
		}
		at, err := a.check(v, s.now())
		if err != nil {
			return err
		}
		one := &Inspection{ID: db.NewID(s.now()), ApplicationID: v.Application.ID, No: int64(len(v.Inspections) + 1), State: Appointed,
			VisitAt: at, VisitOn: calendar.DateOf(at, v.Zone), Notice: text.Lines(a.Notice), AppointedAt: s.now(), AppointedByID: db.Ref(actor.From(ctx).AccountID)}
		if v.issued() {
			out = v.Case
			if v.Case.Version != version {
				return fault.New(fault.Conflict, "case.changed")
			}
			if err := s.storeAppointment(ctx, v, one, a.Officials); err != nil {
				return err
			}
			return s.Visits.Appointed(ctx, v.Decision.PermitNo, one.ID)
		}
		out, err = s.Cases.TrackAct(ctx, caseNo, version, access.PermitInspect, cases.Notice{Act: cases.ActAppoint, Text: s.appointed(v, one, a.Officials)})
		if err != nil {
			return err
		}
		return s.storeAppointment(ctx, v, one, a.Officials)
	})
	return out, db.Fault(err, "", "case.changed")
}

// issued says that the application became a permit: what is looked at from then on is
// how its holder keeps to it.
func (v *Site) issued() bool {
	return v.Application.State == Granted && v.Decision != nil && v.Decision.PermitNo != ""
}

// inspectable says whether the actor may go on site now: while the decision is being
// made, and after the permit is issued when its holder owes an inspection.
func (s *Service) inspectable(ctx context.Context, v *Site) error {
	if err := v.View.May(access.PermitInspect); err != nil {
		return err
	}
	if v.issued() && s.Visits != nil {
		return s.Visits.Visitable(ctx, v.Decision.PermitNo)
	}
	if v.Application.State != Accepted && v.Application.State != Correcting || v.Application.AcceptedAt == nil {
		return fault.New(fault.Conflict, "permit.not_now")
	}
	return nil
}

// inspected refuses a grant before two officials have been on site and found it in
// order, where the type wants that; a refusal without it says why.
func (p *Part) inspected(d Drafting) error {
	if !p.Type.Inspection {
		return nil
	}
	last := lastInspection(p.Inspections)
	switch {
	case *d.Grants && last == nil:
		return fault.New(fault.Conflict, "permit.inspection.first")
	case *d.Grants && !last.Passed:
		return fault.New(fault.Conflict, "permit.inspection.failed")
	case *d.Grants || last != nil || text.Lines(d.Uninspected) != "":
		return nil
	}
	return fault.InvalidInput(fault.Field{Name: "uninspected", Key: "permit.inspection.uninspected"})
}

func (a Appointment) check(v *Site, now time.Time) (time.Time, error) {
	var c fault.Check
	day, dayErr := calendar.ParseDate(a.Day)
	clock, clockErr := time.Parse("15:04", a.Time)
	c.That(dayErr == nil, "day", "permit.inspection.day.required")
	c.That(clockErr == nil, "time", "permit.inspection.time.required")
	var at time.Time
	if dayErr == nil {
		at = day.Start(v.Zone).Add(time.Duration(clock.Hour())*time.Hour + time.Duration(clock.Minute())*time.Minute)
		c.That(clockErr != nil || at.After(now), "day", "permit.inspection.day.past")
		c.That(day <= v.Today.Add(visitMost), "day", "permit.inspection.day.far", "Days", visitMost)
	}
	a.checkOfficials(v, &c)
	c.That(utf8.RuneCountInString(a.Notice) <= cases.TextMost/5, "notice", "case.text.long", "Max", cases.TextMost/5)
	return at.UTC(), c.Err()
}

func (a Appointment) checkOfficials(v *Site, c *fault.Check) {
	going := slices.Compact(slices.Sorted(slices.Values(a.Officials)))
	c.That(len(going) >= OfficialsLeast, "officials", "permit.inspection.officials.two")
	for _, id := range going {
		known := slices.ContainsFunc(v.Colleagues, func(p Person) bool { return p.ID == id })
		c.That(known, "officials", "permit.inspection.officials.unknown")
	}
}

// appointed is what the applicant reads.
func (s *Service) appointed(v *Site, one *Inspection, officials []string) string {
	lang := i18n.Lang(v.Case.Locale)
	var names []string
	for _, p := range v.Colleagues {
		if slices.Contains(officials, p.ID) {
			names = append(names, p.Name)
		}
	}
	key := "permit.inspection.told"
	if openInspection(v.Inspections) != nil {
		key = "permit.inspection.told.again"
	}
	f := i18n.Format{Lang: lang, Zone: v.Zone}
	lines := []string{s.Words.T(lang, key, i18n.Args{"At": f.DateTime(one.VisitAt), "Names": strings.Join(names, comma(lang))})}
	if one.Notice != "" {
		lines = append(lines, one.Notice)
	}
	return strings.Join(lines, "\n\n")
}

func (s *Service) storeAppointment(ctx context.Context, v *Site, one *Inspection, officials []string) error {
	if was := openInspection(v.Inspections); was != nil {
		res := s.DB.From(ctx).Exec("UPDATE permit_inspections SET state = 'called_off' WHERE id = ? AND state = 'appointed'", was.ID)
		if res.Error != nil {
			return fmt.Errorf("call an inspection off: %w", res.Error)
		}
		if res.RowsAffected == 0 {
			return fault.New(fault.Conflict, "case.changed")
		}
	}
	if err := s.DB.From(ctx).Create(one).Error; err != nil {
		return fmt.Errorf("store an appointment: %w", db.Fault(err, "", "case.changed"))
	}
	var going []Official
	for _, id := range slices.Compact(slices.Sorted(slices.Values(officials))) {
		going = append(going, Official{InspectionID: one.ID, OfficialID: id, Appointed: true})
	}
	if err := s.DB.From(ctx).Create(&going).Error; err != nil {
		return fmt.Errorf("store who inspects: %w", err)
	}
	return s.Audit.Record(ctx, audit.Entry{Action: "permit.appoint", Kind: "application", ID: v.Application.ID,
		Fields: []audit.Change{{Field: "case", After: v.Case.CaseNo}, {Field: "visit_on", After: one.VisitOn.String()}, {Field: "officials", After: fmt.Sprint(len(going))}}})
}

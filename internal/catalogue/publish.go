package catalogue

import (
	"context"
	"fmt"
	"strings"

	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/fault"
)

// Revised is how often years of calendars were imported: whoever saw another number
// decides about something else.
func (s *Snapshot) Revised() (n int64) {
	for _, y := range s.Years {
		n += y.Version
	}
	return n
}

// Calendar is a calendar as it stands, with the years that were imported for it.
func (s *Snapshot) CalendarOf(code string) (*calendar.Calendar, error) {
	c, err := calendar.Builtin(code)
	years := s.Published(code)
	if err != nil && len(years) == 0 {
		return nil, fault.New(fault.NotFound, "catalogue.calendar.missing").Because(err)
	}
	for _, y := range years {
		if c, err = calendar.Over(c, strings.NewReader(y.File())); err != nil {
			return nil, fmt.Errorf("read the calendar %s %d: %w", code, y.Year, err)
		}
	}
	return c, nil
}

// Proposed reads a calendar file over what stands, and says what is wrong with it.
// before is nil for a calendar that is new.
func (s *Snapshot) Proposed(file string) (before, after *calendar.Calendar, years []int, err error) {
	code, years, err := calendar.Listed(strings.NewReader(file))
	if err == nil && len(years) == 0 {
		return nil, nil, nil, fault.InvalidInput(fault.Field{Name: "file", Key: "catalogue.calendar.no_year"})
	}
	if err == nil {
		before, _ = s.CalendarOf(code)
		after, err = calendar.Over(before, strings.NewReader(file))
	}
	if err == nil { // as it will be read: each year alone, over what comes with the program
		base, _ := calendar.Builtin(code)
		_, err = calendar.Over(base, strings.NewReader(file))
	}
	if err != nil {
		return nil, nil, nil, fault.InvalidInput(fault.Field{Name: "file", Key: "catalogue.calendar.invalid", Args: map[string]any{"Error": err.Error()}})
	}
	return before, after, years, nil
}

// Publish imports the years of a calendar file for somebody who saw how often
// calendars were imported before.
func (s *Service) Publish(ctx context.Context, file string, seen int64, reason string) error {
	var c fault.Check
	c.That(strings.TrimSpace(file) != "", "file", "catalogue.calendar.required")
	checkReason(&c, reason)
	if err := c.Err(); err != nil {
		return err
	}
	return s.change(ctx, func(ctx context.Context) error {
		snap, err := s.Snapshot(ctx)
		if err != nil {
			return err
		}
		if snap.Revised() != seen {
			return errChanged
		}
		if _, _, _, err := snap.Proposed(file); err != nil {
			return err
		}
		_, _, changed, err := s.importCalendar(ctx, file, "admin", reason)
		if err == nil && !changed {
			return fault.InvalidInput(fault.Field{Name: "file", Key: "catalogue.calendar.same"})
		}
		return err
	})
}

// HoursChange is by what a unit counts, as typed.
type HoursChange struct {
	Unit     string // its code
	Version  int64  // that was seen
	Calendar string // empty: as the unit above
	Hours    string // shifts, divided by commas or line ends; empty: as the unit above
	Reason   string
}

// Check reads the shifts.
func (a HoursChange) Check(snap *Snapshot) (OfficeHours, error) {
	var c fault.Check
	var hours OfficeHours
	for _, text := range strings.FieldsFunc(a.Hours, func(r rune) bool { return strings.ContainsRune(",，、;\n ", r) }) {
		shift, err := calendar.ParseShift(text)
		c.That(err == nil, "hours", "catalogue.hours.invalid", "Typed", text)
		hours = append(hours, shift)
	}
	if a.Calendar != "" {
		_, err := snap.CalendarOf(a.Calendar)
		c.That(err == nil, "calendar", "catalogue.calendar.missing")
	}
	if c.Err() == nil && len(hours) > 0 {
		base, err := calendar.Builtin("CN")
		if err == nil {
			_, err = base.WithShifts(hours...)
		}
		c.That(err == nil, "hours", "catalogue.hours.order")
	}
	checkReason(&c, a.Reason)
	return hours, c.Err()
}

// SetHours gives a unit a calendar and office hours of its own, or takes them back.
// Those below it that have none of their own follow.
func (s *Service) SetHours(ctx context.Context, a HoursChange) error {
	return s.change(ctx, func(ctx context.Context) error {
		snap, err := s.Snapshot(ctx)
		if err != nil {
			return err
		}
		u, err := snap.Unit(a.Unit)
		if err != nil {
			return err
		}
		hours, err := a.Check(snap)
		if err != nil {
			return err
		}
		if u.Version != a.Version {
			return errChanged
		}
		was := *u
		next := was
		next.OfficeHours, next.Calendar, next.Version = hours, optional(a.Calendar), u.Version+1
		l := &loader{ctx: ctx, service: s, tx: s.db.From(ctx), now: s.now().UTC()}
		if err := l.update(&next); err != nil {
			return err
		}
		if err := keepVersions(l, "unit", []*Unit{&next}); err != nil {
			return err
		}
		return s.audit.Record(ctx, audit.Entry{Action: "catalogue.hours.set", Kind: "unit", ID: u.ID, Reason: a.Reason,
			Fields: fieldsChanged("calendar", deref(was.Calendar), a.Calendar, "office_hours", was.OfficeHours.String(), hours.String())})
	})
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// String writes the shifts as they are typed.
func (h OfficeHours) String() string { return strings.Join(h.texts(), ", ") }

package catalogue

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/db"
	"minqing/internal/fault"
)

// errChanged says that somebody else was first.
var errChanged = fault.New(fault.Conflict, "catalogue.changed")

const (
	reasonMost = 500 // characters
	basisMost  = 300
	backMost   = 365 // days that a standard may reach back
	aheadMost  = 3660
)

// change locks the catalogue, does something, makes every process read it again and
// tells those who count by it.
func (s *Service) change(ctx context.Context, do func(ctx context.Context) error) error {
	return s.db.Tx(ctx, func(ctx context.Context) error {
		if err := s.renew(ctx, s.now().UTC()); err != nil { // whoever else changes something waits here
			return err
		}
		if err := do(ctx); err != nil {
			return err
		}
		if err := s.renew(ctx, s.now().UTC()); err != nil { // do may have looked at the catalogue under the first one
			return err
		}
		for _, tell := range s.timed {
			if err := tell(ctx); err != nil {
				return err
			}
		}
		return nil
	})
}

func checkReason(c *fault.Check, reason string) {
	c.That(strings.TrimSpace(reason) != "", "reason", "catalogue.reason.required")
	c.That(utf8.RuneCountInString(reason) <= reasonMost, "reason", "catalogue.text.long", "Max", reasonMost)
}

// StandardChange is the next version of a standard, as typed.
type StandardChange struct {
	Code      string
	Version   int64 // that was seen
	ValidFrom string
	Number    string
	Unit      string
	Share     string
	Told      []string
	Basis     string
	Reason    string
}

// Check reads what was typed and says what is wrong with it; today is a day of the government.
func (a StandardChange) Check(today calendar.Date) (Standard, error) {
	v := Standard{Code: a.Code, Version: a.Version + 1, Basis: a.Basis, Reason: a.Reason, Told: Codes{}}
	var c fault.Check
	day, err := calendar.ParseDate(a.ValidFrom)
	c.That(err == nil, "valid_from", "catalogue.day.invalid")
	first := today
	if slices.Contains(StandardMoves, a.Code) {
		first = today.Add(-backMost)
	}
	c.That(err != nil || day >= first, "valid_from", "catalogue.standard.early", "Day", first.String())
	c.That(err != nil || day <= today.Add(aheadMost), "valid_from", "catalogue.standard.late", "Day", today.Add(aheadMost).String())
	v.ValidFrom = day
	if a.Code != StdWarnDue {
		n, err := strconv.Atoi(a.Number)
		c.That(err == nil, "number", "catalogue.standard.number")
		v.TimeLimit, _ = calendar.NewLimit(max(n, 1), calendar.Unit(a.Unit))
		c.That(!v.TimeLimit.IsZero() || err != nil, "number", "catalogue.standard.number")
		c.That(err != nil || n > 0, "number", "catalogue.standard.number")
		c.That(slices.Contains(UnitsOf(a.Code), calendar.Unit(a.Unit)), "unit", "catalogue.standard.unit")
	}
	if a.Code == StdWarnBefore {
		n, err := strconv.Atoi(a.Share)
		c.That(err == nil && n > 0 && n < 100, "share", "catalogue.standard.share")
		v.Share = int64(n)
	}
	if strings.HasPrefix(a.Code, "warn_") {
		for _, who := range Hearers {
			if slices.Contains(a.Told, who) {
				v.Told = append(v.Told, who)
			}
		}
		c.That(len(v.Told) > 0, "told", "catalogue.standard.told")
	}
	c.That(utf8.RuneCountInString(a.Basis) <= basisMost, "basis", "catalogue.text.long", "Max", basisMost)
	checkReason(&c, a.Reason)
	return v, c.Err()
}

// UnitsOf are what a standard may count.
func UnitsOf(code string) []calendar.Unit {
	switch code {
	case StdJoint:
		return []calendar.Unit{calendar.WorkingDays}
	case StdArchive:
		return []calendar.Unit{calendar.Days}
	case StdUrgent:
		return []calendar.Unit{calendar.Hours}
	case StdWarnBefore:
		return []calendar.Unit{calendar.WorkingDays, calendar.Days}
	}
	return []calendar.Unit{calendar.WorkingDays, calendar.Days, calendar.OfficeHours, calendar.Hours}
}

// SetStandard adds the next version of a standard. Open clocks that it counts for
// are counted anew by a job.
func (s *Service) SetStandard(ctx context.Context, a StandardChange, today calendar.Date) error {
	v, err := a.Check(today)
	if err != nil {
		return err
	}
	return s.change(ctx, func(ctx context.Context) error {
		var before []Standard
		if err := s.db.From(ctx).Where("code = ?", a.Code).Order("version DESC").Find(&before).Error; err != nil {
			return fmt.Errorf("read a standard: %w", err)
		}
		if len(before) == 0 {
			return fault.New(fault.NotFound, "catalogue.standard.missing")
		}
		if before[0].Version != a.Version {
			return errChanged
		}
		v.SetAt, v.SetByID = s.now().UTC(), db.Ref(actor.From(ctx).AccountID)
		if err := s.db.From(ctx).Create(&v).Error; err != nil {
			return fmt.Errorf("set a standard: %w", db.Fault(err, "", "catalogue.changed"))
		}
		was := arrangeStandards(pointers(before)).On(a.Code, v.ValidFrom)
		if was == nil {
			was = &Standard{}
		}
		return s.audit.Record(ctx, audit.Entry{Action: "catalogue.standard.set", Kind: "clock_standard", ID: fmt.Sprintf("%s %d", v.Code, v.Version), Reason: a.Reason,
			Fields: fieldsChanged("valid_from", was.ValidFrom.String(), v.ValidFrom.String(), "limit", was.TimeLimit.String(), v.TimeLimit.String(),
				"share", fmt.Sprint(was.Share), fmt.Sprint(v.Share), "told", strings.Join(was.Told, " "), strings.Join(v.Told, " "))})
	})
}

func pointers[T any](list []T) []*T {
	out := make([]*T, len(list))
	for i := range list {
		out[i] = &list[i]
	}
	return out
}

// fieldsChanged takes names with what they were and what they are, and leaves out
// those that stayed.
func fieldsChanged(triples ...string) (list []audit.Change) {
	for i := 0; i+2 < len(triples); i += 3 {
		if triples[i+1] != triples[i+2] {
			list = append(list, audit.Change{Field: triples[i], Before: triples[i+1], After: triples[i+2]})
		}
	}
	return list
}

package constituents

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/text"
)

// Source is who said what is known of somebody.
type Source string

// The sources: a case, the person, a member of staff, or another system.
const (
	FromCase   Source = "case"
	FromSelf   Source = "self"
	FromStaff  Source = "staff"
	FromImport Source = "import"
)

// Sources lists them.
var Sources = []Source{FromCase, FromSelf, FromStaff, FromImport}

// Stage is where an enterprise stands in its life.
type Stage string

// Stages lists them in their order.
var Stages = []Stage{"set_up", "operating", "changing", "closing"}

// Profile is what is known of somebody beside how to reach them. What is not
// known is zero.
type Profile struct {
	BirthYear     int    // of a person; the day is more than any purpose needs
	DistrictCode  string // where a person lives or an enterprise sits
	EstablishedOn *calendar.Date
	Stage         Stage
	Industry      string
	Source        Source
	Locale        string
	Version       int64 // of the record, as it was read
}

// IndustryMost is the longest name of an industry, in characters.
const IndustryMost = 60

func (p Profile) check(kind Kind, today calendar.Date) error {
	var c fault.Check
	person := kind == Person
	c.That(p.BirthYear == 0 || person, "birth_year", "constituents.profile.person")
	c.That(p.BirthYear == 0 || p.BirthYear >= 1900 && p.BirthYear <= today.Year(), "birth_year", "constituents.profile.birth_year", "To", today.Year())
	c.That(p.Stage == "" || !person && slices.Contains(Stages, p.Stage), "stage", "constituents.profile.stage")
	c.That(p.EstablishedOn == nil || !person && *p.EstablishedOn <= today, "established_on", "constituents.profile.established_on")
	c.That(p.Industry == "" || !person, "industry", "constituents.profile.enterprise")
	c.That(utf8.RuneCountInString(p.Industry) <= IndustryMost, "industry", "constituents.profile.long", "Max", IndustryMost)
	c.That(slices.Contains(Sources, p.Source), "source", "constituents.source.unknown")
	return c.Err()
}

// SetProfile writes down what is known of somebody. The record must not have
// changed since it was read.
func (s *Service) SetProfile(ctx context.Context, id string, p Profile) error {
	p.Industry = text.Line(p.Industry)
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		r, err := s.hold(ctx, id)
		if err != nil {
			return err
		}
		if err := p.check(r.Kind, s.today()); err != nil {
			return err
		}
		changes := p.changes(r)
		if len(changes) == 0 {
			return nil
		}
		if r.Version != p.Version {
			return errChanged
		}
		res := s.DB.From(ctx).Exec(`UPDATE constituents SET birth_year = ?, district_code = ?, established_on = ?, stage = ?, industry = ?, source = ?, locale = ?,
 version = version + 1 WHERE id = ? AND version = ?`, number(p.BirthYear), db.Ref(p.DistrictCode), p.EstablishedOn, db.Ref(string(p.Stage)),
			db.Ref(p.Industry), p.Source, language(p.Locale), id, p.Version)
		if res.Error != nil {
			return fmt.Errorf("write down what is known of somebody: %w", db.Fault(res.Error, "", ""))
		}
		if res.RowsAffected == 0 {
			return errChanged
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "constituent.profile", Kind: "constituent", ID: id, Fields: changes})
	})
}

// changes names what would be other than it is, and no values: they are personal.
func (p Profile) changes(r row) (fields []audit.Change) {
	was := r.profile()
	add := func(name string, changed bool) {
		if changed {
			fields = append(fields, audit.Change{Field: name})
		}
	}
	add("birth_year", p.BirthYear != was.BirthYear)
	add("district_code", p.DistrictCode != was.DistrictCode)
	add("established_on", day(p.EstablishedOn) != day(was.EstablishedOn))
	add("stage", p.Stage != was.Stage)
	add("industry", p.Industry != was.Industry)
	add("locale", language(p.Locale) != was.Locale)
	return fields
}

func (r row) profile() Profile {
	p := Profile{EstablishedOn: r.EstablishedOn, Source: r.Source, Locale: r.Locale, Version: r.Version}
	if r.BirthYear != nil {
		p.BirthYear = *r.BirthYear
	}
	p.DistrictCode, p.Stage, p.Industry = value(r.DistrictCode), Stage(value(r.Stage)), value(r.Industry)
	return p
}

var errChanged = fault.New(fault.Conflict, "constituents.changed")

// hold locks a record in the open transaction, so that what hangs on it changes
// one after the other, and nothing is added to somebody who is being erased.
func (s *Service) hold(ctx context.Context, id string) (row, error) {
	res := s.DB.From(ctx).Exec("UPDATE constituents SET version = version WHERE id = ? AND erased_at IS NULL", id)
	if res.Error != nil {
		return row{}, fmt.Errorf("hold a record: %w", db.Fault(res.Error, "constituents.missing", ""))
	}
	if res.RowsAffected == 0 {
		return row{}, errMissing
	}
	var r row
	if err := s.DB.From(ctx).Where("id = ?", id).Take(&r).Error; err != nil {
		return row{}, db.Fault(err, "constituents.missing", "")
	}
	return r, nil
}

// end closes a row of what is known of somebody at its version.
func (s *Service) end(ctx context.Context, table, id string, version int64) error {
	res := s.DB.From(ctx).Exec("UPDATE "+table+" SET valid_to = ?, version = version + 1 WHERE id = ? AND version = ? AND valid_to IS NULL", s.Now().UTC(), id, version)
	if res.Error != nil {
		return fmt.Errorf("end a row of %s: %w", table, db.Fault(res.Error, "", ""))
	}
	if res.RowsAffected == 0 {
		return errChanged
	}
	return nil
}

func (s *Service) today() calendar.Date { return calendar.DateOf(s.Now(), time.UTC) }

func number(n int) *int {
	if n == 0 {
		return nil
	}
	return &n
}

func value(s *string) string {
	if s == nil {
		return ""
	}
	return strings.TrimSpace(*s)
}

func day(d *calendar.Date) string {
	if d == nil {
		return ""
	}
	return d.String()
}

package catalogue

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/fault"
	"minqing/internal/i18n"
)

// SetExtensionMost is by how much a limit may be extended each time: no standard has it.
const SetExtensionMost = "extension_most"

// SetCorrection is until when asking for what is missing gives the whole limit anew; a
// rule of matters alone.
const SetCorrection = "correction"

// RuleLimits are the limits of ClockRules in the order of a case's life.
var RuleLimits = []string{StdAcceptance, StdWarnBefore, StdWarnAfter, SetExtensionMost, StdReturn, StdArchive}

// LimitsOf are the limits that a matter of a track may have of its own. What a permit
// promises stands in its type.
func LimitsOf(track string) []string {
	if track == TrackPermit {
		return append([]string{StdSignIn}, RuleLimits[1:]...)
	}
	return append(append([]string{StdConclusion, StdContact, StdSignIn}, RuleLimits...), SetCorrection)
}

// CountsOf are what a limit may count for a track, which is empty for a unit. A petition
// is concluded in calendar days.
func CountsOf(code, track string) []calendar.Unit {
	switch {
	case code == StdConclusion && track == TrackPetition, code == StdArchive:
		return []calendar.Unit{calendar.Days}
	}
	return []calendar.Unit{calendar.WorkingDays, calendar.Days, calendar.OfficeHours, calendar.Hours}
}

// RulesChange are the limits and clock rules of a matter or a unit, as typed. What is
// empty is as the units above and the government have it.
type RulesChange struct {
	Code       string            // of the matter or the unit
	Version    int64             // that was seen
	Numbers    map[string]string // by limit
	Units      map[string]string
	Share      string // percent of a limit, where warn_before is none or longer than what is left
	Extensions string
	Returns    string
	Reason     string
}

// read reads the limits and rules; codes are the limits that there may be.
func (a RulesChange) read(c *fault.Check, codes []string, track string) (map[string]calendar.Limit, ClockRules) {
	of := map[string]calendar.Limit{}
	for _, code := range codes {
		typed := a.Numbers[code]
		if typed == "" {
			continue
		}
		n, err := strconv.Atoi(typed)
		unit := calendar.Unit(a.Units[code])
		known := slices.Contains(CountsOf(code, track), unit)
		limit, wrong := calendar.NewLimit(n, unit)
		name := i18n.Key("timing.standard." + code)
		c.That(err == nil && (wrong == nil || !known), "number["+code+"]", "catalogue.rules.number", "Limit", name)
		c.That(known, "unit["+code+"]", "catalogue.rules.unit", "Limit", name)
		of[code] = limit
	}
	r := ClockRules{Acceptance: of[StdAcceptance], WarnBefore: of[StdWarnBefore], WarnAfter: of[StdWarnAfter], ExtensionMost: of[SetExtensionMost],
		Return: of[StdReturn], Archive: of[StdArchive], Correction: of[SetCorrection]}
	r.Extensions, r.Returns = few(c, "extensions", a.Extensions), few(c, "returns", a.Returns)
	if a.Share != "" {
		n, err := strconv.Atoi(a.Share)
		c.That(err == nil && n > 0 && n < 100, "share", "catalogue.standard.share")
		r.WarnShare = n
	}
	checkReason(c, a.Reason)
	return of, r
}

// fewMost is how often a limit may be extended, or a case sent back, at most.
const fewMost = 99

func few(c *fault.Check, name, typed string) *int {
	if typed == "" {
		return nil
	}
	n, err := strconv.Atoi(typed)
	c.That(err == nil && n >= 0 && n <= fewMost, name, "catalogue.rules.few", "Max", fewMost)
	return &n
}

// Matter is the matter as it would be, with what is wrong with what was typed.
func (a RulesChange) Matter(was *Matter) (*Matter, error) {
	var c fault.Check
	next := *was
	of, rules := a.read(&c, LimitsOf(was.Track), was.Track)
	if was.Track != TrackPermit {
		next.HandlingLimit, next.ResponseLimit = of[StdConclusion], of[StdContact]
	} else {
		rules.Acceptance = was.ClockRules.Acceptance
	}
	next.SigninLimit, next.ClockRules, next.Version = of[StdSignIn], rules, was.Version+1
	return &next, c.Err()
}

// Unit is the unit as it would be, with what is wrong with what was typed.
func (a RulesChange) Unit(was *Unit) (*Unit, error) {
	var c fault.Check
	next := *was
	_, next.ClockRules = a.read(&c, RuleLimits, "")
	next.Version = was.Version + 1
	return &next, c.Err()
}

// SetMatterRules gives a matter limits and clock rules of its own, or takes them
// back. Open clocks are counted anew by a job.
func (s *Service) SetMatterRules(ctx context.Context, a RulesChange) error {
	return s.change(ctx, func(ctx context.Context) error {
		snap, err := s.Snapshot(ctx)
		if err != nil {
			return err
		}
		was, err := snap.Matter(a.Code)
		if err != nil {
			return err
		}
		next, err := a.Matter(was)
		if err != nil {
			return err
		}
		if was.Version != a.Version {
			return errChanged
		}
		before, after := was.limits(), next.limits()
		return keepRules(ctx, s, "matter", next, audit.Entry{Reason: a.Reason, Fields: append(rulesChanged(was.ClockRules, next.ClockRules), fieldsChanged(
			StdConclusion, before[0], after[0], StdContact, before[1], after[1], StdSignIn, before[2], after[2])...)})
	})
}

func (m *Matter) limits() [3]string {
	return [3]string{m.HandlingLimit.String(), m.ResponseLimit.String(), m.SigninLimit.String()}
}

// SetUnitRules gives a unit clock rules of its own, or takes them back. Units below
// it that have none of their own follow.
func (s *Service) SetUnitRules(ctx context.Context, a RulesChange) error {
	return s.change(ctx, func(ctx context.Context) error {
		snap, err := s.Snapshot(ctx)
		if err != nil {
			return err
		}
		was, err := snap.Unit(a.Code)
		if err != nil {
			return err
		}
		next, err := a.Unit(was)
		if err != nil {
			return err
		}
		if was.Version != a.Version {
			return errChanged
		}
		return keepRules(ctx, s, "unit", next, audit.Entry{Reason: a.Reason, Fields: rulesChanged(was.ClockRules, next.ClockRules)})
	})
}

// keepRules stores an item whose rules changed, as its next version, and writes the
// entry with the reason and what changed.
func keepRules[P interface{ record() *Record }](ctx context.Context, s *Service, kind string, next P, e audit.Entry) error {
	if len(e.Fields) == 0 {
		return fault.InvalidInput(fault.Field{Name: "reason", Key: "catalogue.rules.same"})
	}
	l := &loader{ctx: ctx, service: s, tx: s.db.From(ctx), now: s.now().UTC()}
	if err := l.update(next); err != nil {
		return err
	}
	if err := keepVersions(l, kind, []P{next}); err != nil {
		return err
	}
	e.Action, e.Kind, e.ID = "catalogue."+kind+".rules", kind, next.record().ID
	return s.audit.Record(ctx, e)
}

func rulesChanged(was, is ClockRules) []audit.Change {
	number := func(n *int) string {
		if n == nil {
			return ""
		}
		return strconv.Itoa(*n)
	}
	return fieldsChanged(StdAcceptance, was.Acceptance.String(), is.Acceptance.String(), StdWarnBefore, was.WarnBefore.String(), is.WarnBefore.String(),
		"share", fmt.Sprint(was.WarnShare), fmt.Sprint(is.WarnShare), StdWarnAfter, was.WarnAfter.String(), is.WarnAfter.String(),
		"extensions", number(was.Extensions), number(is.Extensions), SetExtensionMost, was.ExtensionMost.String(), is.ExtensionMost.String(),
		StdReturn, was.Return.String(), is.Return.String(), "returns", number(was.Returns), number(is.Returns), StdArchive, was.Archive.String(), is.Archive.String(), SetCorrection, was.Correction.String(), is.Correction.String())
}

// Package clocks says when things are due: it finds the calendar and the office
// hours that count for a unit, runs the limits of a matter on them, lets them
// stand still and longer, and says when each of them warns whom.
package clocks

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"minqing/internal/calendar"
	"minqing/internal/catalogue"
)

// Service computes due times.
type Service struct {
	code string // the root's default calendar

	mu    sync.Mutex
	known map[string]*calendar.Calendar

	units sync.Map // unitKey to calendar, of one revision of the catalogue
	of    atomic.Pointer[string]
}

// unitKey is a unit whose version tells its calendar and its hours.
type unitKey struct {
	revision, id string
}

// New makes the service with the defaults of the root unit.
func New(calendarCode string) (*Service, error) {
	s := &Service{code: calendarCode, known: map[string]*calendar.Calendar{}}
	if _, err := s.byCode(nil, calendarCode); err != nil {
		return nil, err
	}
	return s, nil
}

// byCode is a calendar with the years that were imported for it.
func (s *Service) byCode(snap *catalogue.Snapshot, code string) (*calendar.Calendar, error) {
	var years []*catalogue.CalendarYear
	key := code
	if snap != nil {
		years = snap.Published(code)
		for _, y := range years {
			key += fmt.Sprintf(" %s.%d", y.ID, y.Version)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.known[key]; c != nil {
		return c, nil
	}
	c, err := calendar.Builtin(code)
	if err != nil && len(years) == 0 {
		return nil, fmt.Errorf("find the calendar %q: %w", code, err)
	}
	for _, y := range years {
		if c, err = calendar.Over(c, strings.NewReader(y.File())); err != nil {
			return nil, fmt.Errorf("read the calendar %s %d: %w", code, y.Year, err)
		}
	}
	s.known[key] = c
	return c, nil
}

// Of gives the calendar that counts for a unit, inherited down the tree, with
// the unit's office hours. A nil unit gets the root's defaults.
func (s *Service) Of(snap *catalogue.Snapshot, u *catalogue.Unit) (*calendar.Calendar, error) {
	if u == nil || snap.Revision == "" {
		return s.find(snap, u)
	}
	// A list asks twice for every row.
	key := unitKey{snap.Revision, u.ID}
	if c, ok := s.units.Load(key); ok {
		return c.(*calendar.Calendar), nil
	}
	c, err := s.find(snap, u)
	if err != nil {
		return nil, err
	}
	if last := s.of.Swap(&snap.Revision); last != nil && *last != snap.Revision {
		s.units.Clear()
	}
	s.units.Store(key, c)
	return c, nil
}

func (s *Service) find(snap *catalogue.Snapshot, u *catalogue.Unit) (*calendar.Calendar, error) {
	code := s.code
	if u != nil {
		if c := snap.Calendar(u); c != "" {
			code = c
		}
	}
	c, err := s.byCode(snap, code)
	if err != nil || u == nil {
		return c, err
	}
	shifts := snap.OfficeHours(u)
	if len(shifts) == 0 {
		return c, nil
	}
	key := fmt.Sprintf("%p %v", c, shifts) // c itself is kept, so its address is not used again
	s.mu.Lock()
	defer s.mu.Unlock()
	if own := s.known[key]; own != nil {
		return own, nil
	}
	own, err := c.WithShifts(shifts...)
	if err == nil {
		s.known[key] = own
	}
	return own, err
}

// What counts where a database says nothing: the first version of each standard.
//   - danger to life or property: two hours round the clock (Beijing's draft
//     standard for the hotline, 2021);
//   - a conclusion: five working days (Jinan 2018 and Weifang 2021 hotline regulations);
//   - acceptance: two office hours (Beijing, as above);
//   - after a bad review somebody speaks with the person within one working day
//     (Shanghai, regulation of 2024, art. 30); it is mended, and the person told,
//     within five (Dezhou 2020), or fifteen when it is complex (Sichuan);
//   - a unit sends a case back within one working day (a city's plan for returns).
var builtin = map[string]calendar.Limit{
	catalogue.StdUrgent: must(calendar.ParseLimit("2h")), catalogue.StdConclusion: must(calendar.ParseLimit("5wd")),
	catalogue.StdContact: must(calendar.ParseLimit("24h")), catalogue.StdAcceptance: must(calendar.ParseLimit("2wh")),
	catalogue.StdSignIn: must(calendar.ParseLimit("1wd")), catalogue.StdCallback: must(calendar.ParseLimit("1wd")),
	catalogue.StdRectification: must(calendar.ParseLimit("5wd")), catalogue.StdComplex: must(calendar.ParseLimit("15wd")),
	catalogue.StdArchive: must(calendar.ParseLimit("365d")), catalogue.StdReturn: must(calendar.ParseLimit("1wd")),
	catalogue.StdJoint: must(calendar.ParseLimit("3wd")),
}

// Standard is the limit that counts for what begins on a day, where no matter and
// no unit says otherwise. A nil snapshot has none of its own.
func Standard(snap *catalogue.Snapshot, code string, day calendar.Date) calendar.Limit {
	if snap != nil {
		if s := snap.Standards.On(code, day); s != nil {
			return s.TimeLimit
		}
	}
	return builtin[code]
}

func must(l calendar.Limit, err error) calendar.Limit {
	if err != nil {
		panic(err) // a constant of this file
	}
	return l
}

// Started are the clocks of a case at its receipt.
type Started struct {
	Limit         calendar.Limit
	Calendar      *calendar.Calendar
	ReceivedOn    calendar.Date
	Due           calendar.Result
	Response      calendar.Result
	ResponseLimit calendar.Limit
	Acceptance    Clock
	Rules         catalogue.ClockRules
}

// Start runs the clocks of a matter from the receipt. A nil matter gets the
// defaults; danger to life takes the two-hour clock.
func (s *Service) Start(snap *catalogue.Snapshot, u *catalogue.Unit, m *catalogue.Matter, urgent bool, at time.Time) (Started, error) {
	c, err := s.Of(snap, u)
	if err != nil {
		return Started{}, err
	}
	day := c.ReceivedOn(at)
	st := Started{Limit: Standard(snap, catalogue.StdConclusion, day), ResponseLimit: Standard(snap, catalogue.StdContact, day),
		Calendar: c, ReceivedOn: day, Rules: snap.ClockRules(u, m)}
	accept := Standard(snap, catalogue.StdAcceptance, day)
	if !st.Rules.Acceptance.IsZero() {
		accept = st.Rules.Acceptance
	}
	if m != nil {
		if !m.HandlingLimit.IsZero() {
			st.Limit = m.HandlingLimit
		}
		if !m.ResponseLimit.IsZero() {
			st.ResponseLimit = m.ResponseLimit
		}
	}
	if urgent {
		most := Standard(snap, catalogue.StdUrgent, day)
		st.Limit, st.ResponseLimit, accept = most, most, most
	}
	st.Due = c.DueFast(at, st.Limit, nil)
	st.Response = c.DueFast(at, st.ResponseLimit, nil)
	st.Acceptance = Begun(c, st.Rules, Acceptance, accept, at)
	return st, nil
}

// Begun is a clock of a limit that runs from a time.
func Begun(c *calendar.Calendar, r catalogue.ClockRules, k Kind, l calendar.Limit, at time.Time) Clock {
	due := c.DueFast(at, l, nil)
	return Armed(c, r, Clock{Kind: k, No: 1, TimeLimit: l, CalendarVersion: due.CalendarVersion, StartedAt: at, DueAt: &due.Due, State: Running}, at)
}

// Clocks are those of a case that was received: until it is accepted, until the
// person hears of it (where somebody can be reached), and until it is concluded.
// Warnings whose time is over by now are left out.
func (st *Started) Clocks(caseID string, at, now time.Time, reachable bool) []Clock {
	run := func(k Kind, l calendar.Limit, due *calendar.Result) Clock {
		return Armed(st.Calendar, st.Rules, Clock{CaseID: caseID, Kind: k, No: 1, TimeLimit: l, CalendarVersion: due.CalendarVersion,
			StartedAt: at, DueAt: &due.Due, State: Running}, now)
	}
	accept := st.Acceptance
	accept.CaseID = caseID
	list := append(make([]Clock, 0, 3), Armed(st.Calendar, st.Rules, accept, now))
	if reachable {
		list = append(list, run(Contact, st.ResponseLimit, &st.Response))
	}
	return append(list, run(Conclusion, st.Limit, &st.Due))
}

// SignInLimit is how soon a unit signs in a case of the matter, which may be nil,
// that it gets on a day.
func (s *Service) SignInLimit(snap *catalogue.Snapshot, m *catalogue.Matter, urgent bool, day calendar.Date) calendar.Limit {
	switch {
	case urgent:
		return Standard(snap, catalogue.StdUrgent, day)
	case m != nil && !m.SigninLimit.IsZero():
		return m.SigninLimit
	}
	return Standard(snap, catalogue.StdSignIn, day)
}

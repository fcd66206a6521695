package cases

import (
	"fmt"
	"slices"
	"time"

	"minqing/internal/calendar"
	"minqing/internal/catalogue"
	"minqing/internal/clocks"
)

// lived are the clocks of a life that is told from its events.
type lived struct {
	s    *Service
	snap *catalogue.Snapshot
	c    *Case
	st   clocks.Started
	now  time.Time
	list []clocks.Clock
}

// lifeClocks are the clocks that real acts would have left behind a life.
func (s *Service) lifeClocks(snap *catalogue.Snapshot, l *Life) ([]clocks.Clock, error) {
	c := &l.Case
	unit, err := c.promised(snap)
	if err != nil {
		return nil, err
	}
	st, err := s.Clocks.Start(snap, unit, c.matterIn(snap), c.Urgent, c.ReceivedAt)
	if err != nil {
		return nil, err
	}
	v := &lived{s: s, snap: snap, c: c, st: st, now: s.Now()}
	v.list = st.Clocks(c.ID, c.ReceivedAt, v.now, c.Confidentiality != AnonymousFiler)
	for _, e := range l.Events {
		if c.ContactedAt != nil && !e.At.Before(*c.ContactedAt) {
			v.stop(clocks.Contact, *c.ContactedAt)
		}
		if err := v.event(e); err != nil {
			return nil, err
		}
	}
	return v.list, nil
}

func (v *lived) event(e LifeEvent) error {
	if e.From == Submitted && e.To != Submitted && e.To != Withdrawn {
		v.stop(clocks.Acceptance, e.At)
	}
	switch e.Action {
	case ActDispatch, ActRedispatch:
		v.drop(e.At, clocks.SignIn)
		if err := v.signIn(e); err != nil {
			return err
		}
	case ActReturn:
		v.drop(e.At, clocks.SignIn)
	case ActSignIn, ActAssign:
		v.stop(clocks.SignIn, e.At)
	case ActConclude:
		v.stop(clocks.Conclusion, e.At)
	case ActSuspend, ActResume, ActDecideExtension:
		return v.stretch(e)
	case ActRework:
		k := &v.list[slices.IndexFunc(v.list, func(k clocks.Clock) bool { return k.Kind == clocks.Conclusion })]
		k.State, k.StoppedAt = clocks.Running, nil
		*k = clocks.Armed(v.st.Calendar, v.st.Rules, *k, v.now)
	}
	if rectifying(e) {
		return v.rectify(e)
	}
	if e.To.Ended() && !e.From.Ended() {
		v.drop(e.At, clocks.Kinds...)
	}
	return nil
}

// stretch lets the citizen's clock stand still, run on, or have a longer limit.
func (v *lived) stretch(e LifeEvent) error {
	k := &v.list[slices.IndexFunc(v.list, func(k clocks.Clock) bool { return k.Kind == clocks.Conclusion })]
	text := func(name string) string {
		t, _ := e.Data[name].(string)
		return t
	}
	switch e.Action {
	case ActSuspend:
		until, err := calendar.ParseDate(text("until"))
		if err != nil {
			return err
		}
		*k = clocks.Suspend(*k, text("reason"), e.At, until)
	case ActResume:
		*k, _ = clocks.Resume(v.st.Calendar, *k, e.At)
	default:
		if e.Data["approved"] != true {
			return nil
		}
		by, err := calendar.ParseLimit(text("by"))
		if err != nil {
			return err
		}
		if *k, _, err = clocks.Extend(v.st.Calendar, *k, by); err != nil {
			return fmt.Errorf("extend the clock of a life: %w", err)
		}
	}
	*k = clocks.Armed(v.st.Calendar, v.st.Rules, *k, v.now)
	return nil
}

func (v *lived) stop(kind clocks.Kind, at time.Time) {
	for i, k := range v.list {
		if k.Kind == kind && k.Open() {
			v.list[i] = k.Stopped(at)
		}
	}
}

func (v *lived) drop(at time.Time, kinds ...clocks.Kind) {
	for i, k := range v.list {
		if slices.Contains(kinds, k.Kind) && k.Open() {
			v.list[i] = k.Drop(at)
		}
	}
}

// signIn starts the clock of a unit that the case was dispatched to.
func (v *lived) signIn(e LifeEvent) error {
	unit, err := v.snap.Unit(e.UnitID)
	if err != nil {
		return err
	}
	cal, err := v.s.Clocks.Of(v.snap, unit)
	if err != nil {
		return err
	}
	k := clocks.Begun(cal, v.st.Rules, clocks.SignIn, v.s.Clocks.SignInLimit(v.snap, v.c.matterIn(v.snap), v.c.Urgent, cal.ReceivedOn(e.At)), e.At)
	k.CaseID = v.c.ID
	for _, other := range v.list {
		if other.Kind == clocks.SignIn {
			k.No++
		}
	}
	v.list = append(v.list, clocks.Armed(cal, v.st.Rules, k, v.now))
	return nil
}

// ImportedClock is the citizen's clock of a case whose due time came with it
// from another system: it has no limit of ours to be counted by.
func (s *Service) ImportedClock(caseID string, received, due time.Time, concluded *time.Time) (clocks.Clock, error) {
	cal, err := s.Clocks.Of(nil, nil)
	if err != nil {
		return clocks.Clock{}, err
	}
	k := clocks.Clock{CaseID: caseID, Kind: clocks.Conclusion, No: 1, StartedAt: received, DueAt: &due, State: clocks.Running}
	if concluded != nil {
		return k.Stopped(*concluded), nil
	}
	return clocks.Armed(cal, catalogue.ClockRules{}, k, s.Now()), nil
}

package cases

import (
	"context"
	"fmt"
	"time"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/calendar"
	"minqing/internal/catalogue"
	"minqing/internal/clocks"
	"minqing/internal/db"
	"minqing/internal/fault"
)

// Guard is what a track knows about its cases beyond their state. Before may
// refuse an act, After writes what follows from it; both join the transaction of
// the act. Acts that a guard owns are done through its package alone, by TrackAct
// and TrackStep, since they carry more than this package knows of.
type Guard interface {
	Owns(a Action) bool
	Before(ctx context.Context, c *Case, cmd Command) error
	After(ctx context.Context, c *Case, a Action) error
	// Extendable says by how much at most the limit of the case may be extended, in what
	// the limit counts, and until when that may be asked for.
	Extendable(ctx context.Context, c *Case) (most calendar.Limit, until time.Time, err error)
	// ExtendedBy is the verb that allows an extension, and the unit for which it has to be
	// held, where that is not the head of the unit; else the verb is empty.
	ExtendedBy(ctx context.Context, c *Case) (v access.Verb, unitPath string, err error)
}

// GuardBy sets the guard of a track, before anybody is served.
func (s *Service) GuardBy(track string, g Guard) {
	if s.guards == nil {
		s.guards = map[string]Guard{}
	}
	s.guards[track] = g
}

// guarded says whether an act on the case is done through its track alone.
func (s *Service) guarded(c *Case, a Action) bool {
	g := s.guards[c.Track]
	return g != nil && g.Owns(a)
}

// refuseOwned sends somebody who asks for such an act to the page of the track.
func (s *Service) refuseOwned(c *Case, a Action) error {
	if s.guarded(c, a) {
		return fault.New(fault.Conflict, "case.track.own").With("Possible", without(c.nowNames(), a))
	}
	return nil
}

func (s *Service) before(ctx context.Context, c *Case, cmd Command) error {
	if g := s.guards[c.Track]; g != nil {
		return g.Before(ctx, c, cmd)
	}
	return nil
}

func (s *Service) afterAct(ctx context.Context, c *Case, a Action) error {
	if g := s.guards[c.Track]; g != nil {
		return g.After(ctx, c, a)
	}
	return nil
}

// TrackAct is Act for the package of a track: the verb is the track's own, and
// acts that the track owns are possible.
func (s *Service) TrackAct(ctx context.Context, caseNo string, version int64, v access.Verb, cmd Command) (*Case, error) {
	if err := cmd.Validate(); err != nil {
		return nil, err
	}
	var c *Case
	err := s.DB.Tx(ctx, func(ctx context.Context) error {
		var units []unitState
		var o access.Object
		var err error
		if c, units, _, o, err = s.loadObject(ctx, caseNo, access.CaseRead); err != nil {
			return err
		}
		if ctx, err = s.Access.For(ctx, v, acting(o, units, v)); err != nil {
			return err
		}
		if version != 0 && c.Version != version {
			return fault.New(fault.Conflict, "case.changed").With("Version", c.Version)
		}
		return s.transit(ctx, c, units, c.step(cmd.Action()), cmd)
	})
	if err != nil {
		return nil, db.Fault(s.alarmed(ctx, caseNo, wayAct, err), "", "case.changed")
	}
	s.counted.forget(actor.From(ctx).AccountID)
	return c, nil
}

// TrackStep does an act of the applicant or of the program on a case of a track.
// Who calls has checked whose the case is.
func (s *Service) TrackStep(ctx context.Context, caseID string, cmd Command) (*Case, error) {
	if err := cmd.Validate(); err != nil {
		return nil, err
	}
	var c *Case
	err := s.DB.Tx(ctx, func(ctx context.Context) error {
		var err error
		if c, err = s.ByID(ctx, caseID); err != nil {
			return err
		}
		units, err := s.unitsOf(ctx, c.ID)
		if err != nil {
			return err
		}
		return s.transit(ctx, c, units, c.step(cmd.Action()), cmd)
	})
	if err != nil {
		return nil, db.Fault(err, "", "case.changed")
	}
	return c, nil
}

// May says whether the actor may do a track's own verb to a case that they read.
func (v *View) May(verb access.Verb) error {
	if v.may == nil {
		return errMissing
	}
	return v.may(verb)
}

// PermitApplication is the kind of a case in which somebody applies for a permit.
// Only the package of permits files it.
const PermitApplication Kind = "permit_application"

// Application is a filing of the permit track, with who applies.
type Application struct {
	Filing
	HolderID string // the constituent for whom it is: an enterprise, or the person

	Completeness calendar.Limit // until the unit has to say whether it is complete
	Promised     calendar.Limit // for the decision
}

// FileApplication files an application within the caller's transaction. The
// enterprise is who asks; who signed for it is kept with the application.
func (s *Service) FileApplication(ctx context.Context, a Application) (*Receipt, error) {
	f := a.Filing
	f.Kind, f.Confidentiality, f.applied = PermitApplication, Normal, &a
	var r *Receipt
	err := s.DB.Tx(ctx, func(ctx context.Context) error {
		var err error
		if f.requester, err = s.Constituents.Hold(ctx, a.HolderID); err != nil {
			return err
		}
		r, err = s.File(ctx, f)
		return err
	})
	return r, err
}

// Supplied is what an applicant sends to a correction notice: the case goes back
// to where it was asked.
// Where it is not accepted yet, the limit to say so begins anew.
func Supplied(text string, completeness calendar.Limit) Command {
	return message{text: text, supplied: true, completeness: completeness}
}

// readmit starts the limit to accept once more, for corrected papers.
func (ch *change) readmit(m message) error {
	if !m.supplied || ch.to != Submitted || m.completeness.IsZero() {
		return nil
	}
	unit, err := ch.c.promised(ch.snap)
	if err != nil {
		return err
	}
	return ch.startClock(clocks.Acceptance, unit, m.completeness)
}

// timed gives an application the limits of its type in place of the matter's.
func (p *placed) timed(a *Application) {
	if a == nil {
		return
	}
	st := &p.clocks
	if !a.Completeness.IsZero() {
		st.Acceptance = clocks.Begun(st.Calendar, st.Rules, clocks.Acceptance, a.Completeness, p.now)
		st.ResponseLimit, st.Response = a.Completeness, st.Calendar.DueFast(p.now, a.Completeness, nil)
	}
	if !a.Promised.IsZero() {
		st.Limit, st.Due = a.Promised, st.Calendar.DueFast(p.now, a.Promised, nil)
	}
}

// waits says that a message alone does not answer what was asked: in the permit
// track the corrected papers do.
func (ch *change) waits(m message) bool {
	return ch.c.Track == catalogue.TrackPermit && !m.supplied
}

// ClocksOf reads the clocks of a case for another package of the house.
func (s *Service) ClocksOf(ctx context.Context, caseID string) ([]clocks.Clock, error) {
	var list []clocks.Clock
	if err := s.DB.Together(ctx, db.Rows(&list, readTicking+"? ORDER BY started_at, kind, no", caseID)); err != nil {
		return nil, fmt.Errorf("read the clocks of a case: %w", db.Fault(err, "", ""))
	}
	return list, nil
}

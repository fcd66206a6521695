package register

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/catalogue"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/idcode"
)

// Issue is what a permit is issued from.
type Issue struct {
	CaseID, CaseNo string
	TypeCode       string
	TypeVersion    int64
	HolderID       string // constituent
	UnitID         string
	ValidFrom      calendar.Date
	ValidUntil     *calendar.Date    // the last day; nil: without end
	Particulars    map[string]string // public facts: place, scope
	Replaces       string            // permit number, for renewals and changes
	Silent         bool              // nobody decided in time on its renewal
}

// The most that a permit says.
const (
	factsMost = 20
	factMost  = 300 // characters
)

// Issue enters a permit into the register, in the caller's transaction, and gives
// its number. A case has one permit: asked again, it gives the same number.
func (s *Service) Issue(ctx context.Context, i Issue) (no string, err error) {
	if i.CaseID == "" {
		return "", fault.New(fault.Invalid, "register.issue.case")
	}
	err = s.DB.Tx(ctx, func(ctx context.Context) error {
		var known []string
		if err := s.DB.From(ctx).Raw("SELECT permit_no FROM permits WHERE case_id = ?", i.CaseID).Scan(&known).Error; err != nil {
			return fmt.Errorf("look for the permit of a case: %w", db.Fault(err, "", ""))
		}
		if len(known) > 0 {
			no = known[0]
			return nil
		}
		p, err := s.enter(ctx, i, s.Now().UTC().Truncate(time.Microsecond))
		if err == nil {
			no = p.PermitNo
		}
		return err
	})
	return no, err
}

// Bring enters a permit that was issued elsewhere at an earlier time: for the
// program that takes over another register. No case leads to it.
func (s *Service) Bring(ctx context.Context, i Issue, at time.Time) (no string, err error) {
	if a := actor.From(ctx); a.Kind != actor.System {
		return "", fault.New(fault.Forbidden, "access.forbidden")
	}
	i.CaseID, i.CaseNo = "", ""
	err = s.DB.Tx(ctx, func(ctx context.Context) error {
		p, err := s.enter(ctx, i, at.UTC().Truncate(time.Microsecond))
		if err == nil {
			no = p.PermitNo
		}
		return err
	})
	return no, err
}

func (s *Service) enter(ctx context.Context, i Issue, at time.Time) (*Permit, error) {
	if err := i.Validate(); err != nil {
		return nil, err
	}
	snap, err := s.Catalogue.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	unit, err := snap.Unit(i.UnitID)
	if err != nil {
		return nil, err
	}
	p := &Permit{ID: db.NewID(at), CaseID: db.Ref(i.CaseID), CaseNo: i.CaseNo, TypeCode: i.TypeCode, TypeVersion: i.TypeVersion, UnitID: unit.ID, UnitPath: unit.Path,
		ValidFrom: i.ValidFrom, ValidUntil: i.ValidUntil, Particulars: i.Particulars, State: Valid, Since: at, SinceOn: calendar.DateOf(at, s.Zone),
		IssuedAt: at, IssuedOn: calendar.DateOf(at, s.Zone), Version: 1, UpdatedAt: at}
	if p.TypeName, err = s.TypeName(ctx, i.TypeCode, i.TypeVersion); err != nil {
		return nil, err
	}
	if err := s.holder(ctx, p, i.HolderID); err != nil {
		return nil, err
	}
	p.NextOn = p.firstLook(s.Today())
	if p.PermitNo, err = s.nextNumber(ctx, p.IssuedOn.Year()); err != nil {
		return nil, err
	}
	if err := s.replace(ctx, p, i.Replaces); err != nil {
		return nil, err
	}
	if err := s.DB.From(ctx).Create(p).Error; err != nil {
		return nil, fmt.Errorf("enter a permit: %w", db.Fault(err, "", "register.twice"))
	}
	if s.Issued != nil {
		if err := s.Issued(ctx, p); err != nil {
			return nil, err
		}
	}
	e := Event{Act: Issued, At: at, State: p.State}
	if i.Silent {
		e.Ground = GroundSilence
	}
	return p, s.note(ctx, p, e, audit.Change{Field: "case_no", After: p.CaseNo}, audit.Change{Field: "type", After: p.TypeCode})
}

// Validate checks the form of an issue.
func (i *Issue) Validate() error {
	var c fault.Check
	c.That(i.TypeCode != "" && i.TypeVersion > 0, "type_code", "register.issue.type")
	c.That(i.HolderID != "", "holder_id", "register.issue.holder")
	c.That(i.ValidFrom != 0, "valid_from", "register.issue.from")
	c.That(i.ValidUntil == nil || *i.ValidUntil >= i.ValidFrom, "valid_until", "register.issue.until")
	checkFacts(i.Particulars, &c)
	return c.Err()
}

func checkFacts(facts map[string]string, c *fault.Check) {
	c.That(len(facts) <= factsMost, "particulars", "register.facts.many", "Max", factsMost)
	for name, value := range facts {
		c.That(strings.TrimSpace(name) != "" && utf8.RuneCountInString(name) <= factMost && utf8.RuneCountInString(value) <= factMost,
			"particulars", "register.facts.long", "Max", factMost)
	}
}

// holder reads who holds the permit, as everybody may see it: an enterprise by its
// name, a person by the first character of theirs.
func (s *Service) holder(ctx context.Context, p *Permit, id string) error {
	v, err := s.Constituents.Masked(ctx, id)
	if err != nil {
		return err
	}
	if v.Erased {
		return fault.New(fault.Conflict, "register.issue.erased")
	}
	p.HolderID, p.HolderKind, p.HolderShown = v.ID, v.Kind, v.Name
	if v.Kind == constituents.Person {
		p.HolderShown = idcode.MaskNamePublic(v.Name)
	}
	return nil
}

// replace ends the permit before this one: at once when the new one counts today,
// else by its own end, of which its holder then hears nothing more.
func (s *Service) replace(ctx context.Context, p *Permit, no string) error {
	if no == "" {
		return nil
	}
	old, err := s.byNo(ctx, no)
	if err != nil {
		return err
	}
	if old.TypeCode != p.TypeCode || !s.sameHolder(ctx, old, p) {
		return fault.New(fault.Conflict, "register.replace.other")
	}
	if !may(Cancel, old.State) {
		return fault.New(fault.Conflict, "register.replace.ended")
	}
	p.ReplacesID = &old.ID
	if old.State == Suspended { // a renewal lifts no suspension, silence least of all
		p.State, p.Ground = Suspended, old.Ground
	}
	if p.ValidFrom > s.Today() && old.ValidUntil != nil {
		last := old.ValidUntil.Add(1)
		old.NextOn = &last
		return s.save(ctx, old)
	}
	return s.apply(ctx, old, Do{Act: Cancel, Ground: GroundReplaced, Version: old.Version})
}

// sameHolder looks whether the holder of the permit before is who holds this one,
// under a record that was merged since.
func (s *Service) sameHolder(ctx context.Context, old, p *Permit) bool {
	if old.HolderID == p.HolderID {
		return true
	}
	head, err := s.Constituents.Head(ctx, old.HolderID)
	return err == nil && head == p.HolderID
}

// unitOf is the unit of a permit; nil when it is gone from the catalogue.
func (p *Permit) unitOf(snap *catalogue.Snapshot) *catalogue.Unit {
	u, err := snap.Unit(p.UnitID)
	if err != nil {
		return nil
	}
	return u
}

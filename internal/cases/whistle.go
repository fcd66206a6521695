package cases

import (
	"context"
	"slices"

	"minqing/internal/access"
	"minqing/internal/calendar"
	"minqing/internal/catalogue"
	"minqing/internal/fault"
)

// pathAt is the path under which a unit has the case. A whistle-blower's case
// stands in a tree of its own, which only whistle officers reach into.
func (c *Case) pathAt(u *catalogue.Unit) string {
	if c.Confidentiality == Whistle {
		return access.Sealed(u.Path)
	}
	return u.Path
}

// receiver is the body that receives a whistle-blower's case: the first that
// carries the duty, or else those who oversee, where somebody is appointed to
// receive such cases and which does not belong to the unit that is reported.
func (s *Service) receiver(ctx context.Context, snap *catalogue.Snapshot, day calendar.Date, subject *catalogue.Unit) (*catalogue.Unit, error) {
	bodies := snap.WithDuty(catalogue.DutyWhistle, day)
	bodies = append(bodies, snap.WithDuty(catalogue.DutyOversight, day)...)
	for _, u := range bodies {
		if subject != nil && subject.ParentID != nil && u.Within(subject) {
			continue
		}
		able, err := s.handles(ctx, access.Sealed(u.Path))
		if err != nil {
			return nil, err
		}
		if able {
			return u, nil
		}
	}
	return nil, fault.InvalidInput(fault.Field{Name: "confidentiality", Key: "case.whistle.nobody"})
}

// handles says whether one person at least may see a case there through: a role
// may have lost one of these verbs.
func (s *Service) handles(ctx context.Context, path string) (bool, error) {
	var able []string
	for i, v := range []access.Verb{access.CaseList, access.CaseRead, access.CaseAccept, access.CaseReply} {
		holders, err := s.Access.Holders(ctx, v, path)
		if err != nil {
			return false, err
		}
		if i == 0 {
			able = slices.Clone(holders)
			continue
		}
		able = slices.DeleteFunc(able, func(who string) bool { return !slices.Contains(holders, who) })
	}
	return len(able) > 0, nil
}

// TakesWhistle says whether a whistle-blower could file now.
func (s *Service) TakesWhistle(ctx context.Context, snap *catalogue.Snapshot, day calendar.Date) bool {
	u, err := s.receiver(ctx, snap, day, nil)
	return err == nil && u != nil
}

// receives says whether a unit may be sent the case: of a whistle-blower's only
// one where somebody is appointed.
func (s *Service) receives(ctx context.Context, c *Case, u *catalogue.Unit) (bool, error) {
	if c.Confidentiality != Whistle {
		return true, nil
	}
	return s.handles(ctx, c.pathAt(u))
}

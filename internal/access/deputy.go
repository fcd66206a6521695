package access

import (
	"context"
	"slices"
	"strings"

	"minqing/internal/actor"
	"minqing/internal/fault"
)

// checkDeputy says what keeps somebody from standing in for a colleague: only who
// holds the role for the unit now has duties to stand in for, for a time, and
// nobody stands in for themselves or for somebody who stands in.
func (s *Service) checkDeputy(ctx context.Context, g Giving, unitPath string) error {
	if g.DeputyFor == "" {
		return nil
	}
	h, err := s.load(ctx, g.DeputyFor, s.now())
	if err != nil {
		return err
	}
	var c fault.Check
	c.That(g.DeputyFor != g.AccountID, "deputy_for", "access.deputy.self")
	c.That(g.Until != nil, "until", "access.deputy.until")
	c.That(slices.ContainsFunc(h.grants, func(held Grant) bool {
		return held.Role == g.Role && held.DeputyFor == nil && strings.HasPrefix(unitPath, held.UnitPath)
	}), "deputy_for", "access.deputy.holds_not")
	return c.Err()
}

// CanAs is CanOn, and gives the context of For: whoever lets nobody decide on what
// they asked for themselves asks it, for a deputy would decide in the name of who asked.
func (s *Service) CanAs(ctx context.Context, v Verb, o Object) (context.Context, error) {
	if err := s.CanOn(ctx, v, o); err != nil {
		return ctx, err
	}
	return s.For(ctx, v, o)
}

// For gives the context in which the actor does the verb on the thing: as the
// absent colleague, when only the duties of one allow it.
func (s *Service) For(ctx context.Context, v Verb, o Object) (context.Context, error) {
	a := actor.From(ctx)
	if a.Kind != actor.Staff || a.AccountID == "" {
		return ctx, nil
	}
	h, err := s.held(ctx, a.AccountID)
	if err != nil {
		return ctx, err
	}
	standing := -1
	for i, g := range h.grants {
		if !s.policy.scopeOf([]Grant{g}, v).Allows(o) {
			continue
		}
		if g.DeputyFor == nil {
			return ctx, nil
		}
		standing = i
	}
	if standing < 0 {
		return ctx, nil
	}
	a.AsAccountID = *h.grants[standing].DeputyFor
	return actor.With(ctx, a), nil
}

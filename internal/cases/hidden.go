package cases

import (
	"context"
	"fmt"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/catalogue"
)

// Unnamed drops who acts, and from where, of a person: what is not recorded
// cannot be asked for. Staff stay named, also when they write down what somebody
// else says. The request's id goes too: the log knows whose request it was.
func Unnamed(ctx context.Context) context.Context {
	a := actor.From(ctx)
	if a.Kind == actor.Staff || a.Kind == actor.System {
		return ctx
	}
	return actor.With(ctx, actor.Actor{Kind: actor.Anonymous, Locale: a.Locale})
}

// For is the context in which somebody acts on a case or files one: unnamed
// when they chose to stay anonymous, also for somebody who is signed in. A
// whistle-blower's case, and one whose filer wants to be hidden, knows whose it
// is, but neither its story nor the audit trail, which people read from whom they
// are hidden, says who acted.
func (c Confidentiality) For(ctx context.Context) context.Context {
	switch a := actor.From(ctx); {
	case c == AnonymousFiler:
		return Unnamed(ctx)
	case (c == Whistle || c == IdentityHidden) && a.Kind != actor.Staff && a.Kind != actor.System:
		return actor.With(ctx, actor.Actor{Kind: actor.Anonymous, Locale: a.Locale, ConstituentID: a.ConstituentID})
	}
	return ctx
}

// hidden says whether the people of a case are kept from the actor: of an
// identity_hidden case only those who file for others at the intake desk learn
// who asks. The handling unit and those above it write through the portal.
func (s *Service) hidden(ctx context.Context, c *Case) (bool, error) {
	if c.Confidentiality != IdentityHidden {
		return false, nil
	}
	return s.hides(ctx)
}

// hides says whether the people of identity_hidden cases are kept from the actor.
func (s *Service) hides(ctx context.Context) (bool, error) {
	scope, err := s.Access.Scope(ctx, access.CaseFile)
	if err != nil || scope.Everything {
		return false, err
	}
	snap, err := s.Catalogue.Snapshot(ctx)
	if err != nil {
		return false, fmt.Errorf("find the intake desk: %w", err)
	}
	root, err := s.Clocks.Of(snap, snap.Root())
	if err != nil {
		return false, err
	}
	for _, desk := range snap.WithDuty(catalogue.DutyIntake, root.ReceivedOn(s.Now())) {
		if scope.Covers(desk.Path) {
			return false, nil
		}
	}
	return true, nil
}

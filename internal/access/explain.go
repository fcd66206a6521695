package access

import (
	"context"
	"fmt"
	"slices"

	"minqing/internal/actor"
	"minqing/internal/db"
)

// Obstacle is what stands in the way of a verb on a thing.
type Obstacle string

// The obstacles, from the nearest to being allowed to the farthest.
const (
	Nothing   Obstacle = ""
	Recusal   Obstacle = "recused"   // the thing complains about the person or a unit of theirs
	Elsewhere Obstacle = "elsewhere" // the role carries the verb, for units that have nothing to do with the thing
	OutOfDate Obstacle = "dates"     // it would be allowed, on other days
	NoRole    Obstacle = "role"      // no grant's role carries the verb
	NoGrant   Obstacle = "none"      // the account holds nothing
)

// Explanation is a decision with its reasons.
type Explanation struct {
	Allowed  bool
	Obstacle Obstacle
	Own      []string  // the units of the person's own that the thing complains about
	Person   bool      // it complains about the person
	Grants   []Weighed // everything that the account ever held, the newest first
	By       *Weighed  // the grant that allows
}

// Weighed is a grant as it bears on a verb and a thing.
type Weighed struct {
	Grant
	When   When
	Rule   Rule // that lets the role do the verb; without a role when none does
	Covers bool // one of the thing's units stands at or below the grant's
}

// Carries says whether the role of the grant may do the verb at all.
func (w Weighed) Carries() bool { return w.Rule.Role != "" }

// Rule is a line of policies/policy.csv.
type Rule struct{ Role, Kind, Verb, Condition, Effect string }

// String writes the line as it stands in the file.
func (r Rule) String() string {
	return fmt.Sprintf("p, %s, %s, %s, %s, %s", r.Role, r.Kind, r.Verb, r.Condition, r.Effect)
}

// Explain says what CanOn would answer an account, and why. It reads the grants
// anew, so it may be seconds ahead of a node that keeps them.
func (s *Service) Explain(ctx context.Context, accountID string, v Verb, o Object) (*Explanation, error) {
	now := s.now()
	h, err := s.load(ctx, accountID, now)
	if err != nil {
		return nil, err
	}
	scope := s.scopeOf(h, v)
	e := &Explanation{Allowed: scope.Allows(o)}
	var all []Grant
	if err := s.db.From(ctx).Raw(readGrants+" ORDER BY g.id DESC", accountID).Scan(&all).Error; err != nil {
		return nil, fmt.Errorf("read all grants: %w", db.Fault(err, "", ""))
	}
	for _, g := range all {
		w := Weighed{Grant: g, When: g.When(now)}
		if one := s.policy.scopeOf([]Grant{g}, v); len(one.Prefixes) > 0 {
			w.Covers, w.Rule = slices.ContainsFunc(o.UnitPaths, one.Covers), s.policy.rule(g.Role, v)
		}
		e.Grants = append(e.Grants, w)
	}
	for _, path := range o.SubjectPaths {
		if slices.Contains(scope.Recused, path) {
			e.Own = append(e.Own, path)
		}
	}
	e.Person = scope.Self != "" && slices.Contains(o.SubjectAccounts, scope.Self)
	e.conclude()
	return e, nil
}

// conclude names the grant that allows, or what stands in the way.
func (e *Explanation) conclude() {
	has := func(is func(w Weighed) bool) int { return slices.IndexFunc(e.Grants, is) }
	through := has(func(w Weighed) bool { return w.When == InForce && w.Covers })
	switch {
	case e.Allowed && through >= 0:
		e.By = &e.Grants[through]
	case (e.Person || len(e.Own) > 0) && through >= 0:
		e.Obstacle = Recusal
	case has(func(w Weighed) bool { return w.Covers }) >= 0:
		e.Obstacle = OutOfDate
	case has(func(w Weighed) bool { return w.When == InForce && w.Carries() }) >= 0:
		e.Obstacle = Elsewhere
	case has(func(w Weighed) bool { return w.When == InForce }) >= 0:
		e.Obstacle = NoRole
	default:
		e.Obstacle = NoGrant
	}
}

// MayExplain says whether the actor may ask for decisions on a thing: somebody
// who grants roles for one of its units, unless it complains about them or a unit
// of theirs.
func (s *Service) MayExplain(ctx context.Context, o Object) error {
	if err := s.CanOn(ctx, AccessGrant, Object{UnitPaths: o.UnitPaths}); err != nil {
		return err
	}
	interested, err := s.Interested(ctx, o)
	if err == nil && interested {
		return errForbidden
	}
	return err
}

// Interested says whether the thing complains about the actor, or about a unit of
// their own: one that they hold a role for, or one above it.
func (s *Service) Interested(ctx context.Context, o Object) (bool, error) {
	if me := actor.From(ctx).AccountID; me != "" && slices.Contains(o.SubjectAccounts, me) {
		return true, nil
	}
	if len(o.SubjectPaths) == 0 {
		return false, nil
	}
	h, err := s.held(ctx, actor.From(ctx).AccountID)
	if err != nil {
		return false, err
	}
	own := above(h.grants)
	return slices.ContainsFunc(o.SubjectPaths, func(path string) bool { return slices.Contains(own, path) }), nil
}

// rule is the line that allows a role the verb.
func (p *policy) rule(role string, v Verb) Rule {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, facts := range []Facts{{}, {Whistle: true}} {
		ok, line, err := p.casbin.EnforceEx(role, kindOf(v), string(v), facts)
		if err == nil && ok && len(line) >= 5 {
			return Rule{line[0], line[1], line[2], line[3], line[4]}
		}
	}
	return Rule{}
}

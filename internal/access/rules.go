package access

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"minqing/internal/db"
)

// RuleChange is a change to what policies/policy.csv says: a verb that a role
// receives, or loses, for the whole government.
type RuleChange struct {
	ID          string
	Role        string
	Verb        Verb
	Gives       bool
	Reason      string
	AskedByID   *string
	AskedAsID   *string // the absent colleague in whose place
	AskedAt     time.Time
	Status      string // asked, approved or declined
	DecidedByID *string
	DecidedAt   *time.Time
}

// rule is the line that the change adds or strikes out. Only those appointed to
// receive whistle-blowers' cases reach these, and they reach no others.
func (c RuleChange) rule() line {
	when := "true"
	if twoTrees(kindOf(c.Verb)) {
		when = "!r.obj.Whistle"
		if c.Role == WhistleOfficer {
			when = "r.obj.Whistle"
		}
	}
	return line{"p", []string{c.Role, kindOf(c.Verb), string(c.Verb), when, "allow"}}
}

func (l line) same(o line) bool { return l.kind == o.kind && slices.Equal(l.values, o.values) }

// changed is the lines with the changes made to them, one after the other.
func changed(lines []line, changes []RuleChange) []line {
	out := slices.Clone(lines)
	for _, c := range changes {
		rule := c.rule()
		out = slices.DeleteFunc(out, rule.same)
		if c.Gives {
			out = append(out, rule)
		}
	}
	return out
}

// Changeable says whether the rule of a role and a verb may be changed: what
// people who work on cases or read reports may do. The duties of administrators,
// what citizens may do with their own, and every refusal stand in policies/ alone.
func Changeable(role string, v Verb) bool {
	return slices.Contains(ChangeableRoles(), role) && slices.Contains(ChangeableVerbs(), v)
}

// ChangeableRoles are the roles of Changeable.
func ChangeableRoles() []string {
	return slices.DeleteFunc(slices.Clone(Roles), IsDuty)
}

// ChangeableVerbs are the verbs of Changeable.
func ChangeableVerbs() []Verb {
	return slices.DeleteFunc(slices.Clone(Verbs), func(v Verb) bool { return !twoTrees(kindOf(v)) })
}

// Standing is how a role stands to a verb.
type Standing struct {
	May     bool // it may do it, by a rule of its own or an inherited one
	Own     bool // by a rule of its own
	Changed bool // its own rule was added or struck out by a change
}

// Standings tells for each role that may be changed how it stands to each verb.
func (s *Service) Standings(ctx context.Context) (map[string]map[Verb]Standing, error) {
	if err := s.fresh(ctx); err != nil {
		return nil, err
	}
	changes, err := s.approved(ctx)
	if err != nil {
		return nil, err
	}
	now := changed(s.policy.lines, changes)
	all := map[string]map[Verb]Standing{}
	for _, role := range ChangeableRoles() {
		all[role] = map[Verb]Standing{}
		for _, v := range ChangeableVerbs() {
			rule := RuleChange{Role: role, Verb: v}.rule()
			own := slices.ContainsFunc(now, rule.same)
			all[role][v] = Standing{May: s.policy.mayAtAll(role, v), Own: own, Changed: own != slices.ContainsFunc(s.policy.lines, rule.same)}
		}
	}
	return all, nil
}

// mayAtAll says whether the role may do the verb on some thing.
func (p *policy) mayAtAll(role string, v Verb) bool {
	return p.may(role, v, Facts{}) || twoTrees(kindOf(v)) && p.may(role, v, Facts{Whistle: true})
}

// Effect lists the roles that would receive or lose the verb, were the change in
// force: those that inherit count.
func (s *Service) Effect(ctx context.Context, c RuleChange) ([]string, error) {
	changes, err := s.approved(ctx)
	if err != nil {
		return nil, err
	}
	before, err := s.policy.with(changes)
	if err != nil {
		return nil, err
	}
	after, err := s.policy.with(append(changes, c))
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(ChangeableRoles(), func(role string) bool { return before.mayAtAll(role, c.Verb) == after.mayAtAll(role, c.Verb) }), nil
}

const readRules = "SELECT id, role, verb, gives, reason, asked_by_id, asked_as_id, asked_at, status, decided_by_id, decided_at FROM rule_changes WHERE "

// approved reads the changes in force, in the order of their decisions.
func (s *Service) approved(ctx context.Context) ([]RuleChange, error) {
	return s.rules(ctx, "status = 'approved' ORDER BY decision_no")
}

func (s *Service) rules(ctx context.Context, where string, args ...any) ([]RuleChange, error) {
	var list []RuleChange
	if err := s.db.From(ctx).Raw(readRules+where, args...).Scan(&list).Error; err != nil {
		return nil, fmt.Errorf("read the changed rules of access: %w", db.Fault(err, "", ""))
	}
	return list, nil
}

// fresh puts the changed rules in force that this process has not read yet. It
// asks the database at most once in the life of a grant in memory.
func (s *Service) fresh(ctx context.Context) error {
	now := s.now()
	s.mu.Lock()
	known := now.Before(s.rulesUntil) || s.rulesEver && s.db.SQLTx(ctx) != nil // what a transaction sees may yet be undone
	s.mu.Unlock()
	if known {
		return nil
	}
	var n int
	if err := s.db.From(ctx).Raw("SELECT count(*) FROM rule_changes WHERE status = 'approved'").Scan(&n).Error; err != nil {
		return fmt.Errorf("count the changed rules of access: %w", db.Fault(err, "", ""))
	}
	s.mu.Lock()
	same := s.rulesRead == n
	s.mu.Unlock()
	if !same {
		changes, err := s.approved(ctx)
		if err != nil {
			return err
		}
		if err := s.policy.change(changes); err != nil {
			return err
		}
		n = len(changes)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rulesUntil, s.rulesRead, s.rulesEver = now.Add(grantLife), n, true
	if !same {
		clear(s.known)
		clear(s.holding)
	}
	return nil
}

// forgetRules makes the next question read the rules anew.
func (s *Service) forgetRules() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rulesUntil = time.Time{}
	clear(s.known)
	clear(s.holding)
}

// String says the change as lines of a diff of policies/policy.csv.
func (c RuleChange) String() string {
	sign := map[bool]string{true: "+", false: "-"}[c.Gives]
	return sign + " p, " + strings.Join(c.rule().values, ", ")
}

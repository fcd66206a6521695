package access

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/fault"
)

// AskRule asks that a role receive or lose a verb everywhere. Nothing changes
// before a second person approves it. It gives the request's id.
func (s *Service) AskRule(ctx context.Context, c RuleChange) (string, error) {
	ctx, err := s.mayChange(ctx)
	if err != nil {
		return "", err
	}
	var check fault.Check
	check.That(slices.Contains(ChangeableRoles(), c.Role), "role", "access.rules.role")
	check.That(slices.Contains(ChangeableVerbs(), c.Verb), "verb", "access.rules.verb")
	if err := check.Err(); err != nil {
		return "", err
	}
	if err := checkReason(c.Reason); err != nil {
		return "", err
	}
	id, now, who := db.NewID(s.now()), s.now().UTC(), actor.From(ctx)
	err = s.db.Tx(ctx, func(ctx context.Context) error {
		if err := s.checkRule(ctx, c); err != nil {
			return err
		}
		stmt := db.Insert("rule_changes", "id, role, verb, gives, reason, asked_by_id, asked_as_id, asked_at",
			id, c.Role, string(c.Verb), c.Gives, unnamed(c.Reason), db.Ref(who.AccountID), db.Ref(who.AsAccountID), now)
		if err := s.db.From(ctx).Exec(stmt.SQL, stmt.Args...).Error; err != nil {
			return db.Fault(err, "", "access.request.twice")
		}
		return s.recordRule(ctx, "access.rule_ask", id, c)
	})
	return id, err
}

// checkRule says what keeps the change from taking effect: that the role stands
// so already, or that the actor would receive the verb by it.
func (s *Service) checkRule(ctx context.Context, c RuleChange) error {
	changes, err := s.approved(ctx)
	if err != nil {
		return err
	}
	if own := slices.ContainsFunc(changed(s.policy.lines, changes), c.rule().same); own == c.Gives {
		return fault.InvalidInput(fault.Field{Name: "verb", Key: map[bool]string{true: "access.rules.has", false: "access.rules.has_not"}[own]})
	}
	if !c.Gives {
		return nil
	}
	receiving, err := s.Effect(ctx, c)
	if err != nil {
		return err
	}
	h, err := s.held(ctx, actor.From(ctx).AccountID)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(h.grants, func(g Grant) bool { return slices.Contains(receiving, g.Role) }) {
		return fault.New(fault.Forbidden, "access.own_grant")
	}
	return nil
}

func (s *Service) recordRule(ctx context.Context, action, id string, c RuleChange) error {
	field := audit.Change{Field: "rule", After: strings.TrimPrefix(c.String(), "+ ")}
	if !c.Gives {
		field = audit.Change{Field: "rule", Before: strings.TrimPrefix(c.String(), "- ")}
	}
	return s.audit.Record(ctx, audit.Entry{Action: action, Kind: "access_rule", ID: id, Reason: c.Reason, Fields: []audit.Change{field}})
}

// mayChange refuses who grants roles for a part of the government only: rules
// count everywhere. It gives the context in which the actor changes one.
func (s *Service) mayChange(ctx context.Context) (context.Context, error) {
	var root []string
	if err := s.db.From(ctx).Raw("SELECT path FROM units WHERE parent_id IS NULL ORDER BY path LIMIT 1").Scan(&root).Error; err != nil {
		return ctx, fmt.Errorf("find the root of the units: %w", db.Fault(err, "", ""))
	}
	return s.CanAs(ctx, AccessGrant, Object{UnitPaths: root})
}

// MayChangeRules says whether the actor may ask for changed rules and decide on
// those of others.
func (s *Service) MayChangeRules(ctx context.Context) (bool, error) {
	_, err := s.mayChange(ctx)
	if err != nil && fault.KindOf(err) == fault.Forbidden {
		return false, nil
	}
	return err == nil, err
}

// RulesWaiting lists the changes of rules that nobody has decided, the oldest first.
func (s *Service) RulesWaiting(ctx context.Context) ([]RuleChange, error) {
	return s.rules(ctx, "status = 'asked' ORDER BY id LIMIT ?", waitingMost)
}

// RulesDecided lists the latest decisions on rules, the newest first.
func (s *Service) RulesDecided(ctx context.Context) ([]RuleChange, error) {
	return s.rules(ctx, "status <> 'asked' ORDER BY decision_no DESC LIMIT ?", waitingMost)
}

// DecideRule approves a change, which is then in force on every node, or declines
// it. Who asked does not decide, nor does who would receive the verb; and who
// asked must still grant roles for the whole government.
func (s *Service) DecideRule(ctx context.Context, id string, approve bool) error {
	ctx, err := s.mayChange(ctx)
	if err != nil {
		return err
	}
	err = s.db.Tx(ctx, func(ctx context.Context) error {
		list, err := s.rules(ctx, "id = ?", id)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return fault.New(fault.NotFound, "access.request.missing")
		}
		c, a := list[0], actor.From(ctx)
		if a.Is(c.AskedByID, c.AskedAsID) {
			return fault.New(fault.Forbidden, "access.request.own")
		}
		action, status := "access.rule_decline", "declined"
		if approve {
			action, status = "access.rule_approve", "approved"
			if err := s.stillFit(ctx, c); err != nil {
				return err
			}
		}
		res := s.db.From(ctx).Exec(`UPDATE rule_changes SET status = ?, decided_by_id = ?, decided_at = ?,
 decision_no = (SELECT COALESCE(MAX(decision_no), 0) + 1 FROM rule_changes) WHERE id = ? AND status = 'asked'`,
			status, db.Ref(a.AccountID), s.now().UTC(), id)
		if res.Error != nil {
			return fmt.Errorf("decide on a rule of access: %w", res.Error)
		}
		if res.RowsAffected == 0 {
			return fault.New(fault.Conflict, "access.request.decided")
		}
		s.db.AfterCommit(ctx, s.forgetRules)
		if err := s.db.Notify(ctx, topicGrants, everybody); err != nil {
			return err
		}
		return s.recordRule(ctx, action, id, c)
	})
	return db.Fault(err, "access.request.missing", "access.request.decided")
}

// stillFit refuses to approve what has been decided, was overtaken by another
// decision, or was asked for by somebody who may not any more.
func (s *Service) stillFit(ctx context.Context, c RuleChange) error {
	if c.Status != "asked" {
		return fault.New(fault.Conflict, "access.request.decided")
	}
	if !Changeable(c.Role, c.Verb) {
		return fault.New(fault.Conflict, "access.request.void")
	}
	if c.AskedByID != nil {
		if _, err := s.mayChange(actor.With(ctx, actor.Actor{Kind: actor.Staff, AccountID: *c.AskedByID})); err != nil {
			if fault.KindOf(err) == fault.Forbidden {
				return fault.New(fault.Conflict, "access.request.void")
			}
			return err
		}
	}
	err := s.checkRule(ctx, c)
	if err != nil && fault.KindOf(err) == fault.Invalid {
		return fault.New(fault.Conflict, "access.request.void")
	}
	return err
}

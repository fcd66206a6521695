package enterprises

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"minqing/internal/actor"
	"minqing/internal/calendar"
	"minqing/internal/db"
)

// way is how an account belongs to an enterprise.
type way struct {
	EnterpriseID string
	Name         string
	Role         Role
	Since        time.Time
	Until        *calendar.Date
	Scope        string
	Agent        bool
}

// ways are those of an account: as a member, as an agent in person, and as a
// member of an enterprise that is an agent. An authority that has not begun or is
// over is none.
const ways = `SELECT m.enterprise_id, e.name, m.role, m.since, NULL AS until, '[]' AS scope, false AS agent
 FROM enterprise_members m JOIN enterprises e ON e.id = m.enterprise_id WHERE m.account_id = ? AND m.ended_at IS NULL
 UNION ALL SELECT a.enterprise_id, e.name, 'applicant', a.created_at, a.valid_until, a.scope, true
 FROM enterprise_agents a JOIN enterprises e ON e.id = a.enterprise_id
 WHERE a.agent_id = ? AND a.ended_at IS NULL AND a.valid_from <= ? AND a.valid_until >= ?
 UNION ALL SELECT a.enterprise_id, e.name, CASE WHEN m.role = 'reader' THEN 'reader' ELSE 'applicant' END, a.created_at, a.valid_until, a.scope, true
 FROM enterprise_members m JOIN enterprise_agents a ON a.agent_id = m.enterprise_id JOIN enterprises e ON e.id = a.enterprise_id
 WHERE m.account_id = ? AND m.ended_at IS NULL AND a.ended_at IS NULL AND a.valid_from <= ? AND a.valid_until >= ?`

// Mine lists the enterprises that the actor may act for now, by name: as a member
// or as an agent. Each stands there once.
func (s *Service) Mine(ctx context.Context) ([]Membership, error) { return s.of(ctx, "") }

func (s *Service) of(ctx context.Context, enterpriseID string) ([]Membership, error) {
	a := actor.From(ctx)
	if a.Kind != actor.Citizen || a.AccountID == "" {
		return nil, nil
	}
	today := s.today()
	sql, args := ways, []any{a.AccountID, db.Ref(a.ConstituentID), today, today, a.AccountID, today, today}
	if enterpriseID != "" {
		sql, args = "SELECT * FROM ("+ways+") w WHERE w.enterprise_id = ?", append(args, enterpriseID)
	}
	var rows []way
	if err := s.DB.From(ctx).Raw(sql, args...).Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("read who may act for an enterprise: %w", db.Fault(err, "", ""))
	}
	byID := map[string]Membership{}
	for _, w := range rows {
		m := Membership{EnterpriseID: w.EnterpriseID, Name: w.Name, Role: w.Role, Agent: w.Agent, Since: w.Since, Until: w.Until}
		if err := json.Unmarshal([]byte(w.Scope), &m.Scope); err != nil {
			return nil, fmt.Errorf("read the scope of an authority: %w", err)
		}
		if there, ok := byID[m.EnterpriseID]; ok {
			m = there.and(m)
		}
		byID[m.EnterpriseID] = m
	}
	list := make([]Membership, 0, len(byID))
	for _, m := range byID {
		list = append(list, m)
	}
	slices.SortFunc(list, func(x, y Membership) int {
		return cmp.Or(cmp.Compare(x.Name, y.Name), cmp.Compare(x.EnterpriseID, y.EnterpriseID))
	})
	return list, nil
}

// and is what two ways to the same enterprise are together: a member needs no
// authority, and authorities add up.
func (m Membership) and(o Membership) Membership {
	if o.Agent != m.Agent {
		if m.Agent {
			return o
		}
		return m
	}
	if slices.Index(Roles, o.Role) < slices.Index(Roles, m.Role) {
		m.Role = o.Role
	}
	if !m.Agent {
		return m
	}
	if len(m.Scope) == 0 || len(o.Scope) == 0 {
		m.Scope = nil
	} else {
		m.Scope = append(slices.Clone(m.Scope), o.Scope...)
		slices.Sort(m.Scope)
		m.Scope = slices.Compact(m.Scope)
	}
	if m.Until != nil && o.Until != nil && *o.Until > *m.Until {
		m.Until = o.Until
	}
	return m
}

// For is by what the actor may act for an enterprise. To whom it is nothing, it is
// NotFound.
func (s *Service) For(ctx context.Context, enterpriseID string) (*Membership, error) {
	if !db.IsID(enterpriseID) {
		return nil, errMissing
	}
	list, err := s.of(ctx, enterpriseID)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, errMissing
	}
	return &list[0], nil
}

// ever counts by what an account was, or is, let act for an enterprise: as a member, as an
// agent in person, or as a member of an enterprise that is an agent.
const ever = `SELECT (SELECT count(*) FROM enterprise_members WHERE account_id = ? AND enterprise_id = ?)
 + (SELECT count(*) FROM enterprise_agents WHERE agent_id = ? AND enterprise_id = ?)
 + (SELECT count(*) FROM enterprise_members m JOIN enterprise_agents a ON a.agent_id = m.enterprise_id WHERE m.account_id = ? AND a.enterprise_id = ?)`

// Was says that the actor could act for an enterprise once, and cannot any more: as a
// member who left or was removed, or as an agent whose authority is over.
func (s *Service) Was(ctx context.Context, enterpriseID string) (bool, error) {
	a := actor.From(ctx)
	if a.Kind != actor.Citizen || a.AccountID == "" || !db.IsID(enterpriseID) {
		return false, nil
	}
	now, err := s.of(ctx, enterpriseID)
	if err != nil || len(now) > 0 {
		return false, err
	}
	var n int64
	err = s.DB.From(ctx).Raw(ever, a.AccountID, enterpriseID, db.Ref(a.ConstituentID), enterpriseID, a.AccountID, enterpriseID).Scan(&n).Error
	if err != nil {
		return false, fmt.Errorf("read who acted for an enterprise: %w", db.Fault(err, "", ""))
	}
	return n > 0, nil
}

// Can says whether the actor may do the act for an enterprise. Strangers, removed
// members and agents whose authority is over get NotFound, those whose role does
// not cover the act Forbidden. Of what an agent may touch, Membership.Covers knows
// more.
func (s *Service) Can(ctx context.Context, enterpriseID string, act Act) error {
	if actor.From(ctx).Kind == actor.System {
		return nil
	}
	m, err := s.For(ctx, enterpriseID)
	if err != nil {
		return err
	}
	if !m.Role.May(act) {
		return errForbidden
	}
	return nil
}

// Acting is the enterprise that the actor chose to act for in this session; nil
// when they act for themselves. A choice that holds no more is none.
func (s *Service) Acting(ctx context.Context) (*Membership, error) {
	a := actor.From(ctx)
	if a.Kind != actor.Citizen || a.SessionID == "" {
		return nil, nil //nolint:nilnil // for themselves
	}
	var chosen []string
	if err := s.DB.From(ctx).Raw("SELECT enterprise_id FROM enterprise_acting WHERE session_id = ?", a.SessionID).Scan(&chosen).Error; err != nil {
		return nil, fmt.Errorf("read for whom a session acts: %w", db.Fault(err, "", ""))
	}
	if len(chosen) == 0 {
		return nil, nil //nolint:nilnil // for themselves
	}
	list, err := s.of(ctx, chosen[0])
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0], nil
}

// Switch has the session act for an enterprise, or for the person again when
// enterpriseID is empty. It is no change of data that anybody else sees, so that
// the trail names the enterprise with each act instead.
func (s *Service) Switch(ctx context.Context, enterpriseID string) error {
	a := actor.From(ctx)
	if a.SessionID == "" {
		return errMissing
	}
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		if enterpriseID != "" {
			if err := s.Can(ctx, enterpriseID, Read); err != nil {
				return err
			}
		}
		if err := s.DB.From(ctx).Exec("DELETE FROM enterprise_acting WHERE session_id = ?", a.SessionID).Error; err != nil {
			return fmt.Errorf("end for whom a session acts: %w", db.Fault(err, "", ""))
		}
		if enterpriseID == "" {
			return nil
		}
		err := s.DB.From(ctx).Exec(`INSERT INTO enterprise_acting (session_id, enterprise_id, since) VALUES (?, ?, ?)
 ON CONFLICT (session_id) DO UPDATE SET enterprise_id = excluded.enterprise_id, since = excluded.since`, a.SessionID, enterpriseID, s.Now().UTC()).Error
		if err != nil {
			return fmt.Errorf("note for whom a session acts: %w", db.Fault(err, "enterprises.missing", ""))
		}
		return nil
	})
}

// Names gives the names of enterprises by id. They are public.
func (s *Service) Names(ctx context.Context, ids ...string) (map[string]string, error) {
	names := map[string]string{}
	if len(ids) == 0 {
		return names, nil
	}
	var rows []struct{ ID, Name string }
	if err := s.DB.From(ctx).Raw("SELECT id, name FROM enterprises WHERE id IN ?", ids).Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("read names of enterprises: %w", db.Fault(err, "", ""))
	}
	for _, r := range rows {
		names[r.ID] = r.Name
	}
	return names, nil
}

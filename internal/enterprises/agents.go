package enterprises

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/fault"
)

// Agent is a person or another enterprise that may act for an enterprise by a
// dated authority. Its document hangs on the invitation.
type Agent struct {
	ID           string
	EnterpriseID string
	AgentID      string
	Scope        string
	ValidFrom    calendar.Date
	ValidUntil   calendar.Date
	InvitationID string
	RelationID   *string
	EndedAt      *time.Time
	Version      int64
	CreatedAt    time.Time

	Name string `gorm:"-"` // of an agent that is an enterprise
}

// TableName names the table for gorm.
func (Agent) TableName() string { return "enterprise_agents" }

// Types are the permit types of the authority; none: all.
func (a *Agent) Types() (list []string) {
	_ = json.Unmarshal([]byte(a.Scope), &list) // written by Invite
	return list
}

// On says whether the authority holds on a day.
func (a *Agent) On(day calendar.Date) bool {
	return a.EndedAt == nil && a.ValidFrom <= day && day <= a.ValidUntil
}

// appoint writes an authority down that was accepted, in person or for an
// enterprise that the actor manages.
func (s *Service) appoint(ctx context.Context, v *Invitation, as string) error {
	a := actor.From(ctx)
	agent := a.ConstituentID
	if as != "" {
		m, err := s.For(ctx, as)
		if err != nil {
			return err
		}
		if m.Agent || !m.Role.May(Manage) {
			return errForbidden
		}
		agent = as
	}
	if agent == v.EnterpriseID {
		return fault.New(fault.Conflict, "enterprises.agent.self")
	}
	if *v.ValidUntil < s.today() {
		return fault.New(fault.Conflict, "enterprises.agent.over")
	}
	// An authority that lapsed and was not swept yet makes room.
	var lapsed []Agent
	if err := s.DB.From(ctx).Where("enterprise_id = ? AND agent_id = ? AND ended_at IS NULL AND valid_until < ?", v.EnterpriseID, agent, s.today()).Find(&lapsed).Error; err != nil {
		return fmt.Errorf("look for an authority: %w", db.Fault(err, "", ""))
	}
	for i := range lapsed {
		if err := s.endAgent(ctx, &lapsed[i]); err != nil {
			return err
		}
	}
	relation, err := s.Constituents.Relate(ctx, constituents.Relating{FromID: agent, ToID: v.EnterpriseID, Kind: constituents.Agent, Seen: true, Source: constituents.FromSelf})
	if err != nil {
		return err
	}
	now := s.Now().UTC()
	id := db.NewID(now)
	err = s.DB.InsertAll(ctx, db.Insert("enterprise_agents", "id, enterprise_id, agent_id, scope, valid_from, valid_until, invitation_id, relation_id, version, created_at",
		id, v.EnterpriseID, agent, v.Scope, *v.ValidFrom, *v.ValidUntil, v.ID, relation, 1, now))
	if err != nil {
		return db.Fault(err, "", "enterprises.agent.already")
	}
	return s.Audit.Record(ctx, audit.Entry{Action: "enterprise.appoint", Kind: "enterprise", ID: v.EnterpriseID,
		Fields: []audit.Change{{Field: "agent", After: agent}, {Field: "from", After: v.ValidFrom.String()}, {Field: "until", After: v.ValidUntil.String()}, {Field: "scope", After: v.Scope}}})
}

// Agents lists the authorities of an enterprise that are not over, for its members.
func (s *Service) Agents(ctx context.Context, enterpriseID string) (list []Agent, err error) {
	if _, err := s.Members(ctx, enterpriseID); err != nil {
		return nil, err
	}
	err = s.DB.From(ctx).Where("enterprise_id = ? AND ended_at IS NULL AND valid_until >= ?", enterpriseID, s.today()).Order("valid_until, id").Find(&list).Error
	if err != nil {
		return nil, fmt.Errorf("read the agents of an enterprise: %w", db.Fault(err, "", ""))
	}
	ids := make([]string, len(list))
	for i := range list {
		ids[i] = list[i].AgentID
	}
	names, err := s.Names(ctx, ids...)
	if err != nil {
		return nil, err
	}
	for i := range list {
		list[i].Name = names[list[i].AgentID]
	}
	return list, nil
}

// Accounts gives the accounts of people by their constituent, to name agents.
func (s *Service) Accounts(ctx context.Context, constituentIDs ...string) (map[string]string, error) {
	out := map[string]string{}
	if len(constituentIDs) == 0 {
		return out, nil
	}
	var rows []struct{ ID, ConstituentID string }
	if err := s.DB.From(ctx).Raw("SELECT id, constituent_id FROM accounts WHERE constituent_id IN ?", constituentIDs).Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("find the accounts of people: %w", db.Fault(err, "", ""))
	}
	for _, r := range rows {
		out[r.ConstituentID] = r.ID
	}
	return out, nil
}

// Dismiss ends an authority before its day.
func (s *Service) Dismiss(ctx context.Context, enterpriseID, agentID string, version int64) error {
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		if err := s.hold(ctx, enterpriseID, Manage); err != nil {
			return err
		}
		var list []Agent
		if !db.IsID(agentID) {
			return fault.New(fault.NotFound, "enterprises.agent.missing")
		}
		if err := s.DB.From(ctx).Where("id = ? AND enterprise_id = ? AND ended_at IS NULL", agentID, enterpriseID).Find(&list).Error; err != nil {
			return fmt.Errorf("read an authority: %w", db.Fault(err, "", ""))
		}
		if len(list) == 0 {
			return fault.New(fault.NotFound, "enterprises.agent.missing")
		}
		if list[0].Version != version {
			return errChanged
		}
		if err := s.endAgent(ctx, &list[0]); err != nil {
			return err
		}
		if s.Left != nil {
			return s.Left(ctx, enterpriseID)
		}
		return nil
	})
}

func (s *Service) endAgent(ctx context.Context, a *Agent) error {
	res := s.DB.From(ctx).Exec("UPDATE enterprise_agents SET ended_at = ?, version = version + 1 WHERE id = ? AND version = ? AND ended_at IS NULL", s.Now().UTC(), a.ID, a.Version)
	if res.Error != nil {
		return fmt.Errorf("end an authority: %w", db.Fault(res.Error, "", ""))
	}
	if res.RowsAffected == 0 {
		return errChanged
	}
	if a.RelationID != nil {
		if err := s.Constituents.Untie(ctx, *a.RelationID); err != nil {
			return err
		}
	}
	return s.Audit.Record(ctx, audit.Entry{Action: "enterprise.dismiss", Kind: "enterprise", ID: a.EnterpriseID, Fields: []audit.Change{{Field: "agent", After: a.AgentID}}})
}

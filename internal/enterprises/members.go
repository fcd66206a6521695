package enterprises

import (
	"context"
	"fmt"
	"time"

	"minqing/internal/audit"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/fault"
)

// Member is somebody whom the enterprise lets act for it.
type Member struct {
	ID           string
	EnterpriseID string
	AccountID    string
	Role         Role
	RelationID   *string
	Since        time.Time
	EndedAt      *time.Time
	Version      int64
}

// TableName names the table for gorm.
func (Member) TableName() string { return "enterprise_members" }

// Members lists who acts for an enterprise, owners first, the longest there first.
// Every member may see who the others are; agents may not.
func (s *Service) Members(ctx context.Context, enterpriseID string) ([]Member, error) {
	m, err := s.For(ctx, enterpriseID)
	if err != nil {
		return nil, err
	}
	if m.Agent {
		return nil, errForbidden
	}
	return s.members(ctx, enterpriseID)
}

func (s *Service) members(ctx context.Context, enterpriseID string) (list []Member, err error) {
	err = s.DB.From(ctx).Where("enterprise_id = ? AND ended_at IS NULL", enterpriseID).
		Order("CASE role WHEN 'owner' THEN 0 WHEN 'manager' THEN 1 WHEN 'applicant' THEN 2 ELSE 3 END, since, id").Find(&list).Error
	if err != nil {
		return nil, fmt.Errorf("read the members of an enterprise: %w", db.Fault(err, "", ""))
	}
	return list, nil
}

// join makes an account a member, in the open transaction, and writes the relation
// of the person. Who is a member already is a Conflict.
func (s *Service) join(ctx context.Context, enterpriseID, accountID string, role Role) error {
	var persons []string
	err := s.DB.From(ctx).Raw(`SELECT c.id FROM accounts a JOIN constituents c ON c.id = a.constituent_id
 WHERE a.id = ? AND a.status = 'active' AND c.kind = 'person'`, accountID).Scan(&persons).Error
	if err != nil {
		return fmt.Errorf("find the person of an account: %w", db.Fault(err, "", ""))
	}
	if len(persons) == 0 {
		return fault.New(fault.Conflict, "enterprises.member.person")
	}
	relation, err := s.Constituents.Relate(ctx, constituents.Relating{FromID: persons[0], ToID: enterpriseID, Kind: constituents.Member, Seen: true, Source: constituents.FromSelf})
	if err != nil {
		return err
	}
	now := s.Now().UTC()
	id := db.NewID(now)
	err = s.DB.InsertAll(ctx, db.Insert("enterprise_members", "id, enterprise_id, account_id, role, relation_id, since, version", id, enterpriseID, accountID, role, relation, now, 1))
	if err != nil {
		return db.Fault(err, "", "enterprises.member.already")
	}
	err = s.Audit.Record(ctx, audit.Entry{Action: "enterprise.join", Kind: "enterprise", ID: enterpriseID,
		Fields: []audit.Change{{Field: "member", After: accountID}, {Field: "role", After: string(role)}}})
	if err != nil {
		return err
	}
	return s.joined(ctx, enterpriseID, accountID)
}

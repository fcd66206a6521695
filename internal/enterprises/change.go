package enterprises

import (
	"context"
	"fmt"
	"slices"

	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/notify"
)

var errLastOwner = fault.New(fault.Conflict, "enterprises.owner.last")

// touching holds an enterprise for a change of one of its members and gives that
// member as it stands. Owners are touched by owners only; leaving lets everybody
// end their own membership.
func (s *Service) touching(ctx context.Context, enterpriseID, memberID string, leaving bool) (*Member, error) {
	if err := s.hold(ctx, enterpriseID, Read); err != nil {
		return nil, err
	}
	list, err := s.members(ctx, enterpriseID)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(list, func(m Member) bool { return m.ID == memberID })
	if i < 0 {
		return nil, fault.New(fault.NotFound, "enterprises.member.missing")
	}
	m := &list[i]
	if leaving && m.AccountID == actor.From(ctx).AccountID {
		return m, nil
	}
	act := Manage
	if m.Role == Owner {
		act = Own
	}
	return m, s.Can(ctx, enterpriseID, act)
}

// stays makes sure that somebody owns the enterprise when this member does no more.
func (s *Service) stays(ctx context.Context, m *Member) error {
	if m.Role != Owner {
		return nil
	}
	var others int
	err := s.DB.From(ctx).Raw("SELECT count(*) FROM enterprise_members WHERE enterprise_id = ? AND role = 'owner' AND ended_at IS NULL AND id <> ?", m.EnterpriseID, m.ID).Scan(&others).Error
	if err != nil {
		return fmt.Errorf("count the owners of an enterprise: %w", db.Fault(err, "", ""))
	}
	if others == 0 {
		return errLastOwner
	}
	return nil
}

// ChangeRole gives a member another role. Only owners make owners; the last owner
// stays one until somebody has taken over. version is the one that the page showed.
func (s *Service) ChangeRole(ctx context.Context, enterpriseID, memberID string, role Role, version int64) error {
	if !slices.Contains(Roles, role) {
		return fault.InvalidInput(fault.Field{Name: "role", Key: "enterprises.role.unknown"})
	}
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		m, err := s.touching(ctx, enterpriseID, memberID, false)
		if err != nil {
			return err
		}
		if role == m.Role {
			return nil
		}
		if role == Owner {
			if err := s.Can(ctx, enterpriseID, Own); err != nil {
				return err
			}
		} else if err := s.stays(ctx, m); err != nil {
			return err
		}
		if err := s.setRole(ctx, m, role, version); err != nil {
			return err
		}
		return s.hear(ctx, notify.MemberRole, m.ID, m.AccountID)
	})
}

func (s *Service) setRole(ctx context.Context, m *Member, role Role, version int64) error {
	res := s.DB.From(ctx).Exec("UPDATE enterprise_members SET role = ?, version = version + 1 WHERE id = ? AND version = ? AND ended_at IS NULL", role, m.ID, version)
	if res.Error != nil {
		return fmt.Errorf("change a role: %w", db.Fault(res.Error, "", ""))
	}
	if res.RowsAffected == 0 {
		return errChanged
	}
	return s.Audit.Record(ctx, audit.Entry{Action: "enterprise.role", Kind: "enterprise", ID: m.EnterpriseID,
		Fields: []audit.Change{{Field: "member", After: m.AccountID}, {Field: "role", Before: string(m.Role), After: string(role)}}})
}

// Remove ends a membership at once: whatever pages are open, their next request is
// refused. Everybody may leave; the last owner hands over first.
func (s *Service) Remove(ctx context.Context, enterpriseID, memberID string, version int64) error {
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		m, err := s.touching(ctx, enterpriseID, memberID, true)
		if err != nil {
			return err
		}
		if err := s.stays(ctx, m); err != nil {
			return err
		}
		if err := s.remove(ctx, m, version); err != nil {
			return err
		}
		return s.left(ctx, m)
	})
}

func (s *Service) remove(ctx context.Context, m *Member, version int64) error {
	now := s.Now().UTC()
	res := s.DB.From(ctx).Exec("UPDATE enterprise_members SET ended_at = ?, version = version + 1 WHERE id = ? AND version = ? AND ended_at IS NULL", now, m.ID, version)
	if res.Error != nil {
		return fmt.Errorf("end a membership: %w", db.Fault(res.Error, "", ""))
	}
	if res.RowsAffected == 0 {
		return errChanged
	}
	err := s.DB.From(ctx).Exec("UPDATE enterprise_handovers SET state = 'revoked', answered_at = ?, version = version + 1 WHERE enterprise_id = ? AND state = 'open' AND (from_id = ? OR to_id = ?)",
		now, m.EnterpriseID, m.AccountID, m.AccountID).Error
	if err != nil {
		return fmt.Errorf("end what was to be handed over: %w", db.Fault(err, "", ""))
	}
	err = s.DB.From(ctx).Exec("DELETE FROM enterprise_acting WHERE enterprise_id = ? AND session_id IN (SELECT id FROM sessions WHERE account_id = ?)", m.EnterpriseID, m.AccountID).Error
	if err != nil {
		return fmt.Errorf("end for whom sessions act: %w", db.Fault(err, "", ""))
	}
	if m.RelationID != nil {
		if err := s.Constituents.Untie(ctx, *m.RelationID); err != nil {
			return err
		}
	}
	if s.Left != nil {
		if err := s.Left(ctx, m.EnterpriseID); err != nil {
			return err
		}
	}
	return s.Audit.Record(ctx, audit.Entry{Action: "enterprise.leave", Kind: "enterprise", ID: m.EnterpriseID,
		Fields: []audit.Change{{Field: "member", After: m.AccountID}, {Field: "role", Before: string(m.Role)}}})
}

package enterprises

import (
	"context"
	"fmt"
	"slices"

	"minqing/internal/actor"
	"minqing/internal/db"
	"minqing/internal/notify"
)

// News is what a message says of a change among the members of an enterprise.
type News struct {
	Enterprise string
	Member     string // account
	Role       Role   // as it stands now; of a hand-over, the new owner's
}

// hear tells people of a change, in the open transaction: those accounts, but for who
// made it. about is the membership, or the hand-over.
func (s *Service) hear(ctx context.Context, k notify.Kind, about string, accounts ...string) error {
	me := actor.From(ctx).AccountID
	accounts = slices.DeleteFunc(accounts, func(id string) bool { return id == me })
	if s.Tell == nil || len(accounts) == 0 {
		return nil
	}
	var people []string
	err := s.DB.From(ctx).Raw("SELECT DISTINCT constituent_id FROM accounts WHERE id IN ? AND status = 'active' AND constituent_id IS NOT NULL ORDER BY constituent_id", accounts).Scan(&people).Error
	if err != nil {
		return fmt.Errorf("find whom to tell of an enterprise: %w", db.Fault(err, "", ""))
	}
	cause := db.NewID(s.Now().UTC())
	for _, id := range people {
		if err := s.Tell(ctx, notify.Telling{Kind: k, To: notify.Recipient{ConstituentID: id}, About: about, Cause: cause}); err != nil {
			return err
		}
	}
	return nil
}

// leading are the accounts that own or manage an enterprise, without some.
func (s *Service) leading(ctx context.Context, enterpriseID string, but ...string) (accounts []string, err error) {
	list, err := s.members(ctx, enterpriseID)
	for _, m := range list {
		if (m.Role == Owner || m.Role == Manager) && !slices.Contains(but, m.AccountID) {
			accounts = append(accounts, m.AccountID)
		}
	}
	return accounts, err
}

// joined tells those who lead an enterprise that somebody took an invitation.
func (s *Service) joined(ctx context.Context, enterpriseID, account string) error {
	list, err := s.members(ctx, enterpriseID)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(list, func(m Member) bool { return m.AccountID == account })
	if i < 0 {
		return nil
	}
	who, err := s.leading(ctx, enterpriseID, account)
	if err != nil {
		return err
	}
	return s.hear(ctx, notify.MemberJoined, list[i].ID, who...)
}

// left tells a member who was removed, and those who lead the enterprise.
func (s *Service) left(ctx context.Context, m *Member) error {
	who, err := s.leading(ctx, m.EnterpriseID, m.AccountID)
	if err != nil {
		return err
	}
	return s.hear(ctx, notify.MemberLeft, m.ID, append(who, m.AccountID)...)
}

// handed tells both sides of a hand-over and who else leads the enterprise. Their
// names and roles are read when the message is made.
func (s *Service) handed(ctx context.Context, h Handover) error {
	who, err := s.leading(ctx, h.EnterpriseID, h.FromID, h.ToID)
	if err != nil {
		return err
	}
	return s.hear(ctx, notify.HouseHanded, h.ID, append(who, h.FromID, h.ToID)...)
}

// NewsOf says what messages of one kind are about, by the ids of the memberships or,
// of the kind HouseHanded, of the hand-overs; those that are no more are left out.
func (s *Service) NewsOf(ctx context.Context, k notify.Kind, ids []string) (map[string]News, error) {
	sql := "SELECT m.id, e.name AS enterprise, m.account_id AS member, m.role FROM enterprise_members m JOIN enterprises e ON e.id = m.enterprise_id WHERE m.id IN ?"
	if k == notify.HouseHanded {
		sql = "SELECT h.id, e.name AS enterprise, h.to_id AS member, 'owner' AS role FROM enterprise_handovers h JOIN enterprises e ON e.id = h.enterprise_id WHERE h.id IN ?"
	}
	var rows []struct {
		ID string
		News
	}
	if err := s.DB.From(ctx).Raw(sql, ids).Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("read what happened to enterprises: %w", db.Fault(err, "", ""))
	}
	out := make(map[string]News, len(rows))
	for _, r := range rows {
		out[r.ID] = r.News
	}
	return out, nil
}

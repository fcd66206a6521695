package enterprises

import (
	"context"
	"fmt"

	"minqing/internal/db"
)

// Leaders are the people who own or manage an enterprise here: they hear of what
// concerns it as a whole.
func (s *Service) Leaders(ctx context.Context, enterpriseID string) (constituentIDs []string, err error) {
	err = s.DB.From(ctx).Raw(`SELECT DISTINCT a.constituent_id FROM enterprise_members m JOIN accounts a ON a.id = m.account_id
 WHERE m.enterprise_id = ? AND m.ended_at IS NULL AND m.role IN ('owner', 'manager') AND a.status = 'active' AND a.constituent_id IS NOT NULL
 ORDER BY a.constituent_id`, enterpriseID).Scan(&constituentIDs).Error
	if err != nil {
		return nil, fmt.Errorf("find who leads an enterprise: %w", db.Fault(err, "", ""))
	}
	return constituentIDs, nil
}

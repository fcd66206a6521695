package notify

import (
	"context"
	"fmt"
	"time"

	"minqing/internal/db"
)

// Old lists deliveries from before a time that nothing waits for, but for those
// of held cases.
func (s *Service) Old(ctx context.Context, before time.Time, after string, most int) (ids []string, err error) {
	err = s.DB.From(ctx).Raw(`SELECT id FROM deliveries WHERE id > ? AND created_at < ? AND status NOT IN ('queued', 'sending')
 AND NOT EXISTS (SELECT 1 FROM case_holds h WHERE h.case_id = deliveries.case_id AND h.lifted_at IS NULL) ORDER BY id LIMIT ?`, after, before.UTC(), most).Scan(&ids).Error
	if err != nil {
		return nil, fmt.Errorf("find old messages: %w", db.Fault(err, "", ""))
	}
	return ids, nil
}

// Delete takes deliveries out of the log and says how many were there.
func (s *Service) Delete(ctx context.Context, ids []string) (int64, error) {
	r := s.DB.From(ctx).Exec("DELETE FROM deliveries WHERE id IN ?", ids)
	if r.Error != nil {
		return 0, fmt.Errorf("delete old messages: %w", db.Fault(r.Error, "", ""))
	}
	return r.RowsAffected, nil
}

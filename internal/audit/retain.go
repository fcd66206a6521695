package audit

import (
	"context"
	"fmt"
	"time"

	"minqing/internal/db"
)

// OldReads lists entries of the log of reads from before a time. The trail itself
// is a chain and is never shortened.
func (s *Service) OldReads(ctx context.Context, before time.Time, after string, most int) (ids []string, err error) {
	err = s.db.From(ctx).Raw("SELECT id FROM audit_reads WHERE id > ? AND at < ? ORDER BY id LIMIT ?", after, before.UTC(), most).Scan(&ids).Error
	if err != nil {
		return nil, fmt.Errorf("find old reads: %w", db.Fault(err, "", ""))
	}
	return ids, nil
}

// DeleteReads takes entries out of the log of reads and says how many were there.
func (s *Service) DeleteReads(ctx context.Context, ids []string) (int64, error) {
	r := s.db.From(ctx).Exec("DELETE FROM audit_reads WHERE id IN ?", ids)
	if r.Error != nil {
		return 0, fmt.Errorf("delete old reads: %w", db.Fault(r.Error, "", ""))
	}
	return r.RowsAffected, nil
}

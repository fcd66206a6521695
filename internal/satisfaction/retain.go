package satisfaction

import (
	"context"
	"fmt"
	"time"

	"minqing/internal/db"
)

// OldComments lists evaluations from before a time whose comment is still there,
// but for those of held cases.
func (s *Service) OldComments(ctx context.Context, before time.Time, after string, most int) (ids []string, err error) {
	err = s.DB.From(ctx).Raw(`SELECT id FROM evaluations WHERE id > ? AND evaluated_at < ? AND (comment <> '' OR comment_cipher IS NOT NULL)
 AND NOT EXISTS (SELECT 1 FROM case_holds h WHERE h.case_id = evaluations.case_id AND h.lifted_at IS NULL) ORDER BY id LIMIT ?`, after, before.UTC(), most).Scan(&ids).Error
	if err != nil {
		return nil, fmt.Errorf("find old comments: %w", db.Fault(err, "", ""))
	}
	return ids, nil
}

// DropComments takes the comments off evaluations; grades and reasons stay. It
// says how many had one.
func (s *Service) DropComments(ctx context.Context, ids []string) (int64, error) {
	r := s.DB.From(ctx).Exec("UPDATE evaluations SET comment = '', comment_cipher = NULL WHERE id IN ? AND (comment <> '' OR comment_cipher IS NOT NULL)", ids)
	if r.Error != nil {
		return 0, fmt.Errorf("drop comments: %w", db.Fault(r.Error, "", ""))
	}
	return r.RowsAffected, nil
}

// DropCommentsOf is DropComments for everything said of one case.
func (s *Service) DropCommentsOf(ctx context.Context, caseID string) error {
	if err := s.DB.From(ctx).Exec("UPDATE evaluations SET comment = '', comment_cipher = NULL WHERE case_id = ?", caseID).Error; err != nil {
		return fmt.Errorf("drop comments: %w", db.Fault(err, "", ""))
	}
	return nil
}

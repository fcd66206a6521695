package register

import (
	"context"
	"fmt"

	"minqing/internal/db"
)

// Standing counts the permits of a type that stand today, suspended ones too: they
// come back. Those that a renewal or change replaced count no more.
func (s *Service) Standing(ctx context.Context, typeCode string) (int64, error) {
	var n int64
	err := s.DB.From(ctx).Raw(`SELECT count(*) FROM permits p WHERE p.type_code = ? AND p.state IN ('valid', 'suspended') AND (p.valid_until IS NULL OR p.valid_until >= ?)
 AND NOT EXISTS (SELECT 1 FROM permits r WHERE r.replaces_id = p.id AND r.state IN ('valid', 'suspended'))`, typeCode, s.Today()).Scan(&n).Error
	if err != nil {
		return 0, fmt.Errorf("count the permits that stand: %w", db.Fault(err, "", ""))
	}
	return n, nil
}

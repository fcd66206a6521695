package satisfaction

import (
	"context"
	"fmt"

	"minqing/internal/db"
)

// InsertMany stores judgements that a loader brings, in the open transaction or
// one of their own. The caller has sealed what must be sealed and records one
// audit entry for its load.
func (s *Service) InsertMany(ctx context.Context, list []Evaluation) error {
	if len(list) == 0 {
		return nil
	}
	if err := s.DB.From(ctx).CreateInBatches(&list, 500).Error; err != nil {
		return fmt.Errorf("store many judgements: %w", db.Fault(err, "", "satisfaction.used"))
	}
	return nil
}

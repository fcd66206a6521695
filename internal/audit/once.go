package audit

import (
	"context"
	"fmt"
	"slices"
	"time"

	"minqing/internal/actor"
	"minqing/internal/db"
)

// again is how long one entry of the log of reads stands for further looks of the
// same kind: the small pictures of a page are fetched one by one, in one breath.
const again = 5 * time.Minute

// ReadOnce is Read for what a page shows in many pieces: it writes one entry for
// all that a person is shown of a thing within a few minutes. Two servers that are
// asked at the same moment may write one each, which tells the same.
func (s *Service) ReadOnce(ctx context.Context, kind, id string, fields ...string) error {
	if actor.From(ctx).AccountID == "" {
		return s.Read(ctx, kind, id, fields, "")
	}
	if told, err := s.told(ctx, kind, id, fields); err != nil || told {
		return err
	}
	select { // one at a time looks again and writes
	case s.once <- struct{}{}:
		defer func() { <-s.once }()
	case <-ctx.Done():
		return fmt.Errorf("wait for the log of reads: %w", ctx.Err())
	}
	if told, err := s.told(ctx, kind, id, fields); err != nil || told {
		return err
	}
	return s.Read(ctx, kind, id, fields, "")
}

// told looks for an entry of the last minutes; it reads the end of an index.
func (s *Service) told(ctx context.Context, kind, id string, fields []string) (bool, error) {
	var rows []ReadRow
	err := s.db.From(ctx).Where("object_kind = ? AND object_id = ? AND id >= ? AND account_id = ?", kind, id,
		db.FirstID(s.now().UTC().Add(-again)), actor.From(ctx).AccountID).Find(&rows).Error
	if err != nil {
		return false, fmt.Errorf("look into the log of reads: %w", err)
	}
	for _, r := range rows {
		names, err := r.Names()
		if err != nil {
			return false, err
		}
		if slices.Equal(names, fields) {
			return true, nil
		}
	}
	return false, nil
}

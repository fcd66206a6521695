package voices

import (
	"context"
	"fmt"

	"minqing/internal/db"
)

// KnownMost is how many questions are offered to somebody who files.
const KnownMost = 3

// Known lists published questions about a matter in the district around a place,
// or anywhere without one, that more people may join: so that nobody has to file
// again what is known. Those that concern the most come first.
func (s *Service) Known(ctx context.Context, matterID string, districtID *string) ([]Voice, error) {
	where, args, err := s.narrow(ctx, Filter{})
	if err != nil {
		return nil, err
	}
	where, args = where+" AND c.status = 'concluded' AND v.matter_id = ?", append(args, matterID)
	if districtID != nil {
		around, err := s.borough(ctx, districtID)
		if err != nil {
			return nil, err
		}
		if around != nil {
			where, args = where+" AND v.district_id = ?", append(args, *around)
		}
	}
	var list []Voice
	err = s.DB.Reader(ctx).Raw("SELECT "+shown+public+where+" ORDER BY c.concerns DESC, v.published_at DESC, v.id DESC LIMIT ?", append(args, KnownMost)...).Scan(&list).Error
	if err != nil {
		return nil, fmt.Errorf("look for what is known: %w", db.Fault(err, "", ""))
	}
	return list, nil
}

package constituents

import (
	"context"
	"fmt"

	"minqing/internal/audit"
	"minqing/internal/db"
)

// Bounced notes that mails to an address come back: whoever has it must prove it
// again, and until then nothing but the link for that goes there.
func (s *Service) Bounced(ctx context.Context, id, email string) error {
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		err := s.DB.From(ctx).Exec(`UPDATE contact_points SET bounced_at = ?, verified_at = NULL, version = version + 1 WHERE blind_index IN ? AND kind = ?`,
			s.Now().UTC(), s.indexes(Email, email), Email).Error
		if err != nil {
			return fmt.Errorf("note that an address takes no mail: %w", db.Fault(err, "", ""))
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "constituent.bounced", Kind: "constituent", ID: id, Fields: []audit.Change{{Field: string(Email)}}})
	})
}

// bounces says whether mails to an address come back, whoever gave it.
func (s *Service) bounces(ctx context.Context, email string) (bool, error) {
	var n int64
	err := s.DB.From(ctx).Raw("SELECT count(*) FROM contact_points WHERE blind_index IN ? AND kind = ? AND bounced_at IS NOT NULL", s.indexes(Email, email), Email).Scan(&n).Error
	if err != nil {
		return false, fmt.Errorf("look whether an address takes mail: %w", db.Fault(err, "", ""))
	}
	return n > 0, nil
}
